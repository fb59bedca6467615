//! The steps of a set-up as text for other tools.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_core::render::{Datum, Format, Fragment, Resources, Script, Word};
use privlink_core::side::{ConsumerIdentity, Exchange, Side, SideId, Slot, Step, StepState};
use privlink_core::{CloudProvider, ErrorKind};
use privlink_sim::World;
use privlink_zilliz::ProjectRegion;
use support::{OURS, cx, known, region};

fn asking(consumer: ConsumerIdentity) -> Exchange {
    let mut known = Exchange::new();
    known.consumer = Some(consumer);
    known
}

fn in_azure() -> Exchange {
    let subscription = "00000000-0000-0000-0000-0000000000aa".parse().unwrap();
    asking(ConsumerIdentity::Azure { tenant: None, subscription })
}

async fn steps(world: &World, side: &ProjectRegion, known: &Exchange) -> Vec<Step> {
    side.survey(known, &cx(world)).await.unwrap().steps
}

fn script(world: &World, side: &ProjectRegion, step: &Step, known: &Exchange) -> Script {
    match side.render(step, known, &cx(world), Format::Shell).unwrap() {
        Some(Fragment::Script(script)) => script,
        other => panic!("{} is {other:?}", step.verb),
    }
}

fn resources(world: &World, side: &ProjectRegion, step: &Step, known: &Exchange) -> Resources {
    match side.render(step, known, &cx(world), Format::Terraform).unwrap() {
        Some(Fragment::Resources(resources)) => resources,
        other => panic!("{} is {other:?}", step.verb),
    }
}

#[tokio::test(start_paused = true)]
async fn every_step_of_a_set_up_is_rendered_in_both_formats() {
    let world = World::new();
    let gcp = asking(ConsumerIdentity::Gcp { project: "example-project".parse().unwrap() });
    let aws = asking(ConsumerIdentity::Aws { account: "123456789012".parse().unwrap(), principal: None });
    for (cloud, known, named) in [
        (CloudProvider::Aws, aws, Datum::EndpointId),
        (CloudProvider::Azure, in_azure(), Datum::EndpointGuid),
        (CloudProvider::Gcp, gcp, Datum::EndpointName),
    ] {
        let side = region(&world, cloud);
        let steps = steps(&world, &side, &known).await;
        let asked = world.requests().len();
        let mut kinds = Vec::new();
        for step in &steps {
            let script = script(&world, &side, step, &known);
            let said = format!("{:?}", script.values);
            assert!(said.contains(side.region().as_str()) && !said.contains(&world.zilliz().api_key()), "{said}");
            let takes = script.values.iter().any(|(_, word)| *word == Word::Datum(Slot::main(), named.clone()));
            assert_eq!(takes, step.verb != "zilliz.whitelist", "{} in {cloud}: {said}", step.verb);
            let resources = resources(&world, &side, step, &known);
            kinds.extend(resources.blocks.into_iter().map(|block| block.labels[0].to_string()));
        }
        let invited = steps.iter().any(|step| step.verb == "zilliz.whitelist");
        assert_eq!(kinds.contains(&"zillizcloud_private_endpoint_whitelist".to_owned()), invited, "{cloud}");
        assert!(kinds.contains(&"zillizcloud_private_endpoint".to_owned()), "{cloud}: {kinds:?}");
        assert_eq!(world.requests().len(), asked, "rendering asks nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn the_account_that_azure_endpoints_come_from_is_let_in() {
    let world = World::new();
    let side = region(&world, CloudProvider::Azure);
    let steps = steps(&world, &side, &in_azure()).await;
    let invite = support::step(&steps, "zilliz.whitelist");
    let account = Word::Text("00000000-0000-0000-0000-0000000000aa".into());
    assert!(script(&world, &side, invite, &in_azure()).values.contains(&("ACCOUNT_ID", account)));
    let nobody = side.render(invite, &Exchange::new(), &cx(&world), Format::Shell).unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn what_is_registered_stays_in_the_file_and_cannot_be_taken_in() {
    let world = World::new();
    let side = region(&world, CloudProvider::Aws);
    let mut register = support::step(&steps(&world, &side, &known(OURS)).await, "zilliz.register").clone();
    let fresh = resources(&world, &side, &register, &known(OURS));
    register.state = StepState::AlreadyDone;
    let there = resources(&world, &side, &register, &known(OURS));
    assert_eq!((there.blocks.len(), &there.blocks), (1, &fresh.blocks));
    assert!(!there.importable && there.import.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_step_of_somebody_else_is_refused() {
    let world = World::new();
    let (ours, other) = (region(&world, CloudProvider::Azure), region(&world, CloudProvider::Gcp));
    for step in steps(&world, &ours, &in_azure()).await {
        let refused = |side: &ProjectRegion, step: &Step| {
            side.render(step, &in_azure(), &cx(&world), Format::Shell).unwrap_err().kind()
        };
        assert_eq!(refused(&other, &step), ErrorKind::InvalidInput, "{}", step.verb);
        let mut elsewhere = step.clone();
        elsewhere.side = SideId::new("aiven");
        assert_eq!(refused(&ours, &elsewhere), ErrorKind::InvalidInput, "{}", step.verb);
        let mut altered = step.clone();
        altered.params = serde_json::json!({ "project": 1 });
        assert_eq!(refused(&ours, &altered), ErrorKind::InvalidInput, "{}", step.verb);
    }
}
