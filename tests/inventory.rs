//! What of a link exists, told without a plan: in every cloud, before and after, whatever the link
//! is called and whoever is gone.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::BTreeSet;

use common::pair::{Pair, for_each_pair};
use common::{set_up, take_down};
use privlink::core::side::{Mark, Ownership, TouchKey};
use privlink::{Inventory, Link, Links, Thing};
use privlink_sim::World;

/// The one thing of a side that says so of itself.
fn only<'a>(inventory: &'a Inventory, side: &'a str, words: &str) -> &'a Thing {
    let found: Vec<&Thing> = inventory.of(side).filter(|thing| thing.what.contains(words)).collect();
    let [thing] = found.as_slice() else { panic!("{words}: {inventory}") };
    thing
}

fn keys(inventory: &Inventory) -> Vec<&TouchKey> {
    inventory.things.iter().map(|thing| &thing.key).collect()
}

async fn a_link_is_told_thing_by_thing_and_then_no_more(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let none = link.inventory().await.unwrap();
    assert!(none.is_empty() && none.to_string().starts_with("orders-prod: nothing of it exists"), "{none}");

    set_up(&link).await.unwrap();
    let writes = world.writes().len();
    let inventory = link.inventory().await.unwrap();
    assert_eq!(world.writes().len(), writes, "asking wrote");
    only(&inventory, pair.name(), "endpoint");
    only(&inventory, pair.name(), "record");
    let host = world.clickhouse().private_host(pair.database(&world, 0)).unwrap().name();
    for zone in inventory.of(pair.name()).filter(|thing| thing.what.contains("zone")) {
        assert!(zone.what.contains(host.as_str()), "{inventory}");
    }
    for thing in &inventory.things {
        // What carries no mark of its own is told by what it leads to.
        let unmarked = ["record", "registration"].iter().any(|kind| thing.what.starts_with(kind));
        assert!(unmarked || thing.ownership.as_ref().is_some_and(Ownership::is_ours), "{thing:?}");
        assert!(inventory.to_string().contains(&*thing.what), "{inventory}");
    }
    only(&inventory, "clickhouse", "allow-list entry");
    assert!(inventory.findings.iter().all(|finding| finding.code != "LINK-004"), "{inventory}");
    let text = serde_json::to_string(&inventory).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&text).unwrap(), inventory);
    let newer = text.replace("\"version\":1,\"link\"", "\"version\":2,\"link\"");
    assert!(serde_json::from_str::<Inventory>(&newer).unwrap_err().to_string().contains("LINK-007"));

    take_down(&link).await;
    let none = link.inventory().await.unwrap();
    assert!(none.is_empty(), "{none}");
}

async fn a_renamed_link_has_the_same_things(pair: &'static Pair) {
    let world = pair.world();
    set_up(&pair.link(&world)).await.unwrap();
    let inventory = pair.link(&world).inventory().await.unwrap();
    let renamed = pair.builder(&world, "renamed", 0).build().unwrap().inventory().await.unwrap();
    assert_eq!(keys(&renamed), keys(&inventory));
    assert_eq!(renamed.link.as_str(), "renamed");
}

/// What a removal would take away, by the plan for it.
async fn removable(link: &Link) -> BTreeSet<TouchKey> {
    link.removal_plan().await.unwrap().pending().map(|step| step.key.clone()).collect()
}

/// A link's things are what its removal takes, at each moment of two links that share an endpoint.
async fn what_others_keep_is_beside_and_goes_with_the_last(pair: &'static Pair) {
    let world = pair.world();
    let links: Links = ["orders", "billing"]
        .into_iter()
        .enumerate()
        .map(|(number, name)| pair.with_organization(&world, name, number).build().unwrap())
        .collect();
    for end in links.apply(&links.plan().await).await {
        end.result.unwrap();
    }
    let (one, two) = (links.get("orders").unwrap(), links.get("billing").unwrap());
    assert!(links.get("ledger").is_none());
    for link in [one, two] {
        let inventory = link.inventory().await.unwrap();
        let things: BTreeSet<TouchKey> = keys(&inventory).into_iter().cloned().collect();
        assert_eq!(things, removable(link).await, "{inventory}");
        assert!(inventory.things.iter().all(|thing| !thing.what.contains("endpoint ")), "{inventory}");
        let kept = inventory.beside.iter().find(|kept| kept.reason.contains("other databases use it"));
        assert!(kept.is_some_and(|kept| kept.what.contains("endpoint")), "{inventory}");
        assert!(!inventory.to_string().contains("clickhouse entry"), "by its key: {inventory}");
    }
    // The set as a whole takes the endpoint along, so it is of each of its links.
    let set = links.inventory().await;
    assert_eq!(set.iter().map(|link| link.link.as_str()).collect::<Vec<_>>(), ["orders", "billing"]);
    let set: Vec<&Inventory> = set.iter().map(|link| link.result.as_ref().unwrap()).collect();
    assert_eq!(only(set[0], pair.name(), "endpoint").key, only(set[1], pair.name(), "endpoint").key);
    assert_ne!(only(set[0], pair.name(), "record").key, only(set[1], pair.name(), "record").key);

    take_down(one).await;
    let inventory = one.inventory().await.unwrap();
    assert!(one.removal_plan().await.unwrap().is_done());
    assert!(inventory.is_empty(), "{inventory}");
    assert!(inventory.beside.iter().any(|kept| kept.reason.contains("other databases use it")), "{inventory}");
    let last = two.inventory().await.unwrap();
    only(&last, pair.name(), "endpoint");
    take_down(two).await;
    assert!(two.inventory().await.unwrap().is_empty());
    assert_eq!(pair.endpoints(&world), []);
}

async fn a_link_whose_database_is_gone_is_told_by_its_marks(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.with_organization(&world, "orders-prod", 0).build().unwrap();
    set_up(&link).await.unwrap();
    let before = link.inventory().await.unwrap();
    world.clickhouse().delete_service(pair.database(&world, 0));
    let after = link.inventory().await.unwrap();
    let of_cloud = |inventory: &Inventory| {
        let mut keys: Vec<TouchKey> = inventory.of(pair.name()).map(|thing| thing.key.clone()).collect();
        keys.sort();
        keys
    };
    assert_eq!(of_cloud(&after), of_cloud(&before), "{after}");
}

async fn without_the_vendors_key_its_entries_are_missing_and_that_is_told(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    set_up(&link).await.unwrap();
    world.clickhouse().set_key_permissions(&world.clickhouse().key_id(), []);
    let inventory = link.inventory().await.unwrap();
    assert_eq!(inventory.of("clickhouse").count(), 0);
    // Nobody can tell who else uses the endpoint, so no removal takes it.
    let kept = inventory.beside.iter().find(|kept| kept.what.contains("endpoint")).unwrap();
    assert!(kept.reason.contains("cannot be told"), "{inventory}");
    assert!(inventory.findings.iter().any(|finding| finding.code == "LINK-004"), "{inventory}");
    assert!(inventory.to_string().contains("LINK-004"));
}

async fn an_adopted_endpoint_is_beside_the_link(pair: &'static Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let endpoint = pair.make_endpoint(&world, pair.database(&world, 0));
    world.clock().sleep(std::time::Duration::from_secs(600)).await;
    link.adopt(endpoint).await.unwrap();
    let inventory = link.inventory().await.unwrap();
    assert!(inventory.beside.iter().any(|kept| kept.reason.contains("adopted")), "{inventory}");
    assert!(inventory.to_string().contains("beside it"), "{inventory}");
}

for_each_pair!(
    a_link_is_told_thing_by_thing_and_then_no_more,
    a_renamed_link_has_the_same_things,
    what_others_keep_is_beside_and_goes_with_the_last,
    a_link_whose_database_is_gone_is_told_by_its_marks,
    without_the_vendors_key_its_entries_are_missing_and_that_is_told,
    an_adopted_endpoint_is_beside_the_link,
);

#[tokio::test(start_paused = true)]
async fn what_carries_the_mark_and_no_removal_would_touch_is_told_beside() {
    let world = World::new();
    let link = common::link(&world);
    let group = world.aws().add_group(&world.aws().vpc_id(), "left behind");
    let subject = format!("ClickHouse service {}", world.clickhouse().service_id());
    let mark = Mark::new(TouchKey::new("aws.group", ["elsewhere"]), "", "orders-prod".parse().unwrap()).of(subject);
    let database = mark.database_digest().unwrap();
    let tags =
        [("managed-by", Mark::MANAGED_BY), ("privlink:key", &mark.key.digest()), ("privlink:database", &database)];
    for (key, value) in tags {
        world.aws().set_tag(group.as_str(), key, Some(value));
    }
    assert!(link.removal_plan().await.unwrap().is_done());
    let inventory = link.inventory().await.unwrap();
    let [left] = inventory.beside.as_slice() else { panic!("{inventory}") };
    assert!(inventory.is_empty() && left.what.contains(group.as_str()), "{inventory}");
    assert!(left.reason.contains("ours") && left.reason.contains("tag"), "{inventory}");
}
