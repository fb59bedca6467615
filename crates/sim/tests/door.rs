//! A database of a vendor that the world does not know, behind an endpoint of each cloud.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use privlink_core::EndpointServiceId;
use privlink_core::side::RungResult;
use privlink_core::transport::{Limits, Transport};
use privlink_sim::{Seat, World};

const HOST: &str = "pear.orchard.example.com";

/// A vendor's list, and a database of its behind `service`.
fn publish(world: &World, service: &str) -> (Arc<Mutex<BTreeSet<String>>>, EndpointServiceId) {
    let list = Arc::new(Mutex::new(BTreeSet::new()));
    let (asked, service) = (Arc::clone(&list), service.parse::<EndpointServiceId>().unwrap());
    world.publish_database(HOST.parse().unwrap(), service.clone(), move |id| asked.lock().unwrap().contains(id));
    (list, service)
}

/// Opens the database's port from `seat` through the endpoint at `address`, before the vendor lets
/// `id` in and after; another name at the same door is reset.
async fn is_let_in(world: &World, seat: Seat, address: IpAddr, id: &str, list: &Mutex<BTreeSet<String>>) {
    let machine = world.vantage(seat);
    let host = HOST.parse().unwrap();
    world.clock().sleep(Duration::from_secs(300)).await;
    assert_ne!(machine.try_tls(address, 443, &host), RungResult::Held);
    list.lock().unwrap().insert(id.to_owned());
    // Azure approves by itself when it is next asked anything.
    let request = http::Request::get("https://management.azure.com/subscriptions").body(Bytes::new()).unwrap();
    world.transport().send(request, Limits::new(Duration::from_secs(5), 1 << 20)).await.unwrap();
    world.clock().sleep(Duration::from_secs(300)).await;
    assert_eq!(machine.try_tls(address, 443, &host), RungResult::Held);
    assert_eq!(machine.try_tls(address, 443, &"fig.orchard.example.com".parse().unwrap()), RungResult::Reset);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_in_aws_is_served_once_the_vendor_lets_it_in() {
    let world = World::new();
    let (list, service) = publish(&world, "com.amazonaws.vpce.us-east-1.vpce-svc-0c0ffee0c0ffee0c0");
    let EndpointServiceId::Aws(name) = &service else { panic!("{service}") };
    let aws = world.aws();
    let subnet = &aws.subnet_ids()[0];
    let group = aws.add_group(&aws.vpc_id(), "open");
    aws.open_ports(&group, 443..=443, "10.0.0.0/8".parse().unwrap());
    let id = aws.make_endpoint(name, std::slice::from_ref(subnet), &[group]);
    world.clock().sleep(Duration::from_secs(300)).await;
    let address = aws.endpoints()[0].addresses[0];
    is_let_in(&world, subnet.into(), address, id.as_str(), &list).await;
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_in_azure_is_approved_and_served_once_the_vendor_lets_it_in() {
    let world = World::new();
    let (list, service) = publish(&world, "pear.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice");
    let EndpointServiceId::AzureAlias(alias) = &service else { panic!("{service}") };
    let azure = world.azure();
    let id = azure.make_endpoint("pears", alias);
    world.clock().sleep(Duration::from_secs(300)).await;
    assert_eq!(azure.endpoints()[0].status, "Pending");
    let address = azure.endpoints()[0].address;
    is_let_in(&world, (&azure.subnet_id()).into(), address, id.as_str(), &list).await;
    assert_eq!(azure.endpoints()[0].status, "Approved");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_in_google_cloud_is_served_once_the_vendor_lets_it_in() {
    let world = World::new();
    let (list, service) = publish(&world, "projects/orchard/regions/us-central1/serviceAttachments/pear");
    let EndpointServiceId::Gcp(attachment) = &service else { panic!("{service}") };
    let gcp = world.gcp();
    let endpoint = gcp.make_endpoint("pears", attachment);
    let id = endpoint.connection.to_string();
    is_let_in(&world, gcp.seat(&gcp.subnetwork()), endpoint.address, &id, &list).await;
}
