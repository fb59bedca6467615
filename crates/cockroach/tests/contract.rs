//! The suite that every database side passes.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::time::Duration;

use privlink_core::CloudProvider;
use privlink_sim::contract::{self, AwsConsumer, AzureConsumer, GcpConsumer};
use privlink_sim::{CockroachOnLocked, CockroachOnRepeat, CockroachRegionKey, World};
use support::*;

#[tokio::test(start_paused = true)]
async fn the_cluster_keeps_the_contract_of_every_database_side() {
    // The switches in pairs: each row differs from every other in at least two.
    for (leaves, repeat, unseen, stale, prefix, acceptance) in [
        (true, CockroachOnRepeat::Same, 0, 1, true, true),
        (true, CockroachOnRepeat::Conflict409, 2, 0, false, true),
        (false, CockroachOnRepeat::Same, 2, 1, false, false),
        (false, CockroachOnRepeat::Conflict409, 0, 3, true, false),
    ] {
        for name in ["shopfront", "carts"] {
            let world = World::new();
            world.cockroach().switch(|switches| {
                switches.delete_leaves_entry = leaves;
                switches.repeat = repeat;
                switches.connection_unseen = unseen;
                switches.stale_rejected = stale;
                switches.status_prefix = prefix;
                switches.pending_acceptance = acceptance;
            });
            let id = cluster_id(&world, name);
            world.cockroach().connect(id.uuid(), &vpce(OTHER));
            contract::database(&cluster(&world, name), &AwsConsumer::of_cluster(&world, id.uuid())).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_cluster_keeps_the_contract_with_consumers_of_every_cloud() {
    for (full, block, key) in [(true, false, CockroachRegionKey::Region), (false, true, CockroachRegionKey::Both)] {
        let world = World::new();
        world.cockroach().switch(|switches| {
            switches.gcp_full_name = full;
            switches.aws_block = block;
            switches.region_key = key;
            switches.foreign_service = true;
        });
        let azure = cluster_id(&world, "invoices");
        contract::database(&cluster(&world, "invoices"), &AzureConsumer::of_cluster(&world, azure.uuid())).await;
        let gcp = cluster_id(&world, "tracking");
        contract::database(&cluster(&world, "tracking"), &GcpConsumer::of_cluster(&world, gcp.uuid())).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_busy_for_a_while_is_waited_for_by_every_write() {
    for locked in [CockroachOnLocked::Unavailable503, CockroachOnLocked::Text400] {
        let world = World::new();
        let id = world.cockroach().cluster_in(CloudProvider::Aws);
        let (cluster, known) = (client(&world).cluster(id.into()), known(OURS));
        let hold = |calls| {
            world.cockroach().switch(|switches| {
                switches.on_locked = locked;
                switches.locked = calls;
            });
        };
        let survey = privlink_core::side::Side::survey(&cluster, &known, &cx(&world)).await.unwrap();
        hold(12);
        run(&world, &cluster, &known, &survey.steps).await;
        assert_eq!(world.cockroach().connected(id), [OURS]);
        let removal = privlink_core::side::Side::removal(&cluster, &known, &cx(&world)).await.unwrap();
        hold(12);
        run(&world, &cluster, &known, &removal.steps).await;
        assert!(world.cockroach().connected(id).is_empty());
    }
}

/// Performs steps one after the other, as often as they ask for it.
async fn run(
    world: &World,
    cluster: &privlink_cockroach::Cluster,
    known: &privlink_core::side::Exchange,
    steps: &[privlink_core::side::Step],
) {
    use privlink_core::side::{Outcome, Side};
    for step in steps {
        for look in 0.. {
            assert!(look < 100, "{} never ends", step.verb);
            match cluster.perform(step, known, &cx(world)).await.unwrap() {
                Outcome::Done(_) | Outcome::AlreadyDone(_) => break,
                Outcome::Waiting { poll_after, .. } => {
                    world.clock().sleep(poll_after.max(Duration::from_millis(1))).await
                }
                other => panic!("{}: {other:?}", step.verb),
            }
        }
    }
}
