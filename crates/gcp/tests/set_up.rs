//! Setting up: what is made, that a second run makes nothing, and the ways a set-up can go.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use privlink_core::side::{EndpointIds, EndpointState, Fact, Naming, Outcome, RecordShape, Side};
use privlink_core::{Finding, Severity};
use privlink_gcp::{NetworkPath, PscConnectionStatus, RecordType};
use privlink_sim::{PscStatus, World};
use simulated::*;

fn said(findings: &[Finding], code: &str) -> Option<Severity> {
    findings.iter().find(|finding| finding.code == code).map(|finding| finding.severity)
}

#[tokio::test(start_paused = true)]
async fn a_link_is_an_address_an_endpoint_a_zone_and_a_record() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (_, survey) = plan(&network, &vendor).await;
    assert_eq!(
        todo(&survey),
        ["gcp.address", "gcp.endpoint", "gcp.await_connected", "gcp.zone", "gcp.record"],
        "{:?}",
        survey.findings
    );
    let known = set_up(&network, &vendor).await;

    let facts = known.endpoints.values().next().unwrap();
    assert_eq!(facts.state, EndpointState::Ready);
    let endpoint = world.gcp().endpoints().pop().unwrap();
    let EndpointIds::Gcp { project, rule, psc } = &facts.ids else { panic!("{:?}", facts.ids) };
    assert_eq!((project, rule, psc.as_ref()), (&endpoint.project, &endpoint.name, Some(&endpoint.connection)));
    assert_eq!(facts.addresses, [(endpoint.address, None)]);
    for fact in [Fact::Endpoint, Fact::Address, Fact::Connected, Fact::Resolving] {
        assert!(holds(&known, fact.clone()), "{fact}");
    }

    let client = client(&world);
    let made = client.compute().forwarding_rule(&world.gcp().region(), rule).await.unwrap().unwrap();
    assert_eq!(made.psc_connection_status, PscConnectionStatus::Accepted);
    assert!(made.no_automate_dns_zone && !made.allow_psc_global_access);
    assert!(made.description.starts_with("managed-by=privlink key=") && made.description.contains(" link=orders"));
    let zones = client.dns().managed_zones().all().await.unwrap();
    assert_eq!(zones.iter().map(|zone| zone.dns_name.clone()).collect::<Vec<_>>(), [host(&world)]);
    let records = client.dns().record_sets(&zones[0].name).all().await.unwrap();
    let of_ours: Vec<_> = records.iter().filter(|set| set.kind == RecordType::A).collect();
    assert_eq!(of_ours.len(), 1);
    assert_eq!((of_ours[0].ttl, of_ours[0].values.clone()), (300, vec![endpoint.address.to_string()]));

    let before = writes(&world).len();
    let (_, again) = plan(&network, &vendor).await;
    assert_eq!(todo(&again), [""; 0]);
    set_up(&network, &vendor).await;
    assert_eq!(writes(&world).len(), before, "a second run writes nothing");
}

#[tokio::test(start_paused = true)]
async fn two_links_to_one_service_share_the_endpoint() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    let other = cx_named(&world, "another-name", "");
    let known = services(&vendor);
    let survey = network.survey(&known, &other).await.unwrap();
    let endpoint = survey.steps.iter().find(|step| step.verb == "gcp.endpoint").unwrap();
    assert_eq!(endpoint.state, privlink_core::side::StepState::AlreadyDone);
    let second = cx_named(&world, "orders", "second");
    let survey = network.survey(&known, &second).await.unwrap();
    let endpoint = survey.steps.iter().find(|step| step.verb == "gcp.endpoint").unwrap();
    assert_eq!(endpoint.state, privlink_core::side::StepState::ToDo, "another instance is another endpoint");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_lives_in_the_region_of_its_service() {
    let world = World::new();
    let vendor = vendor(&world);
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    let east = client(&world).network(network.name()).region("us-east1".parse().unwrap());
    let (_, survey) = plan(&east, &vendor).await;
    assert_eq!(blocks(&survey), ["GCP-002"]);
    let finding = &survey.findings.iter().find(|finding| finding.code == "GCP-002").unwrap();
    assert!(finding.summary.contains("us-central1") && finding.summary.contains("us-east1"), "{finding}");
    assert!(survey.steps.is_empty() && writes(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn clients_of_other_regions_take_global_access() {
    let world = World::new();
    let vendor = vendor(&world);
    let elsewhere = || ["us-east1".parse().unwrap()];
    let here = network(&world).client_regions([world.gcp().region()]);
    assert_eq!(said(&plan(&here, &vendor).await.1.findings, "GCP-003"), None);

    let refused = network(&world).client_regions(elsewhere()).global_access(false);
    let survey = plan(&refused, &vendor).await.1;
    assert_eq!(blocks(&survey), ["GCP-003"]);
    assert!(survey.findings.iter().any(|finding| finding.summary.contains("us-east1")), "{:?}", survey.findings);

    let wide = network(&world).client_regions(elsewhere());
    let (known, survey) = plan(&wide, &vendor).await;
    assert_eq!(said(&survey.findings, "GCP-003"), Some(Severity::Info));
    assert_eq!(known.inside.len(), 2, "clients there are inside too: {:?}", known.inside);
    set_up(&wide, &vendor).await;
    let endpoint = world.gcp().endpoints().pop().unwrap();
    let rule = client(&world).compute().forwarding_rule(&endpoint.region, &endpoint.name).await.unwrap().unwrap();
    assert!(rule.allow_psc_global_access);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_who_lets_only_its_own_region_in_blocks_global_access() {
    let world = World::new();
    let mut known = services(&vendor(&world));
    for service in known.services.values_mut() {
        service.reach = privlink_core::side::Reach::SameRegion;
    }
    let wide = network(&world).global_access(true);
    let survey = wide.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(blocks(&survey), ["GCP-003"]);
    let narrow = network(&world).survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(blocks(&narrow), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn global_access_is_switched_on_at_an_endpoint_that_is_there() {
    let world = World::new();
    let vendor = vendor(&world);
    set_up(&network(&world), &vendor).await;
    let before = world.gcp().endpoints().pop().unwrap();
    let wide = network(&world).global_access(true);
    let (_, survey) = plan(&wide, &vendor).await;
    assert_eq!(todo(&survey), ["gcp.global_access"]);
    set_up(&wide, &vendor).await;
    let after = world.gcp().endpoints().pop().unwrap();
    assert_eq!(before.connection, after.connection, "it is the same endpoint");
    let rule = client(&world).compute().forwarding_rule(&after.region, &after.name).await.unwrap().unwrap();
    assert!(rule.allow_psc_global_access);
    assert_eq!(todo(&plan(&wide, &vendor).await.1), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_producer_without_global_access_is_the_users_decision() {
    let world = World::new();
    let vendor = vendor(&world);
    world.gcp().support_global_access(&service(&world), false);
    let wide = network(&world).global_access(true);
    let (known, survey) = plan(&wide, &vendor).await;
    let End::Stopped(verb, finding) = apply(&wide, &vendor, known, &survey.steps).await else { panic!("it is made") };
    assert_eq!((verb.as_str(), &*finding.code, finding.severity), ("gcp.endpoint", "GCP-003", Severity::Blocks));
    assert!(finding.next_step.contains("without global access"), "{finding}");
    assert!(world.gcp().endpoints().is_empty(), "it is not made without it unasked");
    set_up(&network(&world), &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_endpoint_is_replaced_by_a_step_of_its_own() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    let old = world.gcp().endpoints().pop().unwrap();
    world.gcp().set_status(old.connection, PscStatus::Closed);

    let (known, survey) = plan(&network, &vendor).await;
    assert_eq!(said(&survey.findings, "GCP-013"), Some(Severity::Warning));
    assert_eq!(todo(&survey), ["gcp.clear_closed", "gcp.endpoint", "gcp.await_connected"], "the address stays");
    let clear = survey.steps.iter().find(|step| step.verb == "gcp.clear_closed").unwrap();
    assert_eq!(clear.undo, privlink_core::side::Undo::Final);
    match apply(&network, &vendor, known, &survey.steps).await {
        End::Done(_) => {}
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    }
    let new = world.gcp().endpoints().pop().unwrap();
    assert_ne!(new.connection, old.connection);
    assert_eq!((new.address, new.status), (old.address, Some(PscStatus::Accepted)));
    assert_eq!(todo(&plan(&network, &vendor).await.1), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_closed_after_the_plan_is_not_replaced_by_it() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (known, survey) = plan(&network, &vendor).await;
    let known = match apply(&network, &vendor, known, &survey.steps[..2]).await {
        End::Done(known) => known,
        End::Stopped(verb, finding) => panic!("{verb}: {finding}"),
    };
    let endpoint = world.gcp().endpoints().pop().unwrap();
    world.gcp().set_status(endpoint.connection, PscStatus::Closed);
    for step in &survey.steps[1..3] {
        let outcome = network.perform(step, &known, &cx(&world)).await.unwrap();
        let (Outcome::Moved(finding) | Outcome::Refused(finding)) = outcome else { panic!("{outcome:?}") };
        assert!(matches!(&*finding.code, "GCP-013" | "GCP-014"), "{finding}");
    }
    assert_eq!(world.gcp().endpoints().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_endpoint_is_the_vendors_turn_and_comes_back_when_the_vendor_mends_it() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    world.gcp().refuse_project(&service(&world), &world.gcp().project());
    let (known, survey) = plan(&network, &vendor).await;
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("refused") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.await_connected", "GCP-014"));
    assert_eq!(finding.turn, privlink_core::Turn::Vendor);
    let (_, survey) = plan(&network, &vendor).await;
    assert_eq!(said(&survey.findings, "GCP-014"), Some(Severity::Warning));
    world.gcp().set_status(world.gcp().endpoints()[0].connection, PscStatus::Accepted);
    set_up(&network, &vendor).await;
    assert_eq!(todo(&plan(&network, &vendor).await.1), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_somebody_made_anew_is_not_taken_for_the_one_that_was_registered() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let mut known = known;
    for facts in known.endpoints.values_mut() {
        if let EndpointIds::Gcp { psc, .. } = &mut facts.ids {
            *psc = "1".parse().ok();
        }
    }
    let (_, survey) = plan(&network, &vendor).await;
    let step = survey.steps.iter().find(|step| step.verb == "gcp.await_connected").unwrap();
    let outcome = network.perform(step, &known, &cx(&world)).await.unwrap();
    let Outcome::Moved(finding) = outcome else { panic!("{outcome:?}") };
    assert_eq!(&*finding.code, "GCP-021");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_after_it_was_answered_stops_the_step_with_its_reason() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    world.gcp().fail_next_operation("insert", "QUOTA_EXCEEDED", 403, "Quota 'INTERNAL_ADDRESSES' exceeded.");
    let (known, survey) = plan(&network, &vendor).await;
    let End::Stopped(verb, finding) = apply(&network, &vendor, known, &survey.steps).await else { panic!("it failed") };
    assert_eq!((verb.as_str(), &*finding.code), ("gcp.address", "GCP-023"));
    assert!(finding.evidence.iter().any(|seen| seen.contains("INTERNAL_ADDRESSES")), "{finding}");
    set_up(&network, &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn a_shared_vpc_keeps_the_endpoint_in_the_service_project() {
    let world = World::new();
    let gcp = world.gcp();
    let host: privlink_core::ProjectId = "example-host".parse().unwrap();
    gcp.add_project(&host);
    let path = gcp.add_network(&host, "shared");
    gcp.add_subnetwork(&path, &gcp.region(), "apps", "10.80.0.0/20".parse().unwrap());
    gcp.share_networks(&host, &gcp.project());
    let vendor = vendor(&world);
    for only_subnetwork in [false, true] {
        let network = client(&world)
            .network("shared".parse().unwrap())
            .host_project(&host)
            .region(gcp.region())
            .subnetwork("apps".parse().unwrap())
            .only_subnetwork(only_subnetwork);
        let known = set_up(&network, &vendor).await;
        let endpoint = gcp.endpoints().pop().unwrap();
        assert_eq!((&endpoint.project, &endpoint.network), (&gcp.project(), &path));
        assert_eq!(todo(&plan(&network, &vendor).await.1), [""; 0]);
        let removal = network.removal(&known, &cx(&world)).await.unwrap();
        take_down(&network, &world, &known, &removal.steps).await;
        assert!(gcp.endpoints().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn names_resolve_in_several_networks_and_in_shapes_on_request() {
    let world = World::new();
    let gcp = world.gcp();
    let vendor = vendor(&world);
    let second: NetworkPath = gcp.add_network(&gcp.project(), "second").parse().unwrap();
    let third: NetworkPath = gcp.add_network(&gcp.project(), "third").parse().unwrap();
    let dns = client(&world).dns().clone();

    let wide = network(&world).also_resolve_in([second.clone()]);
    set_up(&wide, &vendor).await;
    let zone = dns.managed_zones().all().await.unwrap().pop().unwrap();
    assert!(zone.is_seen_by(&second) && zone.is_seen_by(wide.path()));

    let wider = network(&world).also_resolve_in([second.clone(), third.clone()]);
    assert_eq!(todo(&plan(&wider, &vendor).await.1), ["gcp.show_zone"]);
    set_up(&wider, &vendor).await;
    let zone = dns.managed_zones().all().await.unwrap().pop().unwrap();
    assert!([wider.path(), &second, &third].iter().all(|network| zone.is_seen_by(network)), "{zone:?}");
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_in_the_shared_zone_is_written_on_request() {
    let world = World::new();
    let vendor = vendor(&world);
    let dns = client(&world).dns().clone();
    let wildcard = network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&wildcard, &vendor).await;
    assert_eq!(said(&survey.findings, "GCP-032"), Some(Severity::Warning), "it hides others");
    set_up(&wildcard, &vendor).await;
    let parent = host(&world).parent().unwrap();
    let zone = dns.managed_zones_named(&parent).all().await.unwrap().pop().unwrap();
    let records = dns.record_sets(&zone.name).all().await.unwrap();
    assert!(records.iter().any(|set| set.name == format!("*.{parent}")), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn records_are_printed_on_request_and_nothing_is_written() {
    let world = World::new();
    let vendor = vendor(&world);
    let network = network(&world).naming(Naming::SelfManaged);
    set_up(&network, &vendor).await;
    let (_, survey) = plan(&network, &vendor).await;
    let address = world.gcp().endpoints()[0].address;
    let printed = survey.findings.iter().find(|finding| finding.code == "GCP-037").unwrap();
    assert_eq!(printed.evidence, [format!("{}. 300 IN A {address}", host(&world))]);
    assert_eq!(client(&world).dns().managed_zones().all().await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_given_zone_takes_the_record_and_is_judged_first() {
    let world = World::new();
    let gcp = world.gcp();
    let vendor = vendor(&world);
    let parent = host(&world).parent().unwrap();
    gcp.make_zone("theirs", &parent, &[&gcp.network()]);
    gcp.make_zone("unseen", &"other.example.com".parse().unwrap(), &[]);
    gcp.make_zone("narrow", &"example.com".parse().unwrap(), &[&gcp.network()]);
    for (name, fits) in [("theirs", true), ("unseen", false), ("narrow", false), ("missing", false)] {
        let network = network(&world).zone(name.parse().unwrap());
        let survey = plan(&network, &vendor).await.1;
        assert_eq!(blocks(&survey).contains(&"GCP-034"), !fits, "{name}: {:?}", survey.findings);
    }
    let network = network(&world).zone("theirs".parse().unwrap());
    set_up(&network, &vendor).await;
    let records = client(&world).dns().record_sets(&"theirs".parse().unwrap()).all().await.unwrap();
    assert!(records.iter().any(|set| set.name == host(&world).as_str() && set.kind == RecordType::A), "{records:?}");
    assert_eq!(client(&world).dns().managed_zones().all().await.unwrap().len(), 3, "no zone is made");
}

#[tokio::test(start_paused = true)]
async fn the_address_asked_for_is_taken() {
    let world = World::new();
    let vendor = vendor(&world);
    let subnetworks = client(&world).compute().subnetworks(&world.gcp().region()).all().await.unwrap();
    let range = subnetworks[0].range.unwrap();
    let wanted = range.hosts().nth(40).unwrap();
    set_up(&network(&world).address(wanted), &vendor).await;
    assert_eq!(world.gcp().endpoints()[0].address, wanted);
    let other = network(&world).address(range.hosts().nth(41).unwrap());
    assert_eq!(said(&plan(&other, &vendor).await.1.findings, "GCP-016"), Some(Severity::Warning));
}

#[tokio::test(start_paused = true)]
async fn a_step_of_another_network_is_refused() {
    let world = World::new();
    let vendor = vendor(&world);
    let (known, survey) = plan(&network(&world), &vendor).await;
    let path = world.gcp().add_network(&world.gcp().project(), "second");
    let path: NetworkPath = path.parse().unwrap();
    let other = client(&world).network(path.name()).region(world.gcp().region());
    let asked = world.requests().len();
    for step in &survey.steps {
        let error = other.perform(step, &known, &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), privlink_core::ErrorKind::InvalidInput, "{}", step.verb);
    }
    assert_eq!(world.requests().len(), asked);
    assert!(other.id().as_str() == "gcp" && other.subject().contains("second"));
}
