//! The conditions under which something is said or refused: each is seen to hold and not to hold.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::time::Duration;

use privlink_azure::{CreatePrivateEndpoint, PrivateDnsZoneId, SubnetId};
use privlink_core::side::{Naming, NetworkSide, Outcome, RecordShape, Side, Step, Survey};
use privlink_core::{AzurePrivateEndpointId, ErrorKind, PrivateEndpointId, Severity};
use privlink_sim::{AzureRule, World};
use world::*;

fn has(survey: &Survey, code: &str) -> bool {
    survey.findings.iter().any(|finding| finding.code == code)
}

fn step<'a>(survey: &'a Survey, verb: &str) -> &'a Step {
    survey.steps.iter().find(|step| step.verb == verb).unwrap_or_else(|| panic!("{verb}: {:?}", survey.steps))
}

/// The code with which a step is refused, or finds that the world has moved.
async fn stopped(side: &dyn NetworkSide, world: &World, known: &privlink_core::side::Exchange, step: &Step) -> String {
    match side.perform(step, known, &cx(world)).await.unwrap() {
        Outcome::Moved(finding) | Outcome::Refused(finding) => finding.code.to_string(),
        other => panic!("{}: {other:?}", step.verb),
    }
}

#[tokio::test(start_paused = true)]
async fn subnets_of_azures_own_are_never_chosen() {
    let world = World::new();
    let id = world.azure().vnet_id();
    for (n, name) in
        ["GatewaySubnet", "azurefirewallsubnet", "AzureBastionSubnet", "RouteServerSubnet"].iter().enumerate()
    {
        world.azure().add_subnet(&id, name, format!("10.0.{}.0/24", 100 + n).parse().unwrap());
    }
    let (_, survey) = plan(&client(&world).network(vnet(&world)), &vendor(&world)).await;
    assert_eq!(blocks(&survey), [""; 0], "{:?}", survey.findings);
    assert_eq!(step(&survey, "azure.endpoint").params["subnet"], world.azure().subnet_id().as_str());
}

#[tokio::test(start_paused = true)]
async fn rules_of_the_subnet_are_told_where_they_bind_endpoints() {
    let world = World::new();
    let (azure, vendor) = (world.azure(), vendor(&world));
    let group = azure.add_security_group("rules", &azure.subnet_id());
    azure.add_rule(&group, AzureRule::deny_in("shut", 100));
    assert!(!has(&plan(&network(&world), &vendor).await.1, "AZURE-008"), "they do not bind endpoints");
    azure.set_network_policies(&azure.subnet_id(), true);
    let (known, survey) = plan(&network(&world), &vendor).await;
    assert!(has(&survey, "AZURE-008"), "{:?}", survey.findings);
    assert!(!known.holds(Some(&privlink_core::side::Slot::main()), &privlink_core::side::Fact::Opened));
    azure.add_rule(&group, AzureRule::allow_in("open", 50));
    let (known, survey) = plan(&network(&world), &vendor).await;
    assert!(!has(&survey, "AZURE-008"));
    assert!(known.holds(Some(&privlink_core::side::Slot::main()), &privlink_core::side::Fact::Opened));
}

#[tokio::test(start_paused = true)]
async fn the_clients_own_rules_are_told_where_they_are_named() {
    let world = World::new();
    let (azure, vendor) = (world.azure(), vendor(&world));
    let (slot, opened) = (privlink_core::side::Slot::main(), privlink_core::side::Fact::Opened);
    let apart = azure.add_subnet(&azure.vnet_id(), "clients", "10.0.77.0/24".parse().unwrap());
    let clients: SubnetId = apart.clone().try_into().unwrap();
    set_up(&network(&world), &vendor).await;
    let address = azure.endpoints()[0].address;
    let (known, survey) = plan(&network(&world).client_subnet(clients.clone()), &vendor).await;
    assert!(!has(&survey, "AZURE-018") && known.holds(Some(&slot), &opened), "{:?}", survey.findings);

    let group = azure.add_security_group("out", &apart);
    azure.add_rule(&group, AzureRule::deny_out("elsewhere", 100).peer("10.0.78.0/24".parse().unwrap()));
    let named = || network(&world).client_subnet(clients.clone());
    assert!(!has(&plan(&named(), &vendor).await.1, "AZURE-018"), "Azure's own rules let it pass");
    azure.add_rule(&group, AzureRule::deny_out("nothing", 200).ports(8443..=8443));
    assert!(!has(&plan(&network(&world), &vendor).await.1, "AZURE-018"), "nobody said where clients are");
    let (known, survey) = plan(&named(), &vendor).await;
    let told = survey.findings.iter().find(|finding| finding.code == "AZURE-018").unwrap();
    assert_eq!(told.evidence, [format!("nothing of {group} stops tcp 8443 to {address}")]);
    assert!(!known.holds(Some(&slot), &opened));

    // The interfaces' own group is passed besides.
    let own = azure.add_machine_group("interfaces", &azure.subnet_id());
    azure.add_rule(&own, AzureRule::deny_out("nothing", 100));
    let (_, survey) = plan(&network(&world).client_group(own.clone().try_into().unwrap()), &vendor).await;
    let told = survey.findings.iter().find(|finding| finding.code == "AZURE-018").unwrap();
    assert!(told.evidence[0].contains(own.name()), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn the_endpoints_rules_are_judged_for_the_clients_that_were_named() {
    let world = World::new();
    let (azure, vendor) = (world.azure(), vendor(&world));
    let apart = azure.add_subnet(&azure.vnet_id(), "clients", "10.0.77.0/24".parse().unwrap());
    azure.set_network_policies(&azure.subnet_id(), true);
    let group = azure.add_security_group("endpoints", &azure.subnet_id());
    azure.add_rule(&group, AzureRule::deny_in("others", 100).peer("10.0.77.0/24".parse().unwrap()));
    assert!(!has(&plan(&network(&world), &vendor).await.1, "AZURE-008"), "a part of the network may be no client");
    let named = network(&world).client_subnet(apart.try_into().unwrap());
    assert!(has(&plan(&named, &vendor).await.1, "AZURE-008"));
}

#[tokio::test(start_paused = true)]
async fn rules_of_clients_that_cannot_be_read_are_unknown() {
    let world = World::new();
    let (azure, vendor) = (world.azure(), vendor(&world));
    let gone: SubnetId = format!("{}/subnets/gone", azure.vnet_id()).parse().unwrap();
    let nowhere = azure.id_of("networkSecurityGroups", "nowhere").try_into().unwrap();
    let (_, survey) = plan(&network(&world).client_subnet(gone).client_group(nowhere), &vendor).await;
    let told: Vec<_> = survey.findings.iter().filter(|finding| finding.code == "AZURE-019").collect();
    assert_eq!(told.len(), 2, "{:?}", survey.findings);
    assert!(told.iter().all(|finding| finding.severity == Severity::Info && finding.about.is_some()), "{told:?}");
    assert!(!has(&survey, "AZURE-018"));
}

#[tokio::test(start_paused = true)]
async fn a_subnet_that_is_being_changed_is_told() {
    let world = World::new();
    world.azure().hold_subnet(&world.azure().subnet_id(), Duration::from_secs(60));
    assert!(has(&plan(&network(&world), &vendor(&world)).await.1, "AZURE-007"));
    world.clock().sleep(Duration::from_secs(61)).await;
    assert!(!has(&plan(&network(&world), &vendor(&world)).await.1, "AZURE-007"));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_is_not_where_it_is_asked_for_is_told() {
    let world = World::new();
    let vendor = vendor(&world);
    set_up(&network(&world), &vendor).await;
    let second: SubnetId = world
        .azure()
        .add_subnet(&world.azure().vnet_id(), "second", "10.0.77.0/24".parse().unwrap())
        .try_into()
        .unwrap();
    assert!(!has(&plan(&network(&world), &vendor).await.1, "AZURE-012"));
    let (_, survey) = plan(&network(&world).subnet(second), &vendor).await;
    assert!(has(&survey, "AZURE-012"), "{:?}", survey.findings);
    assert_eq!(todo(&survey), [""; 0], "it stays where it is");
}

#[tokio::test(start_paused = true)]
async fn servers_of_the_networks_own_are_told_unless_they_are_azures() {
    for (servers, told) in [(vec![], false), (vec!["168.63.129.16"], false), (vec!["168.63.129.16", "10.0.0.53"], true)]
    {
        let world = World::new();
        let servers = servers.iter().map(|server| server.parse().unwrap()).collect();
        world.azure().set_dns_servers(&world.azure().vnet_id(), servers);
        assert_eq!(has(&plan(&network(&world), &vendor(&world)).await.1, "AZURE-030"), told);
    }
}

#[tokio::test(start_paused = true)]
async fn zones_above_and_shared_ones_are_told_and_an_exact_one_is_not() {
    let world = World::new();
    let vendor = vendor(&world);
    let (_, exact) = plan(&network(&world), &vendor).await;
    assert!(!has(&exact, "AZURE-033") && !has(&exact, "AZURE-034"), "{:?}", exact.findings);
    let shared = network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&shared, &vendor).await;
    assert!(has(&survey, "AZURE-034") && !has(&survey, "AZURE-033"), "{:?}", survey.findings);
    let parent = host(&world).parent().unwrap();
    world.azure().make_zone(&parent, &[world.azure().vnet_id()]);
    let (_, survey) = plan(&network(&world), &vendor).await;
    assert!(has(&survey, "AZURE-033") && !has(&survey, "AZURE-034"), "{:?}", survey.findings);
    assert_eq!(blocks(&survey), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn further_networks_without_a_zone_are_told() {
    let world = World::new();
    let vendor = vendor(&world);
    let peer = world.azure().add_vnet("peer", &world.azure().region(), "10.9.0.0/16".parse().unwrap());
    let peer: privlink_azure::VirtualNetworkId = peer.try_into().unwrap();
    let printed = network(&world).naming(Naming::SelfManaged);
    assert!(!has(&plan(&printed, &vendor).await.1, "AZURE-040"));
    let (_, survey) = plan(&printed.also_resolve_in([peer.clone()]), &vendor).await;
    assert!(has(&survey, "AZURE-040"), "{:?}", survey.findings);
    assert!(!has(&plan(&network(&world).also_resolve_in([peer]), &vendor).await.1, "AZURE-040"));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_or_somebody_elses_by_the_time_of_a_step_moves_the_plan() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let (_, survey) = plan(&side, &vendor).await;
    let known = set_up(&side, &vendor).await;
    let zone: PrivateDnsZoneId = world.azure().id_of("privateDnsZones", host(&world).as_str()).try_into().unwrap();
    let removal = side.removal(&known, &cx(&world)).await.unwrap();

    // Somebody takes our marks off: nothing of it is ours any more.
    let endpoint = world.azure().endpoints().remove(0).id;
    let link = client(&world).private_dns().links(&zone).all().await.unwrap().remove(0).id;
    for (thing, verb) in [
        (link.resource(), "azure.remove_zone_link"),
        (zone.resource(), "azure.remove_zone"),
        (endpoint.resource(), "azure.remove_endpoint"),
    ] {
        let key = "privlink-key";
        let old = tags_of(&world, verb, &zone, &endpoint).await;
        world.azure().set_tag(thing, key, Some("0000000000000000"));
        assert_eq!(stopped(&side, &world, &known, step(&removal, verb)).await, "AZURE-045", "{verb}");
        world.azure().set_tag(thing, key, Some(&old));
    }
    // A record that says something else stays, and keeps its zone.
    world.azure().put_address(zone.resource(), &host(&world), &["10.1.2.3".parse().unwrap()]);
    assert_eq!(stopped(&side, &world, &known, step(&removal, "azure.remove_record")).await, "AZURE-045");
    assert_eq!(stopped(&side, &world, &known, step(&removal, "azure.remove_zone")).await, "AZURE-045");

    // Deleted meanwhile.
    world.azure().delete_zone(zone.resource());
    for verb in ["azure.record", "azure.zone_link"] {
        assert_eq!(stopped(&side, &world, &known, step(&survey, verb)).await, "AZURE-015", "{verb}");
    }
    world.azure().delete_endpoint(&endpoint);
    assert_eq!(
        stopped(&side, &world, &known, step(&survey, "azure.await_connected")).await,
        "AZURE-015",
        "it is going"
    );
    world.clock().sleep(Duration::from_secs(300)).await;
    for verb in ["azure.address", "azure.await_connected"] {
        assert_eq!(stopped(&side, &world, &known, step(&survey, verb)).await, "AZURE-015", "{verb}");
    }
}

async fn tags_of(world: &World, verb: &str, zone: &PrivateDnsZoneId, endpoint: &AzurePrivateEndpointId) -> String {
    let (dns, networking) = (client(world).private_dns().clone(), client(world).networking().clone());
    let tags = match verb {
        "azure.remove_zone_link" => dns.links(zone).all().await.unwrap().remove(0).tags,
        "azure.remove_zone" => dns.zone(zone).await.unwrap().unwrap().tags,
        _ => networking.private_endpoint(endpoint).await.unwrap().unwrap().tags,
    };
    tags["privlink-key"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_connection_ends_where_its_owner_ends_it() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let (_, survey) = plan(&side, &vendor).await;
    let known = set_up(&side, &vendor).await;
    let endpoint = world.azure().endpoints().remove(0).id;
    let waiting = step(&survey, "azure.await_connected");
    assert!(matches!(side.perform(waiting, &known, &cx(&world)).await.unwrap(), Outcome::AlreadyDone(_)));
    world.azure().disconnect_endpoint(&endpoint);
    let code = stopped(&side, &world, &known, waiting).await;
    assert_eq!(code, "AZURE-014");
}

#[tokio::test(start_paused = true)]
async fn a_name_that_somebody_has_is_not_taken() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    set_up(&side, &vendor).await;
    let name = world.azure().endpoints().remove(0).id.resource().name().to_owned();

    let world = World::new();
    let (side, vendor) = (network(&world), self::vendor(&world));
    let (known, survey) = plan(&side, &vendor).await;
    world.azure().make_endpoint(&name, &world.azure().services().remove(0));
    assert_eq!(stopped(&side, &world, &known, step(&survey, "azure.endpoint")).await, "AZURE-013");
}

#[tokio::test(start_paused = true)]
async fn adopting_is_refused_for_what_cannot_be_used() {
    let world = World::new();
    let (side, vendor, azure) = (network(&world), vendor(&world), world.azure());
    let (known, _) = plan(&side, &vendor).await;
    let alias = azure.services().remove(0);
    let refused = async |id: &AzurePrivateEndpointId| {
        let before = client(&world).networking().private_endpoint(id).await.unwrap().map(|endpoint| endpoint.tags);
        let error = side.adopt(&PrivateEndpointId::AzureResource(id.clone()), &known, &cx(&world)).await.unwrap_err();
        let after = client(&world).networking().private_endpoint(id).await.unwrap().map(|endpoint| endpoint.tags);
        assert_eq!(before, after, "nothing is marked");
        (error.kind(), error.to_string())
    };
    let missing: AzurePrivateEndpointId = azure.id_of("privateEndpoints", "missing").try_into().unwrap();
    assert_eq!(refused(&missing).await.0, ErrorKind::NotFound);

    // In another network.
    let other = azure.add_vnet("other", &azure.region(), "10.9.0.0/16".parse().unwrap());
    let elsewhere = azure.add_subnet(&other, "apps", "10.9.1.0/24".parse().unwrap());
    let id: AzurePrivateEndpointId = azure.id_of("privateEndpoints", "elsewhere").try_into().unwrap();
    let request =
        CreatePrivateEndpoint::new(id.clone(), azure.region(), elsewhere.try_into().unwrap(), &alias.clone().into());
    client(&world).networking().put_private_endpoint(&request.unwrap()).await.unwrap().await.unwrap();
    let (kind, told) = refused(&id).await;
    assert!(kind == ErrorKind::Conflict && told.contains("it is not in"), "{told}");

    // Dead, going, and marked by another link.
    let dead = azure.make_endpoint("dead", &alias);
    world.clock().sleep(Duration::from_secs(120)).await;
    azure.set_tag(dead.resource(), "privlink-key", Some("0000000000000000"));
    let (kind, told) = refused(&dead).await;
    assert!(kind == ErrorKind::Conflict && told.contains("mark of another link"), "{told}");
    azure.set_tag(dead.resource(), "privlink-key", None);
    azure.reject_endpoint(&dead, "not on our list");
    let (kind, told) = refused(&dead).await;
    assert!(kind == ErrorKind::Conflict && told.contains("not on our list"), "{told}");
    let going = azure.make_endpoint("going", &alias);
    world.clock().sleep(Duration::from_secs(120)).await;
    azure.delete_endpoint(&going);
    assert_eq!(refused(&going).await.0, ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn a_zone_with_records_that_cannot_be_listed_stays() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let known = set_up(&side, &vendor).await;
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.iter().any(|step| step.verb == "azure.remove_zone"));
    let zone: PrivateDnsZoneId = world.azure().id_of("privateDnsZones", host(&world).as_str()).try_into().unwrap();
    let beside = format!("www.{}", host(&world)).parse().unwrap();
    world.azure().put_address(zone.resource(), &beside, &["10.1.2.3".parse().unwrap()]);
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.iter().all(|step| step.verb != "azure.remove_zone"), "{:?}", removal.steps);
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("www")), "{:?}", removal.kept);
    take_down(&side, &world, &known, &removal.steps).await;
    assert!(client(&world).private_dns().a(&zone, "www").await.unwrap().is_some());
    assert_eq!(codes(&plan(&side, &vendor).await.1, Severity::Blocks), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_second_endpoint_is_told_and_left_unused() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let known = set_up(&side, &vendor).await;
    assert!(!has(&plan(&side, &vendor).await.1, "AZURE-011"));
    let second = world.azure().make_endpoint("second", &world.azure().services().remove(0));
    world.clock().sleep(Duration::from_secs(120)).await;
    side.adopt(&PrivateEndpointId::AzureResource(second.clone()), &known, &cx(&world)).await.unwrap();
    let (_, survey) = plan(&side, &vendor).await;
    let told = survey.findings.iter().find(|finding| finding.code == "AZURE-011").unwrap();
    assert!(told.to_string().contains("second"), "{told}");
    assert_eq!(todo(&survey), [""; 0]);
}
