//! Which regions a link may join: on Azure any two of one cloud, on Google Cloud one alone, with global
//! access for clients elsewhere. A plan that breaks the rule is refused with the reason.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::pair::{AZURE, GCP};
use common::{set_up, take_down, vendor};
use privlink::core::{Region, Severity};
use privlink::{ApplyError, Link, azure, gcp};
use privlink_sim::{Seat, World};

/// A link from a network of Azure in `region`, with its clients there.
fn from_azure(world: &World, region: &Region) -> Link {
    let handle = world.azure();
    let far = handle.add_vnet("far", region, "10.9.0.0/16".parse().unwrap());
    let subnet = handle.add_subnet(&far, "apps", "10.9.1.0/24".parse().unwrap());
    handle.add_machine(&subnet);
    let client = azure::Client::over(world.transport(), handle.subscription()).token(handle.token());
    let network = client.clock(world.clock()).build().unwrap().network(far.try_into().unwrap());
    let network = network.subnet(subnet.clone().try_into().unwrap());
    let database = vendor(world).service(AZURE.database(world, 0).into());
    let link = Link::builder("far".parse().unwrap(), database, network).clock(world.clock());
    link.vantage(world.vantage(&subnet)).build().unwrap()
}

/// A network of Google Cloud in `region`.
fn of_google(world: &World, region: Region) -> gcp::Network {
    let handle = world.gcp();
    let path: gcp::NetworkPath = handle.network().parse().unwrap();
    let client = gcp::Client::over(world.transport(), handle.project()).token(handle.token());
    client.clock(world.clock()).build().unwrap().network(path.name()).region(region)
}

fn from_google(world: &World, network: gcp::Network, seat: Seat) -> Link {
    let database = vendor(world).service(GCP.database(world, 0).into());
    let link = Link::builder("far".parse().unwrap(), database, network).clock(world.clock());
    link.vantage(world.vantage(seat)).build().unwrap()
}

/// The plan of `link` is refused with this finding, which names both words, and nothing is made.
async fn refused(world: &World, link: &Link, code: &str, words: [&str; 2]) {
    let plan = link.plan().await.unwrap();
    let told = plan.findings.iter().find(|finding| finding.code == code).unwrap_or_else(|| panic!("{plan}"));
    assert_eq!(told.severity, Severity::Blocks);
    let said = told.to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
    assert!(matches!(link.apply(&plan).await.unwrap_err(), ApplyError::Blocked { .. }));
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn on_azure_a_database_is_reached_from_another_region() {
    let world = World::new();
    let link = from_azure(&world, &"westeurope".parse().unwrap());
    let before = world.snapshot();
    let plan = link.plan().await.unwrap();
    let note = plan.findings.iter().find(|finding| finding.code == "AZURE-003").unwrap_or_else(|| panic!("{plan}"));
    assert_eq!(note.severity, Severity::Info);
    link.apply(&plan).await.unwrap();
    let made = &world.azure().endpoints()[0];
    assert_eq!(made.service.region(), world.azure().region());
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    take_down(&link).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn on_azure_a_database_of_another_cloud_is_refused() {
    let world = World::new();
    let link = from_azure(&world, &"usgovvirginia".parse().unwrap());
    refused(&world, &link, "AZURE-002", ["usgovvirginia", "westus3"]).await;
}

#[tokio::test(start_paused = true)]
async fn on_google_an_endpoint_in_another_region_is_refused() {
    let world = World::new();
    let link = from_google(&world, of_google(&world, "us-east1".parse().unwrap()), GCP.seat(&world));
    refused(&world, &link, "GCP-002", ["us-east1", "us-central1"]).await;
}

#[tokio::test(start_paused = true)]
async fn on_google_clients_of_another_region_come_by_global_access() {
    let world = World::new();
    let far = world.gcp().subnetworks().into_iter().find(|path| path.contains("/us-east1/")).unwrap();
    let seat = || world.gcp().seat(&far);
    let here = of_google(&world, world.gcp().region());
    let plain = from_google(&world, here.clone(), seat());
    set_up(&plain).await.unwrap();
    let verdict = plain.verify().await.unwrap();
    assert!(!verdict.proved && verdict.to_string().contains("global access is off"), "{verdict}");

    let open = from_google(&world, here.clone().client_regions(["us-east1".parse().unwrap()]), seat());
    set_up(&open).await.unwrap();
    let verdict = open.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert_eq!(world.gcp().endpoints().len(), 1, "the endpoint that was there was opened");
    take_down(&open).await;

    world.clear_requests();
    let shut = here.client_regions(["us-east1".parse().unwrap()]).global_access(false);
    refused(&world, &from_google(&world, shut, seat()), "GCP-003", ["us-east1", "us-central1"]).await;
}
