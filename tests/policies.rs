//! The roles that a plan is rendered as: enough to perform it, and no more.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::BTreeSet;
use std::time::Duration;

use common::pair::others::BY_CLOUD;
use privlink::{CloudProvider, Files, Format, Link, azure, clickhouse, gcp};
use privlink_sim::{OnLongRunning, World};
use serde_json::Value;

type Actions = BTreeSet<String>;

/// A cloud in one of the ways in which it may be found.
type Make = fn() -> World;

fn service(world: &World, cloud: CloudProvider) -> clickhouse::Service {
    common::vendor(world).service(world.clickhouse().services_in(cloud)[0].into())
}

fn on_azure(world: &World, token: String) -> Link {
    let cloud = world.azure();
    let client = azure::Client::over(world.transport(), cloud.subscription()).token(token).clock(world.clock());
    let network = client
        .build()
        .unwrap()
        .network(cloud.vnet_id().try_into().unwrap())
        .subnet(cloud.subnet_id().try_into().unwrap());
    let database = service(world, CloudProvider::Azure);
    Link::builder("orders-prod".parse().unwrap(), database, network).clock(world.clock()).build().unwrap()
}

fn on_gcp(world: &World, token: String) -> Link {
    let cloud = world.gcp();
    let (network, subnetwork): (gcp::NetworkPath, gcp::SubnetworkPath) =
        (cloud.network().parse().unwrap(), cloud.subnetwork().parse().unwrap());
    let client = gcp::Client::over(world.transport(), cloud.project()).token(token).clock(world.clock());
    let network =
        client.build().unwrap().network(network.name()).region(subnetwork.region()).subnetwork(subnetwork.name());
    let database = service(world, CloudProvider::Gcp);
    Link::builder("orders-prod".parse().unwrap(), database, network).clock(world.clock()).build().unwrap()
}

/// The actions of a role of Azure, which has nothing else.
fn azure_actions(role: &str) -> Actions {
    let role: Value = serde_json::from_str(role).unwrap();
    for none in ["NotActions", "DataActions", "NotDataActions"] {
        assert_eq!(role[none], serde_json::json!([]), "{role}");
    }
    role["Actions"].as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()).collect()
}

/// The permissions of a role of Google Cloud.
fn gcp_permissions(role: &str) -> Actions {
    let listed = role.lines().skip_while(|line| *line != "includedPermissions:").skip(1);
    listed.map(|line| line.strip_prefix("- ").unwrap().to_owned()).collect()
}

/// Sets up a fresh link with what `allowed` allows, and says why that ends, if it does.
async fn set_up(link: &Link, world: &World) -> Result<(), String> {
    let plan = link.plan().await.map_err(|error| error.to_string())?;
    if let Some(blocker) = plan.blockers().next() {
        return Err(blocker.to_string());
    }
    link.apply(&plan).await.map_err(|error| error.to_string())?;
    // A right to look at what may shut traffic is no matter of life and death: without it, that is said.
    match world.requests().iter().find(|request| request.status == Some(403)) {
        Some(refused) => Err(format!("{} was refused", refused.operation)),
        None => Ok(()),
    }
}

/// What of `all` no world needs, each of which `all` is enough for.
async fn idle(all: &Actions, worlds: &[Make], link: impl Fn(&World, &Actions) -> Link) -> Vec<String> {
    for make in worlds {
        let world = make();
        assert_eq!(set_up(&link(&world, all), &world).await, Ok(()), "{all:?}");
    }
    let mut idle = Vec::new();
    for action in all {
        let mut without = all.clone();
        without.remove(action);
        let mut needed = false;
        for make in worlds {
            let world = make();
            needed |= set_up(&link(&world, &without), &world).await.is_err();
        }
        if !needed {
            idle.push(action.clone());
        }
    }
    idle
}

fn listed(all: &Actions) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn only(files: &Files, name: &str) -> String {
    let roles: Vec<_> = files.iter().filter(|(name, _)| *name != "permissions.md").collect();
    assert_eq!(roles.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [name]);
    roles[0].1.to_owned()
}

/// Azure tells of an operation in two ways, and rules may bind endpoints or not.
const AZURES: [Make; 3] = [
    World::new,
    || {
        let world = World::new();
        world.azure().switch(|switches| switches.long_running = OnLongRunning::LocationOnly);
        world
    },
    || {
        let world = World::new();
        world.azure().add_security_group("rules", &world.azure().subnet_id());
        world.azure().set_network_policies(&world.azure().subnet_id(), true);
        world
    },
];

/// Cloud DNS takes its time, or does not.
const GOOGLES: [Make; 2] = [World::new, || {
    let world = World::new();
    world.gcp().switch(|switches| switches.dns_pending = Duration::from_secs(30));
    world
}];

#[tokio::test(start_paused = true)]
async fn the_role_of_azure_is_enough_and_no_more() {
    let world = World::new();
    let link = on_azure(&world, world.azure().token());
    let files = link.render(&link.plan().await.unwrap(), Format::Policy).unwrap();
    let role = only(&files, "azure-role.json");
    assert!(role.contains("\"/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example\""), "{role}");
    let restricted = |world: &World, allowed: &Actions| {
        on_azure(world, world.azure().add_token("restricted", Some(&listed(allowed))))
    };
    assert_eq!(idle(&azure_actions(&role), &AZURES, restricted).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_role_of_google_cloud_is_enough_and_no_more() {
    let world = World::new();
    let link = on_gcp(&world, world.gcp().token());
    let files = link.render(&link.plan().await.unwrap(), Format::Policy).unwrap();
    let role = only(&files, "gcp-role.yaml");
    let restricted = |world: &World, allowed: &Actions| {
        on_gcp(world, world.gcp().add_token("restricted@example.com", Some(&listed(allowed))))
    };
    assert_eq!(idle(&gcp_permissions(&role), &GOOGLES, restricted).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_pair_has_the_rights_of_both_its_sides() {
    for (pairs, (system, file)) in BY_CLOUD.iter().zip([
        ("AWS IAM", "aws-policy.json"),
        ("Azure RBAC", "azure-role.json"),
        ("Google Cloud IAM", "gcp-role.yaml"),
    ]) {
        for (pair, vendor) in pairs.iter().zip([
            "| ClickHouse Cloud | `control-plane:service:manage` |",
            "| CockroachDB Cloud | `CLUSTER_OPERATOR_WRITER or CLUSTER_ADMIN` |",
            "| Aiven | `service:configuration:write` |",
            "| Zilliz Cloud | `Project Admin` |",
        ]) {
            let world = pair.world();
            let link = pair.link(&world);
            let plan = common::last_plan(&link).await;
            let files = link.render(&plan, Format::Policy).unwrap();
            let table = files.get("permissions.md").unwrap();
            assert!(table.contains(&format!("| {system} |")) && table.contains(vendor), "{pair:?}: {table}");
            assert!(files.get(file).is_some_and(|text| !text.is_empty()), "{pair:?}");
        }
    }
}
