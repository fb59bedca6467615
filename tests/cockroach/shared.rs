//! What several clusters, links or regions have in common.

use std::ops::Deref;
use std::time::Duration;

use privlink::core::side::{Kept, Naming, RecordShape};
use privlink::core::{CloudProvider, EndpointServiceId};
use privlink::{Link, Links};
use privlink_sim::{CockroachClusterSpec, CockroachPlan, World};

use super::common::pair::{AWS, GCP, Pair};
use super::common::{self, network, set_up, take_down};
use super::{client, link};

#[tokio::test(start_paused = true)]
async fn clusters_behind_one_service_share_an_endpoint_and_leave_it_to_each_other() {
    let world = World::new();
    let before = world.snapshot();
    let (carts, wishes) = (link(AWS, &world, "carts"), link(AWS, &world, "wishes"));
    set_up(&carts).await.unwrap();
    set_up(&wishes).await.unwrap();
    assert_eq!(AWS.endpoints(&world).len(), 1, "one endpoint, two admissions");
    for link in [&carts, &wishes] {
        assert!(link.verify().await.unwrap().proved);
    }
    take_down(&carts).await;
    assert_eq!(AWS.endpoints(&world).len(), 1, "the other cluster still uses it");
    let verdict = wishes.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    assert!(world.cockroach().connected(world.cockroach().find_cluster("carts").unwrap()).is_empty());
    take_down(&wishes).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn two_vendors_in_one_network_are_planned_together_and_leave_each_other_alone() {
    let world = World::new();
    let before = world.snapshot();
    let orders = common::builder_of(&world, "orders", 0, network(&world)).build().unwrap();
    let shopfront = link(AWS, &world, "shopfront");
    let links = Links::new([orders.clone(), shopfront.clone()]);
    let plan = links.plan().await;
    for result in links.apply(&plan).await {
        assert!(result.result.is_ok(), "{result:?}");
    }
    world.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!(AWS.endpoints(&world).len(), 2);
    take_down(&orders).await;
    let verdict = shopfront.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    take_down(&shopfront).await;
    assert_eq!(world.snapshot(), before);
}

/// Two Standard clusters in a cloud with one private host between them.
fn with_one_host(pair: &'static Pair, region: &str) -> World {
    let world = World::new();
    for name in ["menus", "tables"] {
        let spec = CockroachClusterSpec::new(name, pair.cloud(), region.parse().unwrap());
        world.cockroach().add_cluster(spec.plan(CockroachPlan::Standard).shared_host());
    }
    world
}

#[tokio::test(start_paused = true)]
async fn a_host_that_clusters_share_resolves_until_the_last_of_them_leaves() {
    for (pair, region) in [(GCP, "us-central1"), (AWS, "us-east-1")] {
        let world = with_one_host(pair, region);
        let before = world.snapshot();
        // On AWS the record is ours only where the endpoint's own private DNS is not used.
        let link = |name: &str| match pair.cloud() {
            CloudProvider::Aws => with_records_on_aws(&world, name),
            _ => link(pair, &world, name),
        };
        let (menus, tables) = (link("menus"), link("tables"));
        let host = set_up(&menus).await.unwrap().names()[0].host.clone();
        let applied = set_up(&tables).await.unwrap();
        assert_eq!(applied.names()[0].host, host, "one host");
        assert_eq!(pair.endpoints(&world).len(), 1, "one endpoint, two admissions");

        // Whichever of them made the record, it stays with whoever is left.
        let plan = take_down(&menus).await;
        assert!(plan.kept.iter().any(|kept| kept.what.contains(host.as_str())), "{plan}");
        assert!(plan.kept.iter().any(|kept| kept.reason.contains("`tables`")), "{plan}");
        world.clock().sleep(Duration::from_secs(60)).await;
        let verdict = tables.verify().await.unwrap();
        assert!(verdict.proved, "{pair:?}: {verdict}");
        assert!(tables.plan().await.unwrap().is_done());
        take_down(&tables).await;
        assert_eq!(world.snapshot(), before, "{pair:?}");

        // Both at once.
        set_up(&menus).await.unwrap();
        set_up(&tables).await.unwrap();
        let links = Links::new([menus, tables]);
        let plan = links.removal_plan().await;
        for result in links.apply(&plan).await {
            assert!(result.result.is_ok(), "{result:?}");
        }
        assert_eq!(world.snapshot(), before, "{pair:?}: both at once");
    }
}

#[tokio::test(start_paused = true)]
async fn private_dns_that_was_switched_on_at_an_adopted_endpoint_stays_and_is_told() {
    let world = World::new();
    let id = world.cockroach().find_cluster("shopfront").unwrap();
    let service = world.cockroach().endpoint_service(id).unwrap();
    let theirs = AWS.deref().make_endpoint(&world, service);
    world.clock().sleep(Duration::from_secs(600)).await;
    let link = link(AWS, &world, "shopfront");
    link.adopt(theirs.clone()).await.unwrap();
    set_up(&link).await.unwrap();
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    let plan = take_down(&link).await;
    assert_eq!(AWS.endpoints(&world), [theirs]);
    let told = |kept: &&Kept| kept.what.contains("VPC endpoint") && kept.reason.contains("private DNS is on and stays");
    assert_eq!(plan.kept.iter().filter(told).count(), 1, "{plan}");
}

/// The link of a cluster whose names are records of ours.
fn recorded(pair: &'static Pair, world: &World, cluster: &str) -> Link {
    match pair.cloud() {
        CloudProvider::Aws => with_records_on_aws(world, cluster),
        _ => link(pair, world, cluster),
    }
}

#[tokio::test(start_paused = true)]
async fn behind_an_adopted_endpoint_a_shared_host_stays_with_whoever_is_left() {
    for (pair, region) in [(GCP, "us-central1"), (AWS, "us-east-1")] {
        let world = with_one_host(pair, region);
        let service = world.cockroach().endpoint_service(world.cockroach().find_cluster("menus").unwrap()).unwrap();
        let theirs = pair.deref().make_endpoint(&world, service);
        world.clock().sleep(Duration::from_secs(600)).await;
        let before = pair.snapshot(&world);
        let (menus, tables) = (recorded(pair, &world, "menus"), recorded(pair, &world, "tables"));
        for link in [&menus, &tables] {
            link.adopt(theirs.clone()).await.unwrap();
            set_up(link).await.unwrap();
        }
        let plan = take_down(&menus).await;
        assert!(plan.kept.iter().any(|kept| kept.reason.contains("`tables`")), "{pair:?}: {plan}");
        world.clock().sleep(Duration::from_secs(60)).await;
        let verdict = tables.verify().await.unwrap();
        assert!(verdict.proved, "{pair:?}: {verdict}");

        // The other's connection, which no link made an endpoint for, is somebody's to take off.
        world.cockroach().disconnect(world.cockroach().find_cluster("menus").unwrap(), &theirs);
        let plan = take_down(&tables).await;
        assert_eq!(pair.endpoints(&world), std::slice::from_ref(&theirs));
        let left = pair.snapshot(&world);
        for things in ["managed_zones", "hosted_zones", "tags"] {
            assert_eq!(left[things], before[things], "{pair:?}, {things}: {plan}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_comes_after_a_removal_was_planned_keeps_its_name() {
    for (pair, region) in [(GCP, "us-central1"), (AWS, "us-east-1")] {
        let world = with_one_host(pair, region);
        let (menus, tables) = (recorded(pair, &world, "menus"), recorded(pair, &world, "tables"));
        set_up(&menus).await.unwrap();
        let stale = menus.removal_plan().await.unwrap();
        set_up(&tables).await.unwrap();
        let error = menus.apply(&stale).await.unwrap_err();
        assert!(error.to_string().contains("another database uses the endpoint by now"), "{pair:?}: {error}");
        world.clock().sleep(Duration::from_secs(60)).await;
        for link in [&menus, &tables] {
            let verdict = link.verify().await.unwrap();
            assert!(verdict.proved, "{pair:?}: {verdict}");
        }
    }
}

/// A link in AWS whose names are records of ours.
fn with_records_on_aws(world: &World, cluster: &str) -> Link {
    let database = client(world).cluster(world.cockroach().find_cluster(cluster).unwrap().into());
    let network = network(world).naming(Naming::PrivateZone(RecordShape::Apex));
    let link = Link::builder(cluster.parse().unwrap(), database, network).clock(world.clock());
    link.vantage(AWS.vantage(world)).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn on_google_a_further_endpoint_of_a_network_is_taken_without_being_asked() {
    let world = World::new();
    let before = world.snapshot();
    let id = world.cockroach().find_cluster("tracking").unwrap();
    let first = link(GCP, &world, "tracking");
    set_up(&first).await.unwrap();

    // Somebody else's endpoint in the same network, to the same attachment: connected at once.
    let Some(EndpointServiceId::Gcp(attachment)) = world.cockroach().endpoint_service(id) else { panic!() };
    let made = world.gcp().make_endpoint("made-elsewhere", &attachment);
    world.clock().sleep(Duration::from_secs(60)).await;
    let database = client(&world).cluster(id.into());
    let network = common::pair::gcp::network(&world).naming(Naming::SelfManaged);
    let second = Link::builder("second".parse().unwrap(), database, network).clock(world.clock()).instance("second");
    let second = second.build().unwrap();
    let adopted = second.adopt(made.connection).await.unwrap();
    assert_eq!(adopted.state, privlink::core::side::EndpointState::Ready);
    world.clear_requests();
    let plan = second.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    let vendors = plan.pending().filter(|step| step.side.as_str() == "cockroach").count();
    assert_eq!(vendors, 0, "served already: {plan}");
    assert_eq!(world.cockroach().connected(id).len(), 1, "and not listed");

    // Nothing of it is withdrawn, and the first one's connection stays.
    world.gcp().delete_endpoint(&made.project, &made.region, made.name.as_str());
    let verdict = first.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    take_down(&first).await;
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn on_google_an_endpoint_that_was_taken_off_the_list_is_let_in_again() {
    let world = World::new();
    let id = world.cockroach().find_cluster("tracking").unwrap();
    let link = link(GCP, &world, "tracking");
    let applied = set_up(&link).await.unwrap();
    // Google goes on showing the connection as accepted.
    let ours = common::pair::endpoint_of(&applied);
    world.cockroach().disconnect(id, &ours);
    assert!(!link.verify().await.unwrap().proved);
    let plan = link.plan().await.unwrap();
    let verbs: Vec<&str> = plan.pending().map(|step| &*step.verb).collect();
    assert_eq!(verbs, ["cockroach.connect", "cockroach.await_available"], "{plan}");
    link.apply(&plan).await.unwrap();
    assert_eq!(world.cockroach().connected(id), [ours.to_string()]);
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
}

/// The links of a cluster in two regions of one network, with the clients of each region in it.
fn regions(world: &World, cluster: &str) -> Vec<Link> {
    let handle = world.gcp();
    let path: privlink::gcp::NetworkPath = handle.network().parse().unwrap();
    let id = world.cockroach().find_cluster(cluster).unwrap();
    let links = ["us-central1", "us-east1"].map(|region| {
        let region: privlink::Region = region.parse().unwrap();
        let google = privlink::gcp::Client::over(world.transport(), handle.project()).token(handle.token());
        let subnetwork = handle.subnetworks().into_iter().find(|path| path.contains(region.as_str())).unwrap();
        let short: privlink::gcp::SubnetworkPath = subnetwork.parse().unwrap();
        let network = google.clock(world.clock()).build().unwrap().network(path.name()).region(region.clone());
        let database = client(world).cluster(id.into()).in_region(region.clone());
        let name = format!("worldwide-{region}").parse().unwrap();
        Link::builder(name, database, network.subnetwork(short.name()))
            .clock(world.clock())
            .vantage(world.vantage(handle.seat(&subnetwork)))
            .build()
            .unwrap()
    });
    links.into()
}

#[tokio::test(start_paused = true)]
async fn a_cluster_in_two_regions_is_a_set_of_two_links() {
    let world = World::new();
    let spec = CockroachClusterSpec::new("worldwide", CloudProvider::Gcp, "us-central1".parse().unwrap());
    let id = world.cockroach().add_cluster(spec.region("us-east1".parse().unwrap()));
    let links = Links::new(regions(&world, "worldwide"));
    let mut rounds = 0;
    loop {
        rounds += 1;
        let plan = links.plan().await;
        let plans = plan.plans.iter().filter_map(|plan| plan.result.as_ref().ok());
        assert_eq!(plans.filter(|plan| plan.blockers().next().is_none()).count(), 2, "{plan:?}");
        let results = links.apply(&plan).await;
        let again = results.into_iter().map(|result| result.result.unwrap().plan_again);
        if !again.fold(false, |any, one| any | one) {
            break;
        }
    }
    assert_eq!(rounds, 2, "services first, and all the rest");
    assert_eq!(world.cockroach().connected(id).len(), 2, "one connection a region");
    world.clock().sleep(Duration::from_secs(60)).await;
    let mut hosts = std::collections::BTreeSet::new();
    for link in regions(&world, "worldwide") {
        let verdict = link.verify().await.unwrap();
        assert!(verdict.proved, "{verdict}");
        hosts.extend(link.plan().await.unwrap().exchange.names.into_iter().map(|name| name.host));
    }
    assert_eq!(hosts.len(), 2, "a host a region: {hosts:?}");
    world.clear_requests();
    let again = links.plan().await;
    for result in links.apply(&again).await {
        result.result.unwrap();
    }
    assert!(world.writes().is_empty(), "a second run wrote");

    // One region leaves, the other one stays.
    let [central, east]: [Link; 2] = regions(&world, "worldwide").try_into().unwrap();
    take_down(&central).await;
    let verdict = east.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");
    let plan = take_down(&east).await;
    let kept: Vec<_> = plan.kept.iter().filter(|kept| kept.key.kind() == "cockroach.services").collect();
    assert!(kept.len() == 1 && kept[0].what.contains("us-east1"), "{plan}");
    let left = GCP.snapshot(&world);
    for thing in ["addresses", "forwarding_rules", "managed_zones"] {
        assert_eq!(left[thing], serde_json::json!({}), "{thing}");
    }
}
