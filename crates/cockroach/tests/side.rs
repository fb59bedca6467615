//! What the side finds out, and what it says of it.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::time::Duration;

use privlink_cockroach::Client;
use privlink_core::side::{
    Acceptance, ConsumerIdentity, DatabaseSide, Exchange, Fact, Naming, Outcome, Sharing, Side, Slot, Step,
};
use privlink_core::{CloudProvider, ErrorKind, Severity};
use privlink_sim::{CockroachClusterSpec, CockroachPlan, World};
use serde_json::json;
use support::*;

fn region(name: &str) -> privlink_core::Region {
    name.parse().unwrap()
}

fn step<'a>(steps: &'a [Step], verb: &str) -> &'a Step {
    steps.iter().find(|step| step.verb == verb).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_advanced_and_a_standard_cluster_differ_as_data() {
    let world = World::new();
    for (name, shared_by, routing) in [
        ("shopfront", Sharing::Cluster, false),
        ("carts", Sharing::Region, true),
        ("tracking", Sharing::Cluster, false),
    ] {
        let survey = cluster(&world, name).survey(&Exchange::new(), &cx(&world)).await.unwrap();
        let service = &survey.known.services[&Slot::main()];
        assert_eq!((service.acceptance, service.shared_by), (Acceptance::ByVendor, shared_by), "{name}");
        assert_eq!(codes(&survey.findings).contains(&"CRDB-014"), routing, "{name}");
        assert_eq!(survey.steps.iter().any(|step| step.verb == "cockroach.make_services"), !routing, "{name}");
        let naming = survey.known.capabilities.unwrap().naming;
        assert_eq!(naming[0] == Naming::EndpointPrivateDns, name != "tracking");
        assert_eq!(survey.known.names[0].ports[0].first, 26257);
    }
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn on_google_cloud_the_name_is_the_one_of_private_service_connect() {
    let world = World::new();
    let survey = cluster(&world, "tracking").survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.known.names[0].host.as_str().starts_with("private-tracking-"));
    let survey = cluster(&world, "invoices").survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.known.names[0].host.as_str().starts_with("internal-invoices-"));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_work_blocks_with_its_code() {
    let world = World::new();
    let cloud = world.cockroach();
    let aws = |name: &str| CockroachClusterSpec::new(name, CloudProvider::Aws, region("us-east-1"));
    cloud.add_cluster(aws("starter").plan(CockroachPlan::Basic));
    cloud.add_cluster(aws("worldwide").region(region("us-west-2")).with_services());
    cloud.add_cluster(aws("unborn").state("CREATING").with_services());
    cloud.add_cluster(aws("nameless").with_services().without_private_host());
    cloud.add_cluster(aws("brokenly").with_services());
    cloud.set_service_status(cloud.find_cluster("brokenly").unwrap(), Some("CREATE_FAILED"));
    let azure = CockroachClusterSpec::new("nowhere", CloudProvider::Azure, region("westus3"));
    cloud.add_cluster(azure.plan(CockroachPlan::Standard));
    for (name, code) in [
        ("starter", "CRDB-006"),
        ("nowhere", "CRDB-006"),
        ("worldwide", "CRDB-007"),
        ("unborn", "CRDB-004"),
        ("nameless", "CRDB-013"),
        ("brokenly", "CRDB-009"),
    ] {
        let survey = cluster(&world, name).survey(&Exchange::new(), &cx(&world)).await.unwrap();
        let blocks: Vec<_> = survey.findings.iter().filter(|finding| finding.severity == Severity::Blocks).collect();
        assert_eq!(blocks.len(), 1, "{name}: {blocks:?}");
        assert_eq!(blocks[0].code, code, "{name}: {blocks:?}");
    }
    let gone = client(&world).cluster("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse().unwrap());
    let error = gone.survey(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), &*error.finding().unwrap().code), (ErrorKind::NotFound, "CRDB-001"));
    let mut known = Exchange::new();
    known.consumer = Some(ConsumerIdentity::Gcp { project: "example-project".parse().unwrap() });
    let survey = cluster(&world, "shopfront").survey(&known, &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"CRDB-002"));
}

#[tokio::test(start_paused = true)]
async fn each_region_of_a_cluster_is_a_link_of_its_own() {
    let world = World::new();
    let spec = CockroachClusterSpec::new("worldwide", CloudProvider::Aws, region("us-east-1"));
    world.cockroach().add_cluster(spec.region(region("us-west-2")).with_services());
    let worldwide = cluster(&world, "worldwide");
    let mut seen = Vec::new();
    for name in ["us-east-1", "us-west-2"] {
        let side = worldwide.clone().in_region(region(name));
        assert!(side.subject().ends_with(name));
        let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
        let service = survey.known.services[&Slot::main()].clone();
        assert_eq!(service.region, region(name));
        assert!(survey.known.names[0].host.as_str().contains(name));
        seen.push(service.id);
    }
    assert_ne!(seen[0], seen[1]);
    let elsewhere = worldwide.in_region(region("eu-west-1")).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(codes(&elsewhere.findings), ["CRDB-008"]);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_cannot_be_read_is_one_all_the_same() {
    let world = World::new();
    let spoilt = Altered::new(&world, |request, mut answer| {
        let regions = answer.get_mut("regions")?.as_array_mut()?;
        regions.push(json!({ "name": 7, "sql_dns": "" }));
        (request.method() == http::Method::GET).then_some((200, answer))
    });
    let side = client_over(&world, spoilt).cluster(cluster_id(&world, "shopfront"));
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(codes(&survey.findings), ["CRDB-007"]);
    let named = side.in_region(region("us-east-1")).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(!codes(&named.findings).contains(&"CRDB-007"));
}

#[tokio::test(start_paused = true)]
async fn services_are_made_once_and_the_wanted_region_is_waited_for() {
    let world = World::new();
    let spec = CockroachClusterSpec::new("worldwide", CloudProvider::Aws, region("us-east-1"));
    let id = world.cockroach().add_cluster(spec.region(region("us-west-2")));
    let side = client(&world).cluster(id.into()).in_region(region("us-west-2"));
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.known.services.is_empty() && !survey.known.holds(None, &Fact::Service));
    let make = step(&survey.steps, "cockroach.make_services");
    let mut looks = 0;
    let known = loop {
        looks += 1;
        assert!(looks < 50);
        match side.perform(make, &Exchange::new(), &cx(&world)).await.unwrap() {
            Outcome::Done(known) | Outcome::AlreadyDone(known) => break *known,
            Outcome::Waiting { poll_after, .. } => world.clock().sleep(poll_after).await,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(known.services[&Slot::main()].region, region("us-west-2"), "the other region was ready before");
    assert!(known.holds(None, &Fact::Names) && known.holds(Some(&Slot::main()), &Fact::Service));
    let posts = world.writes().len();
    assert!(posts <= 2, "asked for once, and once more while nothing showed: {posts}");
    let again = side.perform(make, &Exchange::new(), &cx(&world)).await.unwrap();
    assert!(matches!(again, Outcome::AlreadyDone(_)) && world.writes().len() == posts);
}

#[tokio::test(start_paused = true)]
async fn a_private_host_that_comes_after_the_service_is_waited_for() {
    let world = World::new();
    world.cockroach().switch(|switches| switches.hosts_unseen = 8);
    let spec = CockroachClusterSpec::new("late", CloudProvider::Aws, region("us-east-1"));
    let side = client(&world).cluster(world.cockroach().add_cluster(spec).into());
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    let make = step(&survey.steps, "cockroach.make_services");
    let mut stages = Vec::new();
    let known = loop {
        assert!(stages.len() < 50, "{stages:?}");
        match side.perform(make, &Exchange::new(), &cx(&world)).await.unwrap() {
            Outcome::Done(known) | Outcome::AlreadyDone(known) => break *known,
            Outcome::Waiting { poll_after, stage, .. } => {
                stages.push(stage);
                world.clock().sleep(poll_after).await;
            }
            other => panic!("{other:?}"),
        }
    };
    assert!(stages.iter().any(|stage| stage.contains("private host")), "{stages:?}");
    assert_eq!(known.names.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_is_told_as_deleted_holds_no_removal_up() {
    let world = World::new();
    let known = known(OURS);
    world.cockroach().connect(world.cockroach().find_cluster("shopfront").unwrap(), &vpce(OURS));
    let of_cluster = format!("/api/v1/clusters/{}", cluster_id(&world, "shopfront"));
    for with_lists in [true, false] {
        let at = of_cluster.clone();
        let gone = Altered::new(&world, move |request, mut answer| {
            let rest = request.uri().path().strip_prefix(&at)?;
            if rest.is_empty() {
                answer["state"] = json!("DELETED");
                answer.as_object_mut()?.remove("regions");
                return Some((200, answer));
            }
            (!with_lists).then(|| (404, json!({"code": 5, "message": "cluster not found", "details": []})))
        });
        let side = client_over(&world, gone).cluster(cluster_id(&world, "shopfront"));
        let removal = side.removal(&known, &cx(&world)).await.unwrap();
        assert!(removal.steps.is_empty() && removal.findings.len() == 1, "{:?}", removal.findings);
        let endpoint = known.endpoints.values().next().unwrap();
        let (users, _) = side.users(endpoint, &cx(&world)).await.unwrap();
        assert!(users.is_empty(), "{users:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_read_is_no_absent_one() {
    let world = World::new();
    let (known, id) = (known(OURS), cluster_id(&world, "shopfront"));
    world.cockroach().connect(id.uuid(), &vpce(OURS));
    let removal = cluster(&world, "shopfront").removal(&known, &cx(&world)).await.unwrap();
    let withdraw = step(&removal.steps, "cockroach.withdraw");
    let spoilt = Altered::new(&world, |_, mut answer| {
        answer["connections"].as_array_mut()?.iter_mut().for_each(|entry| entry["status"] = json!(null));
        Some((200, answer))
    });
    let error = client_over(&world, spoilt).cluster(id).perform(withdraw, &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error:?}");
    assert_eq!(world.cockroach().connected(id.uuid()), [OURS]);
}

#[tokio::test(start_paused = true)]
async fn an_odd_neighbour_is_told_as_unknown_and_holds_no_removal_up() {
    let world = World::new();
    let known = known(OURS);
    for name in ["carts", "wishes"] {
        world.cockroach().connect(world.cockroach().find_cluster(name).unwrap(), &vpce(OURS));
    }
    let odd = format!("/api/v1/clusters/{}/", cluster_id(&world, "wishes"));
    for (status, body) in
        [(200, json!({"connections": null})), (501, json!({"code": 12, "message": "not for this plan"}))]
    {
        let odd = odd.clone();
        let altered = Altered::new(&world, move |request, _| {
            request.uri().path().starts_with(&odd).then(|| (status, body.clone()))
        });
        let side = client_over(&world, altered).cluster(cluster_id(&world, "carts"));
        world.clear_requests();
        let (users, complete) = side.users(known.endpoints.values().next().unwrap(), &cx(&world)).await.unwrap();
        assert_eq!((users.len(), complete), (1, false));
        let advanced = cluster_id(&world, "shopfront").to_string();
        assert!(!world.requests().iter().any(|request| request.path.contains(&advanced)), "it has a service to itself");
        assert_eq!(to_do(&side.removal(&known, &cx(&world)).await.unwrap().steps), ["cockroach.withdraw"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_failed_is_told_and_refused() {
    let world = World::new();
    let id = world.cockroach().cluster_id();
    world.cockroach().connect(id, &vpce(OURS));
    for status in ["FAILED", "EXPIRED"] {
        world.cockroach().set_connection_status(id, &vpce(OURS), Some(status));
        let side = cluster(&world, "shopfront");
        let survey = side.survey(&known(OURS), &cx(&world)).await.unwrap();
        assert!(codes(&survey.findings).contains(&"CRDB-015"), "{:?}", survey.findings);
        let wait = step(&survey.steps, "cockroach.await_available");
        let Outcome::Refused(finding) = side.perform(wait, &known(OURS), &cx(&world)).await.unwrap() else { panic!() };
        assert_eq!(finding.code, "CRDB-015");
    }
    // A word that nobody knows is waited for, and shown.
    world.cockroach().set_connection_status(id, &vpce(OURS), Some("PONDERING"));
    let side = cluster(&world, "shopfront");
    let survey = side.survey(&known(OURS), &cx(&world)).await.unwrap();
    let wait = step(&survey.steps, "cockroach.await_available");
    let outcome = side.perform(wait, &known(OURS), &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Waiting { stage, .. } if stage.contains("PONDERING")), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_not_trusted_waits_and_is_told_why() {
    let world = World::new();
    let side = cluster(&world, "shopfront");
    side.add_trusted_owner(&"999988887777".parse().unwrap()).await.unwrap();
    let survey = side.survey(&known(OURS), &cx(&world)).await.unwrap();
    let (connect, wait) = (step(&survey.steps, "cockroach.connect"), step(&survey.steps, "cockroach.await_available"));
    assert!(matches!(side.perform(connect, &known(OURS), &cx(&world)).await.unwrap(), Outcome::Done(_)));
    world.clock().sleep(Duration::from_secs(600)).await;
    let outcome = side.perform(wait, &known(OURS), &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Waiting { stage, .. } if stage.contains("trusted owners")), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn the_older_guides_limit_of_one_connection_is_a_fact_to_set() {
    let world = World::new();
    world.cockroach().connect(world.cockroach().cluster_id(), &vpce(OTHER));
    for (most, told) in [(None, false), (Some(1), true), (Some(2), false)] {
        let mut facts = privlink_cockroach::facts::Facts::default();
        facts.most_connections.value = most;
        let client = Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
        let side = client.facts(facts).build().unwrap().cluster(cluster_id(&world, "shopfront"));
        let survey = side.survey(&known(OURS), &cx(&world)).await.unwrap();
        assert_eq!(codes(&survey.findings).contains(&"CRDB-016"), told, "{most:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_outside_the_vendors_names_is_used_only_when_vouched_for() {
    let world = World::new();
    let mut facts = privlink_cockroach::facts::Facts::default();
    facts.apexes.value = vec!["example.com".parse().unwrap()];
    let client = Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
    let side = client.facts(facts).build().unwrap().cluster(cluster_id(&world, "shopfront"));
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.known.names.is_empty() && codes(&survey.findings).contains(&"CRDB-012"));
    let host = world.cockroach().private_host(world.cockroach().cluster_id(), &region("us-east-1")).unwrap();
    let survey = side.trust_private_host(host).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(survey.known.names.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn clusters_that_share_an_endpoint_are_its_users() {
    let world = World::new();
    world.cockroach().switch(|switches| switches.page_size = 2);
    let cloud = world.cockroach();
    for name in ["carts", "wishes"] {
        cloud.connect(cloud.find_cluster(name).unwrap(), &vpce(OURS));
    }
    let side = cluster(&world, "carts");
    let known = known(OURS);
    let endpoint = known.endpoints.values().next().unwrap();
    let (users, complete) = side.users(endpoint, &cx(&world)).await.unwrap();
    assert_eq!((users.len(), complete), (2, true));
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&removal.steps), ["cockroach.withdraw"]);
    assert!(users.contains(&removal.steps[0].key), "the entry has one key");
    assert!(removal.kept.is_empty());
    // What is rejected uses nothing.
    client(&world).cluster(cluster_id(&world, "wishes")).delete_private_endpoint_connection(&vpce(OURS)).await.unwrap();
    assert_eq!(side.users(endpoint, &cx(&world)).await.unwrap().0.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn unknown_words_everywhere_break_no_read() {
    let world = World::new();
    world.cockroach().connect(world.cockroach().cluster_id(), &vpce(OTHER));
    world.cockroach().switch(|switches| switches.unknown_status = Some("PONDERING"));
    let side = cluster(&world, "shopfront");
    assert_eq!(side.details().await.unwrap().state.as_str(), "PONDERING");
    assert_eq!(
        side.private_endpoint_connections().await.unwrap()[0].as_ref().unwrap().status.as_str(),
        "STATUS_PONDERING"
    );
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"CRDB-009"), "a service in a state nobody knows is not used");
}
