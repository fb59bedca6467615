//! Every order of every vendor and cloud comes out of facts alone: the sides below are nothing
//! but names with needs and gives, and the workflow knows none of them.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod scripted;

use std::sync::Arc;
use std::time::Duration;

use Fact::{Accepted, Address, Connected, Endpoint, Invited, Names, Opened, Resolving, Served, Service};
use privlink::core::Turn;
use privlink::core::side::{Fact, Outcome, Slot};
use scripted::{Script, ScriptedSide, link, own, waves};

/// Applies a link of these two sides and tells the waves in which its steps started.
async fn order(database: fn(ScriptedSide) -> ScriptedSide, network: fn(ScriptedSide) -> ScriptedSide) -> String {
    let script = Arc::new(Script::default());
    let database = database(ScriptedSide::new("vendor", &script));
    let network = network(ScriptedSide::new("cloud", &script));
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    assert!(plan.findings.is_empty(), "{plan}");
    link.apply(&plan).await.unwrap();
    waves(&script)
}

/// EC2 with an own zone: the group's rules wait for the ports only.
fn ec2(side: ScriptedSide, connected: &[Fact]) -> ScriptedSide {
    side.step("ec2.group", &[], &[own("group")])
        .step("ec2.endpoint", &[Service, own("group")], &[Endpoint])
        .step("ec2.rules", &[Names, own("group")], &[Opened])
        .step("ec2.addresses", &[Endpoint], &[Address])
        .step("cloud.await_connected", connected, &[Connected])
}

fn ec2_with_zone(side: ScriptedSide) -> ScriptedSide {
    ec2(side, &[Endpoint]).step("dns.zone_record", &[Connected, Served, Names, Address], &[Resolving])
}

fn arm(side: ScriptedSide, connected: &[Fact]) -> ScriptedSide {
    side.step("arm.endpoint", &[Service, Invited], &[Endpoint])
        .step("arm.nic", &[Endpoint], &[Address])
        .step("nsg.check", &[Names], &[Opened])
        .step("cloud.await_connected", connected, &[Connected])
}

fn arm_with_zone(side: ScriptedSide, connected: &[Fact]) -> ScriptedSide {
    arm(side, connected).step("dns.zone_record", &[Connected, Served, Names, Address], &[Resolving])
}

fn gce(side: ScriptedSide, connected: &[Fact]) -> ScriptedSide {
    side.step("gce.address", &[], &[Address])
        .step("gce.forwarding_rule", &[Service, Address], &[Endpoint])
        .step("fw.check", &[Names], &[Opened])
        .step("cloud.await_connected", connected, &[Connected])
}

fn gce_with_zone(side: ScriptedSide, connected: &[Fact]) -> ScriptedSide {
    gce(side, connected).step("dns.zone_record", &[Connected, Served, Names], &[Resolving])
}

fn clickhouse(side: ScriptedSide) -> ScriptedSide {
    side.step("ch.config", &[], &[Service, Names, Invited]).step("ch.allow", &[Endpoint], &[Served])
}

#[tokio::test(start_paused = true)]
async fn clickhouse_on_aws_names_the_host_only_once_connected_and_served() {
    assert_eq!(
        order(clickhouse, ec2_with_zone).await,
        "ch.config + ec2.group > ec2.endpoint + ec2.rules > \
         ch.allow + cloud.await_connected + ec2.addresses > dns.zone_record"
    );
}

#[tokio::test(start_paused = true)]
async fn clickhouse_on_azure_allows_before_azure_approves() {
    // Azure approves only once the vendor lists the endpoint: waiting for it first would wait for ever.
    let network = |side| arm_with_zone(side, &[Endpoint, Served]);
    assert_eq!(
        order(clickhouse, network).await,
        "ch.config > arm.endpoint + nsg.check > arm.nic + ch.allow > cloud.await_connected > dns.zone_record"
    );
}

#[tokio::test(start_paused = true)]
async fn clickhouse_on_gcp_reserves_the_address_while_the_vendor_is_read() {
    let network = |side| gce_with_zone(side, &[Endpoint]);
    assert_eq!(
        order(clickhouse, network).await,
        "ch.config + gce.address > fw.check + gce.forwarding_rule > \
         ch.allow + cloud.await_connected > dns.zone_record"
    );
}

fn cockroach(side: ScriptedSide) -> ScriptedSide {
    side.step("crl.services", &[], &[Service, Invited])
        .step("crl.names", &[Service], &[Names])
        .step("crl.connect", &[Endpoint], &[Accepted])
        .step("crl.await_available", &[Accepted], &[Served])
}

#[tokio::test(start_paused = true)]
async fn cockroach_on_aws_turns_private_dns_on_after_acceptance() {
    let network =
        |side| ec2(side, &[Endpoint, Accepted]).step("ec2.private_dns_on", &[Connected, Served, Names], &[Resolving]);
    assert_eq!(
        order(cockroach, network).await,
        "crl.services + ec2.group > crl.names + ec2.endpoint > \
         crl.connect + ec2.addresses + ec2.rules > cloud.await_connected + crl.await_available > ec2.private_dns_on"
    );
}

#[tokio::test(start_paused = true)]
async fn cockroach_on_azure_and_gcp_waits_on_both_sides() {
    let azure = |side| arm_with_zone(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(cockroach, azure).await,
        "crl.services > arm.endpoint + crl.names > arm.nic + crl.connect + nsg.check > \
         cloud.await_connected + crl.await_available > dns.zone_record"
    );
    let gcp = |side| gce_with_zone(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(cockroach, gcp).await,
        "crl.services + gce.address > crl.names + gce.forwarding_rule > crl.connect + fw.check > \
         cloud.await_connected + crl.await_available > dns.zone_record"
    );
}

#[tokio::test(start_paused = true)]
async fn aiven_on_aws_opens_ports_only_when_they_are_known() {
    let database = |side: ScriptedSide| {
        side.step("aiven.privatelink", &[], &[Service, Invited])
            .step("aiven.component", &[], &[own("component")])
            .step("aiven.discover", &[Connected], &[Accepted])
            .step("aiven.names", &[Accepted, own("component")], &[Names, Served])
    };
    let network = |side| ec2(side, &[Endpoint]);
    assert_eq!(
        order(database, network).await,
        "aiven.component + aiven.privatelink + ec2.group > ec2.endpoint > \
         cloud.await_connected + ec2.addresses > aiven.discover > aiven.names > ec2.rules"
    );
}

#[tokio::test(start_paused = true)]
async fn aiven_on_azure_approves_then_hands_the_address_over() {
    let database = |side: ScriptedSide| {
        side.step("aiven.privatelink", &[], &[Service, Invited])
            .step("aiven.component", &[], &[own("component")])
            .step("aiven.approve", &[Endpoint], &[Accepted])
            .step("aiven.put_ip", &[Accepted, Connected, Address], &[own("ip")])
            .step("aiven.names", &[own("ip"), own("component")], &[Names, Served])
    };
    let network = |side| arm(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(database, network).await,
        "aiven.component + aiven.privatelink > arm.endpoint > aiven.approve + arm.nic > \
         cloud.await_connected > aiven.put_ip > aiven.names > nsg.check"
    );
}

#[tokio::test(start_paused = true)]
async fn aiven_on_gcp_approves_with_the_address() {
    let database = |side: ScriptedSide| {
        side.step("aiven.privatelink", &[], &[Service, Invited])
            .step("aiven.component", &[], &[own("component")])
            .step("aiven.approve", &[Endpoint, Address], &[Accepted])
            .step("aiven.await_active", &[Accepted, Connected], &[own("active")])
            .step("aiven.names", &[own("active"), own("component")], &[Names, Served])
    };
    let network = |side| gce(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(database, network).await,
        "aiven.component + aiven.privatelink + gce.address > gce.forwarding_rule > aiven.approve > \
         cloud.await_connected > aiven.await_active > aiven.names > fw.check"
    );
}

fn zilliz(side: ScriptedSide) -> ScriptedSide {
    side.step("zilliz.service", &[], &[Service])
        .step("zilliz.whitelist", &[], &[Invited])
        .step("zilliz.register", &[Endpoint], &[Accepted])
        .step("zilliz.await_link", &[Accepted], &[Names, Served])
}

#[tokio::test(start_paused = true)]
async fn zilliz_learns_names_and_ports_after_registering() {
    let aws = |side| {
        ec2(side, &[Endpoint, Accepted]).step("dns.zone_record", &[Connected, Served, Names, Address], &[Resolving])
    };
    assert_eq!(
        order(zilliz, aws).await,
        "ec2.group + zilliz.service + zilliz.whitelist > ec2.endpoint > ec2.addresses + zilliz.register > \
         cloud.await_connected + zilliz.await_link > dns.zone_record + ec2.rules"
    );
    let azure = |side| arm_with_zone(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(zilliz, azure).await,
        "zilliz.service + zilliz.whitelist > arm.endpoint > arm.nic + zilliz.register > \
         cloud.await_connected + zilliz.await_link > dns.zone_record + nsg.check"
    );
    let gcp = |side| gce_with_zone(side, &[Endpoint, Accepted]);
    assert_eq!(
        order(zilliz, gcp).await,
        "gce.address + zilliz.service + zilliz.whitelist > gce.forwarding_rule > zilliz.register > \
         cloud.await_connected + zilliz.await_link > dns.zone_record + fw.check"
    );
}

#[tokio::test(start_paused = true)]
async fn a_removal_runs_the_same_graph_backwards() {
    let script = Arc::new(Script::default());
    let database = clickhouse(ScriptedSide::new("vendor", &script));
    let network = ec2_with_zone(ScriptedSide::new("cloud", &script));
    let link = link("orders", database, network);
    let plan = link.removal_plan().await.unwrap();
    link.apply(&plan).await.unwrap();
    assert_eq!(
        waves(&script),
        "dns.zone_record + ec2.rules > ch.allow + cloud.await_connected + ec2.addresses > \
         ec2.endpoint > ch.config + ec2.group"
    );
}

#[tokio::test(start_paused = true)]
async fn a_fact_nobody_gives_is_a_finding_not_a_hang() {
    let script = Arc::new(Script::default());
    let database = ScriptedSide::new("vendor", &script);
    let network = ScriptedSide::new("cloud", &script).step("ec2.endpoint", &[Service], &[Endpoint]);
    let plan = link("orders", database, network).plan().await.unwrap();
    assert_eq!(plan.blockers().next().unwrap().code, "LINK-002");
}

#[tokio::test(start_paused = true)]
async fn a_circle_of_steps_is_a_finding() {
    let script = Arc::new(Script::default());
    let database = ScriptedSide::new("vendor", &script).step("approve", &[Connected], &[Accepted]);
    let network = ScriptedSide::new("cloud", &script).step("await", &[Accepted], &[Connected]);
    let plan = link("orders", database, network).plan().await.unwrap();
    assert_eq!(plan.blockers().next().unwrap().code, "LINK-003");
}

#[tokio::test(start_paused = true)]
async fn slots_wait_for_their_own_service_only() {
    let script = Arc::new(Script::default());
    let mut database = ScriptedSide::new("vendor", &script);
    let mut network = ScriptedSide::new("cloud", &script);
    for zone in ["a", "b"] {
        let slot = Slot::named(zone);
        database.steps.push(scripted::step("vendor", &format!("service-{zone}"), &[], &[Service]).slot(slot.clone()));
        network.steps.push(scripted::step("cloud", &format!("endpoint-{zone}"), &[Service], &[Endpoint]).slot(slot));
    }
    // The service of zone b takes one look more.
    script.answers.lock().unwrap().insert(
        "service-b".into(),
        vec![Box::new(|| Ok(Outcome::waiting("building", Turn::Vendor, Duration::from_secs(1))))],
    );
    let link = link("orders", database, network);
    let plan = link.plan().await.unwrap();
    link.apply(&plan).await.unwrap();
    assert_eq!(waves(&script), "service-a + service-b > endpoint-a > endpoint-b");
}

#[tokio::test(start_paused = true)]
async fn a_removal_of_one_slot_does_not_wait_for_another() {
    let script = Arc::new(Script::default());
    let mut database = ScriptedSide::new("vendor", &script);
    let mut network = ScriptedSide::new("cloud", &script);
    for zone in ["a", "b"] {
        let slot = Slot::named(zone);
        network.steps.push(scripted::step("cloud", &format!("endpoint-{zone}"), &[], &[Endpoint]).slot(slot.clone()));
        database.steps.push(scripted::step("vendor", &format!("allow-{zone}"), &[Endpoint], &[Served]).slot(slot));
    }
    script.answers.lock().unwrap().insert(
        "allow-b".into(),
        vec![Box::new(|| Ok(Outcome::waiting("withdrawing", Turn::Vendor, Duration::from_secs(1))))],
    );
    let link = link("orders", database, network);
    let plan = link.removal_plan().await.unwrap();
    link.apply(&plan).await.unwrap();
    assert_eq!(waves(&script), "allow-a + allow-b > endpoint-a > endpoint-b");
}
