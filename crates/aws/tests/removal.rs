//! The way back: nothing of ours left, everything of others kept.

mod support;

use std::time::Duration;

use privlink_core::side::{Naming, NetworkSide, Ownership, RecordShape, Side};
use privlink_sim::World;
use support::*;

#[tokio::test(start_paused = true)]
async fn removal_restores_the_world_as_it_was() {
    let world = World::new();
    let before = snapshot(&world);
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.kept.is_empty(), "{:?}", removal.kept);
    let mut verbs = todo(&removal);
    verbs.sort_unstable();
    assert_eq!(verbs, ["aws.remove_endpoint", "aws.remove_group", "aws.remove_record", "aws.remove_zone"]);
    take_down(&network, &world, &known, &removal.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn removal_works_by_marks_alone_and_leaves_other_links() {
    let world = World::new();
    let before = snapshot(&world);
    let network = network(&world);
    set_up(&network, &vendor(&world)).await;
    // The database is told by its subject, the link's name is a label: another database's link
    // finds nothing, even under the same name, and a renamed link finds everything.
    let elsewhere = cx_of(&world, "orders", "another database");
    let found = network.removal(&untold(), &elsewhere).await.unwrap();
    assert!(found.steps.is_empty() && found.kept.is_empty(), "{:?} {:?}", todo(&found), found.kept);
    let of_nothing = privlink_core::side::Cx::new("orders".parse().unwrap(), "", world.clock());
    let found = network.removal(&untold(), &of_nothing).await.unwrap();
    assert!(found.steps.is_empty(), "a run that was not told its database takes nothing on trust");
    let renamed = cx_of(&world, "renamed", cx(&world).database());
    let found = network.removal(&untold(), &renamed).await.unwrap();
    assert_eq!(found.steps.len(), 4);
    take_down(&network, &world, &untold(), &found.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_alone_is_found_by_the_database_it_was_made_for() {
    let world = World::new();
    let before = snapshot(&world);
    // Neither a group nor a zone of ours is there to carry the mark.
    let network = network(&world).security_groups([world.aws().client_group()]).naming(Naming::SelfManaged);
    set_up(&network, &vendor(&world)).await;
    let renamed = cx_of(&world, "renamed", cx(&world).database());
    let found = network.removal(&untold(), &renamed).await.unwrap();
    assert_eq!(todo(&found), ["aws.remove_endpoint"]);
    take_down(&network, &world, &untold(), &found.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_shared_an_endpoint_is_found_by_its_zone() {
    let world = World::new();
    let network = network(&world);
    set_up(&network, &vendor(&world)).await;
    // `billing` is behind the same endpoint service, and its link finds the endpoint there.
    let billing = cx_of(&world, "billing", "the database billing");
    set_up_in(&network, &vendor_of(&world, "billing"), &billing).await;
    let found = network.removal(&untold(), &billing).await.unwrap();
    assert!(found.known.endpoints.len() == 1, "the endpoint is found, so that its users can be asked for");
    let mut verbs = todo(&found);
    verbs.sort_unstable();
    assert_eq!(verbs, ["aws.remove_endpoint", "aws.remove_group", "aws.remove_record", "aws.remove_zone"]);
    let touched: Vec<_> = found.steps.iter().filter(|step| step.verb == "aws.remove_zone").collect();
    assert!(touched.iter().all(|step| !step.what.contains(host(&world).as_str())), "the zone of `orders` stays");
}

#[tokio::test(start_paused = true)]
async fn a_shared_zone_of_a_gone_database_keeps_what_leads_to_other_services() {
    let world = World::new();
    let network = network(&world).naming(Naming::PrivateZone(RecordShape::Exact));
    set_up(&network, &vendor(&world)).await;
    let archive = cx_of(&world, "archive", "the database archive");
    set_up_in(&network, &vendor_of(&world, "archive"), &archive).await;
    let found = network.removal(&untold(), &cx(&world)).await.unwrap();
    let records: Vec<_> = found.steps.iter().filter(|step| step.verb == "aws.remove_record").collect();
    assert_eq!(records.len(), 1, "{:?}", found.steps);
    assert!(records[0].what.contains(host(&world).as_str()), "{}", records[0].what);
    assert!(!todo(&found).contains(&"aws.remove_zone"));
    take_down(&network, &world, &untold(), &found.steps).await;
    let (_, survey) = plan(&network, &vendor_of(&world, "archive")).await;
    assert_eq!(todo(&survey), [""; 0], "the other link stands");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_changed_hands_stays() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let zone = zone_id(&world);
    world.aws().put_address(&zone, &host(&world), &["10.0.99.99".parse().unwrap()]);
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let mut verbs = todo(&removal);
    verbs.sort_unstable();
    assert_eq!(verbs, ["aws.remove_endpoint", "aws.remove_group"]);
    assert_eq!(removal.kept.len(), 2, "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_changes_after_the_plan_is_not_deleted() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    world.aws().put_address(&zone_id(&world), &host(&world), &["10.0.99.99".parse().unwrap()]);
    let step = removal.steps.iter().find(|step| step.verb == "aws.remove_record").unwrap();
    let finding = finish(&network, &cx(&world), &known, step).await.unwrap_err();
    assert_eq!(finding.code, "AWS-045");
}

#[tokio::test(start_paused = true)]
async fn everything_made_is_found_by_its_mark_whatever_the_link_is_called_now() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (_, survey) = plan(&network, &vendor).await;
    set_up(&network, &vendor).await;
    let renamed = cx_of(&world, "renamed", "another database");
    for verb in ["aws.security_group", "aws.endpoint", "aws.zone"] {
        let step = survey.steps.iter().find(|step| step.verb == verb).unwrap();
        let owned = network.owned(&renamed.mark(step.key.clone()), &renamed).await.unwrap();
        assert!(
            owned.iter().any(|(key, ownership)| *key == step.key && matches!(ownership, Ownership::Ours(_))),
            "{verb}: {owned:?}"
        );
    }
    // A renamed link finds everything done.
    let mut known = plan(&network, &vendor).await.0;
    let survey = network.survey(&known, &renamed).await.unwrap();
    known.absorb(survey.known.clone());
    assert_eq!(todo(&survey), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_shared_zone_stays_while_it_holds_another_links_record() {
    let world = World::new();
    let before = snapshot(&world);
    let network = network(&world).naming(Naming::PrivateZone(RecordShape::Exact));
    let (orders, billing) = (vendor_of(&world, "orders"), vendor_of(&world, "billing"));
    let of_orders = set_up(&network, &orders).await;
    let of_billing = set_up(&network, &billing).await;
    let removal = network.removal(&of_orders, &cx(&world)).await.unwrap();
    let removes = |survey: &privlink_core::side::Survey, verb: &str| survey.steps.iter().any(|step| step.verb == verb);
    assert!(removes(&removal, "aws.remove_record") && !removes(&removal, "aws.remove_zone"));
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("holds other records")), "{:?}", removal.kept);
    // The workflow keeps the endpoint for `billing`; only the name goes.
    let record: Vec<_> = removal.steps.into_iter().filter(|step| step.verb == "aws.remove_record").collect();
    take_down(&network, &world, &of_orders, &record).await;
    let removal = network.removal(&of_billing, &cx(&world)).await.unwrap();
    assert!(removal.kept.is_empty(), "{:?}", removal.kept);
    take_down(&network, &world, &of_billing, &removal.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_wildcard_goes_only_after_the_endpoint_it_leads_to() {
    let world = World::new();
    let before = snapshot(&world);
    let (network, vendor) = (network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard)), vendor(&world));
    let known = set_up(&network, &vendor).await;
    world.clear_requests();
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    take_down(&network, &world, &known, &removal.steps).await;
    let order = writes(&world);
    let place = |operation: &str| order.iter().position(|write| write == operation).unwrap();
    assert!(place("DeleteVpcEndpoints") < place("ChangeResourceRecordSets"), "{order:?}");
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

/// The vendor says nothing, so that neither the host nor its zone is told: a shared zone is known by
/// its label, and what is under the star by where it leads.
#[tokio::test(start_paused = true)]
async fn a_wildcard_is_removed_by_marks_alone_after_its_endpoint() {
    let world = World::new();
    let before = snapshot(&world);
    let network = network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard));
    set_up(&network, &vendor(&world)).await;
    let removal = network.removal(&untold(), &cx(&world)).await.unwrap();
    let step = |verb: &str| removal.steps.iter().find(|step| step.verb == verb).unwrap_or_else(|| panic!("{verb}"));
    let (record, endpoint) = (step("aws.remove_record"), step("aws.remove_endpoint"));
    assert!(endpoint.needs.iter().any(|fact| record.gives.contains(fact)), "the star goes first: {record:?}");
    assert!(removal.kept.is_empty(), "{:?}", removal.kept);
    take_down(&network, &world, &untold(), &removal.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

/// Another database of the same shared zone is behind the same star: its link made the zone, so
/// that nothing there is the business of this one.
#[tokio::test(start_paused = true)]
async fn the_wildcard_of_another_database_stays_when_the_vendor_says_nothing() {
    let world = World::new();
    let network = network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard));
    set_up(&network, &vendor(&world)).await;
    let other = cx_of(&world, "billing", "the database billing");
    let removal = network.removal(&untold(), &other).await.unwrap();
    assert_eq!(todo(&removal), [""; 0]);
    // An address of somebody's in the zone keeps zone and all.
    let zone = client(&world).route53().zones_named(&host(&world).parent().unwrap()).await.unwrap()[0].id.clone();
    let theirs = format!("theirs.{}", host(&world).parent().unwrap()).parse().unwrap();
    world.aws().put_address(&zone, &theirs, &["10.0.0.9".parse().unwrap()]);
    let removal = network.removal(&untold(), &cx(&world)).await.unwrap();
    assert!(!todo(&removal).contains(&"aws.remove_zone"), "{:?}", todo(&removal));
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("theirs.")), "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn each_of_two_adopted_endpoints_is_released() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    for place in 0..2 {
        let endpoint = world.aws().make_endpoint(
            &service(&world),
            &world.aws().subnet_ids()[place..=place],
            &[world.aws().client_group()],
        );
        network.adopt(&endpoint.into(), &services(&vendor), &cx(&world)).await.unwrap();
    }
    let (known, _) = plan(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let ids: std::collections::BTreeSet<_> = removal.steps.iter().map(|step| step.id.clone()).collect();
    assert_eq!(ids.len(), 2, "two steps with one id would be one step");
    take_down(&network, &world, &known, &removal.steps).await;
    let again = network.removal(&untold(), &cx(&world)).await.unwrap();
    assert_eq!(todo(&again), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_another_removal_took_first_is_done() {
    let gone = || {
        let body = "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error>\
                    <Type>Sender</Type><Code>NoSuchHostedZone</Code><Message>No hosted zone found</Message></Error>\
                    <RequestId>11111111-2222-3333-4444-555555555555</RequestId></ErrorResponse>";
        http::Response::builder()
            .status(404)
            .header("content-type", "text/xml")
            .body(bytes::Bytes::from_static(body.as_bytes()))
            .unwrap()
    };
    for (verb, operation) in [
        ("aws.remove_record", "ListResourceRecordSets"),
        ("aws.remove_record", "ChangeResourceRecordSets"),
        ("aws.remove_zone", "ListResourceRecordSets"),
        ("aws.remove_zone", "DeleteHostedZone"),
    ] {
        let world = World::new();
        let (network, vendor) = (network(&world), vendor(&world));
        let known = set_up(&network, &vendor).await;
        let removal = network.removal(&known, &cx(&world)).await.unwrap();
        let step = |verb: &str| removal.steps.iter().find(|step| step.verb == verb).unwrap();
        if verb == "aws.remove_zone" {
            finish(&network, &cx(&world), &known, step("aws.remove_record")).await.unwrap();
        }
        world.faults().on(operation).always().answer(gone());
        finish(&network, &cx(&world), &known, step(verb)).await.unwrap_or_else(|finding| {
            panic!("{verb} when {operation} finds no zone: {finding}");
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_endpoint_of_ours_stays_until_it_can_be_asked_who_uses_it() {
    let world = World::new();
    let before = snapshot(&world);
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let used = world.aws().endpoints()[0].id.clone();
    let tags = client(&world).ec2().vpc_endpoint(&used).await.unwrap().unwrap();
    let spare = world.aws().make_endpoint(&service(&world), &world.aws().subnet_ids()[..1], &tags.groups);
    for tag in &tags.tags {
        world.aws().set_tag(spare.as_str(), &tag.key, Some(&tag.value));
    }
    tokio::time::sleep(Duration::from_secs(600)).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let kept = removal.kept.iter().find(|kept| kept.what == format!("VPC endpoint {spare}")).expect("it is listed");
    assert!(!kept.reason.contains(spare.as_str()), "said once: {kept:?}");
    take_down(&network, &world, &known, &removal.steps).await;
    let left = client(&world).ec2().vpc_endpoint(&spare).await.unwrap();
    assert!(left.is_some_and(|endpoint| !endpoint.state.is_dead()));
    // Now it is the one that the vendor's side is told of, and goes.
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    take_down(&network, &world, &known, &removal.steps).await;
    tokio::time::sleep(Duration::from_secs(7_200)).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_was_edited_deletes_nothing_in_a_zone_of_somebody() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let other_vpc = world.aws().add_vpc(&world.aws().account(), &world.aws().region(), "10.9.0.0/16".parse().unwrap());
    let theirs = world.aws().make_zone(&host(&world), &[other_vpc]);
    world.aws().put_address(&theirs, &host(&world), &["10.9.9.9".parse().unwrap()]);
    let stored = || async { client(&world).route53().record_sets(&theirs).all().await.unwrap() };
    let before = stored().await;
    let said = before.iter().find(|set| set.name == host(&world).as_str() && set.to_string().contains("10.9.9.9"));
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let step = removal.steps.iter().find(|step| step.verb == "aws.remove_record").unwrap();
    let mut edited = serde_json::to_value(step).unwrap();
    edited["params"]["zone_id"] = serde_json::json!(theirs.as_str());
    let without: privlink_core::side::Step = {
        let mut edited = edited.clone();
        edited.as_object_mut().unwrap().remove("expects");
        edited["expects"] = serde_json::json!("anything");
        serde_json::from_value(edited).unwrap()
    };
    network.perform(&without, &known, &cx(&world)).await.unwrap_err();
    let with: privlink_core::side::Step = serde_json::from_value(edited).unwrap();
    let with = with.expects(privlink_core::side::Expects::Value(said.unwrap().to_string().into()));
    let finding = finish(&network, &cx(&world), &known, &with).await.unwrap_err();
    assert_eq!(finding.code, "AWS-045");
    assert_eq!(stored().await, before);
}

#[tokio::test(start_paused = true)]
async fn whoever_else_uses_the_group_is_named() {
    use privlink_core::Turn;
    use privlink_core::side::Outcome;

    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let endpoint = client(&world).ec2().vpc_endpoint(&world.aws().endpoints()[0].id).await.unwrap().unwrap();
    world.aws().add_machine(&world.aws().subnet_ids()[0], endpoint.groups);
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let (group, rest): (Vec<_>, Vec<_>) = removal.steps.into_iter().partition(|step| step.verb == "aws.remove_group");
    take_down(&network, &world, &known, &rest).await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    match network.perform(&group[0], &known, &cx(&world)).await.unwrap() {
        Outcome::Waiting { stage, turn, .. } => {
            assert_eq!(turn, Turn::You);
            assert!(stage.contains("eni-"), "{stage}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn removal_warns_of_vpcs_that_also_see_the_zone() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let region = world.aws().region();
    let other = world.aws().add_vpc(&world.aws().account(), &region, "10.9.0.0/16".parse().unwrap());
    let seen = privlink_aws::ZoneVpc::new(other.clone(), region);
    client(&world).route53().associate_vpc(&zone_id(&world), &seen).await.unwrap();
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let warning = removal.findings.iter().find(|finding| finding.code == "AWS-046").expect("a warning");
    assert!(format!("{warning:?}").contains(other.as_str()));
}

fn zone_id(world: &World) -> privlink_core::HostedZoneId {
    let zones = find_zones(&world.snapshot()["aws"], host(world).as_str());
    zones.into_iter().next().expect("the zone is there")
}

/// The ids of the zones of a name, wherever the snapshot keeps them.
fn find_zones(value: &serde_json::Value, name: &str) -> Vec<privlink_core::HostedZoneId> {
    let mut found = Vec::new();
    match value {
        serde_json::Value::Object(map) => {
            for (key, inner) in map {
                let named = inner.get("name").and_then(|text| text.as_str()).map(|text| text.trim_end_matches('.'));
                if named == Some(name)
                    && let Ok(id) = key.parse()
                {
                    found.push(id);
                }
                found.extend(find_zones(inner, name));
            }
        }
        serde_json::Value::Array(list) => {
            for inner in list {
                let named = inner.get("name").and_then(|text| text.as_str()).map(|text| text.trim_end_matches('.'));
                if named == Some(name)
                    && let Some(Ok(id)) = inner.get("id").and_then(|id| id.as_str()).map(str::parse)
                {
                    found.push(id);
                }
                found.extend(find_zones(inner, name));
            }
        }
        _ => {}
    }
    found
}
