//! Plans of every pair as files that people follow: run-books, and the scripts and Terraform they go with. What is
//! rendered is reviewed text in `tests/handover/`.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;
#[path = "common/reviewed.rs"]
mod reviewed;

use std::collections::BTreeSet;

use common::pair::{AWS, Pair, for_every_pair};
use privlink::core::render::CostBasis;
use privlink::core::side::{Confirmation, PortRange, Protocol, StepState};
use privlink::{CloudProvider, ErrorKind, Format, Link, Plan, manual};
use privlink_sim::World;
use reviewed::is_as_reviewed;

/// How many plans a link takes at most.
const PARTS: usize = 4;

for_every_pair!(
    the_book_tells_every_step,
    every_part_is_as_reviewed,
    what_is_handed_to_reviewers_is_as_reviewed,
    what_is_billed_has_its_page,
    the_way_back_is_as_reviewed,
    what_is_there_stays_in_the_file,
);

fn book(link: &Link, plan: &Plan) -> String {
    link.render(plan, Format::RunBook).unwrap().get("run-book.md").unwrap().to_owned()
}

/// The parts of a book, one a step.
fn chapters(book: &str) -> Vec<&str> {
    book.split("\n### Step ").skip(1).collect()
}

async fn the_book_tells_every_step(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    for _ in 0..PARTS {
        let plan = link.plan().await.unwrap();
        let asked = world.requests().len();
        let book = book(&link, &plan);
        assert_eq!(world.requests().len(), asked, "rendering asks nobody");
        let chapters = chapters(&book);
        assert_eq!(chapters.len(), plan.steps.len(), "{book}");
        for (step, chapter) in plan.steps.iter().zip(chapters) {
            for fact in ["Why", "Where", "Who", "Waits for", "Takes", "Way back"] {
                assert!(chapter.contains(&format!("\n- **{fact}:** ")), "{fact} of {}: {chapter}", step.verb);
            }
            assert!(chapter.contains("\n```bash\n"), "the command of {}: {chapter}", step.verb);
            // Aiven has most of it in its command line alone.
            if step.side.as_str() != "aiven" {
                assert!(chapter.contains("\n- **Console:** "), "the console of {}: {chapter}", step.verb);
            }
        }
        link.apply(&plan).await.unwrap();
        if plan.later.is_none() {
            return;
        }
    }
    panic!("there is always more to plan");
}

async fn every_part_is_as_reviewed(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    for part in 1..=PARTS {
        let plan = link.plan().await.unwrap();
        for (format, name) in [(Format::Shell, "shell"), (Format::Terraform, "terraform"), (Format::RunBook, "runbook")]
        {
            // Those of the first vendor are held elsewhere.
            if format == Format::RunBook || !pair.is_first_vendor() {
                let name = if part == 1 { name.to_owned() } else { format!("{name}-{part}") };
                is_as_reviewed(&pair.title(), &name, &link.render(&plan, format).unwrap());
            }
        }
        link.apply(&plan).await.unwrap();
        if plan.later.is_none() {
            return;
        }
    }
}

/// What changes nothing by itself: rights, a picture, and the templates of the cloud. Those of the first vendor are
/// held elsewhere.
async fn what_is_handed_to_reviewers_is_as_reviewed(pair: &Pair) {
    if pair.is_first_vendor() {
        return;
    }
    let world = pair.world();
    let link = pair.link(&world);
    let plan = common::last_plan(&link).await;
    for (format, name) in [
        (Format::Policy, "policy"),
        (Format::Mermaid, "mermaid"),
        (Format::CloudFormation, "cloudformation"),
        (Format::Bicep, "bicep"),
    ] {
        match link.render(&plan, format) {
            Ok(files) => is_as_reviewed(&pair.title(), name, &files),
            Err(refused) => {
                assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused}");
                let of = if format == Format::Bicep { CloudProvider::Azure } else { CloudProvider::Aws };
                assert_ne!(pair.cloud(), of, "{refused}");
            }
        }
    }
}

async fn the_way_back_is_as_reviewed(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    for _ in 0..PARTS {
        let plan = link.plan().await.unwrap();
        link.apply(&plan).await.unwrap();
        if plan.later.is_none() {
            break;
        }
    }
    let plan = link.removal_plan().await.unwrap();
    assert!(!plan.steps.is_empty());
    let asked = world.requests().len();
    for (format, name) in [
        (Format::Shell, "removal-shell"),
        (Format::Terraform, "removal-terraform"),
        (Format::RunBook, "removal-runbook"),
    ] {
        is_as_reviewed(&pair.title(), name, &link.render(&plan, format).unwrap());
    }
    assert_eq!(world.requests().len(), asked, "rendering asks nobody");
    assert!(link.costs(&plan).unwrap().is_empty(), "nothing stands then");
    for format in [Format::CloudFormation, Format::Policy, Format::Mermaid, Format::Svg] {
        assert_eq!(link.render(&plan, format).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}

/// A resource of an earlier file stays in the later one, as Terraform destroys what is no longer there; what the
/// providers' documentation has no import for is not asked to be taken in.
async fn what_is_there_stays_in_the_file(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let mut made: BTreeSet<String> = BTreeSet::new();
    for _ in 0..=PARTS {
        let plan = link.plan().await.unwrap();
        let files = link.render(&plan, Format::Terraform).unwrap();
        let main = files.get("main.tf").unwrap();
        let resources: BTreeSet<String> =
            main.lines().filter(|line| line.starts_with("resource ")).map(str::to_owned).collect();
        let dropped: Vec<_> = made.difference(&resources).collect();
        assert!(dropped.is_empty(), "{dropped:?}: {main}");
        assert!(!main.contains("terraform import zillizcloud_"), "{main}");
        made.extend(resources);
        link.apply(&plan).await.unwrap();
    }
    assert!(!made.is_empty());
}

async fn what_is_billed_has_its_page(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    let costs = link.costs(&link.plan().await.unwrap()).unwrap();
    assert!(costs.iter().any(|cost| cost.basis == CostBasis::EndpointHour && cost.times.is_some()), "{costs:?}");
    assert!(costs.iter().any(|cost| cost.basis == CostBasis::DataProcessed), "{costs:?}");
    for cost in &costs {
        assert!(!cost.terms.source.is_empty() && !cost.terms.read.is_empty(), "{cost}");
    }
    // The cloud and the vendor both say what they bill for.
    let billers: std::collections::BTreeSet<&str> = costs.iter().map(|cost| &*cost.biller).collect();
    assert_eq!(billers.len(), 2, "{billers:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_done_in_a_console_is_told_with_its_way() {
    let world = World::new();
    let entered = Confirmation::new();
    let service: privlink::EndpointServiceId =
        "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse().unwrap();
    world.publish_database("pear.orchard.example.com".parse().unwrap(), service.clone(), |_| true);
    let database = manual::Database::new("Or`chard", "pear | <b>", service, "us-east-1".parse().unwrap())
        .host("pear.orchard.example.com".parse().unwrap(), [PortRange::single(443)], Protocol::Https)
        .console("https://orchard.example.com, Trees, pear, Private endpoints")
        .listed_by_hand(entered);
    let link = Link::builder("pears".parse().unwrap(), database, common::network(&world))
        .clock(world.clock())
        .build()
        .unwrap();
    let plan = link.plan().await.unwrap();
    assert!(plan.steps.iter().any(|step| step.state == StepState::Manual));
    is_as_reviewed("manual-aws", "runbook", &link.render(&plan, Format::RunBook).unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_book_of_what_is_done_only_looks() {
    let world = AWS.world();
    let link = AWS.link(&world);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    let book = book(&link, &link.plan().await.unwrap());
    assert!(!book.contains("- **State:** to do\n") && book.contains("- **State:** done already;"), "{book}");
}

/// Whether a directory is compared can be told only by all tests together, which run apart: so the list is written out.
#[test]
fn no_reviewed_files_are_kept_that_nothing_renders() {
    let mut rendered =
        std::collections::BTreeSet::from(["manual-aws/runbook".into(), "clickhouse-aws/diagnosis".into()]);
    for pair in common::pair::others::BY_CLOUD.concat() {
        let mut formats = vec!["mermaid", "policy", "runbook", "shell", "terraform"];
        formats.extend(["removal-runbook", "removal-shell", "removal-terraform"]);
        match pair.cloud() {
            CloudProvider::Aws => formats.push("cloudformation"),
            CloudProvider::Azure => formats.push("bicep"),
            _ => {}
        }
        if pair.is_first_vendor() {
            formats.push("svg");
        }
        let title = pair.title();
        // Their links take two plans.
        if title.starts_with("aiven-") || title.starts_with("zilliz-") {
            formats.extend(["runbook-2", "shell-2", "terraform-2"]);
        }
        rendered.extend(formats.iter().map(|format| format!("{title}/{format}")));
    }
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/handover");
    let mut kept = std::collections::BTreeSet::new();
    for pair in names_in(&root) {
        match names_in(&root.join(&pair)) {
            inside if inside.is_empty() => drop(kept.insert(pair)),
            inside => kept.extend(inside.iter().map(|name| format!("{pair}/{name}"))),
        }
    }
    let alone: Vec<&String> = kept.symmetric_difference(&rendered).collect();
    assert!(alone.is_empty(), "kept and not rendered, or rendered and not kept: {alone:?}");
}

/// What is in a directory; nothing in what is none.
fn names_in(directory: &std::path::Path) -> Vec<String> {
    let entries = directory.is_dir().then(|| std::fs::read_dir(directory).unwrap());
    entries.into_iter().flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
