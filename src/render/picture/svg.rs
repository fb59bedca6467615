//! As a drawing that stands alone: no script, no font and no colour from elsewhere, for light and dark pages.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::topology::{Edge, Node, Place, State, Topology};
use crate::render::words::line;

const NODE: u32 = 270;
const GAP: u32 = 110;
const PAD: u32 = 18;
const LINE: u32 = 17;
/// How many characters a line of a node takes.
const CHARACTERS: usize = 35;
/// The same of its heading, which is bold.
const BOLD: usize = 32;
/// How many characters fit above the wider panel.
const HEADING: usize = 88;
const TOP: u32 = 84;

const STYLE: &str = "
  text { font: 12px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328; }
  .title { font-size: 15px; font-weight: 600; }
  .area { font-size: 12px; font-weight: 600; fill: #59636e; }
  .head { font-weight: 600; }
  .state, .label { font-size: 11px; fill: #59636e; }
  .page { fill: #ffffff; }
  .panel { fill: #f6f8fa; stroke: #d1d9e0; }
  .box { fill: #ffffff; stroke: #59636e; }
  .box.there { stroke: #1a7f37; }
  .box.todo { stroke-dasharray: 5 4; }
  .box.byhand { stroke: #9a6700; stroke-dasharray: 5 4; }
  .edge { fill: none; stroke: #59636e; stroke-width: 1.5; }
  .edge.there { stroke: #1a7f37; }
  .edge.todo { stroke-dasharray: 5 4; }
  .edge.byhand { stroke: #9a6700; stroke-dasharray: 5 4; }
  .edge.broken { stroke: #d1242f; stroke-width: 2.5; }
  .label.broken { fill: #d1242f; font-weight: 600; }
  .tip { fill: #59636e; } .tip.there { fill: #1a7f37; } .tip.byhand { fill: #9a6700; } .tip.broken { fill: #d1242f; }
  .cross { stroke: #d1242f; stroke-width: 2.5; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .area, .state, .label { fill: #9198a1; }
    .page { fill: #0d1117; }
    .panel { fill: #151b23; stroke: #3d444d; }
    .box { fill: #0d1117; stroke: #9198a1; }
    .box.there, .edge.there { stroke: #3fb950; }
    .box.byhand, .edge.byhand { stroke: #d29922; }
    .edge { stroke: #9198a1; }
    .edge.broken, .cross { stroke: #f85149; }
    .label.broken { fill: #f85149; }
    .tip { fill: #9198a1; } .tip.there { fill: #3fb950; } .tip.byhand { fill: #d29922; } .tip.broken { fill: #f85149; }
  }
";

/// Where a box stands.
#[derive(Clone, Copy)]
struct Spot {
    x: u32,
    y: u32,
    height: u32,
}

impl Spot {
    fn middle(self) -> u32 {
        self.y + self.height / 2
    }
}

pub(super) fn text(topology: &Topology) -> io::Result<String> {
    let columns = [2 * PAD, 2 * PAD + NODE + GAP, 2 * PAD + 2 * (NODE + GAP) + PAD];
    let (upper, lower) = (
        [&topology.clients, &topology.rules, &topology.database],
        [&topology.name, &topology.endpoint, &topology.service],
    );
    let tallest = |nodes: [&Node; 3]| nodes.into_iter().map(height).max().unwrap_or_default();
    let first = tallest(upper);
    let second = tallest(lower);
    let below = TOP + first + 64;
    let spot = |place: Place| match place {
        Place::Clients => Spot { x: columns[0], y: TOP, height: first },
        Place::Rules => Spot { x: columns[1], y: TOP, height: first },
        Place::Database => Spot { x: columns[2], y: TOP, height: first },
        Place::Name => Spot { x: columns[0], y: below, height: second },
        Place::Endpoint => Spot { x: columns[1], y: below, height: second },
        Place::Service => Spot { x: columns[2], y: below, height: second },
    };
    let (width, end) = (columns[2] + NODE + 2 * PAD, below + second);
    let mut draw = Drawing(Writer::new_with_indent(Vec::new(), b' ', 1));
    let (w, h) = ((width).to_string(), (end + 2 * PAD).to_string());
    draw.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    draw.open(
        "svg",
        &[
            ("xmlns", "http://www.w3.org/2000/svg"),
            ("viewBox", &format!("0 0 {w} {h}")),
            ("width", &w),
            ("height", &h),
            ("role", "img"),
            ("aria-label", &topology.title),
        ],
    )?;
    draw.words("title", &[], &topology.title)?;
    draw.words("style", &[], STYLE)?;
    draw.rect("page", 0, 0, width, end + 2 * PAD, 0)?;
    draw.text("title", PAD, 26, &topology.title)?;
    let panel = end - TOP + 34 + PAD;
    draw.rect("panel", PAD, TOP - 34, columns[1] + NODE, panel, 8)?;
    draw.text("area", PAD + 12, TOP - 14, &shortened(&topology.network))?;
    draw.rect("panel", columns[2] - PAD, TOP - 34, NODE + 2 * PAD, panel, 8)?;
    draw.text("area", columns[2] - PAD + 12, TOP - 14, &topology.vendor)?;
    for edge in &topology.edges {
        draw.edge(edge, spot(edge.from), spot(edge.to))?;
    }
    for (place, node) in topology.nodes() {
        draw.node(node, spot(place))?;
    }
    draw.close("svg")?;
    String::from_utf8(draw.0.into_inner()).map(|text| text + "\n").map_err(io::Error::other)
}

fn height(node: &Node) -> u32 {
    let lines =
        wrapped(&node.title, BOLD).len() + node.lines.iter().map(|line| wrapped(line, CHARACTERS).len()).sum::<usize>();
    u32::try_from(lines).unwrap_or(u32::MAX / 64) * LINE + LINE + 24
}

/// Lines that fit: broken after signs that names are made of, and anywhere where there are none.
fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut last = None;
    for c in text.chars() {
        line.push(c);
        if " .-/,:;_".contains(c) {
            last = Some(line.len());
        }
        if line.chars().count() > most {
            let rest = line.split_off(last.unwrap_or(line.len() - c.len_utf8()));
            lines.push(std::mem::replace(&mut line, rest).trim_end().to_owned());
            last = None;
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// What fits above a panel: of a long path both ends, cut between names where there are any.
fn shortened(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= HEADING {
        return text.to_owned();
    }
    let between = |c: &char| matches!(c, '/' | ' ');
    let half = HEADING / 2;
    let head = all[..half].iter().rposition(between).map_or(half, |last| last + 1);
    let rest = &all[all.len() - (HEADING - 1 - head)..];
    let tail = &rest[rest.iter().position(between).unwrap_or_default()..];
    all[..head].iter().chain(&['…']).chain(tail).collect()
}

/// A writer into memory.
struct Drawing(Writer<Vec<u8>>);

impl Drawing {
    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.extend_attributes(attributes.iter().copied());
        self.0.write_event(Event::Start(start))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    fn words(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.open(name, attributes)?;
        self.0.write_event(Event::Text(BytesText::new(text)))?;
        self.close(name)
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.extend_attributes(attributes.iter().copied());
        self.0.write_event(Event::Empty(start))
    }

    fn text(&mut self, class: &str, x: u32, y: u32, text: &str) -> io::Result<()> {
        self.words("text", &[("class", class), ("x", &x.to_string()), ("y", &y.to_string())], &line(text))
    }

    fn rect(&mut self, class: &str, x: u32, y: u32, width: u32, height: u32, round: u32) -> io::Result<()> {
        let [x, y, width, height, round] = [x, y, width, height, round].map(|number| number.to_string());
        self.empty(
            "rect",
            &[("class", class), ("x", &x), ("y", &y), ("width", &width), ("height", &height), ("rx", &round)],
        )
    }

    fn node(&mut self, node: &Node, spot: Spot) -> io::Result<()> {
        self.rect(&format!("box {}", node.state.class()), spot.x, spot.y, NODE, spot.height, 6)?;
        let mut y = spot.y + 20;
        for line in wrapped(&node.title, BOLD) {
            self.text("head", spot.x + 12, y, &line)?;
            y += LINE;
        }
        self.text("state", spot.x + 12, y, node.state.word())?;
        y += LINE;
        for line in node.lines.iter().flat_map(|line| wrapped(line, CHARACTERS)) {
            self.text("line", spot.x + 12, y, &line)?;
            y += LINE;
        }
        Ok(())
    }

    /// A straight line with a tip, across or down, its label beside it.
    fn edge(&mut self, edge: &Edge, from: Spot, to: Spot) -> io::Result<()> {
        let class = edge.state.class();
        let (start, end, label) = if from.y == to.y {
            let (left, right) = (from.x + NODE, to.x);
            let y = from.middle();
            // A cross is as high as a line of text.
            let above = if edge.state == State::Broken { 14 } else { 8 };
            ((left, y), (right, y), (left + 8, y - above))
        } else {
            let x = from.x + NODE / 2;
            let (y1, y2) = if from.y < to.y { (from.y + from.height, to.y) } else { (from.y, to.y + to.height) };
            ((x, y1), (x, y2), (x + 10, y1.abs_diff(y2) / 2 + y1.min(y2) + 4))
        };
        let path = format!("M {} {} L {} {}", start.0, start.1, end.0, end.1);
        self.empty("path", &[("class", &format!("edge {class}")), ("d", &path)])?;
        let ((x, y), size) = (end, 7);
        let tip = match (start.0 == end.0, start.1 < end.1) {
            (true, true) => {
                format!("M {x} {y} L {} {} L {} {} Z", x - size / 2 - 1, y - size, x + size / 2 + 1, y - size)
            }
            (true, false) => {
                format!("M {x} {y} L {} {} L {} {} Z", x - size / 2 - 1, y + size, x + size / 2 + 1, y + size)
            }
            _ => format!("M {x} {y} L {} {} L {} {} Z", x - size, y - size / 2 - 1, x - size, y + size / 2 + 1),
        };
        self.empty("path", &[("class", &format!("tip {class}")), ("d", &tip)])?;
        if edge.state == State::Broken {
            let (x, y) = ((start.0 + end.0) / 2, (start.1 + end.1) / 2);
            let cross = format!("M {} {} l 14 14 M {} {} l 14 -14", x - 7, y - 7, x - 7, y + 7);
            self.empty("path", &[("class", "cross"), ("d", &cross)])?;
        }
        let told = if edge.state == State::Broken { format!("{}: broken", edge.label) } else { edge.label.to_owned() };
        self.text(&format!("label {class}"), label.0, label.1, &told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_is_cut_between_its_names() {
        let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/example";
        let network = "/providers/microsoft.network/virtualnetworks/main";
        let short = shortened(&format!("{group}{network}"));
        assert_eq!(short, format!("/subscriptions/…/resourcegroups/example{network}"));
        assert_eq!(shortened(&"x".repeat(HEADING)), "x".repeat(HEADING));
        for long in ["x".repeat(200), "/".repeat(200), format!("a/{}", "ü".repeat(200))] {
            let short = shortened(&long);
            assert!(short.chars().count() <= HEADING && short.contains('…'), "{short}");
        }
    }
}
