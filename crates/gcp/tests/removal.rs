//! Removal leaves nothing of ours and everything of others.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use privlink_core::side::{Exchange, NetworkSide, Outcome, Ownership, Side, Survey};
use privlink_core::{ErrorKind, Severity};
use privlink_sim::World;
use simulated::*;

fn verbs(survey: &Survey) -> Vec<&str> {
    survey.steps.iter().map(|step| &*step.verb).collect()
}

#[tokio::test(start_paused = true)]
async fn removal_leaves_the_world_as_it_was() {
    for vendor_answers in [true, false] {
        let world = World::new();
        let before = snapshot(&world);
        let (network, vendor) = (network(&world), vendor(&world));
        let known = set_up(&network, &vendor).await;
        assert_ne!(snapshot(&world), before);
        let known = if vendor_answers { known } else { Exchange::new() };
        let removal = network.removal(&known, &cx(&world)).await.unwrap();
        assert!(removal.kept.is_empty(), "{:?}", removal.kept);
        assert_eq!(removal.steps.len(), 4, "{:?}", verbs(&removal));
        take_down(&network, &world, &known, &removal.steps).await;
        world.clock().sleep(std::time::Duration::from_secs(600)).await;
        assert_eq!(snapshot(&world)["zones"], before["zones"]);
        assert!(world.gcp().endpoints().is_empty());
        let compute = client(&world).compute().clone();
        assert_eq!(compute.addresses(&world.gcp().region()).all().await.unwrap(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn the_record_goes_first_and_the_address_last() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let before = writes(&world).len();
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    take_down(&network, &world, &known, &removal.steps).await;
    assert_eq!(
        writes(&world)[before..],
        ["dns.changes.create", "dns.managedZones.delete", "compute.forwardingRules.delete", "compute.addresses.delete"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_put_into_our_zone_keeps_it() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let zone = client(&world).dns().managed_zones().all().await.unwrap().pop().unwrap().name;
    let theirs = format!("www.{}", host(&world)).parse().unwrap();
    world.gcp().put_address(zone.as_str(), &theirs, &[[10, 9, 9, 9].into()]);
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    assert!(!verbs(&removal).contains(&"gcp.remove_zone"), "{:?}", verbs(&removal));
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("www.")), "{:?}", removal.kept);
    take_down(&network, &world, &known, &removal.steps).await;
    let left = client(&world).dns().record_sets(&zone).all().await.unwrap();
    assert_eq!(left.iter().filter(|set| !set.belongs_to_the_zone(&host(&world))).count(), 1, "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_was_changed_meanwhile_stays() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let zone = client(&world).dns().managed_zones().all().await.unwrap().pop().unwrap().name;
    world.gcp().put_address(zone.as_str(), &host(&world), &[[10, 9, 9, 9].into()]);
    let step = removal.steps.iter().find(|step| step.verb == "gcp.remove_record").unwrap();
    let outcome = network.perform(step, &known, &cx(&world)).await.unwrap();
    let Outcome::Moved(finding) = outcome else { panic!("{outcome:?}") };
    assert_eq!(&*finding.code, "GCP-041");
    let zone_step = removal.steps.iter().find(|step| step.verb == "gcp.remove_zone").unwrap();
    assert!(matches!(network.perform(zone_step, &known, &cx(&world)).await.unwrap(), Outcome::Moved(_)));
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_edited_takes_nothing_of_others() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let mut step = removal.steps.iter().find(|step| step.verb == "gcp.remove_endpoint").unwrap().clone();
    step.params["rule"] = "theirs".into();
    let outcome = network.perform(&step, &known, &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Moved(finding) if finding.code == "GCP-041"), "{outcome:?}");
    assert!(world.gcp().endpoints().contains(&theirs));
    assert!(removal.kept.iter().any(|kept| kept.what.contains("theirs")), "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_endpoint_is_used_and_released_and_stays() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    let (_, survey) = plan(&network, &vendor).await;
    assert!(codes(&survey, Severity::Info).contains(&"GCP-011"), "{:?}", survey.findings);
    assert!(todo(&survey).contains(&"gcp.endpoint"), "it is not used unasked");

    let known = services(&vendor);
    let facts = network.adopt(&theirs.connection.into(), &known, &cx(&world)).await.unwrap();
    assert!(matches!(facts.ownership, Ownership::Adopted(_)), "{facts:?}");
    let known = set_up(&network, &vendor).await;
    assert_eq!(world.gcp().endpoints().len(), 1, "the adopted one is used");
    assert_eq!(client(&world).compute().addresses(&world.gcp().region()).all().await.unwrap(), []);

    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    assert!(verbs(&removal).contains(&"gcp.release_endpoint"), "{:?}", verbs(&removal));
    take_down(&network, &world, &known, &removal.steps).await;
    let rule = client(&world).compute().forwarding_rule(&theirs.region, &theirs.name).await.unwrap().unwrap();
    assert_eq!((rule.labels.len(), rule.psc_connection_id), (0, Some(theirs.connection)));
    let again = network.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(verbs(&again), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn two_databases_take_an_endpoint_in_and_each_lets_go_of_its_own() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = services(&vendor);
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    let second = cx(&world).between("another database", "the network");
    for run in [&cx(&world), &second] {
        network.adopt(&theirs.connection.into(), &known, run).await.unwrap();
    }
    let before = writes(&world).len();
    network.adopt(&theirs.connection.into(), &known, &second).await.unwrap();
    assert_eq!(writes(&world).len(), before, "a second time writes nothing");
    for (run, left) in [(&second, 3), (&cx(&world), 0)] {
        let removal = network.removal(&known, run).await.unwrap();
        let step = removal.steps.iter().find(|step| step.verb == "gcp.release_endpoint").unwrap();
        finish(&network, run, &known, step).await.unwrap();
        let again = network.removal(&known, &run.fresh()).await.unwrap();
        assert!(!verbs(&again).contains(&"gcp.release_endpoint"), "{:?}", verbs(&again));
        let rule = client(&world).compute().forwarding_rule(&theirs.region, &theirs.name).await.unwrap().unwrap();
        assert_eq!(rule.labels.len(), left, "{:?}", rule.labels);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_gone_database_left_is_found_whatever_the_link_is_called() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    let other = cx(&world).between("another database", "the network");
    assert_eq!(verbs(&network.removal(&Exchange::new(), &other).await.unwrap()), [""; 0]);
    let renamed = cx_named(&world, "renamed", "");
    let removal = network.removal(&Exchange::new(), &renamed).await.unwrap();
    assert_eq!(removal.steps.len(), 4, "{:?}", verbs(&removal));
    take_down(&network, &world, &Exchange::new(), &removal.steps).await;
    assert!(world.gcp().endpoints().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_to_another_service_is_refused_before_it_is_marked() {
    let world = World::new();
    let gcp = world.gcp();
    let network = network(&world);
    let other = "projects/example-producer/regions/us-central1/serviceAttachments/other".parse().unwrap();
    gcp.publish_service(&other);
    let theirs = gcp.make_endpoint("theirs", &other);
    for known in [services(&vendor(&world)), Exchange::new()] {
        let error = network.adopt(&theirs.connection.into(), &known, &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert!(error.to_string().contains(other.as_str()), "{error}");
    }
    assert_eq!(writes(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn adopting_is_refused_for_what_cannot_be_used() {
    let world = World::new();
    let gcp = world.gcp();
    let network = network(&world);
    let known = services(&vendor(&world));
    let missing: privlink_core::PscConnectionId = "1".parse().unwrap();
    assert_eq!(network.adopt(&missing.into(), &known, &cx(&world)).await.unwrap_err().kind(), ErrorKind::NotFound);
    let foreign: privlink_core::PrivateEndpointId = "vpce-0a1b2c3d4e5f67890".parse().unwrap();
    assert_eq!(network.adopt(&foreign, &known, &cx(&world)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let theirs = gcp.make_endpoint("theirs", &service(&world));
    gcp.add_network(&gcp.project(), "second");
    let other = client(&world).network("second".parse().unwrap()).region(gcp.region());
    assert_eq!(
        other.adopt(&theirs.connection.into(), &known, &cx(&world)).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
    let second = cx_named(&world, "orders", "second");
    network.adopt(&theirs.connection.into(), &known, &second).await.unwrap();
    let error = network.adopt(&theirs.connection.into(), &known, &cx(&world)).await.unwrap_err();
    assert!(error.to_string().contains("another link"), "{error}");
    let closed = gcp.make_endpoint("closed", &service(&world));
    gcp.set_status(closed.connection, privlink_sim::PscStatus::Closed);
    assert_eq!(
        network.adopt(&closed.connection.into(), &known, &cx(&world)).await.unwrap_err().kind(),
        ErrorKind::Conflict
    );
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_gone_needs_no_removal() {
    let world = World::new();
    let nowhere = client(&world).network("gone".parse().unwrap()).region(world.gcp().region());
    let survey = nowhere.survey(&services(&vendor(&world)), &cx(&world)).await.unwrap();
    assert_eq!(blocks(&survey), ["GCP-001"]);
    let removal = nowhere.removal(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!((verbs(&removal), codes(&removal, Severity::Warning)), (vec![], vec!["GCP-001"]));
}
