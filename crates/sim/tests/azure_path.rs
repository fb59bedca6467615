//! Names and connections as a machine in the simulated Azure meets them.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::net::IpAddr;
use std::time::Duration;

use common::arm::Arm;
use privlink_core::side::{Expectation, Layer, Nonce, PortRange, PrivateName, Protocol, Rung, RungResult, Vantage};
use privlink_core::{AzureResourceId, CloudProvider, DnsName, PrivateEndpointId};
use privlink_sim::{AzureRule, World};
use serde_json::json;

/// A world with one whole link to `ledger`.
struct Linked {
    world: World,
    arm: Arm,
    subnet: AzureResourceId,
}

async fn linked() -> Linked {
    let world = World::new();
    let arm = Arm::new(&world);
    arm.make("ledger").await;
    let linked = Linked { arm, subnet: world.azure().subnet_id(), world };
    let endpoint = PrivateEndpointId::AzureResource(linked.world.azure().endpoints()[0].id.clone());
    let clickhouse = linked.world.clickhouse();
    clickhouse.attach(clickhouse.service_in(CloudProvider::Azure), &endpoint);
    let azure = linked.world.azure();
    let zone = azure.make_zone(&linked.host(), &[azure.vnet_id()]);
    let IpAddr::V4(address) = azure.endpoints()[0].address else { panic!("an IPv6 address") };
    azure.put_address(&zone, &linked.host(), &[address]);
    linked
}

impl Linked {
    fn host(&self) -> DnsName {
        let clickhouse = self.world.clickhouse();
        clickhouse.private_host(clickhouse.service_in(CloudProvider::Azure)).unwrap().name()
    }

    async fn prove_from(&self, subnet: &AzureResourceId, port: u16) -> Vec<Rung> {
        let names = vec![PrivateName::new(self.host(), vec![PortRange::single(port)], Protocol::ClickHouseHttps)];
        let own = vec![self.world.azure().endpoints()[0].address];
        let inside = vec!["10.0.0.0/8".parse().unwrap()];
        let expectation = Expectation::new(Nonce::fresh(), self.world.clock().now(), names, own, inside);
        self.world.vantage(subnet).prove(&expectation).await.unwrap().rungs
    }

    /// The last rung, which is where it broke.
    async fn last(&self, port: u16) -> (Layer, RungResult) {
        let rungs = self.prove_from(&self.subnet, port).await;
        let last = rungs.last().unwrap();
        (last.layer, last.result)
    }

    fn tls(&self, subnet: &AzureResourceId) -> RungResult {
        self.world.vantage(subnet).try_tls(self.world.azure().endpoints()[0].address, 8443, &self.host())
    }
}

const WHOLE: (Layer, RungResult) = (Layer::Protocol, RungResult::Held);
const SILENT: (Layer, RungResult) = (Layer::Tcp, RungResult::TimedOut);

#[tokio::test(start_paused = true)]
async fn a_whole_link_holds_and_breaks_where_it_is_cut() {
    let linked = linked().await;
    assert_eq!(linked.last(8443).await, WHOLE);
    assert_eq!(linked.last(22).await, SILENT, "the vendor does not listen there");
    let (azure, clickhouse) = (linked.world.azure(), linked.world.clickhouse());
    let endpoint = azure.endpoints()[0].id.clone();
    let ledger = clickhouse.service_in(CloudProvider::Azure);
    clickhouse.detach(ledger, &PrivateEndpointId::AzureResource(endpoint.clone()));
    assert_eq!(linked.last(8443).await, (Layer::Tls, RungResult::Reset), "approved, but not on the list");
    clickhouse.attach(ledger, &PrivateEndpointId::AzureGuid(azure.endpoints()[0].guid));
    assert_eq!(linked.last(8443).await, WHOLE, "the older form of the identity admits too");
    azure.reject_endpoint(&endpoint, "no more");
    assert_eq!(linked.last(8443).await, SILENT);
    azure.approve_endpoint(&endpoint);
    assert_eq!(linked.last(8443).await, WHOLE);
    azure.delete_endpoint(&endpoint);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(azure.endpoints().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waits_is_silent() {
    let world = World::new();
    let arm = Arm::new(&world);
    arm.make("ledger").await;
    let linked = Linked { subnet: world.azure().subnet_id(), world, arm };
    assert_eq!(linked.tls(&linked.subnet), RungResult::TimedOut);
    assert_eq!(linked.last(8443).await, (Layer::Name, RungResult::NoSuchName));
}

#[tokio::test(start_paused = true)]
async fn rules_bind_an_endpoint_only_where_its_subnet_says_so() {
    let linked = linked().await;
    let azure = linked.world.azure();
    let group = azure.add_security_group("endpoints", &linked.subnet);
    azure.add_rule(&group, AzureRule::deny_in("nothing", 200));
    assert_eq!(linked.last(8443).await, WHOLE, "by default rules pass endpoints by");
    azure.set_network_policies(&linked.subnet, true);
    assert_eq!(linked.last(8443).await, SILENT);
    azure.add_rule(&group, AzureRule::allow_in("https", 100).ports(8443..=8443).peer("10.0.64.0/24".parse().unwrap()));
    assert_eq!(linked.last(8443).await, WHOLE, "the lower number decides");
    assert_eq!(linked.last(9440).await, SILENT, "each port by itself");
    azure.add_rule(&group, AzureRule::deny_out("out", 100).ports(8443..=8443));
    assert_eq!(linked.last(8443).await, SILENT, "outbound rules bind the client, whatever the policies");
}

#[tokio::test(start_paused = true)]
async fn what_leaves_passes_the_group_of_the_interface_too() {
    let linked = linked().await;
    let azure = linked.world.azure();
    let group = azure.add_machine_group("interfaces", &linked.subnet);
    let other = linked.last(9440).await;
    assert_eq!(linked.last(8443).await, WHOLE);
    azure.add_rule(&group, AzureRule::deny_out("out", 100).ports(8443..=8443));
    assert_eq!(linked.last(8443).await, SILENT);
    assert_eq!((linked.last(9440).await, other == SILENT), (other, false), "each port by itself");
}

#[tokio::test(start_paused = true)]
async fn a_rule_for_an_application_group_is_for_its_endpoints() {
    let linked = linked().await;
    let azure = linked.world.azure();
    let databases = azure.add_application_group("databases");
    let group = azure.add_security_group("endpoints", &linked.subnet);
    azure.set_network_policies(&linked.subnet, true);
    azure.add_rule(&group, AzureRule::allow_in("databases", 100).application_group(&databases));
    azure.add_rule(&group, AzureRule::deny_in("rest", 200));
    assert_eq!(linked.last(8443).await, SILENT);
    let mut body = linked.arm.body();
    body["properties"]["manualPrivateLinkServiceConnections"][0]["name"] = json!("ledger-conn");
    body["properties"]["applicationSecurityGroups"] = json!([{ "id": databases }]);
    let changed = linked.arm.put(&linked.arm.endpoint("ledger"), body).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    assert_eq!(linked.last(8443).await, WHOLE);
}

#[tokio::test(start_paused = true)]
async fn peered_networks_reach_the_endpoint_and_know_only_zones_of_their_own() {
    let linked = linked().await;
    let azure = linked.world.azure();
    let spoke = azure.add_vnet("spoke", &"eastus2".parse().unwrap(), "10.9.0.0/16".parse().unwrap());
    let far = azure.add_subnet(&spoke, "clients", "10.9.0.0/24".parse().unwrap());
    azure.add_machine(&far);
    assert_eq!(linked.tls(&far), RungResult::TimedOut, "no route");
    azure.peer(&spoke, &azure.vnet_id());
    assert_eq!(linked.tls(&far), RungResult::Held);
    let rungs = linked.prove_from(&far, 8443).await;
    assert_eq!(rungs.last().unwrap().result, RungResult::NoSuchName, "the zone is linked to the other network");
    // Peering does not pass on.
    let third = azure.add_vnet("third", &azure.region(), "10.8.0.0/16".parse().unwrap());
    let third_subnet = azure.add_subnet(&third, "clients", "10.8.0.0/24".parse().unwrap());
    azure.peer(&third, &spoke);
    assert_eq!(linked.tls(&third_subnet), RungResult::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn the_public_door_is_open_to_machines_in_azure() {
    let linked = linked().await;
    let clickhouse = linked.world.clickhouse();
    let public = clickhouse.public_host(clickhouse.service_in(CloudProvider::Azure)).unwrap();
    let vantage = linked.world.vantage(&linked.subnet);
    let door = vantage.resolve(&public)[0];
    assert_eq!(vantage.try_tls(door, 8443, &public), RungResult::Held);
}
