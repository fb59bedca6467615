//! The suite that every database side passes.

mod support;

use privlink_sim::contract::{self, AwsConsumer, AzureConsumer, GcpConsumer};
use privlink_sim::{OnAbsent, OnAttached, OnDuplicate, World};
use support::*;

#[tokio::test(start_paused = true)]
async fn the_service_keeps_the_contract_of_every_database_side() {
    for add in [OnDuplicate::Reject400, OnDuplicate::NoOp] {
        for remove in [OnAbsent::NoOp, OnAbsent::Reject400] {
            for attached in [OnAttached::Reject400, OnAttached::Cascade] {
                for delay in [0, 2] {
                    let world = World::new();
                    world.clickhouse().switch(|switches| {
                        switches.duplicate_add = add;
                        switches.remove_absent = remove;
                        switches.organization_remove_while_attached = attached;
                        switches.visibility_delay = delay;
                    });
                    let id = service_id(&world, "orders");
                    world.clickhouse().attach(id.uuid(), &vpce(OTHER));
                    let service = client_with_organization(&world).service(id);
                    contract::database(&service, &AwsConsumer::of(&world, id.uuid())).await;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_keeps_the_contract_with_consumers_of_every_cloud() {
    let world = World::new();
    world.clickhouse().lift_rate_limit();
    let (ledger, metrics) = (service_id(&world, "ledger"), service_id(&world, "metrics"));
    let client = client_with_organization(&world);
    contract::database(&client.service(ledger), &AzureConsumer::of(&world, ledger.uuid())).await;
    contract::database(&client.service(metrics), &GcpConsumer::of(&world, metrics.uuid())).await;
}
