//! What stands in the way is said before anything is written.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use privlink_core::Severity;
use privlink_core::side::{Exchange, Naming, RecordShape};
use privlink_gcp::SubnetworkPath;
use privlink_sim::World;
use privlink_sim::contract::Counterpart;
use simulated::*;

#[tokio::test(start_paused = true)]
async fn a_subnetwork_that_is_not_there_blocks_and_none_is_chosen_for_you() {
    let world = World::new();
    let vendor = vendor(&world);
    let wrong = network(&world).subnetwork("nowhere".parse().unwrap());
    assert_eq!(blocks(&plan(&wrong, &vendor).await.1), ["GCP-004"]);
    let path: privlink_gcp::NetworkPath = world.gcp().network().parse().unwrap();
    let free = client(&world).network(path.name()).region(world.gcp().region());
    let survey = plan(&free, &vendor).await.1;
    assert!(codes(&survey, Severity::Info).contains(&"GCP-006"), "{:?}", survey.findings);
    set_up(&free, &vendor).await;
    world.gcp().add_network(&world.gcp().project(), "bare");
    let bare = client(&world).network("bare".parse().unwrap()).region(world.gcp().region());
    assert_eq!(blocks(&plan(&bare, &vendor).await.1), ["GCP-006"]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_blocks() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    let name = world.gcp().endpoints()[0].name.to_string();

    let world = World::new();
    let vendor = simulated::vendor(&world);
    let (network, gcp) = (simulated::network(&world), world.gcp());
    gcp.make_address(&name, "somebody's");
    assert_eq!(blocks(&plan(&network, &vendor).await.1), ["GCP-010"]);

    let world = World::new();
    let vendor = simulated::vendor(&world);
    world.gcp().make_endpoint(&name, &service(&world));
    assert_eq!(blocks(&plan(&simulated::network(&world), &vendor).await.1), ["GCP-010"]);
}

#[tokio::test(start_paused = true)]
async fn a_firewall_that_keeps_clients_in_is_named() {
    let world = World::new();
    let (network, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    gcp.deny_egress(&gcp.network(), "no-way-out", "10.0.0.0/8".parse().unwrap(), 9_000..=9_999, 900);
    let known = set_up(&network, &vendor).await;
    let address = world.gcp().endpoints()[0].address.to_string();
    let (_, survey) = plan(&network, &vendor).await;
    let finding = survey.findings.iter().find(|finding| finding.code == "GCP-007");
    let inside = address.starts_with("10.");
    assert_eq!(finding.is_some(), inside, "{address}: {:?}", survey.findings);
    assert!(finding.unwrap().evidence[0].contains("no-way-out"), "{finding:?}");
    assert!(!holds(&known, privlink_core::side::Fact::Opened));
    gcp.allow_egress(&gcp.network(), "a-way-out", format!("{address}/32").parse().unwrap(), 1..=65_535, 800);
    let (known, survey) = plan(&network, &vendor).await;
    assert!(!survey.findings.iter().any(|finding| finding.code == "GCP-007"), "{:?}", survey.findings);
    assert!(holds(&known, privlink_core::side::Fact::Opened));
}

#[tokio::test(start_paused = true)]
async fn firewall_rules_are_judged_for_the_clients_that_were_named() {
    let world = World::new();
    let (vendor, gcp) = (vendor(&world), world.gcp());
    let plain = || network(&world);
    set_up(&plain(), &vendor).await;
    let everywhere = "0.0.0.0/0".parse().unwrap();
    gcp.deny_egress(&gcp.network(), "batch-stays", everywhere, 1..=65_535, 900);
    gcp.target_tags(&gcp.network(), "batch-stays", &["batch"]);
    let codes = async |network: privlink_gcp::Network| {
        let (known, survey) = plan(&network, &vendor).await;
        let told: Vec<_> = survey.findings.iter().filter(|finding| finding.about.is_some()).collect();
        let told: Vec<String> =
            told.iter().map(|finding| format!("{}: {}", finding.code, finding.evidence[0])).collect();
        (told, holds(&known, privlink_core::side::Fact::Opened))
    };
    let stops =
        |code: &str, whom: &str| (vec![format!("{code}: batch-stays (priority 900) stops port 8443 {whom}")], false);
    assert_eq!(codes(plain()).await, stops("GCP-007", "for some machines"));
    assert_eq!(codes(plain().client_tags(["batch"])).await, stops("GCP-009", "for these machines"));
    assert_eq!(codes(plain().client_tags(["web"])).await, (vec![], true));
    let account = "batch@example-project.iam.gserviceaccount.com";
    gcp.target_accounts(&gcp.network(), "batch-stays", &[account]);
    assert_eq!(codes(plain().client_tags(["web"])).await, stops("GCP-007", "for some machines"));
    assert_eq!(codes(plain().client_service_account(account)).await, stops("GCP-009", "for these machines"));
    assert_eq!(codes(plain().client_service_account("web@example.com")).await, (vec![], true));
}

#[tokio::test(start_paused = true)]
async fn a_zone_or_record_of_somebody_blocks() {
    let world = World::new();
    let (network, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    gcp.make_zone("theirs", &host(&world), &[&gcp.network()]);
    let survey = plan(&network, &vendor).await.1;
    assert_eq!(blocks(&survey), ["GCP-030"]);
    let into = simulated::network(&world).zone("theirs".parse().unwrap());
    assert_eq!(blocks(&plan(&into, &vendor).await.1), [""; 0]);
    gcp.put_address("theirs", &host(&world), &[[10, 9, 9, 9].into()]);
    assert_eq!(blocks(&plan(&into, &vendor).await.1), ["GCP-033"]);
    let printed = simulated::network(&world).naming(Naming::SelfManaged);
    assert_eq!(blocks(&plan(&printed, &vendor).await.1), [""; 0]);
    assert_eq!(writes(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_zone_made_by_somebody_after_the_plan_is_not_overruled() {
    let world = World::new();
    let (network, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    let (known, survey) = plan(&network, &vendor).await;
    gcp.make_zone("theirs", &host(&world), &[&gcp.network()]);
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("made") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.zone", "GCP-030"));
}

#[tokio::test(start_paused = true)]
async fn a_zone_of_another_project_shows_when_ours_is_made() {
    let world = World::new();
    let (network, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    let other: privlink_core::ProjectId = "example-names".parse().unwrap();
    gcp.add_project(&other);
    let path = gcp.network().parse().unwrap();
    let theirs = privlink_gcp::CreateManagedZone::new("theirs".parse().unwrap(), host(&world), "theirs", vec![path]);
    client(&world).dns().of(&other).create_managed_zone(&theirs).await.unwrap();
    let (known, survey) = plan(&network, &vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "it cannot be seen from here");
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("made") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.zone", "GCP-039"), "{finding}");

    let there = simulated::network(&world).dns_project(other).zone("theirs".parse().unwrap());
    set_up(&there, &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn wider_zones_are_a_note_and_modes_that_google_lacks_are_refused() {
    let world = World::new();
    let (network, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    gcp.make_zone("wide", &"gcp.clickhouse.cloud".parse().unwrap(), &[&gcp.network()]);
    let survey = plan(&network, &vendor).await.1;
    assert!(codes(&survey, Severity::Info).contains(&"GCP-031"), "{:?}", survey.findings);
    let endpoint = simulated::network(&world).naming(Naming::EndpointPrivateDns);
    assert_eq!(blocks(&plan(&endpoint, &vendor).await.1), ["GCP-035"]);
    let further = simulated::network(&world)
        .naming(Naming::SelfManaged)
        .also_resolve_in(["projects/example-project/global/networks/second".parse().unwrap()]);
    assert!(codes(&plan(&further, &vendor).await.1, Severity::Warning).contains(&"GCP-038"));
    let automated = simulated::network(&world).automate_dns_zone(true);
    assert!(codes(&plan(&automated, &vendor).await.1, Severity::Warning).contains(&"GCP-018"));
    let shape = simulated::network(&world).naming(Naming::PrivateZone(RecordShape::Exact));
    assert!(codes(&plan(&shape, &vendor).await.1, Severity::Warning).contains(&"GCP-032"));
}

#[tokio::test(start_paused = true)]
async fn an_attachment_that_google_does_not_know_is_refused_with_its_reasons() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    world.gcp().withdraw_service(&service(&world));
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("made") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.endpoint", "GCP-024"), "{finding}");
}

#[test]
fn a_subnetwork_has_one_region() {
    let path: SubnetworkPath = "projects/example-project/regions/us-central1/subnetworks/apps".parse().unwrap();
    assert_eq!(SubnetworkPath::new(&path.project(), &path.region(), &path.name()), path);
}

/// The vendor, with a public host that is a neighbour of the private one, as where a deployment has
/// one zone for both.
struct Neighbours(privlink_sim::contract::ClickHouseVendor);

impl Counterpart for Neighbours {
    fn world(&self) -> &World {
        self.0.world()
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let mut told = self.0.tell(known);
        told.public_hosts.insert(public_neighbour(self.world()));
        told
    }

    fn take_away(&self) {
        self.0.take_away();
    }
}

fn public_neighbour(world: &World) -> privlink_core::DnsName {
    format!("public.{}", host(world).parent().unwrap()).parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_record_that_would_catch_a_public_host_is_told() {
    let world = World::new();
    let vendor = Neighbours(vendor(&world));
    let plans = |shape| network(&world).naming(Naming::PrivateZone(shape));

    let (_, survey) = plan(&network(&world), &vendor).await;
    assert!(!survey.findings.iter().any(|finding| finding.code.starts_with("ZONE-")), "{:?}", survey.findings);
    let (_, survey) = plan(&plans(RecordShape::Wildcard), &vendor).await;
    assert_eq!(blocks(&survey), ["ZONE-005"]);
    let (_, survey) = plan(&plans(RecordShape::Exact), &vendor).await;
    assert_eq!(blocks(&survey), [""; 0]);
    let told = survey.findings.iter().find(|finding| finding.code == "ZONE-006").expect("a warning");
    assert!(told.summary.contains(public_neighbour(&world).as_str()), "{told}");

    // Once the zone is there, it hides nothing that it did not hide before.
    set_up(&plans(RecordShape::Exact), &vendor).await;
    let (_, survey) = plan(&plans(RecordShape::Exact), &vendor).await;
    assert!(!survey.findings.iter().any(|finding| finding.code.starts_with("ZONE-")), "{:?}", survey.findings);
}

#[tokio::test(start_paused = true)]
async fn a_public_host_with_a_record_of_its_own_is_not_caught_by_a_wildcard() {
    let world = World::new();
    let (gcp, vendor) = (world.gcp(), Neighbours(vendor(&world)));
    gcp.make_zone("shared", &host(&world).parent().unwrap(), &[&gcp.network()]);
    let given = network(&world).zone("shared".parse().unwrap()).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&given, &vendor).await;
    assert_eq!(blocks(&survey), ["ZONE-005"]);
    gcp.put_address("shared", &public_neighbour(&world), &["203.0.113.7".parse().unwrap()]);
    set_up(&given, &vendor).await;
}
