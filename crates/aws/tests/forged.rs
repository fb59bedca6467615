//! Marks that somebody forged, damaged or copied: whoever may write tags may write any.

mod support;

use privlink_core::side::{NetworkSide, Side};
use privlink_sim::World;
use serde_json::json;
use support::*;

#[tokio::test(start_paused = true)]
async fn an_endpoint_whose_marks_were_damaged_stays_with_its_group() {
    for (key, value) in [
        ("privlink:key", None),
        ("privlink:key", Some("0123456789abcdef")),
        ("managed-by", None),
        ("managed-by", Some("Privlink")),
        ("privlink:adopted", Some("")),
        ("privlink:adopted:0123456789abcdef", Some("true")),
    ] {
        let world = World::new();
        let (network, vendor) = (network(&world), vendor(&world));
        let known = set_up(&network, &vendor).await;
        let id = world.aws().endpoints()[0].id.clone();
        world.aws().set_tag(id.as_str(), key, value);
        let removal = network.removal(&known, &cx(&world)).await.unwrap();
        take_down(&network, &world, &known, &removal.steps).await;
        tokio::time::sleep(std::time::Duration::from_secs(7_200)).await;
        let left = client(&world).ec2().vpc_endpoint(&id).await.unwrap().expect("it stays");
        assert!(!left.state.is_gone(), "{key} {value:?}");
        assert!(removal.kept.iter().any(|kept| kept.what.contains(id.as_str())), "{key} {value:?}: {:?}", removal.kept);
        assert!(!todo(&removal).contains(&"aws.remove_group"), "{key} {value:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_users_mark_of_any_form_keeps_the_endpoint_and_is_told_in_one_line() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let id = world.aws().endpoints()[0].id.clone();
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let step = removal.steps.iter().find(|step| step.verb == "aws.remove_endpoint").unwrap();
    for user in ["", "a|b||c", "x\u{1b}[2J\n    next: nothing", "\u{202e}resu"] {
        let tag = format!("privlink:user:{user}");
        world.aws().set_tag(id.as_str(), &tag, Some("true"));
        let finding = finish(&network, &cx(&world), &known, step).await.unwrap_err();
        let told = finding.to_string();
        assert!(!told.chars().any(|c| c != '\n' && c.is_control() || c == '\u{202e}'), "{told:?}");
        assert_eq!(told.lines().count(), 2 + finding.evidence.len(), "{told:?}");
        let facts = &known.endpoints.values().next().unwrap();
        assert_eq!(network.leading_to(facts, &known, &cx(&world)).await.unwrap().len(), 2, "the record and the mark");
        world.aws().set_tag(id.as_str(), &tag, None);
    }
    assert_eq!(world.aws().endpoints().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_mark_is_taken_off_the_links_own_endpoint_alone() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let own = client(&world).ec2().vpc_endpoint(&world.aws().endpoints()[0].id).await.unwrap().unwrap();
    world.aws().set_tag(own.id.as_str(), "privlink:user:0123456789abcdef", Some("true"));
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    let mut step = removal.steps.into_iter().find(|step| step.verb == "aws.leave_endpoint").unwrap();
    // Somebody else's, with the same user's mark on it.
    let theirs = world.aws().make_endpoint(&service(&world), &world.aws().subnet_ids()[..1], &own.groups);
    let user = own.tags.iter().find(|tag| tag.key.starts_with("privlink:user:")).unwrap();
    world.aws().set_tag(theirs.as_str(), &user.key, Some(&user.value));
    step.params["endpoint"] = json!(theirs);
    world.clear_requests();
    finish(&network, &cx(&world), &known, &step).await.unwrap();
    assert!(world.writes().is_empty(), "{:?}", world.writes());
    step.params["endpoint"] = json!(own.id);
    finish(&network, &cx(&world), &known, &step).await.unwrap();
    let left = client(&world).ec2().vpc_endpoint(&own.id).await.unwrap().unwrap();
    assert!(!left.tags.iter().any(|tag| tag.key == user.key));
}

#[tokio::test(start_paused = true)]
async fn a_group_that_carries_copied_marks_is_neither_opened_nor_deleted() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let groups = client(&world).ec2().security_groups(privlink_aws::Filter::new().vpc(&world.aws().vpc_id()));
    let own = groups.all().await.unwrap().into_iter().find(|group| group.name.starts_with("privlink-")).unwrap();
    let copy = world.aws().add_group(&world.aws().vpc_id(), "theirs");
    for tag in &own.tags {
        world.aws().set_tag(copy.as_str(), &tag.key, Some(&tag.value));
    }
    // Without our own the copy is the only one of these marks.
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    take_down(&network, &world, &known, &removal.steps).await;
    let again = network.removal(&known, &cx(&world)).await.unwrap();
    assert!(!todo(&again).contains(&"aws.remove_group"), "{:?}", todo(&again));
    tokio::time::sleep(std::time::Duration::from_secs(7_200)).await;
    set_up(&network, &vendor).await;
    let there = client(&world).ec2().security_groups(privlink_aws::Filter::new().vpc(&world.aws().vpc_id()));
    let there = there.all().await.unwrap();
    assert!(there.iter().find(|group| group.id == copy).unwrap().ingress.is_empty());
    assert!(there.iter().any(|group| group.name == own.name));
}
