//! The steps of a set-up as text for other tools.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_core::render::{Format, Fragment};
use privlink_core::side::{Exchange, Side, SideId, Step, StepState};
use privlink_core::{CloudProvider, ErrorKind};
use privlink_sim::{CockroachClusterSpec, World};
use support::{OURS, cluster, cx, known};

async fn steps(world: &World, name: &str, known: &Exchange) -> Vec<Step> {
    cluster(world, name).survey(known, &cx(world)).await.unwrap().steps
}

#[tokio::test(start_paused = true)]
async fn every_step_of_a_set_up_is_rendered_in_both_formats() {
    let world = World::new();
    let region = "us-east-1".parse().unwrap();
    world.cockroach().add_cluster(CockroachClusterSpec::new("backlog", CloudProvider::Aws, region));
    let (cluster, known) = (cluster(&world, "backlog"), known(OURS));
    let steps = steps(&world, "backlog", &known).await;
    let verbs: Vec<&str> = steps.iter().map(|step| &*step.verb).collect();
    assert_eq!(verbs, ["cockroach.make_services", "cockroach.connect", "cockroach.await_available"]);
    assert!(steps.iter().all(|step| step.state == StepState::ToDo));
    let asked = world.requests().len();
    let mut kinds = Vec::new();
    for step in &steps {
        let Some(Fragment::Script(script)) = cluster.render(step, &known, &cx(&world), Format::Shell).unwrap() else {
            panic!("{} is no script", step.verb);
        };
        let said = format!("{:?}", script.values);
        assert!(said.contains(&cluster.id().to_string()) && !said.contains(&world.cockroach().api_key()), "{said}");
        let terraform = cluster.render(step, &known, &cx(&world), Format::Terraform).unwrap();
        let Some(Fragment::Resources(resources)) = terraform else { panic!("{} is nothing", step.verb) };
        assert_eq!(resources.import, None, "nothing is there yet");
        kinds.extend(resources.blocks.into_iter().map(|block| block.labels[0].to_string()));
    }
    assert_eq!(kinds, ["cockroach_private_endpoint_services", "cockroach_private_endpoint_connection"]);
    assert_eq!(world.requests().len(), asked, "rendering asks nobody");
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_taken_in() {
    let world = World::new();
    let (cluster, known) = (cluster(&world, "shopfront"), known(OURS));
    let step = &steps(&world, "shopfront", &known).await[0];
    assert_eq!(step.state, StepState::AlreadyDone);
    match cluster.render(step, &known, &cx(&world), Format::Terraform).unwrap() {
        Some(Fragment::Resources(resources)) => assert_eq!(resources.import, Some(cluster.id().to_string())),
        other => panic!("{other:?}"),
    }
    let mut connect = steps(&world, "shopfront", &known).await[1].clone();
    connect.state = StepState::AlreadyDone;
    match cluster.render(&connect, &known, &cx(&world), Format::Terraform).unwrap() {
        Some(Fragment::Resources(resources)) => {
            assert_eq!(resources.import, Some(format!("{}:{OURS}", cluster.id())));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_of_somebody_else_is_refused() {
    let world = World::new();
    let (ours, other) = (cluster(&world, "shopfront"), cluster(&world, "carts"));
    for step in steps(&world, "shopfront", &known(OURS)).await {
        let refused = |cluster: &privlink_cockroach::Cluster, step: &Step| {
            cluster.render(step, &known(OURS), &cx(&world), Format::Shell).unwrap_err().kind()
        };
        assert_eq!(refused(&other, &step), ErrorKind::InvalidInput, "{}", step.verb);
        let mut elsewhere = step.clone();
        elsewhere.side = SideId::new("aiven");
        assert_eq!(refused(&ours, &elsewhere), ErrorKind::InvalidInput, "{}", step.verb);
        let mut altered = step.clone();
        altered.params = serde_json::json!({ "cluster": 1 });
        assert_eq!(refused(&ours, &altered), ErrorKind::InvalidInput, "{}", step.verb);
    }
}
