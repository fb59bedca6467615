//! Waiting for an endpoint by the client alone.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_aws::{CreateVpcEndpoint, VpcEndpoint};
use privlink_core::{Polled, VpcEndpointId, WaitError};
use privlink_sim::World;

/// Makes an endpoint to the service of `orders`.
async fn made(world: &World) -> VpcEndpoint {
    let service = world.clickhouse().endpoint_service(world.clickhouse().service_id()).unwrap();
    let (vpc, subnets) = (world.aws().vpc_id(), world.aws().subnet_ids()[..1].to_vec());
    let request = CreateVpcEndpoint::new(
        vpc,
        service.as_str().parse().unwrap(),
        "token-1",
        subnets,
        vec![world.aws().client_group()],
    );
    support::client(world).ec2().create_vpc_endpoint(&request).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_wait_tells_the_stages_and_ends_with_the_endpoint() {
    let world = World::new();
    let id = made(&world).await.id;
    let mut wait = support::client(&world).ec2().endpoint_available(&id);
    let (mut stages, mut ready) = (Vec::new(), None);
    while let Some(polled) = wait.next().await {
        match polled.unwrap() {
            Polled::Pending { stage, .. } => stages.push(stage),
            Polled::Ready(endpoint) => ready = Some(endpoint),
            other => panic!("{other:?}"),
        }
    }
    assert!(stages.iter().any(|stage| stage == "pending"), "{stages:?}");
    assert_eq!(ready.unwrap().id, id);
}

#[tokio::test(start_paused = true)]
async fn a_refused_endpoint_ends_the_wait() {
    let world = World::new();
    let id = made(&world).await.id;
    world.aws().reject_endpoint(&id);
    let error = support::client(&world).ec2().endpoint_available(&id).await.unwrap_err();
    assert!(matches!(&error, WaitError::Failed(why) if why.contains("rejected")), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_stays_invisible_ends_the_wait_after_a_minute() {
    let world = World::new();
    let id: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse().unwrap();
    let began = tokio::time::Instant::now();
    let error = support::client(&world).ec2().endpoint_available(&id).await.unwrap_err();
    assert!(matches!(&error, WaitError::Failed(why) if why.contains(id.as_str())), "{error}");
    assert!((60..90).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}
