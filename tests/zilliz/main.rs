//! Zilliz Cloud with each cloud's network: the same workflow as for every other vendor, and what this one has
//! alone: one endpoint for all clusters of a project and region with a record for each, names and ports that are given
//! out only once the endpoint is let in, a list of accounts that comes before the endpoint, and clusters that are made
//! later. The same with a vendor without an API is in `by_hand`.
//!
//! The suites that run for every vendor (`flow`, `crash`, `faults`, `prove`) try the same with crashes and faults.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod by_hand;
#[path = "../common/mod.rs"]
mod common;
mod switches;

use std::fmt::Write as _;
use std::time::Duration;

use common::pair::{AWS, AZURE, GCP, Pair};
use common::{network, take_down};
use privlink::core::side::{Confirmation, Fact, Naming, RecordShape, Slot, StepState};
use privlink::core::{CloudProvider, ErrorKind};
use privlink::{Applied, ApplyError, Link, LinkBuilder, Links, cockroach, zilliz};
use privlink_sim::{World, ZillizClusterSpec, ZillizOnMissingWhitelist};
use serde_json::Value;

const ALL: [&Pair; 3] = [AWS, AZURE, GCP];

fn client(world: &World) -> zilliz::Client {
    zilliz::Client::over(world.transport()).clock(world.clock()).api_key(world.zilliz().api_key()).build().unwrap()
}

/// The clusters of the world's project in a cloud's region.
fn region(world: &World, cloud: CloudProvider) -> zilliz::ProjectRegion {
    let project = client(world).project(world.zilliz().project_id().parse().unwrap());
    project.region(world.zilliz().region_in(cloud).parse().unwrap())
}

fn link_of(pair: &'static Pair, world: &World, database: zilliz::ProjectRegion) -> LinkBuilder {
    pair.link_to(world, "search-prod", database)
}

fn link(pair: &'static Pair, world: &World) -> Link {
    link_of(pair, world, region(world, pair.cloud())).build().unwrap()
}

/// Plans and applies, as often as a plan says that more is to be planned; how often that was.
async fn set_up(link: &Link) -> Result<(Applied, u32), ApplyError> {
    for times in 1.. {
        assert!(times < 5, "there is always more to plan");
        let plan = link.plan().await.unwrap();
        let applied = link.apply(&plan).await?;
        if !applied.plan_again {
            return Ok((applied, times));
        }
    }
    unreachable!("the loop ends by its assertion")
}

/// What is there, but for the accounts that the vendor never forgets.
fn snapshot(world: &World) -> Value {
    let mut snapshot = world.snapshot();
    let projects = snapshot["zilliz"]["projects"].as_object_mut().unwrap();
    projects.values_mut().for_each(|project| project["whitelist"] = Value::Null);
    snapshot
}

/// Where in the log the first call of `operation` is.
fn first(world: &World, operation: &str) -> usize {
    let requests = world.requests();
    let place = requests.iter().position(|request| request.operation == operation);
    place.unwrap_or_else(|| panic!("no {operation} in {:?}", requests.iter().map(|r| &r.operation).collect::<Vec<_>>()))
}

async fn proves(link: &Link, world: &World, at: &str) {
    world.clock().sleep(Duration::from_secs(60)).await;
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{at}: {verdict}");
}

#[tokio::test(start_paused = true)]
async fn every_pair_is_set_up_proved_run_again_and_taken_down() {
    for pair in ALL {
        let (world, at) = (World::new(), pair.name());
        let before = snapshot(&world);
        let link = link(pair, &world);
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{at}: {plan}");
        assert!(plan.later.as_ref().unwrap().contains("private hosts"), "{at}: {plan}");
        assert_eq!(world.writes().len(), 0, "planning only reads");
        let stored = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        assert_eq!(plan, stored);

        let mut said = format!("{link:?} {plan} {plan:?} {}", serde_json::to_string(&plan).unwrap());
        let applied = link.apply(&plan).observe(|event| write!(said, "{event} {event:?}").unwrap()).await.unwrap();
        assert!(applied.plan_again && applied.exchange.holds(Some(&Slot::main()), &Fact::Served), "{at}");
        assert!(!applied.names().is_empty(), "{at}: the names came with the first part");
        let rest = link.plan().await.unwrap();
        assert!(rest.later.is_none() && rest.blockers().next().is_none(), "{at}: {rest}");
        let applied = link.apply(&rest).await.unwrap();
        assert!(!applied.plan_again);
        assert_eq!(world.zilliz().registered(&world.zilliz().project_id()).len(), 1, "{at}");
        proves(&link, &world, at).await;
        assert!(!said.contains(&world.zilliz().api_key()), "{at}: the key was printed");

        world.clear_requests();
        let again = link.plan().await.unwrap();
        assert!(again.is_done() && again.later.is_none(), "{at}: {again}");
        link.apply(&again).await.unwrap();
        assert_eq!(world.writes().len(), 0, "{at}: a second run wrote");

        let plan = take_down(&link).await;
        assert_eq!(snapshot(&world), before, "{at}: {plan}");
        // What the vendor cannot take back is told, where it was sent.
        let told = plan.kept.iter().any(|kept| kept.key.kind() == "zilliz.whitelist");
        assert_eq!(told, pair.cloud() == CloudProvider::Azure, "{at}: {plan}");
        // And the whole once more: on Google Cloud the same name, registered anew.
        set_up(&link).await.unwrap();
        proves(&link, &world, at).await;
        take_down(&link).await;
        assert_eq!(snapshot(&world), before, "{at}: the second time");
    }
}

#[tokio::test(start_paused = true)]
async fn each_pair_keeps_the_order_that_it_needs() {
    for (pair, endpoint, named) in [
        (AWS, "CreateVpcEndpoint", "CreateHostedZone"),
        (AZURE, "PrivateEndpoints_CreateOrUpdate", "PrivateZones_CreateOrUpdate"),
        (GCP, "compute.forwardingRules.insert", "dns.managedZones.create"),
    ] {
        let (world, at) = (World::new(), pair.name());
        set_up(&link(pair, &world)).await.unwrap();
        let registered = first(&world, "createPrivateEndpoint");
        assert!(first(&world, endpoint) < registered, "{at}: the endpoint comes first");
        let named = first(&world, named);
        let looks =
            world.requests()[registered..named].iter().filter(|request| request.operation == "describeCluster").count();
        assert!(looks > 1 && registered < named, "{at}: named after {looks} looks");
        if pair.cloud() == CloudProvider::Aws {
            let ports = first(&world, "AuthorizeSecurityGroupIngress");
            assert!(registered < ports && ports < named, "{at}: ports are known only then");
            let create = &world.requests()[first(&world, endpoint)];
            let asked = String::from_utf8_lossy(&create.body).into_owned();
            assert!(!asked.contains("PrivateDnsEnabled=true"), "{at}: names are of clusters: {asked}");
        }
        if pair.cloud() == CloudProvider::Azure {
            assert!(first(&world, "addPrivateEndpointWhitelistEntry") < first(&world, endpoint), "{at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_clusters_have_one_endpoint_two_ports_and_two_records_and_a_later_one_gets_its_own() {
    for pair in ALL {
        let (world, at) = (World::new(), pair.name());
        let place: privlink::core::Region = match pair.cloud() {
            CloudProvider::Azure => "westus3",
            CloudProvider::Gcp => "us-central1",
            _ => "us-east-1",
        }
        .parse()
        .unwrap();
        let spec = |name: &str, port| ZillizClusterSpec::new(name, pair.cloud(), place.clone()).private_port(port);
        world.zilliz().add_cluster(spec("second", 19_532));
        let before = snapshot(&world);
        let link = link(pair, &world);
        let (applied, plans) = set_up(&link).await.unwrap();
        let clusters = if pair.cloud() == CloudProvider::Aws { 3 } else { 2 };
        assert_eq!((applied.names().len(), plans), (clusters, 2), "{at}");
        assert_eq!(pair.endpoints(&world).len(), 1, "{at}");
        proves(&link, &world, at).await;

        let later = world.zilliz().add_cluster(spec("third", 443));
        world.clear_requests();
        let plan = link.plan().await.unwrap();
        let waits: Vec<&str> = plan.pending().map(|step| &*step.verb).collect();
        assert_eq!(waits, ["zilliz.await_link"], "{at}: {plan}");
        let (applied, plans) = set_up(&link).await.unwrap();
        assert_eq!((applied.names().len(), plans), (clusters + 1, 2), "{at}");
        assert!(!world.writes().iter().any(|request| request.operation == "createPrivateEndpoint"), "{at}");
        let host = world.zilliz().private_host(&later).unwrap();
        assert!(applied.names().iter().any(|name| name.host == host.name()), "{at}");
        proves(&link, &world, at).await;

        take_down(&link).await;
        let mut expected = before;
        let public = serde_json::json!({ "name": "third", "public": true });
        expected["zilliz"]["clusters"][&later] = public;
        assert_eq!(snapshot(&world), expected, "{at}");
    }
}

#[tokio::test(start_paused = true)]
async fn clusters_that_have_their_addresses_already_take_one_plan() {
    let world = World::new();
    let aws = world.zilliz().region_in(CloudProvider::Aws);
    world.zilliz().register(&world.zilliz().project_id(), &aws, "vpce-0fedcba9876543210", None);
    let database = region(&world, CloudProvider::Aws);
    // Whatever else links them: a look or two, and they have their addresses.
    for _ in 0..6 {
        for name in ["articles", "images"] {
            let id = world.zilliz().find_cluster(name).unwrap().parse().unwrap();
            client(&world).cluster(id).details().await.unwrap();
        }
    }
    let before = snapshot(&world);
    let link = link_of(AWS, &world, database).build().unwrap();
    let plan = link.plan().await.unwrap();
    assert!(plan.later.is_none() && plan.blockers().next().is_none(), "{plan}");
    assert!(!link.apply(&plan).await.unwrap().plan_again);
    proves(&link, &world, "aws").await;
    take_down(&link).await;
    assert_eq!(snapshot(&world), before, "somebody else's endpoint stays");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_missing_on_the_list_is_put_there_whatever_the_vendor_makes_of_it() {
    for missing in [ZillizOnMissingWhitelist::Pending, ZillizOnMissingWhitelist::Refused] {
        for pair in ALL {
            let world = World::new();
            world.zilliz().switch(|switches| switches.missing_whitelist = missing);
            world.zilliz().require_whitelist(&world.zilliz().region_in(pair.cloud()), true);
            let link = link(pair, &world);
            set_up(&link).await.unwrap_or_else(|error| panic!("{}: {error}", pair.name()));
            proves(&link, &world, pair.name()).await;
            assert_eq!(world.zilliz().whitelisted(&world.zilliz().project_id()).len(), 1);
            assert!(link.plan().await.unwrap().is_done());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_in_another_region_of_aws_waits_for_the_vendors_ticket() {
    let world = World::new();
    let place: privlink::core::Region = "us-west-2".parse().unwrap();
    world.zilliz().add_cluster(ZillizClusterSpec::new("western", CloudProvider::Aws, place));
    let project = client(&world).project(world.zilliz().project_id().parse().unwrap());
    let western = project.region("aws-us-west-2".parse().unwrap());
    let plain = link_of(AWS, &world, western.clone()).build().unwrap().plan().await.unwrap();
    assert!(plain.blockers().next().is_some(), "without a ticket it is refused: {plain}");

    let answered = Confirmation::new();
    let link = link_of(AWS, &world, western.from_other_regions(answered.clone())).build().unwrap();
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    assert_eq!(
        plan.steps.iter().map(|step| (&*step.verb, step.state)).collect::<Vec<_>>(),
        [("zilliz.cross_region", StepState::Manual)]
    );
    // The running apply hears the answer.
    let support = async {
        world.clock().sleep(Duration::from_secs(86_400)).await;
        world.zilliz().allow_cross_region("aws-us-west-2");
        answered.give();
    };
    let (applied, ()) = futures_util::join!(async { link.apply(&plan).await }, support);
    assert!(applied.unwrap().plan_again);
    set_up(&link).await.unwrap();
    proves(&link, &world, "western").await;
    assert!(link.plan().await.unwrap().is_done());
    take_down(&link).await;
    assert!(AWS.endpoints(&world).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_shared_parent_zone_is_never_made_unasked_and_asked_for_is_told() {
    let world = World::new();
    let link = link(AWS, &world);
    set_up(&link).await.unwrap();
    let zones = world.requests().into_iter().filter(|request| request.operation == "CreateHostedZone");
    for zone in zones {
        let body = String::from_utf8_lossy(&zone.body).into_owned();
        assert!(body.contains("-privatelink.aws-us-east-1.vectordb.zillizcloud.com"), "{body}");
    }
    let shared = network(&world).naming(Naming::PrivateZone(RecordShape::Exact));
    let database = region(&world, CloudProvider::Aws);
    let shared = Link::builder("search-prod".parse().unwrap(), database, shared).clock(world.clock()).build().unwrap();
    let plan = shared.plan().await.unwrap();
    assert!(plan.findings.iter().any(|finding| finding.code.starts_with("AWS-")), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn public_addresses_are_closed_with_a_proof_and_opened_by_the_receipt() {
    let world = World::new();
    world.zilliz().switch(|switches| switches.public_switch = true);
    let link = link(AWS, &world);
    set_up(&link).await.unwrap();
    world.clock().sleep(Duration::from_secs(60)).await;
    let (expectation, proof) = link.prove().await.unwrap();
    let closing = link.closing_plan(&expectation, &proof).await.unwrap();
    link.apply(&closing.plan).await.unwrap();
    let articles = world.zilliz().find_cluster("articles").unwrap();
    assert!(!world.zilliz().is_public(&articles));
    proves(&link, &world, "closed").await;
    let reopening = link.reopening_plan(&closing.receipt).await.unwrap();
    assert!(reopening.findings.iter().any(|finding| finding.code == "ZILLIZ-018"), "{reopening}");
    link.apply(&reopening).await.unwrap();
    assert!(world.zilliz().is_public(&articles));

    world.zilliz().switch(|switches| switches.public_switch = false);
    let (expectation, proof) = link.prove().await.unwrap();
    let closing = link.closing_plan(&expectation, &proof).await.unwrap();
    let error = link.apply(&closing.plan).await.unwrap_err();
    assert!(error.to_string().contains("console") || error.help().contains("console"), "{error}: {}", error.help());
}

#[tokio::test(start_paused = true)]
async fn a_closing_that_closes_nothing_gives_no_receipt_to_be_stored_over_a_good_one() {
    let world = World::new();
    world.zilliz().switch(|switches| switches.public_switch = true);
    let link = link(AWS, &world);
    set_up(&link).await.unwrap();
    world.clock().sleep(Duration::from_secs(60)).await;
    let (expectation, proof) = link.prove().await.unwrap();
    let closing = link.closing_plan(&expectation, &proof).await.unwrap();
    link.apply(&closing.plan).await.unwrap();

    let east: privlink::core::Region = "us-east-1".parse().unwrap();
    world.zilliz().add_cluster(ZillizClusterSpec::new("notes", CloudProvider::Aws, east).plan("Standard"));
    set_up(&link).await.unwrap();
    world.clock().sleep(Duration::from_secs(60)).await;
    let (expectation, proof) = link.prove().await.unwrap();
    let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
    assert_eq!(error.finding().map(|finding| &*finding.code), Some("ZILLIZ-019"), "{error}");
    link.apply(&link.reopening_plan(&closing.receipt).await.unwrap()).await.unwrap();
    let articles = world.zilliz().find_cluster("articles").unwrap();
    assert!(world.zilliz().is_public(&articles));
}

#[tokio::test(start_paused = true)]
async fn projects_in_one_region_share_an_endpoint_and_leave_it_to_each_other() {
    let world = World::new();
    let other = world.zilliz().add_project("Other");
    let east: privlink::core::Region = "us-east-1".parse().unwrap();
    world.zilliz().add_cluster(ZillizClusterSpec::new("theirs", CloudProvider::Aws, east).project(other.clone()));
    let before = snapshot(&world);
    let ours = link(AWS, &world);
    let theirs = client(&world).project(other.parse().unwrap()).region("aws-us-east-1".parse().unwrap());
    let theirs = link_of(AWS, &world, theirs).build().unwrap();
    set_up(&ours).await.unwrap();
    set_up(&theirs).await.unwrap();
    assert_eq!(AWS.endpoints(&world).len(), 1, "one endpoint, registered in two projects");
    proves(&ours, &world, "ours").await;
    proves(&theirs, &world, "theirs").await;
    take_down(&ours).await;
    assert_eq!(AWS.endpoints(&world).len(), 1, "the other project still uses it");
    proves(&theirs, &world, "theirs, alone").await;
    take_down(&theirs).await;
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn three_vendors_in_one_network_are_planned_together_and_leave_each_other_alone() {
    let world = World::new();
    let before = snapshot(&world);
    let orders = common::builder_of(&world, "orders", 0, network(&world)).build().unwrap();
    let crdb = cockroach::Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
    let carts = crdb.build().unwrap().cluster(world.cockroach().find_cluster("carts").unwrap().into());
    let carts = Link::builder("carts".parse().unwrap(), carts, network(&world)).clock(world.clock());
    let carts = carts.vantage(AWS.vantage(&world)).build().unwrap();
    let search = link(AWS, &world);
    let links = Links::new([orders.clone(), carts.clone(), search.clone()]);
    let plan = links.plan().await;
    let mut again = 0;
    for result in links.apply(&plan).await {
        again += u32::from(result.result.unwrap_or_else(|error| panic!("{error}")).plan_again);
    }
    assert_eq!(again, 1, "only the names of one vendor came later");
    for result in links.apply(&links.plan().await).await {
        assert!(!result.result.unwrap().plan_again);
    }
    assert_eq!(AWS.endpoints(&world).len(), 3);
    for link in [&orders, &carts, &search] {
        proves(link, &world, link.name().as_str()).await;
    }
    for link in [&carts, &orders, &search] {
        take_down(link).await;
    }
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_removal_works_when_clusters_project_or_key_are_gone_already() {
    for pair in ALL {
        for what in ["clusters", "project", "key"] {
            let world = World::new();
            let link = link(pair, &world);
            let theirs = pair.snapshot(&world);
            set_up(&link).await.unwrap();
            let project = world.zilliz().project_id();
            match what {
                "clusters" => world.zilliz().cluster_ids().iter().for_each(|id| world.zilliz().delete_cluster(id)),
                "project" => world.zilliz().delete_project(&project),
                _ => world.zilliz().remove_key(&world.zilliz().api_key()),
            }
            let plan = link.removal_plan().await.unwrap();
            let at = format!("{} without {what}", pair.name());
            link.apply(&plan).await.unwrap_or_else(|error| panic!("{at}: {error}\n{plan}"));
            if what == "clusters" {
                assert!(world.zilliz().registered(&project).is_empty(), "{at}");
            }
            let left = pair.endpoints(&world).len();
            assert!(left == 0 && pair.snapshot(&world) == theirs || !plan.kept.is_empty(), "{at}: {plan}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_registrations_and_zones_stay() {
    for pair in ALL {
        let world = World::new();
        pair.make_zone(&world);
        let (id, gcp) = match pair.cloud() {
            CloudProvider::Aws => ("vpce-0fedcba9876543210", None),
            CloudProvider::Gcp => ("theirs", Some("another-project")),
            _ => ("theirs.d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf", None),
        };
        world.zilliz().register(&world.zilliz().project_id(), &world.zilliz().region_in(pair.cloud()), id, gcp);
        let before = snapshot(&world);
        let link = link(pair, &world);
        set_up(&link).await.unwrap();
        assert_eq!(world.zilliz().registered(&world.zilliz().project_id()).len(), 2);
        take_down(&link).await;
        assert_eq!(snapshot(&world), before, "{}", pair.name());
    }
}
