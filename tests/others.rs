//! What others use or changed stays, however the link is taken down: another organization's
//! database, one that came in between, and a record that somebody pointed elsewhere.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::pair::{Pair, for_each_pair};
use common::{cloud, link, set_up, take_down};
use privlink::core::side::{Direction, Fact};
use privlink::core::{EndpointServiceId, HostedZoneId};
use privlink::{ApplyError, Link, Links, aws, clickhouse};
use privlink_sim::{KeySpec, Tier, World};

for_each_pair![
    an_endpoint_that_another_organization_uses_stays,
    another_organization_that_comes_in_after_planning_keeps_the_endpoint,
    links_of_two_organizations_go_together_with_their_endpoint,
];

/// A link of another organization's service behind the same endpoint service.
fn of_another_organization(pair: &'static Pair, world: &World) -> Link {
    let vendor = world.clickhouse();
    let organization = vendor.add_organization("Other", Tier::Scale);
    let key = vendor.add_key(KeySpec::new("other").organization(organization));
    let database = pair.theirs(world, organization);
    assert_eq!(vendor.endpoint_service(database), vendor.endpoint_service(pair.database(world, 0)));
    let client = clickhouse::Client::over(world.transport()).api_key(key.id, key.secret).clock(world.clock());
    let database = client.build().unwrap().service(database.into());
    pair.link_to(world, "theirs", database).build().unwrap()
}

async fn an_endpoint_that_another_organization_uses_stays(pair: &'static Pair) {
    let world = pair.world();
    let before = pair.snapshot(&world);
    let (ours, theirs) = (pair.link(&world), of_another_organization(pair, &world));
    set_up(&ours).await.unwrap();
    set_up(&theirs).await.unwrap();
    assert_eq!(pair.endpoints(&world).len(), 1, "they share it");
    let removal = take_down(&ours).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("names that stay lead to it")), "{removal}");
    assert!(theirs.verify().await.unwrap().proved);
    take_down(&theirs).await;
    assert_eq!(pair.snapshot(&world), before, "the last one takes it along");
}

async fn another_organization_that_comes_in_after_planning_keeps_the_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let (ours, theirs) = (pair.link(&world), of_another_organization(pair, &world));
    set_up(&ours).await.unwrap();
    let removal = ours.removal_plan().await.unwrap();
    set_up(&theirs).await.unwrap();
    let error = ours.apply(&removal).await.unwrap_err();
    let ApplyError::Moved { finding, plan, .. } = &error else { panic!("{error:?}") };
    assert_eq!(finding.code, "LINK-008");
    let Some(plan) = plan else { panic!("{error:?}") };
    assert_eq!(plan.direction, Direction::Removal);
    assert!(plan.pending().all(|step| step.gives.contains(&Fact::Claimed)), "nothing but our mark goes: {plan}");
    ours.apply(plan).await.unwrap();
    assert!(theirs.verify().await.unwrap().proved);
}

async fn links_of_two_organizations_go_together_with_their_endpoint(pair: &'static Pair) {
    let world = pair.world();
    let before = pair.snapshot(&world);
    let all = Links::new([pair.link(&world), of_another_organization(pair, &world)]);
    let plan = all.plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(pair.endpoints(&world).len(), 1, "they share it");
    let plan = all.removal_plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(pair.snapshot(&world), before);
}

/// Points the link's record at an endpoint of another VPC, as somebody would who moves clients
/// there; the zone, and the record as it is then.
async fn pointed_elsewhere(world: &World) -> (HostedZoneId, String) {
    let (account, region) = (world.aws().account(), world.aws().region());
    let vpc = world.aws().add_vpc(&account, &region, "10.9.0.0/16".parse().unwrap());
    let zone = "use1-az1".parse().unwrap();
    let subnet = world.aws().add_subnet(&vpc, "10.9.0.0/20".parse().unwrap(), &zone, "us-east-1a");
    let group = world.aws().add_group(&vpc, "theirs");
    let service = world.clickhouse().endpoint_service(world.clickhouse().service_id());
    let Some(EndpointServiceId::Aws(service)) = service else { panic!("{service:?}") };
    let request = aws::CreateVpcEndpoint::new(vpc, service, "theirs", vec![subnet], vec![group]);
    let made = cloud(world).ec2().create_vpc_endpoint(&request).await.unwrap();
    world.clock().sleep(Duration::from_secs(600)).await;
    let made = cloud(world).ec2().vpc_endpoint(&made.id).await.unwrap().unwrap();
    let to = made.regional_dns().unwrap();
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    let zone = cloud(world).route53().zones_named(&host).await.unwrap()[0].id.clone();
    world.aws().delete_record(&zone, &host, "A");
    world.aws().put_alias(&zone, &host, to.hosted_zone.as_ref().unwrap(), &to.name);
    (zone.clone(), records(world, &zone).await)
}

async fn records(world: &World, zone: &HostedZoneId) -> String {
    let sets = cloud(world).route53().record_sets(zone).all().await.unwrap();
    sets.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn a_record_pointed_at_another_vpc_is_neither_overwritten_nor_removed() {
    let world = World::new();
    let link = link(&world);
    let first = link.plan().await.unwrap();
    link.apply(&first).await.unwrap();
    let (zone, before) = pointed_elsewhere(&world).await;
    let again = link.plan().await.unwrap();
    assert!(again.blockers().any(|finding| finding.code == "AWS-035"), "{again}");
    // A plan of before the change does not overwrite it either.
    let error = link.apply(&first).await.unwrap_err();
    assert!(matches!(&error, ApplyError::Refused { finding, .. } if finding.code == "AWS-035"), "{error:?}");
    assert_eq!(records(&world, &zone).await, before);
    take_down(&link).await;
    assert_eq!(records(&world, &zone).await, before);
}
