//! Plans and runs are plain JSON that people read and store. Whatever is changed in one by hand,
//! nothing is done that its link would not do by itself.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{builder_of, cloud, endpoints, foreign_endpoint, link, network, set_up, take_down};
use privlink::core::side::{Plan, Vantage};
use privlink::{Applied, ApplyError, Link, Links, Run};
use privlink_sim::World;
use serde_json::{Value, json};

/// The plan as it is read back after `change` was made to its JSON.
fn edited(plan: &Plan, change: impl FnOnce(&mut Value)) -> Plan {
    let mut value = serde_json::to_value(plan).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// The step of this verb in the JSON of a plan.
fn step<'a>(plan: &'a mut Value, verb: &str) -> &'a mut Value {
    let steps = plan["steps"].as_array_mut().unwrap();
    steps.iter_mut().find(|step| step["verb"] == verb).unwrap_or_else(|| panic!("no {verb}"))
}

/// Fails unless the plan is refused as changed, with a new one in its place, and nothing was written.
async fn refused(world: &World, link: &Link, plan: &Plan) -> ApplyError {
    world.clear_requests();
    let error = link.apply(plan).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-010", "{error:?}");
    assert!(matches!(&error, ApplyError::Moved { .. }), "{error:?}");
    assert_eq!(world.writes().len(), 0, "{:?}", world.writes());
    error
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_nobody_changed_is_performed_by_another_process() {
    let world = World::new();
    let before = world.snapshot();
    let plan = edited(&link(&world).plan().await.unwrap(), |_| {});
    let applied = link(&world).apply(&plan).await.unwrap();
    assert_eq!(applied.changed.len(), plan.steps.len());
    assert!(link(&world).verify().await.unwrap().proved);
    let removal = edited(&link(&world).removal_plan().await.unwrap(), |_| {});
    link(&world).apply(&removal).await.unwrap();
    assert_eq!(world.snapshot(), before);
}

#[tokio::test(start_paused = true)]
async fn a_stored_plan_is_taken_up_again_after_a_crash() {
    let world = World::new();
    let plan = edited(&link(&world).plan().await.unwrap(), |_| {});
    let fault = world.faults().on("CreateHostedZone").always().status(503);
    link(&world).apply(&plan).await.unwrap_err();
    fault.lift();
    assert_eq!(endpoints(&world).len(), 1);
    link(&world).apply(&plan).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
    assert_eq!(endpoints(&world).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_this_process_is_not_read_for_twice() {
    let world = World::new();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    let planning = world.requests().len();
    world.clear_requests();
    link.apply(&plan).await.unwrap();
    let own = world.requests().len();
    take_down(&link).await;
    // The same plan by another process costs what planning costs, and no more.
    let again = World::new();
    let plan = edited(&common::link(&again).plan().await.unwrap(), |_| {});
    again.clear_requests();
    common::link(&again).apply(&plan).await.unwrap();
    assert_eq!(again.requests().len(), own + planning);
}

#[tokio::test(start_paused = true)]
async fn ports_and_sources_cannot_be_widened() {
    let world = World::new();
    let plan = link(&world).plan().await.unwrap();
    let changes: [fn(&mut Value); 4] = [
        |plan| {
            step(plan, "aws.open_ports")["params"]["ports"][0] = json!({"first": 1, "last": 65535, "protocol": null})
        },
        |plan| {
            let ports = step(plan, "aws.open_ports")["params"]["ports"].as_array_mut().unwrap();
            ports.push(json!({"first": 22, "last": 22, "protocol": null}));
        },
        |plan| step(plan, "aws.open_ports")["params"]["sources"] = json!([{"range": "0.0.0.0/0"}]),
        // Without ports of its own, the step would take those of the names.
        |plan| {
            let open = step(plan, "aws.open_ports");
            open["params"]["ports"] = json!([]);
            open["state"] = json!("undecided");
            plan["exchange"]["names"][0]["ports"] = json!([{"first": 1, "last": 65535, "protocol": null}]);
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let plan = edited(&plan, change);
        if number < 3 {
            refused(&world, &link(&world), &plan).await;
        }
        // In memory as in a file.
        if number < 3 {
            let link = link(&world);
            let mut own = link.plan().await.unwrap();
            own.steps.clone_from(&plan.steps);
            refused(&world, &link, &own).await;
        } else {
            link(&world).apply(&plan).await.unwrap();
        }
    }
    let groups = cloud(&world).ec2().security_groups(aws_filter(&world)).all().await.unwrap();
    let rules: Vec<String> = groups
        .iter()
        .filter(|group| group.name.starts_with("privlink-"))
        .flat_map(|group| group.ingress.iter().map(ToString::to_string))
        .collect();
    assert!(!rules.is_empty());
    for rule in rules {
        assert!(["443", "8443", "9440", "3306"].iter().any(|port| rule.contains(port)), "{rule}");
        assert!(rule.contains("10.0.0.0/16"), "{rule}");
    }
}

fn aws_filter(world: &World) -> privlink::aws::Filter {
    privlink::aws::Filter::new().vpc(&world.aws().vpc_id())
}

#[tokio::test(start_paused = true)]
async fn only_the_links_own_endpoint_is_allowed() {
    let world = World::new();
    let (service, other) = (world.clickhouse().service_id(), foreign_endpoint(&world).await.to_string());
    set_up(&link(&world)).await.unwrap();
    let own = world.clickhouse().attached(service);
    world.clickhouse().detach(service, &own[0].parse().unwrap());
    let plan = edited(&link(&world).plan().await.unwrap(), |plan| {
        plan["exchange"]["endpoints"]["main"]["ids"]["id"] = json!(other);
    });
    link(&world).apply(&plan).await.unwrap();
    assert_eq!(world.clickhouse().attached(service), own, "the world is asked, not the plan");
}

#[tokio::test(start_paused = true)]
async fn another_record_of_a_given_zone_stays() {
    let world = World::new();
    let host = world.clickhouse().private_host(world.clickhouse().service_id()).unwrap().name();
    let parent = host.parent().unwrap();
    let zone = world.aws().make_zone(&parent, &[world.aws().vpc_id()]);
    let theirs: privlink::core::DnsName = format!("theirs.{parent}").parse().unwrap();
    world.aws().put_address(&zone, &theirs, &["10.0.0.9".parse().unwrap()]);
    let link =
        |world: &World| builder_of(world, "orders-prod", 0, network(world).hosted_zone(zone.clone())).build().unwrap();
    set_up(&link(&world)).await.unwrap();
    let sets = cloud(&world).route53().record_sets(&zone).all().await.unwrap();
    let said = sets.iter().find(|set| set.name == theirs.as_str()).unwrap().to_string();
    let plan = edited(&link(&world).removal_plan().await.unwrap(), |plan| {
        let remove = step(plan, "aws.remove_record");
        remove["params"]["record"] = json!(theirs.as_str());
        remove["expects"] = json!({"value": said});
        remove["key"] = json!(remove["key"].as_str().unwrap().replace(host.as_str(), theirs.as_str()));
    });
    refused(&world, &link(&world), &plan).await;
}

#[tokio::test(start_paused = true)]
async fn another_endpoint_of_ours_is_not_deleted() {
    let world = World::new();
    let second = builder_of(&world, "second", 1, network(&world)).instance("second").build().unwrap();
    set_up(&link(&world)).await.unwrap();
    let first = endpoints(&world);
    let made = set_up(&second).await.unwrap();
    let theirs = common::endpoint_of(&made).to_string();
    let plan = link(&world).removal_plan().await.unwrap();
    let changed = edited(&plan, |plan| {
        step(plan, "aws.remove_endpoint")["params"]["endpoints"] = json!([theirs]);
    });
    refused(&world, &link(&world), &changed).await;
    // As the whole step of the other link: key, identity and all.
    let other = second.removal_plan().await.unwrap();
    let other = serde_json::to_value(&other).unwrap();
    let changed = edited(&plan, |plan| {
        *step(plan, "aws.remove_endpoint") = step(&mut other.clone(), "aws.remove_endpoint").clone()
    });
    refused(&world, &link(&world), &changed).await;
    assert_eq!(endpoints(&world).len(), 2);
    assert!(endpoints(&world).contains(&first[0]));
}

#[tokio::test(start_paused = true)]
async fn neither_order_nor_wording_nor_doneness_can_be_changed() {
    let world = World::new();
    let plan = link(&world).plan().await.unwrap();
    let changes: [fn(&mut Value); 5] = [
        |plan| step(plan, "aws.record")["needs"] = json!([]),
        |plan| step(plan, "clickhouse.allow")["state"] = json!("already_done"),
        |plan| step(plan, "aws.endpoint")["what"] = json!("look at the VPC"),
        |plan| step(plan, "aws.endpoint")["effects"] = json!([]),
        |plan| step(plan, "aws.await_connected")["gives"] = json!(["served"]),
    ];
    for change in changes {
        refused(&world, &link(&world), &edited(&plan, change)).await;
    }
    // The new plan is in the error, to be read and applied.
    let error = refused(&world, &link(&world), &edited(&plan, changes[0])).await;
    let ApplyError::Moved { plan: Some(new), .. } = error else { panic!("{error:?}") };
    link(&world).apply(&new).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
}

fn without(plan: &mut Value, verb: &str) {
    plan["steps"].as_array_mut().unwrap().retain(|step| step["verb"] != verb);
}

#[tokio::test(start_paused = true)]
async fn what_is_left_out_is_not_done_and_nothing_is_done_without_it() {
    let world = World::new();
    let plan = link(&world).plan().await.unwrap();
    link(&world).apply(&edited(&plan, |plan| without(plan, "aws.record"))).await.unwrap();
    let left: Vec<String> = link(&world).plan().await.unwrap().pending().map(|step| step.verb.to_string()).collect();
    assert_eq!(left, ["aws.record"]);
    set_up(&link(&world)).await.unwrap();
    // The endpoint does not go before the record that leads to it.
    let removal = link(&world).removal_plan().await.unwrap();
    refused(&world, &link(&world), &edited(&removal, |plan| without(plan, "aws.remove_record"))).await;
}

#[tokio::test(start_paused = true)]
async fn facts_that_were_written_in_by_hand_hurry_nothing() {
    let world = World::new();
    let plan = edited(&link(&world).plan().await.unwrap(), |plan| {
        let facts = ["endpoint", "connected", "served", "address", "opened"];
        plan["exchange"]["holds"] = facts.iter().map(|fact| json!([Value::Null, fact])).collect();
    });
    let mut told = Vec::new();
    link(&world).apply(&plan).observe(|event| told.push(event.to_string())).await.unwrap();
    let at = |text: &str| told.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{told:?}"));
    assert!(at("write the record") > at("allow the endpoint: done"), "{told:#?}");
}

/// The link is set up, proved, and everybody may reach the database besides.
async fn closing(world: &World) -> Plan {
    let service = world.clickhouse().service_id();
    world.clickhouse().set_ip_access_list(service, ["203.0.113.7"]);
    set_up(&link(world)).await.unwrap();
    let expectation = link(world).expectation().await.unwrap();
    let proof = world.vantage(&world.aws().subnet_ids()[0]).prove(&expectation).await.unwrap();
    link(world).closing_plan(&expectation, &proof).await.unwrap().plan
}

#[tokio::test(start_paused = true)]
async fn a_closing_plan_closes_what_it_says() {
    let world = World::new();
    let plan = closing(&world).await;
    let changed = edited(&plan, |plan| {
        let close = step(plan, "clickhouse.close_public");
        close["why"] = json!("nobody loses anything");
    });
    refused(&world, &link(&world), &changed).await;
    let changed = edited(&plan, |plan| {
        step(plan, "clickhouse.close_public")["params"]["sources"] = json!([{"source": "0.0.0.0/0"}]);
    });
    refused(&world, &link(&world), &changed).await;
    let plan = edited(&plan, |_| {});
    link(&world).apply(&plan).await.unwrap();
    assert!(world.clickhouse().ip_access_list(world.clickhouse().service_id()).is_empty());
    // By hand again: closed stays closed.
    link(&world).apply(&plan).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_closing_plan_closes_nothing_of_a_link_that_is_gone() {
    let world = World::new();
    let plan = edited(&closing(&world).await, |_| {});
    take_down(&link(&world)).await;
    refused(&world, &link(&world), &plan).await;
}

#[tokio::test(start_paused = true)]
async fn a_reopening_opens_what_it_says() {
    let world = World::new();
    let service = world.clickhouse().service_id();
    world.clickhouse().set_ip_access_list(service, ["203.0.113.7"]);
    set_up(&link(&world)).await.unwrap();
    let expectation = link(&world).expectation().await.unwrap();
    let proof = world.vantage(&world.aws().subnet_ids()[0]).prove(&expectation).await.unwrap();
    let closed = link(&world).closing_plan(&expectation, &proof).await.unwrap();
    link(&world).apply(&closed.plan).await.unwrap();
    let plan = link(&world).reopening_plan(&closed.receipt).await.unwrap();
    let changed = edited(&plan, |plan| {
        step(plan, "clickhouse.open_public")["params"]["sources"] = json!([{"source": "0.0.0.0/0"}]);
    });
    world.clear_requests();
    let error = link(&world).apply(&changed).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-010", "{error:?}");
    assert_eq!(world.writes().len(), 0);
    link(&world).apply(&edited(&plan, |_| {})).await.unwrap();
    assert!(world.clickhouse().ip_access_list(service)[0].contains("203.0.113.7"));
}

#[tokio::test(start_paused = true)]
async fn one_changed_plan_of_a_set_stops_its_own_link_alone() {
    let world = World::new();
    let links =
        |world: &World| Links::new([link(world), builder_of(world, "billing", 1, network(world)).build().unwrap()]);
    let mut plans = links(&world).plan().await;
    plans.plans[1].result = Ok(edited(plans.plans[1].result.as_ref().unwrap(), |plan| {
        step(plan, "aws.record")["params"]["record"] = json!("www.example.com");
    }));
    let ends = links(&world).apply(&plans).await;
    assert!(ends[0].result.is_ok(), "{}", ends[0]);
    let Err(error) = &ends[1].result else { panic!("{}", ends[1]) };
    assert_eq!(error.finding().unwrap().code, "LINK-010", "{error:?}");
    let plans = links(&world).removal_plan().await;
    for end in links(&world).apply(&plans).await {
        assert!(end.result.is_ok(), "{end}");
    }
    assert_eq!(endpoints(&world).len(), 0);
}

/// The run as it is read back after `change` was made to its JSON.
fn reread(run: &Run, change: impl FnOnce(&mut Value)) -> Run {
    let mut value = serde_json::to_value(run).unwrap();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

async fn to_the_end(world: &World, run: &mut Run) -> Result<Applied, ApplyError> {
    for _ in 0..400 {
        if let Some(end) = run.end() {
            return end;
        }
        let step = run.ready().remove(0);
        if let Some(pause) = link(world).tick(run, &step).await?.again_after() {
            world.clock().sleep(pause).await;
        }
    }
    panic!("the run does not end: {:?}", run.ready());
}

#[tokio::test(start_paused = true)]
async fn a_run_is_not_believed_either() {
    let world = World::new();
    let service = world.clickhouse().service_id();
    let other = foreign_endpoint(&world).await.to_string();
    let run = Run::new(link(&world).plan().await.unwrap());
    // The endpoint is said to be there, and to be another one.
    let told = serde_json::to_value(link(&world).plan().await.unwrap()).unwrap();
    let verbs: Vec<String> =
        told["steps"].as_array().unwrap().iter().map(|step| step["verb"].as_str().unwrap().to_owned()).collect();
    let mut changed = reread(&run, |run| {
        for verb in ["aws.security_group", "aws.open_ports", "aws.endpoint", "aws.await_connected"] {
            let place = verbs.iter().position(|known| known == verb).unwrap();
            run["course"]["states"][place] = json!("done");
        }
        let ids = json!({"cloud": "aws", "id": other, "account": world.aws().account()});
        let endpoint = json!({
            "ids": ids, "state": {"state": "ready"}, "addresses": [], "dns": [], "private_dns": false,
            "ownership": {"whose": "ours", "evidence": "tag"},
        });
        run["course"]["known"]["endpoints"]["main"] = endpoint;
        for fact in ["endpoint", "connected", "address", "served", "opened"] {
            run["course"]["known"]["holds"].as_array_mut().unwrap().push(json!(["main", fact]));
        }
    });
    to_the_end(&world, &mut changed).await.unwrap();
    assert!(!world.clickhouse().attached(service).contains(&other));
    assert!(link(&world).verify().await.unwrap().proved);

    // Its steps are not believed more than its facts.
    let mut changed = reread(&Run::new(link(&world).removal_plan().await.unwrap()), |run| {
        let step = step(&mut run["plan"], "aws.remove_endpoint");
        step["params"]["endpoints"] = json!([other]);
    });
    world.clear_requests();
    let error = to_the_end(&world, &mut changed).await.unwrap_err();
    assert_eq!(error.finding().unwrap().code, "LINK-010", "{error:?}");
    assert_eq!(world.writes().len(), 0);
    assert!(run_end_is(&changed, "LINK-010"));
}

fn run_end_is(run: &Run, code: &str) -> bool {
    matches!(run.end(), Some(Err(error)) if error.finding().is_some_and(|finding| finding.code == code))
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_fails_for_a_moment_does_not_end_a_stored_run() {
    let world = World::new();
    let run = Run::new(link(&world).plan().await.unwrap());
    let mut run = reread(&run, |_| {});
    world.faults().on("DescribeVpcs").times(4).status(503);
    to_the_end(&world, &mut run).await.unwrap();
    assert!(link(&world).verify().await.unwrap().proved);
}
