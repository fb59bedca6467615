//! What others use or changed stays, however the link is taken down: another organization's
//! database, one that came in between, and a record that somebody pointed elsewhere.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::time::Duration;

use common::{cloud, endpoints, link, network, set_up, take_down};
use privlink::core::side::Direction;
use privlink::core::{CloudProvider, EndpointServiceId, HostedZoneId};
use privlink::{ApplyError, Link, Links, aws, clickhouse};
use privlink_sim::{KeySpec, ServiceSpec, Tier, World};

/// A link of another organization's service behind the same endpoint service.
fn of_another_organization(world: &World) -> Link {
    let vendor = world.clickhouse();
    let organization = vendor.add_organization("Other", Tier::Scale);
    let key = vendor.add_key(KeySpec::new("other").organization(organization));
    let spec = ServiceSpec::new("theirs", CloudProvider::Aws, world.aws().region());
    let service = vendor.add_service(spec.organization(organization).cell("us-east-1-c0"));
    let client = clickhouse::Client::over(world.transport()).api_key(key.id, key.secret).clock(world.clock());
    Link::builder("theirs".parse().unwrap(), client.build().unwrap().service(service.into()), network(world))
        .clock(world.clock())
        .vantage(world.vantage(&world.aws().subnet_ids()[0]))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_another_organization_uses_stays() {
    let world = World::new();
    let before = world.snapshot();
    let (ours, theirs) = (link(&world), of_another_organization(&world));
    set_up(&ours).await.unwrap();
    set_up(&theirs).await.unwrap();
    assert_eq!(endpoints(&world).len(), 1, "they share it");
    let removal = take_down(&ours).await;
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("names that stay lead to it")), "{removal}");
    assert!(theirs.verify().await.unwrap().proved);
    take_down(&theirs).await;
    assert_eq!(world.snapshot()["aws"], before["aws"], "the last one takes it along");
}

#[tokio::test(start_paused = true)]
async fn another_organization_that_comes_in_after_planning_keeps_the_endpoint() {
    let world = World::new();
    let (ours, theirs) = (link(&world), of_another_organization(&world));
    set_up(&ours).await.unwrap();
    let removal = ours.removal_plan().await.unwrap();
    set_up(&theirs).await.unwrap();
    let error = ours.apply(&removal).await.unwrap_err();
    let ApplyError::Moved { finding, plan, .. } = &error else { panic!("{error:?}") };
    assert_eq!(finding.code, "LINK-008");
    assert!(plan.as_ref().is_some_and(|plan| plan.direction == Direction::Removal && plan.is_done()), "{error:?}");
    assert!(theirs.verify().await.unwrap().proved);
}

#[tokio::test(start_paused = true)]
async fn links_of_two_organizations_go_together_with_their_endpoint() {
    let world = World::new();
    let before = world.snapshot();
    let all = Links::new([link(&world), of_another_organization(&world)]);
    let plan = all.plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(endpoints(&world).len(), 1, "they share it");
    let plan = all.removal_plan().await;
    let ends = all.apply(&plan).await;
    assert!(ends.iter().all(|end| end.result.is_ok()), "{ends:?}");
    assert_eq!(world.snapshot()["aws"], before["aws"]);
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
