//! What a plan says, and what a link does, beyond what every network side must.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use privlink_azure::{CreatePrivateEndpoint, PrivateDnsZoneId, VirtualNetworkId};
use privlink_core::side::{
    EndpointIds, Exchange, Fact, Naming, NetworkSide, Reach, RecordShape, Side, Slot, StepState,
};
use privlink_core::{AzurePrivateEndpointId, ErrorKind, PrivateEndpointId, Severity};
use privlink_sim::World;
use privlink_sim::contract::Counterpart;
use world::*;

/// What the vendor says, with the service's reach narrowed.
#[derive(Clone)]
struct OwnRegionOnly(privlink_sim::contract::ClickHouseVendor);

impl Counterpart for OwnRegionOnly {
    fn world(&self) -> &World {
        self.0.world()
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let mut told = self.0.tell(known);
        for service in told.services.values_mut() {
            service.reach = Reach::SameRegion;
        }
        told
    }

    fn take_away(&self) {}
}

#[tokio::test(start_paused = true)]
async fn another_region_is_fine_where_the_vendor_allows_it_and_refused_where_not() {
    let world = World::new();
    let far = world.azure().add_vnet("far", &"westeurope".parse().unwrap(), "10.9.0.0/16".parse().unwrap());
    let subnet = world.azure().add_subnet(&far, "apps", "10.9.1.0/24".parse().unwrap());
    let side = client(&world).network(far.try_into().unwrap()).subnet(subnet.try_into().unwrap());
    let (_, survey) = plan(&side, &vendor(&world)).await;
    assert_eq!(blocks(&survey), [""; 0], "{:?}", survey.findings);
    assert!(codes(&survey, Severity::Info).contains(&"AZURE-003"));
    let known = set_up(&side, &vendor(&world)).await;
    assert!(known.holds(Some(&Slot::main()), &Fact::Resolving));

    let (_, survey) = plan(&side, &OwnRegionOnly(vendor(&world))).await;
    assert_eq!(blocks(&survey), ["AZURE-002"]);
    assert!(survey.steps.is_empty());
    let finding = survey.findings.iter().find(|finding| finding.severity == Severity::Blocks).unwrap();
    assert!(finding.summary.contains("westus3") && finding.summary.contains("westeurope"), "{finding}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_work_is_said_before_anything_is_written() {
    let world = World::new();
    let vendor = vendor(&world);
    let other = world.azure().add_vnet("other", &world.azure().region(), "10.9.0.0/16".parse().unwrap());
    let elsewhere = world.azure().add_subnet(&other, "apps", "10.9.1.0/24".parse().unwrap());
    let missing: VirtualNetworkId = world.azure().id_of("virtualNetworks", "missing").try_into().unwrap();
    let zone: PrivateDnsZoneId = world.azure().id_of("privateDnsZones", "elsewhere.example.com").try_into().unwrap();
    let before = snapshot(&world);
    let base = || network(&world);
    let cases = [
        (client(&world).network(missing), "AZURE-001"),
        (base().resource_group("nowhere").unwrap(), "AZURE-001"),
        (base().location("eastus".parse().unwrap()), "AZURE-004"),
        (base().subnet(elsewhere.try_into().unwrap()), "AZURE-005"),
        (base().naming(Naming::EndpointPrivateDns), "AZURE-037"),
        (base().zone(zone), "AZURE-036"),
    ];
    for (side, code) in cases {
        let (_, survey) = plan(&side, &vendor).await;
        assert!(blocks(&survey).contains(&code), "{code}: {:?}", survey.findings);
    }
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn the_only_subnet_is_taken_and_of_several_one_is_asked_for() {
    let world = World::new();
    let side = client(&world).network(vnet(&world));
    let (_, survey) = plan(&side, &vendor(&world)).await;
    assert!(codes(&survey, Severity::Info).contains(&"AZURE-006"));
    world.azure().add_subnet(&world.azure().vnet_id(), "second", "10.0.77.0/24".parse().unwrap());
    let (_, survey) = plan(&side, &vendor(&world)).await;
    assert_eq!(blocks(&survey), ["AZURE-006"]);
}

#[tokio::test(start_paused = true)]
async fn records_go_into_a_given_zone_which_stays() {
    let world = World::new();
    let parent = host(&world).parent().unwrap();
    let hub = world.azure().make_zone(&parent, &[]);
    let side = network(&world).naming(Naming::PrivateZone(RecordShape::Exact)).zone(hub.clone().try_into().unwrap());
    let before = snapshot(&world);
    let (_, survey) = plan(&side, &vendor(&world)).await;
    assert!(codes(&survey, Severity::Info).contains(&"AZURE-041"));
    assert!(!todo(&survey).contains(&"azure.zone"));
    let known = set_up(&side, &vendor(&world)).await;
    assert!(known.holds(Some(&Slot::main()), &Fact::Resolving));
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.kept.iter().any(|kept| kept.what.contains(parent.as_str())));
    take_down(&side, &world, &known, &removal.steps).await;
    world.clock().sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_record_and_zone_are_never_written_over() {
    let world = World::new();
    let zone = world.azure().make_zone(&host(&world), &[world.azure().vnet_id()]);
    let (_, survey) = plan(&network(&world), &vendor(&world)).await;
    assert_eq!(blocks(&survey), ["AZURE-031"]);

    world.azure().put_address(&zone, &host(&world), &["10.1.2.3".parse().unwrap()]);
    let side = network(&world).zone(zone.clone().try_into().unwrap());
    let vendor = vendor(&world);
    let (_, survey) = plan(&side, &vendor).await;
    // What the endpoint's address will be is not known yet, but whose the record is.
    assert_eq!(blocks(&survey), ["AZURE-035"]);

    // Written by somebody after the plan: found at the last moment.
    world.azure().delete_record(&zone, &host(&world));
    let (known, survey) = plan(&side, &vendor).await;
    world.azure().put_address(&zone, &host(&world), &["10.1.2.3".parse().unwrap()]);
    match apply(&side, &vendor, known, &survey.steps).await {
        End::Stopped(verb, finding) => assert_eq!((verb.as_str(), &*finding.code), ("azure.record", "AZURE-035")),
        End::Done(known) => panic!("it was written over: {known:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn further_networks_see_the_zone_and_are_cut_off_with_it() {
    let world = World::new();
    let peer = world.azure().add_vnet("peer", &world.azure().region(), "10.9.0.0/16".parse().unwrap());
    let before = snapshot(&world);
    let side = network(&world).also_resolve_in([peer.try_into().unwrap()]);
    let known = set_up(&side, &vendor(&world)).await;
    let (_, again) = plan(&side, &vendor(&world)).await;
    assert_eq!(todo(&again), [""; 0]);
    assert_eq!(again.steps.iter().filter(|step| step.verb == "azure.zone_link").count(), 2);
    // The removal finds both, though it is not told of the second network.
    let removal = network(&world).removal(&known, &cx(&world)).await.unwrap();
    take_down(&network(&world), &world, &known, &removal.steps).await;
    world.clock().sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn records_are_printed_when_nothing_is_to_be_written() {
    let world = World::new();
    let side = network(&world).naming(Naming::SelfManaged);
    set_up(&side, &vendor(&world)).await;
    let (known, survey) = plan(&side, &vendor(&world)).await;
    let finding = survey.findings.iter().find(|finding| finding.code == "AZURE-039").unwrap();
    let address = known.endpoints[&Slot::main()].addresses[0].0;
    assert_eq!(finding.evidence, [format!("{}. 300 IN A {address}", host(&world))]);
    assert!(survey.steps.iter().all(|step| !step.verb.contains("zone") && !step.verb.contains("record")));
}

#[tokio::test(start_paused = true)]
async fn both_identities_and_the_address_are_told() {
    let world = World::new();
    let known = set_up(&network(&world), &vendor(&world)).await;
    let real = world.azure().endpoints().remove(0);
    let facts = &known.endpoints[&Slot::main()];
    assert_eq!(facts.ids, EndpointIds::Azure { id: real.id, guid: Some(real.guid) });
    assert_eq!(facts.addresses, [(real.address, None)]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_ends_the_wait_and_a_new_endpoint_is_made() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    set_up(&side, &vendor).await;
    let first = world.azure().endpoints().remove(0).id;
    world.azure().reject_endpoint(&first, "not on our list");
    let (_, survey) = plan(&side, &vendor).await;
    assert!(codes(&survey, Severity::Warning).contains(&"AZURE-010"), "{:?}", survey.findings);
    assert!(todo(&survey).contains(&"azure.endpoint"));
    let known = set_up(&side, &vendor).await;
    let EndpointIds::Azure { id, .. } = &known.endpoints[&Slot::main()].ids else { panic!("Azure's") };
    assert_ne!(*id, first, "a dead endpoint keeps its name while it is there");
    // Both go.
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    take_down(&side, &world, &known, &removal.steps).await;
    assert!(world.azure().endpoints().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_existing_endpoint_is_taken_in_by_either_identity_and_let_go_again() {
    for by_guid in [false, true] {
        let world = World::new();
        let (side, vendor) = (network(&world), vendor(&world));
        let alias = world.azure().services().remove(0);
        let id: AzurePrivateEndpointId = world.azure().id_of("privateEndpoints", "existing").try_into().unwrap();
        let group = world.azure().add_application_group("db");
        let request = CreatePrivateEndpoint::new(id.clone(), world.azure().region(), subnet(&world), &alias.into())
            .unwrap()
            .security_groups([group.try_into().unwrap()])
            .tag("team", "data");
        let networking = client(&world);
        let made = networking.networking().put_private_endpoint(&request).await.unwrap().await.unwrap();
        let any = match by_guid {
            true => PrivateEndpointId::AzureGuid(made.guid.unwrap()),
            false => PrivateEndpointId::AzureResource(id.clone()),
        };
        let (known, survey) = plan(&side, &vendor).await;
        assert!(codes(&survey, Severity::Info).contains(&"AZURE-009"), "{:?}", survey.findings);
        let error = side.adopt(&any, &Exchange::new(), &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        side.adopt(&any, &known, &cx(&world)).await.unwrap();
        let (_, survey) = plan(&side, &vendor).await;
        let step = survey.steps.iter().find(|step| step.verb == "azure.endpoint").unwrap();
        assert_eq!(step.state, StepState::AlreadyDone);
        let read = networking.networking().private_endpoint(&id).await.unwrap().unwrap();
        assert_eq!((read.tags["team"].as_str(), read.security_groups.len()), ("data", 1), "nothing of it is lost");

        let known = set_up(&side, &vendor).await;
        let removal = side.removal(&known, &cx(&world)).await.unwrap();
        take_down(&side, &world, &known, &removal.steps).await;
        let read = networking.networking().private_endpoint(&id).await.unwrap().unwrap();
        assert_eq!(read.tags.len(), 1, "only our marks are taken off: {:?}", read.tags);
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_of_another_group_is_taken_in_used_and_let_go() {
    let world = World::new();
    let (side, vendor, azure) = (network(&world), vendor(&world), world.azure());
    azure.add_resource_group(&azure.subscription(), "elsewhere", &azure.region());
    let alias = azure.services().remove(0);
    let id = azure.id_of("privateEndpoints", "existing").to_string().replace("/example/", "/elsewhere/");
    let id: AzurePrivateEndpointId = id.parse().unwrap();
    let request =
        CreatePrivateEndpoint::new(id.clone(), azure.region(), subnet(&world), &alias.into()).unwrap().tag("a", "b");
    let client = client(&world);
    client.networking().put_private_endpoint(&request).await.unwrap().await.unwrap();
    let (known, survey) = plan(&side, &vendor).await;
    assert!(codes(&survey, Severity::Info).contains(&"AZURE-009"), "{:?}", survey.findings);
    side.adopt(&id.clone().into(), &known, &cx(&world)).await.unwrap();
    let known = set_up(&side, &vendor).await;
    assert_eq!(azure.endpoints().len(), 1, "none is made beside it");
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    take_down(&side, &world, &known, &removal.steps).await;
    let read = client.networking().private_endpoint(&id).await.unwrap().unwrap();
    assert_eq!(read.tags.len(), 1, "only our marks are taken off: {:?}", read.tags);
}

#[tokio::test(start_paused = true)]
async fn a_zone_of_the_same_name_elsewhere_is_told_when_planning() {
    let world = World::new();
    let (side, vendor, azure) = (network(&world), vendor(&world), world.azure());
    azure.add_resource_group(&azure.subscription(), "hub", &azure.region());
    let dns = client(&world).private_dns().clone();
    let zone = PrivateDnsZoneId::of(azure.subscription(), "hub", &host(&world)).unwrap();
    dns.create_zone(&zone, &Default::default()).await.unwrap().await.unwrap();
    let (_, survey) = plan(&side, &vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "the network does not see it");
    let link = zone.link("main").unwrap();
    dns.create_link(&link, &vnet(&world), &Default::default()).await.unwrap().await.unwrap();
    let (_, survey) = plan(&side, &vendor).await;
    assert_eq!(blocks(&survey), ["AZURE-032"]);
    let told = survey.findings.iter().find(|finding| finding.code == "AZURE-032").unwrap();
    assert!(told.evidence[0].contains("/hub/"), "{told}");
    // Given as the zone to write into, it is used.
    set_up(&side.zone(zone), &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn rights_in_the_resource_group_alone_are_enough() {
    let world = World::new();
    for operation in ["PrivateEndpoints_ListBySubscription", "PrivateZones_List"] {
        world.faults().on(operation).always().status(403);
    }
    let before = snapshot(&world);
    let (side, vendor) = (network(&world), vendor(&world));
    let known = set_up(&side, &vendor).await;
    let (_, again) = plan(&side, &vendor).await;
    assert_eq!(todo(&again), [""; 0]);
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    take_down(&side, &world, &known, &removal.steps).await;
    world.clock().sleep(std::time::Duration::from_secs(600)).await;
    assert_eq!(snapshot(&world), before);
}

#[test]
fn what_is_no_endpoint_is_refused_and_named() {
    let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";
    for (text, told) in [
        (format!("{group}/networkInterfaces/orders.nic.1"), "Microsoft.Network/networkInterfaces"),
        (format!("{group}/privateEndpoints/orders/manualPrivateLinkServiceConnections/orders-conn"), "inside"),
        (format!("{group}/privateLinkServices/pls"), "Microsoft.Network/privateLinkServices"),
    ] {
        let error = text.parse::<PrivateEndpointId>().unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_operation_that_passes_is_asked_for_again_and_one_that_stays_is_told() {
    let world = World::new();
    world.azure().fail_next_operation("RetryableError", "the subnet is being changed");
    set_up(&network(&world), &vendor(&world)).await;

    let world = World::new();
    world.azure().fail_next_operation("RequestDisallowedByPolicy", "no endpoints here");
    let (known, survey) = plan(&network(&world), &vendor(&world)).await;
    match apply(&network(&world), &vendor(&world), known, &survey.steps).await {
        End::Stopped(verb, finding) => {
            assert_eq!((verb.as_str(), &*finding.code), ("azure.endpoint", "AZURE-016"));
            assert!(finding.summary.contains("policy"), "{finding}");
        }
        End::Done(_) => panic!("a policy forbade it"),
    }
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
    let (azure, vendor) = (world.azure(), Neighbours(vendor(&world)));
    let zone = azure.make_zone(&host(&world).parent().unwrap(), &[azure.vnet_id()]);
    let given =
        network(&world).zone(zone.clone().try_into().unwrap()).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&given, &vendor).await;
    assert_eq!(blocks(&survey), ["ZONE-005"]);
    azure.put_address(&zone, &public_neighbour(&world), &["203.0.113.7".parse().unwrap()]);
    set_up(&given, &vendor).await;
}
