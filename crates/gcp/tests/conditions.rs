//! The conditions under which something is said or refused: each is seen to hold and not to hold.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use privlink_core::side::{Exchange, Naming, NetworkSide, Outcome, Side, Step, Survey};
use privlink_gcp::NetworkPath;
use privlink_sim::{PscStatus, World};
use simulated::*;

fn has(survey: &Survey, code: &str) -> bool {
    survey.findings.iter().any(|finding| finding.code == code)
}

fn step<'a>(survey: &'a Survey, verb: &str) -> &'a Step {
    survey.steps.iter().find(|step| step.verb == verb).unwrap_or_else(|| panic!("{verb}: {:?}", survey.steps))
}

/// The code with which a step is refused, or finds that the world has moved.
async fn stopped(side: &dyn NetworkSide, world: &World, known: &Exchange, step: &Step) -> String {
    match side.perform(step, known, &cx(world)).await.unwrap() {
        Outcome::Moved(finding) | Outcome::Refused(finding) => finding.code.to_string(),
        other => panic!("{}: {other:?}", step.verb),
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_endpoint_is_told_and_left_unused() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let known = set_up(&side, &vendor).await;
    assert!(!has(&plan(&side, &vendor).await.1, "GCP-012"));
    let second = world.gcp().make_endpoint("second", &service(&world));
    side.adopt(&second.connection.into(), &known, &cx(&world)).await.unwrap();
    let (_, survey) = plan(&side, &vendor).await;
    let told = survey.findings.iter().find(|finding| finding.code == "GCP-012").unwrap();
    assert!(told.to_string().contains("second"), "{told}");
    assert_eq!(todo(&survey), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_producer_that_has_more_to_do_is_told_with_the_endpoint() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    set_up(&side, &vendor).await;
    assert!(!has(&plan(&side, &vendor).await.1, "GCP-015"));
    let endpoint = world.gcp().endpoints().remove(0);
    world.gcp().set_status(endpoint.connection, PscStatus::NeedsAttention);
    let (_, survey) = plan(&side, &vendor).await;
    assert!(has(&survey, "GCP-015"), "{:?}", survey.findings);
    assert_eq!(todo(&survey), ["gcp.await_connected"]);
}

#[tokio::test(start_paused = true)]
async fn an_adopted_endpoint_that_was_closed_is_told_and_never_deleted() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    side.adopt(&theirs.connection.into(), &services(&vendor), &cx(&world)).await.unwrap();
    assert!(!has(&plan(&side, &vendor).await.1, "GCP-013"));
    world.gcp().set_status(theirs.connection, PscStatus::Closed);
    let (_, survey) = plan(&side, &vendor).await;
    assert!(has(&survey, "GCP-013"), "{:?}", survey.findings);
    assert!(todo(&survey).contains(&"gcp.endpoint") && !todo(&survey).contains(&"gcp.clear_closed"));
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_or_somebody_elses_by_the_time_of_a_step_moves_the_plan() {
    let world = World::new();
    let (side, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    let (_, survey) = plan(&side, &vendor).await;
    let known = set_up(&side, &vendor).await;
    // What this process made a minute ago may not show everywhere.
    world.clock().sleep(std::time::Duration::from_secs(120)).await;
    let endpoint = gcp.endpoints().remove(0);
    let zone = client(&world).dns().managed_zones().all().await.unwrap().pop().unwrap();
    gcp.delete_zone(zone.name.as_str());
    assert_eq!(stopped(&side, &world, &known, step(&survey, "gcp.record")).await, "GCP-020");
    // Another one in its place, of somebody.
    gcp.make_zone(zone.name.as_str(), &host(&world), &[&gcp.network()]);
    assert_eq!(stopped(&side, &world, &known, step(&survey, "gcp.record")).await, "GCP-030");
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.iter().all(|step| !step.verb.contains("zone")), "{:?}", removal.steps);
    // The endpoint, and one of somebody's in its place.
    gcp.delete_endpoint(&endpoint.project, &endpoint.region, endpoint.name.as_str());
    assert_eq!(stopped(&side, &world, &known, step(&survey, "gcp.await_connected")).await, "GCP-020");
    gcp.make_endpoint(endpoint.name.as_str(), &service(&world));
    assert_eq!(stopped(&side, &world, &known, step(&survey, "gcp.await_connected")).await, "GCP-021");
    let removing = step(&removal, "gcp.remove_endpoint");
    assert_eq!(stopped(&side, &world, &known, removing).await, "GCP-041");
    let mut address = step(&removal, "gcp.remove_address").clone();
    gcp.make_address("theirs", "somebody's");
    address.params["name"] = "theirs".into();
    assert_eq!(stopped(&side, &world, &known, &address).await, "GCP-041");
}

#[tokio::test(start_paused = true)]
async fn a_record_follows_the_endpoint_that_is_there_and_no_other() {
    let world = World::new();
    let (side, vendor, gcp) = (network(&world), vendor(&world), world.gcp());
    let (_, survey) = plan(&side, &vendor).await;
    let known = set_up(&side, &vendor).await;
    let endpoint = gcp.endpoints().remove(0);
    gcp.delete_endpoint(&endpoint.project, &endpoint.region, endpoint.name.as_str());
    gcp.make_endpoint(endpoint.name.as_str(), &service(&world));
    assert_eq!(stopped(&side, &world, &known, step(&survey, "gcp.record")).await, "GCP-021");
}

#[tokio::test(start_paused = true)]
async fn zones_above_are_told_and_further_networks_need_a_zone() {
    let world = World::new();
    let (vendor, gcp) = (vendor(&world), world.gcp());
    gcp.add_network(&gcp.project(), "peer");
    let peer: NetworkPath = format!("projects/{}/global/networks/peer", gcp.project()).parse().unwrap();
    let printed = network(&world).naming(Naming::SelfManaged);
    assert!(!has(&plan(&printed, &vendor).await.1, "GCP-038"));
    assert!(has(&plan(&printed.also_resolve_in([peer.clone()]), &vendor).await.1, "GCP-038"));
    let shown = network(&world).also_resolve_in([peer.clone()]);
    assert!(!has(&plan(&shown, &vendor).await.1, "GCP-038"));
    // A zone that somebody else lets others see is told before it goes.
    let known = set_up(&shown, &vendor).await;
    assert!(!has(&shown.removal(&known, &cx(&world)).await.unwrap(), "GCP-042"));
    let untold = network(&world).removal(&known, &cx(&world)).await.unwrap();
    assert!(has(&untold, "GCP-042"), "{:?}", untold.findings);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_gets_another_users_label_while_google_asks_to_wait_is_not_deleted() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let known = set_up(&side, &vendor).await;
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    let removing = step(&removal, "gcp.remove_endpoint");
    world.faults().on("compute.forwardingRules.delete").throttle(std::time::Duration::from_secs(20));
    let coming = async {
        world.clock().sleep(std::time::Duration::from_secs(3)).await;
        let (compute, region) = (client(&world).compute().clone(), world.gcp().region());
        let rule = compute.forwarding_rules(&region).all().await.unwrap().remove(0);
        let mut labels = rule.labels.clone();
        labels.insert("privlink-user-0123456789abcdef".to_owned(), "true".to_owned());
        let changed =
            compute.set_labels(&region, &rule.name, &labels, rule.label_fingerprint.as_deref()).await.unwrap();
        compute.finished(&region, &changed).await.unwrap();
    };
    let context = cx(&world);
    let (ended, ()) = futures_util::future::join(finish(&side, &context, &known, removing), coming).await;
    assert_eq!(&*ended.unwrap_err().code, "GCP-044");
    assert_eq!(world.gcp().endpoints().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn labels_that_somebody_changes_at_the_same_time_are_read_again_and_not_for_ever() {
    let world = World::new();
    let (side, vendor) = (network(&world), vendor(&world));
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    world.faults().on("compute.forwardingRules.setLabels").times(2).status(412);
    side.adopt(&theirs.connection.into(), &services(&vendor), &cx(&world)).await.unwrap();
    let rule = client(&world).compute().forwarding_rule(&theirs.region, &theirs.name).await.unwrap().unwrap();
    assert!(rule.labels.contains_key("privlink-key"), "{:?}", rule.labels);

    let world = World::new();
    let (side, vendor) = (network(&world), simulated::vendor(&world));
    let theirs = world.gcp().make_endpoint("theirs", &service(&world));
    world.faults().on("compute.forwardingRules.setLabels").always().status(412);
    let error = side.adopt(&theirs.connection.into(), &services(&vendor), &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), privlink_core::ErrorKind::Conflict, "{}", error.report());
}
