//! As a flow chart of Mermaid, which many readers of Markdown draw.

use std::fmt::Write;

use super::topology::{Node, Place, State, Topology};
use crate::render::words::line;

pub(super) fn text(topology: &Topology) -> String {
    let mut out = format!("---\ntitle: \"{}\"\n---\nflowchart LR\n", quoted(&topology.title));
    let mut area = |id: &str, title: &str, places: &[Place]| {
        let _ = writeln!(out, "  subgraph {id}[\"{}\"]", quoted(title));
        for (place, node) in topology.nodes() {
            if places.contains(&place) {
                let _ = writeln!(out, "    {}[\"{}\"]", place.id(), label(node));
            }
        }
        out.push_str("  end\n");
    };
    area("network", &topology.network, &[Place::Clients, Place::Name, Place::Rules, Place::Endpoint]);
    area("vendor", &topology.vendor, &[Place::Service, Place::Database]);
    for (n, edge) in topology.edges.iter().enumerate() {
        let (arrow, mark) = match edge.state {
            State::There => ("-->", ""),
            State::ToDo => ("-.->", ", to do"),
            State::ByHand => ("-.->", ", by hand"),
            State::Broken => ("--x", ", broken"),
        };
        let _ = writeln!(out, "  {} {arrow}|\"{}{mark}\"| {}", edge.from.id(), edge.label, edge.to.id());
        if edge.state == State::Broken {
            let _ = writeln!(out, "  linkStyle {n} stroke:#d1242f,stroke-width:3px");
        }
    }
    out.push_str("  classDef todo stroke-dasharray:5 4\n");
    out.push_str("  classDef byhand stroke:#9a6700,stroke-dasharray:5 4\n");
    for (place, node) in topology.nodes() {
        if matches!(node.state, State::ToDo | State::ByHand) {
            let _ = writeln!(out, "  class {} {}", place.id(), node.state.class());
        }
    }
    out
}

fn label(node: &Node) -> String {
    let title = format!("{} ({})", quoted(&node.title), node.state.word());
    let lines = node.lines.iter().map(|line| quoted(line));
    std::iter::once(title).chain(lines).collect::<Vec<_>>().join("<br/>")
}

/// Text inside of quotes: whatever means something to Mermaid, HTML or Markdown goes in by its number.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in line(text).chars() {
        match c {
            c if c.is_alphanumeric() || " .,:/-_()".contains(c) => out.push(c),
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}
