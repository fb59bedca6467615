//! Many databases behind one key: no budget is wasted and none is overdrawn.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{endpoints, link, network, set_up, vendor};
use privlink::core::CloudProvider;
use privlink::{Link, Links};
use privlink_sim::{ServiceSpec, World};
use tokio::time::Instant;

/// A world whose organization has `count` services, and a link to each of them.
fn many(world: &World, count: usize) -> Links {
    let client = vendor(world);
    let network = network(world);
    let handle = world.clickhouse();
    let organization = client.organization(handle.organization_id().into());
    let links = (0..count).map(|number| {
        let spec = ServiceSpec::new(format!("database-{number}"), CloudProvider::Aws, world.aws().region());
        let service = organization.service(handle.add_service(spec).into());
        Link::builder(format!("database-{number}").parse().unwrap(), service, network.clone())
            .clock(world.clock())
            .build()
            .unwrap()
    });
    Links::new(links)
}

fn to_vendor(world: &World) -> usize {
    world.requests().iter().filter(|request| request.side.as_str() == "clickhouse").count()
}

/// The least time in which ten requests per ten seconds let `requests` pass.
fn lower_bound(requests: usize) -> f64 {
    (requests.saturating_sub(1) / 10 * 10) as f64
}

#[tokio::test(start_paused = true)]
async fn a_thousand_services_use_the_whole_budget_and_never_overdraw_it() {
    let world = World::new();
    world.aws().switch(|behaviour| behaviour.hosted_zone_quota = 1_000);
    let links = many(&world, 1_000);
    let start = Instant::now();
    let plan = links.plan().await;
    let planning = to_vendor(&world);
    assert!(planning <= 1_010, "one list and one configuration a service, not {planning} requests");
    let ends = links.apply(&plan).await;
    assert_eq!(ends.iter().filter(|end| end.result.is_ok()).count(), 1_000, "{:?}", ends[0]);
    let took = start.elapsed().as_secs_f64();
    let requests = to_vendor(&world);
    let bound = lower_bound(requests);
    println!("{requests} requests in {took:.0} s of virtual time, {:.3} of the lower bound", took / bound);
    assert!(took <= 1.05 * bound, "{requests} requests took {took} s, the budget allows {bound} s");
    assert!(!world.requests().iter().any(|request| request.status == Some(429)), "the budget was overdrawn");
    assert_eq!(endpoints(&world).len(), 1, "one endpoint serves them all");
}

#[tokio::test(start_paused = true)]
async fn planning_ten_thousand_services_grows_in_line() {
    let world = World::new();
    world.clickhouse().lift_rate_limit();
    let links = many(&world, 10_000);
    let plan = links.plan().await;
    assert_eq!((plan.plans.len(), plan.unplanned().count()), (10_000, 0));
    let requests = to_vendor(&world);
    assert!(requests <= 10_010, "one list and one configuration a service, not {requests} requests");
    let cloud = world.requests().len() - requests;
    assert!(cloud <= 20_100, "the network is read once, not {cloud} times");
}

/// How often each operation of Route 53 was asked.
fn of_route53(world: &World, operation: &str) -> usize {
    world.requests().iter().filter(|request| request.operation == operation).count()
}

/// An endpoint goes only after a look at every name that may lead to it. What that look may cost: a
/// page for a hundred zones that the VPC sees, and one reading for each zone beside the link's names.
#[tokio::test(start_paused = true)]
async fn among_a_thousand_zones_only_those_beside_the_links_names_are_read() {
    const ELSEWHERE: usize = 400;
    const OTHERS: usize = 400;
    const BESIDE: usize = 200;
    let world = World::new();
    let aws = world.aws();
    aws.switch(|behaviour| behaviour.hosted_zone_quota = 2_000);
    let link = link(&world);
    set_up(&link).await.unwrap();
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    let beside = host.parent().unwrap();
    let vpc = aws.vpc_id();
    let other = aws.add_vpc(&aws.account(), &aws.region(), "10.9.0.0/16".parse().unwrap());
    let zones = [(ELSEWHERE, "example.com", &other), (OTHERS, "example.net", &vpc), (BESIDE, beside.as_str(), &vpc)];
    for (count, parent, seen_by) in zones {
        for number in 0..count {
            aws.make_zone(&format!("zone-{number}.{parent}").parse().unwrap(), std::slice::from_ref(seen_by));
        }
    }
    // The zone of the link is read for its own sake, and is beside itself.
    let pages = (OTHERS + BESIDE + 1).div_ceil(100);
    world.clear_requests();
    let start = Instant::now();
    let removal = link.removal_plan().await.unwrap();
    assert_eq!(of_route53(&world, "ListHostedZonesByVPC"), pages);
    assert_eq!(of_route53(&world, "ListResourceRecordSets"), BESIDE + 1);
    assert_eq!(of_route53(&world, "GetHostedZone"), 1);
    println!("{} requests in {:.0} s of virtual time", world.requests().len(), start.elapsed().as_secs_f64());
    assert!(world.requests().len() <= BESIDE + pages + 20, "{}", world.requests().len());

    // And once more just before the endpoint goes.
    world.clear_requests();
    link.apply(&removal).await.unwrap();
    assert!(endpoints(&world).is_empty());
    assert!(of_route53(&world, "ListHostedZonesByVPC") <= pages);
    assert!(of_route53(&world, "ListResourceRecordSets") <= BESIDE + 5, "the look is taken once");
}
