//! The steps of a set-up as text for other tools.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_aiven::Service;
use privlink_core::ErrorKind;
use privlink_core::render::{Datum, Expr, Format, Fragment, Item, Resources, Script, Word};
use privlink_core::side::{ConsumerIdentity, Exchange, Side, SideId, Step, StepState};
use privlink_sim::World;
use support::{asking, cx, service};

fn in_azure() -> Exchange {
    let mut known = Exchange::new();
    let subscription = "00000000-0000-0000-0000-0000000000aa".parse().unwrap();
    known.consumer = Some(ConsumerIdentity::Azure { tenant: None, subscription });
    known
}

fn in_gcp() -> Exchange {
    let mut known = Exchange::new();
    known.consumer = Some(ConsumerIdentity::Gcp { project: "example-project".parse().unwrap() });
    known
}

async fn steps(world: &World, service: &Service, known: &Exchange) -> Vec<Step> {
    service.survey(known, &cx(world)).await.unwrap().steps
}

fn script(world: &World, service: &Service, step: &Step) -> Script {
    match service.render(step, &Exchange::new(), &cx(world), Format::Shell).unwrap() {
        Some(Fragment::Script(script)) => script,
        other => panic!("{} is {other:?}", step.verb),
    }
}

fn resources(world: &World, service: &Service, step: &Step) -> Option<Resources> {
    match service.render(step, &Exchange::new(), &cx(world), Format::Terraform).unwrap() {
        Some(Fragment::Resources(resources)) => Some(resources),
        // It is an argument of the service's own resource.
        Some(Fragment::Lines(lines)) if step.verb == "aiven.component" => {
            assert!(lines[0].contains("privatelink_access"), "{lines:?}");
            None
        }
        None => None,
        other => panic!("{} is {other:?}", step.verb),
    }
}

/// The kinds of resources of all steps.
fn kinds(world: &World, service: &Service, steps: &[Step]) -> Vec<String> {
    let resources = steps.iter().filter_map(|step| resources(world, service, step));
    resources.flat_map(|resources| resources.blocks).map(|block| block.labels[0].to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_step_of_a_set_up_is_a_script() {
    let world = World::new();
    for (name, known, cloud, verbs) in [
        ("events-kafka", asking(), "aws", 4),
        ("stock-mysql", in_azure(), "azure", 5),
        ("cache-valkey", in_gcp(), "google", 5),
    ] {
        let service = service(&world, name);
        let steps = steps(&world, &service, &known).await;
        assert_eq!(steps.len(), verbs, "{name}");
        let asked = world.requests().len();
        for step in &steps {
            let script = script(&world, &service, step);
            assert!(script.programs.contains("avn"), "{}", step.verb);
            let said = format!("{:?}", script.values);
            assert!(said.contains(name) && !said.contains(&world.aiven().token()), "{said}");
            let of_cloud =
                script.values.iter().find(|(variable, _)| *variable == "CLOUD").map(|(_, word)| word.clone());
            assert!(of_cloud.is_none_or(|word| word == Word::Text(cloud.to_owned())), "{}", step.verb);
        }
        assert_eq!(world.requests().len(), asked, "rendering asks nobody");
        let last = script(&world, &service, steps.last().unwrap());
        assert_eq!(last.gives, [(Datum::Ports, "PORTS")]);
        assert!(last.values.contains(&("BROKER_PORTS", Word::Text("10000-31000".to_owned()))), "{last:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn terraform_has_the_vendors_own_resources() {
    let world = World::new();
    for (name, known, of) in [
        ("orders-pg", asking(), &["aiven_aws_privatelink"][..]),
        ("stock-mysql", in_azure(), &["aiven_azure_privatelink", "aiven_azure_privatelink_connection_approval"]),
        ("cache-valkey", in_gcp(), &["aiven_gcp_privatelink", "aiven_gcp_privatelink_connection_approval"]),
    ] {
        let service = service(&world, name);
        assert_eq!(kinds(&world, &service, &steps(&world, &service, &known).await), of, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_others_are_on_is_never_written_whole() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    let link = service.privatelink(privlink_core::CloudProvider::Aws);
    link.create(&[support::role("other").into()]).await.unwrap();
    world.clock().sleep(std::time::Duration::from_secs(120)).await;
    let to_let_in = &steps(&world, &service, &asking()).await[0];
    assert_eq!(to_let_in.state, StepState::ToDo);
    assert_eq!(resources(&world, &service, to_let_in), None, "others would be put off the list");

    link.patch_allow_list().add(support::role("deploy")).send().await.unwrap();
    world.clock().sleep(std::time::Duration::from_secs(120)).await;
    let done = &steps(&world, &service, &asking()).await[0];
    assert_eq!(done.state, StepState::AlreadyDone);
    let resources = resources(&world, &service, done).unwrap();
    assert_eq!(resources.import.as_deref(), Some("example-project/orders-pg"));
    let ignored = resources.blocks[0].items.iter().find_map(|item| match item {
        Item::Block(block) => Some(block.items.clone()),
        _ => None,
    });
    assert_eq!(ignored, Some(vec![Item::Attribute("ignore_changes", Expr::List(vec![Expr::path(["principals"])]))]));
}

#[tokio::test(start_paused = true)]
async fn a_step_of_somebody_else_is_refused() {
    let world = World::new();
    let (ours, other) = (service(&world, "orders-pg"), service(&world, "events-kafka"));
    let steps = steps(&world, &ours, &asking()).await;
    let refused = |service: &Service, step: &Step| {
        service.render(step, &Exchange::new(), &cx(&world), Format::Shell).unwrap_err().kind()
    };
    for step in &steps {
        assert_eq!(refused(&other, step), ErrorKind::InvalidInput, "{}", step.verb);
        let mut elsewhere = step.clone();
        elsewhere.side = SideId::new("cockroach");
        assert_eq!(refused(&ours, &elsewhere), ErrorKind::InvalidInput, "{}", step.verb);
        let mut altered = step.clone();
        altered.params = serde_json::json!({ "service": 1 });
        assert_eq!(refused(&ours, &altered), ErrorKind::InvalidInput, "{}", step.verb);
    }
    // Somebody else's principal in place of the one that the step says.
    let mut altered = steps[0].clone();
    altered.params["consumer"]["principal"] = "arn:aws:iam::123456789012:role/stranger".into();
    assert_eq!(refused(&ours, &altered), ErrorKind::InvalidInput);
}
