//! Whose turn it is: what the plan would do is whoever's who applies it; only where nothing but a wait is left is it
//! the other's.

use privlink::core::{CloudProvider, PrivateEndpointId};
use privlink::{Diagnosis, Turn, aiven};
use privlink_sim::World;

use crate::common::pair::{AWS, AZURE, GCP, Pair};
use crate::vendors::{VENDORS, Vendor};
use crate::{Cause, set_up_as_far_as_it_goes};

/// What lacks, and whose turn it is.
fn lacking(diagnosis: &Diagnosis) -> Vec<(&str, Turn)> {
    let all = diagnosis.cause.iter().chain(&diagnosis.also);
    all.filter(|finding| finding.code.starts_with("LACK")).map(|finding| (&*finding.code, finding.turn)).collect()
}

fn prepared(vendor: &dyn Vendor, pair: &'static Pair) -> World {
    let world = pair.brisk_world();
    vendor.prepare(&world);
    world
}

/// As far as it is set up by one who gives up after so many seconds.
async fn set_up_for(link: &privlink::Link, seconds: u64) {
    let limit = std::time::Duration::from_secs(seconds);
    tokio::time::timeout(limit, set_up_as_far_as_it_goes(link)).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn nobody_is_waited_for_before_anything_was_asked_of_them() {
    for vendor in VENDORS {
        for pair in [AWS, AZURE, GCP] {
            let world = prepared(vendor, pair);
            let diagnosis = vendor.link(pair, &world, Cause::NotListed).diagnose().await.unwrap();
            let told = lacking(&diagnosis);
            assert!(!told.is_empty() && told.iter().all(|(_, turn)| *turn == Turn::You), "{vendor:?}: {diagnosis}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_is_at_already_is_its_turn() {
    let vendor = crate::vendors::cockroach::VENDOR;
    for pair in [AWS, AZURE, GCP] {
        let world = prepared(vendor, pair);
        let link = vendor.link(pair, &world, Cause::NotListed);
        set_up_as_far_as_it_goes(&link).await;
        world.cockroach().set_service_status(world.cockroach().cluster_in(pair.cloud()), Some("CREATING"));
        let diagnosis = link.diagnose().await.unwrap();
        assert!(lacking(&diagnosis).contains(&("LACK-001", Turn::Vendor)), "{diagnosis}");
    }
    let vendor = crate::vendors::aiven::VENDOR;
    for pair in [AWS, AZURE, GCP] {
        let world = prepared(vendor, pair);
        world.aiven().switch(|switches| switches.stuck_creating = true);
        let link = vendor.link(pair, &world, Cause::NotListed);
        set_up_for(&link, 120).await;
        let diagnosis = link.diagnose().await.unwrap();
        assert!(lacking(&diagnosis).contains(&("LACK-001", Turn::Vendor)), "{diagnosis}");
        assert!(diagnosis.to_string().contains("wait until the privatelink is active"), "{diagnosis}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_aiven_was_never_told_is_ours_to_tell() {
    for pair in [AZURE, GCP] {
        let vendor = crate::vendors::aiven::VENDOR;
        let world = prepared(vendor, pair);
        let link = vendor.link(pair, &world, Cause::NotListed);
        set_up_as_far_as_it_goes(&link).await;
        // Somebody else approves what Aiven finds anew, and goes no further.
        let service = world.aiven().service_in(pair.cloud());
        world.aiven().set_connections_forgotten(&service);
        let client =
            aiven::Client::over(world.transport()).clock(world.clock()).token(world.aiven().token()).build().unwrap();
        let database = client.project(world.aiven().project().parse().unwrap()).service(service.parse().unwrap());
        let privatelink = database.privatelink(pair.cloud());
        privatelink.refresh().await.unwrap();
        let found = privatelink.connections().await.unwrap().remove(0).unwrap();
        let address = address(pair, &world);
        world.aiven().approve_connection(&service, found.id.unwrap().as_str(), address.as_deref());
        let diagnosis = link.diagnose().await.unwrap();
        assert_eq!(lacking(&diagnosis).first(), Some(&("LACK-005", Turn::You)), "{diagnosis}");
        // And what it says to do mends it.
        set_up_as_far_as_it_goes(&link).await;
        assert!(link.verify().await.unwrap().proved);
    }
}

/// The address that goes with an approval, where one does.
fn address(pair: &'static Pair, world: &World) -> Option<String> {
    let PrivateEndpointId::Gcp(_) = pair.endpoints(world)[0] else { return None };
    assert_eq!(pair.cloud(), CloudProvider::Gcp);
    Some(world.gcp().endpoints()[0].address.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_component_that_is_off_is_ours_to_switch_on() {
    for pair in [AWS, AZURE, GCP] {
        let vendor = crate::vendors::aiven::VENDOR;
        let world = prepared(vendor, pair);
        let link = vendor.link(pair, &world, Cause::NotListed);
        set_up_as_far_as_it_goes(&link).await;
        let service = world.aiven().service_in(pair.cloud());
        for component in world.aiven().switched_on(&service) {
            world.aiven().set_access(&service, &component, false);
        }
        let diagnosis = link.diagnose().await.unwrap();
        assert!(diagnosis.cause.as_ref().is_some_and(|cause| cause.turn == Turn::You), "{diagnosis}");
        assert!(lacking(&diagnosis).iter().all(|(_, turn)| *turn == Turn::You), "{diagnosis}");
    }
}
