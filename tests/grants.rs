//! What README.md says of permissions, and what a plan lists, is enough: and not more than it takes.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::BTreeSet;

use privlink::core::side::Plan;
use privlink::{Link, aws, clickhouse};
use privlink_sim::{KeySpec, Permission, World};

/// Systems and actions, as far as README.md's table names them.
fn table() -> BTreeSet<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let rows = page.lines().skip_while(|line| !line.starts_with("| system |")).skip(2);
    let mut actions = BTreeSet::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [system, read, write] = cells.as_slice() else { panic!("{row}") };
        let prefix = ticked(system).next().unwrap_or_default();
        actions.extend(ticked(read).chain(ticked(write)).map(|action| format!("{prefix}{action}")));
    }
    actions
}

/// What stands between back quotes.
fn ticked(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn actions(plan: &Plan) -> BTreeSet<String> {
    plan.grants().into_iter().map(|grant| grant.action.to_string()).collect()
}

/// A link whose two keys may do this and no more.
fn restricted(world: &World, allowed: &BTreeSet<String>) -> Link {
    let permissions = Permission::ALL.into_iter().filter(|permission| allowed.contains(&permission.to_string()));
    let vendor = world.clickhouse();
    let key = vendor.add_key(KeySpec::new("restricted").permissions(permissions));
    let database = clickhouse::Client::over(world.transport())
        .api_key(key.id, key.secret)
        .clock(world.clock())
        .build()
        .unwrap()
        .service(vendor.service_id().into());
    let cloud = world.aws();
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let key = cloud.add_key(&cloud.account(), "restricted", Some(&allowed));
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(key.id, key.secret))
        .clock(world.clock())
        .build()
        .unwrap()
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());
    Link::builder("orders-prod".parse().unwrap(), database, network)
        .clock(world.clock())
        .vantage(world.vantage(&cloud.subnet_ids()[0]))
        .build()
        .unwrap()
}

/// Set-up, proof, closing, reopening and removal; whether everything went and nothing is left.
async fn whole_life(world: &World, allowed: &BTreeSet<String>) -> privlink::Result<bool> {
    let link = restricted(world, allowed);
    let plan = link.plan().await?;
    link.apply(&plan).await?;
    let (expectation, proof) = link.prove().await?;
    assert!(link.judge(&expectation, &proof).proved);
    let closing = link.closing_plan(&expectation, &proof).await?;
    link.apply(&closing.plan).await?;
    let reopening = link.reopening_plan(&closing.receipt).await?;
    link.apply(&reopening).await?;
    let removal = link.removal_plan().await?;
    for plan in [&plan, &closing.plan, &reopening, &removal] {
        let untold: Vec<_> = actions(plan).difference(&table()).cloned().collect();
        assert!(untold.is_empty(), "not in README.md: {untold:?}");
    }
    link.apply(&removal).await?;
    Ok(removal.kept.is_empty() && common::endpoints(world).is_empty())
}

#[tokio::test(start_paused = true)]
async fn the_rights_of_the_readme_are_enough_for_the_whole_life_of_a_link() {
    let allowed = table();
    assert!(allowed.contains("ec2:CreateVpcEndpoint") && allowed.len() > 30, "{allowed:?}");
    assert!(whole_life(&World::new(), &allowed).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn without_one_of_the_vendors_rights_something_stays_undone() {
    let allowed = table();
    let vendors: Vec<String> = allowed.iter().filter(|action| action.starts_with("control-plane:")).cloned().collect();
    assert!(vendors.len() >= 5, "{vendors:?}");
    for left_out in vendors {
        let mut fewer = allowed.clone();
        fewer.remove(&left_out);
        let end = whole_life(&World::new(), &fewer).await;
        assert!(!matches!(end, Ok(true)), "{left_out} is not needed");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rights_that_the_plans_list_are_enough() {
    let world = World::new();
    let all = common::link(&world);
    let set_up = all.plan().await.unwrap();
    let listed = actions(&set_up);
    let link = restricted(&world, &listed);
    let plan = link.plan().await.unwrap();
    assert_eq!(plan.steps, set_up.steps);
    link.apply(&plan).await.unwrap();
    let removal = all.removal_plan().await.unwrap();
    let link = restricted(&world, &actions(&removal));
    let plan = link.removal_plan().await.unwrap();
    assert_eq!(plan.steps, removal.steps);
    link.apply(&plan).await.unwrap();
    assert!(common::endpoints(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_lacks_a_right_lists_it() {
    let world = World::new();
    let mut allowed = table();
    let lacking = "control-plane:service:view-private-endpoints";
    assert!(allowed.remove(lacking), "README.md names it");
    let plan = restricted(&world, &allowed).plan().await.unwrap();
    assert!(plan.blockers().any(|finding| finding.code == "CH-003"), "{plan}");
    assert!(actions(&plan).contains(lacking), "{plan}");
}
