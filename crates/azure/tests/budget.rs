//! How many requests go to one subscription, and who waits when Azure asks to.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::time::Duration;

use futures_util::future;
use privlink_azure::{ARecordSet, Client, Expect};
use privlink_core::transport::Budget;
use privlink_sim::World;
use tokio::time::Instant;
use world::*;

/// Asks so many times at once, through two clients in turn.
async fn ask(world: &World, clients: &[Client; 2], times: usize) -> Duration {
    let began = Instant::now();
    let id = vnet(world);
    let asked = (0..times).map(|n| clients[n % 2].networking().virtual_network(&id));
    future::try_join_all(asked).await.unwrap();
    began.elapsed()
}

#[tokio::test(start_paused = true)]
async fn two_clients_of_one_principal_keep_one_budget() {
    let world = World::new();
    let clients = [client(&world), client(&world)];
    let took = ask(&world, &clients, 120).await;
    assert!((4..7).contains(&took.as_secs()), "120 requests at 25 a second: {took:?}");
    assert_eq!(world.requests().len(), 120, "nothing was asked twice");
}

#[tokio::test(start_paused = true)]
async fn the_budget_can_be_set_or_left_out() {
    let world = World::new();
    let with = |budget| {
        let azure = world.azure();
        let builder = Client::over(world.transport(), azure.subscription()).token(azure.token());
        builder.clock(world.clock()).request_budget(budget).build().unwrap()
    };
    let none = [with(None), with(None)];
    assert_eq!(ask(&world, &none, 120).await, Duration::ZERO);
    let few = Some(Budget::new(2, Duration::from_secs(1)));
    let few = [with(few), with(few)];
    assert!(ask(&world, &few, 20).await >= Duration::from_secs(9));
}

#[tokio::test(start_paused = true)]
async fn what_one_client_is_told_to_wait_the_other_waits_too() {
    let world = World::new();
    let clients = [client(&world), client(&world)];
    world.faults().on("VirtualNetworks_Get").throttle(Duration::from_secs(40));
    let took = ask(&world, &clients, 1).await;
    assert!(took >= Duration::from_secs(40), "{took:?}");

    let world = World::new();
    let clients = [client(&world), client(&world)];
    world.faults().on("VirtualNetworks_Get").throttle(Duration::from_secs(40));
    let id = vnet(&world);
    let other = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let began = Instant::now();
        clients[1].networking().virtual_network(&id).await.unwrap();
        began.elapsed()
    };
    let (first, waited) = future::join(clients[0].networking().virtual_network(&id), other).await;
    first.unwrap();
    assert!(waited >= Duration::from_secs(38), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn writes_keep_a_budget_of_their_own() {
    let world = World::new();
    let clients = [client(&world), client(&world)];
    let zone: privlink_azure::PrivateDnsZoneId =
        world.azure().make_zone(&"budget.example.com".parse().unwrap(), &[]).try_into().unwrap();
    let began = Instant::now();
    let writes = (0..60).map(|n| {
        let (dns, label, zone) = (clients[n % 2].private_dns(), format!("r{n}"), &zone);
        async move {
            match n % 3 {
                0 => dns.delete_a(zone, &label, None).await,
                _ => dns.write_a(zone, &label, &ARecordSet::new([]), Expect::Absent).await.map(drop),
            }
        }
    });
    future::try_join_all(writes).await.unwrap();
    let took = began.elapsed();
    assert!((5..8).contains(&took.as_secs()), "60 writes at 10 a second: {took:?}");
    assert_eq!(world.requests().len(), 60, "nothing was asked twice");
    let began = Instant::now();
    ask(&world, &clients, 20).await;
    assert!(began.elapsed() < Duration::from_secs(1), "reads are counted apart");

    let unbound = Client::over(world.transport(), world.azure().subscription()).token(world.azure().token());
    let unbound = unbound.clock(world.clock()).write_budget(None).build().unwrap();
    let began = Instant::now();
    future::try_join_all((0..60).map(|n| {
        let (dns, label, zone) = (unbound.private_dns(), format!("r{n}"), &zone);
        async move { dns.delete_a(zone, &label, None).await }
    }))
    .await
    .unwrap();
    assert_eq!(began.elapsed(), Duration::ZERO);
}
