//! What the side finds out, and what it says of it.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::time::Duration;

use privlink_core::side::{
    Acceptance, Confirmation, ConsumerIdentity, DatabaseSide, Exchange, Fact, Naming, Outcome, Ownership, Reach,
    RecordShape, Sharing, Side, Slot, StepState,
};
use privlink_core::{CloudProvider, ErrorKind, Region, Severity};
use privlink_sim::{World, ZillizClusterSpec, ZillizOnDuplicate};
use serde_json::json;
use support::*;

fn east() -> Region {
    "us-east-1".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn names_come_with_the_link_and_the_plan_says_so() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    let service = &survey.known.services[&Slot::main()];
    assert_eq!((service.acceptance, service.shared_by), (Acceptance::ByVendor, Sharing::ProjectRegion));
    assert!(survey.known.names.is_empty() && !survey.known.holds(None, &Fact::Names));
    let later = survey.later.unwrap();
    assert!(later.contains("`articles`") && later.contains("`images`") && !later.contains("sandbox"), "{later}");
    assert_eq!(to_do(&survey.steps), ["zilliz.register", "zilliz.await_link", "zilliz.await_link"]);
    assert_eq!(survey.known.public_hosts.len(), 2);
    let naming = survey.known.capabilities.unwrap().naming;
    assert_eq!(naming, [Naming::PrivateZone(RecordShape::Apex), Naming::SelfManaged], "never the shared parent");
    assert!(world.writes().is_empty());

    set_up(&world, &side, &known).await;
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(to_do(&survey.steps).is_empty() && survey.later.is_none());
    let mut names: Vec<(String, u16)> =
        survey.known.names.iter().map(|name| (name.host.to_string(), name.ports[0].first)).collect();
    names.sort();
    let mut wanted: Vec<(String, u16)> = [("articles", 19_531), ("images", 443)]
        .map(|(name, port)| (world.zilliz().private_host(cluster_id(&world, name).as_str()).unwrap().to_string(), port))
        .to_vec();
    wanted.sort();
    assert_eq!(names, wanted, "each by its own port");
    assert!(survey.known.holds(Some(&Slot::main()), &Fact::Served));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_made_later_waits_for_its_link_alone_while_the_others_serve() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    set_up(&world, &side, &known).await;
    world.zilliz().add_cluster(ZillizClusterSpec::new("videos", CloudProvider::Aws, east()).private_port(19_532));
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&survey.steps), ["zilliz.await_link"]);
    assert_eq!(survey.known.names.len(), 2);
    assert!(survey.later.unwrap().contains("`videos`"));
    assert!(survey.known.holds(None, &Fact::Names) && survey.known.holds(Some(&Slot::main()), &Fact::Served));
    set_up(&world, &side, &known).await;
    assert_eq!(side.survey(&known, &cx(&world)).await.unwrap().known.names.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_work_blocks_with_its_code() {
    let world = World::new();
    let cloud = world.zilliz();
    cloud.add_region(CloudProvider::Aws, &"us-west-2".parse().unwrap());
    let serverless = cluster_id(&world, "sandbox");
    let gone = "in01-0a1b2c3d4e5f678".parse().unwrap();
    for (side, code) in [
        (project(&world).region("ali-cn-hangzhou".parse().unwrap()), "ZILLIZ-003"),
        (project(&world).region("aws-us-west-2".parse().unwrap()), "ZILLIZ-006"),
        (aws(&world).only([serverless.clone(), cluster_id(&world, "articles")]), "ZILLIZ-007"),
        (aws(&world).only([gone, cluster_id(&world, "articles")]), "ZILLIZ-007"),
    ] {
        let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
        let blocks: Vec<_> = survey.findings.iter().filter(|finding| finding.severity == Severity::Blocks).collect();
        assert_eq!(blocks.len(), 1, "{code}: {blocks:?}");
        assert_eq!(blocks[0].code, code, "{blocks:?}");
    }
    let mut known = Exchange::new();
    known.consumer = Some(ConsumerIdentity::Gcp { project: "example-project".parse().unwrap() });
    let survey = aws(&world).survey(&known, &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"ZILLIZ-002"));

    let elsewhere = client(&world).project("proj-0a1b2c3d4e5f".parse().unwrap()).region(aws(&world).region().clone());
    let error = elsewhere.survey(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), &*error.finding().unwrap().code), (ErrorKind::PermissionDenied, "ZILLIZ-001"));
    // A region that the vendor does not know is told in its own words.
    let nowhere = project(&world).region("aws-mars-north-1".parse().unwrap());
    let error = nowhere.survey(&Exchange::new(), &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidInput, Some("96001")));
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_rests_is_told_and_holds_nobody_up_unless_it_is_the_only_one() {
    let world = World::new();
    world.zilliz().set_status(cluster_id(&world, "images").as_str(), "STOPPED");
    let survey = aws(&world).survey(&Exchange::new(), &cx(&world)).await.unwrap();
    let told = survey.findings.iter().find(|finding| finding.code == "ZILLIZ-008").unwrap();
    assert_eq!(told.severity, Severity::Warning);
    assert_eq!(to_do(&survey.steps), ["zilliz.register", "zilliz.await_link"]);
    let alone = aws(&world).only([cluster_id(&world, "images")]);
    let survey = alone.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    let told = survey.findings.iter().find(|finding| finding.code == "ZILLIZ-008").unwrap();
    assert_eq!(told.severity, Severity::Blocks);
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_died_is_told_and_refused_and_an_unknown_word_is_waited_for() {
    let world = World::new();
    let (side, known, id) = (aws(&world), known(OURS), world.zilliz().project_id());
    world.zilliz().register(&id, side.region().as_str(), OURS, None);
    for status in ["rejected", "FAILED", "Expired"] {
        world.zilliz().set_endpoint_status(&id, OURS, Some(status));
        let survey = side.survey(&known, &cx(&world)).await.unwrap();
        assert!(codes(&survey.findings).contains(&"ZILLIZ-012"), "{:?}", survey.findings);
        for verb in ["zilliz.register", "zilliz.await_link"] {
            let outcome = side.perform(step(&survey.steps, verb), &known, &cx(&world)).await.unwrap();
            let Outcome::Refused(finding) = outcome else { panic!("{verb}: {outcome:?}") };
            assert_eq!(finding.code, "ZILLIZ-012");
        }
    }
    world.zilliz().set_endpoint_status(&id, OURS, Some("PONDERING"));
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(!to_do(&survey.steps).contains(&"zilliz.register"), "it is registered");
    let wait = step(&survey.steps, "zilliz.await_link");
    let outcome = side.perform(wait, &known, &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Waiting { stage, .. } if stage.contains("PONDERING")), "{outcome:?}");
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_is_waited_for_and_nothing_is_sent_twice() {
    for duplicate in [ZillizOnDuplicate::Echo, ZillizOnDuplicate::Failure] {
        let world = World::new();
        world.zilliz().switch(|switches| {
            switches.unseen_lists = 6;
            switches.duplicate = duplicate;
        });
        let (side, known) = (aws(&world), known(OURS));
        let survey = side.survey(&known, &cx(&world)).await.unwrap();
        let register = step(&survey.steps, "zilliz.register");
        let outcome = finish(&world, &side, &known, register).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
        assert_eq!(world.writes().len(), 1);

        // Another process comes before the list shows it, and knows nothing of the first.
        world.zilliz().deregister(&world.zilliz().project_id(), OURS);
        side.project().register(side.region(), &vpce(OURS)).await.unwrap();
        let outcome = finish(&world, &side, &known, register).await;
        assert!(matches!(outcome, Outcome::Done(_) | Outcome::AlreadyDone(_)), "{outcome:?}");
        assert_eq!(world.zilliz().registered(&world.zilliz().project_id()), [OURS]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_stays_one_is_told_with_the_vendors_words() {
    let world = World::new();
    let side = region(&world, CloudProvider::Gcp);
    let mut known = Exchange::new();
    let ids = privlink_core::side::EndpointIds::Gcp {
        project: "example-project".parse().unwrap(),
        rule: "search".parse().unwrap(),
        psc: None,
    };
    let facts =
        privlink_core::side::EndpointFacts::new(ids, privlink_core::side::EndpointState::Requested, Ownership::Absent);
    known.endpoints.insert(Slot::main(), facts);
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    world.faults().on("createPrivateEndpoint").always().status(400);
    let register = step(&survey.steps, "zilliz.register");
    let error = side.perform(register, &known, &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::InvalidInput, Some("96001")));
}

#[tokio::test(start_paused = true)]
async fn accounts_are_let_in_first_where_the_vendor_says_so() {
    let world = World::new();
    let side = region(&world, CloudProvider::Azure);
    let mut known = Exchange::new();
    let subscription = "00000000-0000-0000-0000-000000000001";
    known.consumer = Some(ConsumerIdentity::Azure { tenant: None, subscription: subscription.parse().unwrap() });
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(survey.known.services[&Slot::main()].by_invitation);
    assert!(codes(&survey.findings).contains(&"ZILLIZ-013"));
    let whitelist = step(&survey.steps, "zilliz.whitelist");
    assert!(whitelist.gives.contains(&Fact::Invited) && whitelist.what.contains(subscription));
    let outcome = finish(&world, &side, &known, whitelist).await;
    assert!(matches!(outcome, Outcome::Done(_)));
    let told = world.zilliz().whitelisted(&world.zilliz().project_id());
    assert_eq!(told, [(side.region().to_string(), subscription.to_owned())]);
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.kept.iter().any(|kept| kept.what.contains(subscription)), "{:?}", removal.kept);

    // Whether it is wanted, is read: it is not of a cloud.
    world.zilliz().require_whitelist(side.region().as_str(), false);
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(!survey.known.services[&Slot::main()].by_invitation && codes(&survey.findings).is_empty());
}

#[tokio::test(start_paused = true)]
async fn endpoints_in_other_regions_of_aws_wait_for_the_vendors_answer() {
    let world = World::new();
    let answered = Confirmation::new();
    let side = aws(&world).from_other_regions(answered.clone());
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert!(survey.known.services.is_empty(), "the network would look for it in vain");
    assert!(codes(&survey.findings).contains(&"ZILLIZ-015"));
    let ticket = step(&survey.steps, "zilliz.cross_region");
    assert_eq!(ticket.state, StepState::Manual);
    let outcome = side.perform(ticket, &Exchange::new(), &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Waiting { stage, .. } if stage.contains("ticket")), "{outcome:?}");
    answered.give();
    let outcome = side.perform(ticket, &Exchange::new(), &cx(&world)).await.unwrap();
    assert!(matches!(outcome, Outcome::AlreadyDone(_)));
    let survey = side.survey(&Exchange::new(), &cx(&world)).await.unwrap();
    assert_eq!(survey.known.services[&Slot::main()].reach, Reach::AnyRegion);
    assert_eq!(world.requests().iter().filter(|request| request.write).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_host_outside_the_vendors_names_is_used_only_when_vouched_for() {
    let world = World::new();
    let (known, articles) = (known(OURS), cluster_id(&world, "articles"));
    let side = aws(&world).only([articles.clone()]);
    set_up(&world, &side, &known).await;
    for odd in [
        "https://aws-us-east-1.vectordb.zillizcloud.com:443",
        "https://in01-000000000000000-privatelink.aws-us-east-1.vectordb.zillizcloud.com:443",
        "https://www.example.com:443",
    ] {
        world.zilliz().set_private_address(articles.as_str(), odd);
        let survey = side.survey(&known, &cx(&world)).await.unwrap();
        assert!(survey.known.names.is_empty() && codes(&survey.findings).contains(&"ZILLIZ-010"), "{odd}");
    }
    let trusted = side.clone().trust_private_host("www.example.com".parse().unwrap());
    let survey = trusted.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(survey.known.names.len(), 1);

    world.zilliz().set_private_address(articles.as_str(), "https://[broken");
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(codes(&survey.findings).contains(&"ZILLIZ-009"), "{:?}", survey.findings);
    let older = format!("https://{articles}.aws-us-east-1.vectordb.zillizcloud.com:19532");
    world.zilliz().set_private_address(articles.as_str(), older);
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!((survey.known.names.len(), codes(&survey.findings)), (1, vec!["ZILLIZ-011"]));
    assert!(survey.known.public_hosts.is_empty(), "the same name inside and outside");
}

#[tokio::test(start_paused = true)]
async fn a_project_answers_for_its_own_use_of_an_endpoint() {
    let world = World::new();
    let other = world.zilliz().add_project("Other");
    world.zilliz().add_cluster(ZillizClusterSpec::new("theirs", CloudProvider::Aws, east()).project(other.clone()));
    let (side, known) = (aws(&world), known(OURS));
    set_up(&world, &side, &known).await;
    let theirs = client(&world).project(other.parse().unwrap()).region(side.region().clone());
    set_up(&world, &theirs, &known).await;
    let endpoint = known.endpoints.values().next().unwrap();
    let (users, complete) = side.users(endpoint, &cx(&world)).await.unwrap();
    assert_eq!((users.len(), complete), (1, true), "the other project's link leaves a mark of its own");
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&removal.steps), ["zilliz.withdraw"]);
    assert!(users.contains(&removal.steps[0].key), "the entry has one key");
    // A key of one project is enough.
    let narrow = world.zilliz().add_key_for(&[world.zilliz().project_id()]);
    let narrow = privlink_zilliz::Client::over(world.transport()).clock(world.clock()).api_key(narrow).build().unwrap();
    let narrow = narrow.project(side.project().id().clone()).region(side.region().clone());
    assert_eq!(narrow.users(endpoint, &cx(&world)).await.unwrap(), (users, true));
}

#[tokio::test(start_paused = true)]
async fn a_link_of_some_clusters_leaves_the_registration_to_the_others() {
    let world = World::new();
    let known = known(OURS);
    let one = aws(&world).only([cluster_id(&world, "articles")]);
    set_up(&world, &aws(&world), &known).await;
    assert_eq!(one.survey(&known, &cx(&world)).await.unwrap().known.names.len(), 1);
    let removal = one.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.is_empty());
    assert!(removal.kept[0].reason.contains("`images`"), "{:?}", removal.kept);
    assert_ne!(one.subject(), aws(&world).subject());
    let whole = aws(&world).removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&whole.steps), ["zilliz.withdraw"]);
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_left_to_others_though_a_list_says_less_or_they_came_later() {
    let world = World::new();
    let known = known(OURS);
    let one = aws(&world).only([cluster_id(&world, "articles")]);
    world.zilliz().delete_cluster(cluster_id(&world, "images").as_str());
    set_up(&world, &one, &known).await;
    let alone = one.removal(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&alone.steps), ["zilliz.withdraw"]);

    world.zilliz().switch(|switches| switches.short_lists = true);
    world.zilliz().add_cluster(ZillizClusterSpec::new("videos", CloudProvider::Aws, east()));
    set_up(&world, &aws(&world), &known).await;
    let outcome = one.perform(&alone.steps[0], &known, &cx(&world)).await.unwrap();
    let Outcome::Moved(finding) = outcome else { panic!("{outcome:?}") };
    assert!(finding.code == "ZILLIZ-022" && finding.summary.contains("`videos`"), "{finding}");
    assert_eq!(world.zilliz().registered(&world.zilliz().project_id()), [OURS]);
    let removal = one.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.is_empty() && removal.kept[0].reason.contains("`videos`"), "{:?}", removal.kept);

    // One that nobody can read may be served, too.
    let videos = cluster_id(&world, "videos");
    let unreadable = altered(&world, move |_, data| {
        for cluster in data["clusters"].as_array_mut().into_iter().flatten() {
            if cluster["clusterId"] == videos.as_str() {
                cluster["status"] = json!(null);
            }
        }
    });
    let one = aws_over(&world, unreadable).only([cluster_id(&world, "articles")]);
    let removal = one.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.steps.is_empty() && removal.kept[0].reason.contains("cannot be read"), "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_cannot_be_read_is_no_absent_one_and_a_deleted_one_is() {
    let world = World::new();
    let known = known(OURS);
    set_up(&world, &aws(&world), &known).await;
    let withdrawal = aws(&world).removal(&known, &cx(&world)).await.unwrap().steps.remove(0);
    let spoilt = |field: &'static str, value: serde_json::Value| {
        let altered = altered(&world, move |_, data| {
            for entry in data["endpoints"].as_array_mut().into_iter().flatten() {
                entry[field] = value.clone();
            }
        });
        aws_over(&world, altered)
    };
    let error = spoilt("endpointId", json!(5)).perform(&withdrawal, &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error:?}");
    // A status of another type is no status, and the entry is still the entry.
    let outcome = spoilt("endpointStatus", json!(5)).perform(&withdrawal, &known, &cx(&world)).await.unwrap();
    assert!(matches!(outcome, Outcome::Waiting { .. } | Outcome::Done(_)), "{outcome:?}");
    let removed =
        |world: &World| world.writes().iter().filter(|write| write.operation == "deletePrivateEndpoint").count();
    assert_eq!(removed(&world), 1);

    set_up(&world, &aws(&world), &known).await;
    let ghost = spoilt("endpointStatus", json!("DELETED"));
    let outcome = ghost.perform(&withdrawal, &known, &cx(&world)).await.unwrap();
    assert!(matches!(outcome, Outcome::AlreadyDone(_)), "{outcome:?}");
    let survey = ghost.survey(&known, &cx(&world)).await.unwrap();
    assert!(to_do(&survey.steps).contains(&"zilliz.register"), "{:?}", to_do(&survey.steps));
    assert_eq!(removed(&world), 1);
    // Of another cloud's region: of no concern.
    let foreign = altered(&world, |_, data| {
        if let Some(entries) = data["endpoints"].as_array_mut() {
            entries.push(json!({ "regionId": "oci-us-ashburn-1", "endpointId": "ocid1" }));
        }
    });
    let side = aws_over(&world, foreign);
    let (_, complete) = side.users(known.endpoints.values().next().unwrap(), &cx(&world)).await.unwrap();
    assert!(complete);
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_that_is_refused_is_looked_for_whatever_the_http_status() {
    for errors_in_200 in [true, false] {
        let world = World::new();
        world.zilliz().switch(|switches| {
            (switches.unseen_lists, switches.duplicate) = (6, ZillizOnDuplicate::Failure);
            switches.errors_in_200 = errors_in_200;
        });
        let (side, known) = (aws(&world), known(OURS));
        let survey = side.survey(&known, &cx(&world)).await.unwrap();
        side.project().register(side.region(), &vpce(OURS)).await.unwrap();
        let outcome = finish(&world, &side, &known, step(&survey.steps, "zilliz.register")).await;
        assert!(matches!(outcome, Outcome::Done(_) | Outcome::AlreadyDone(_)), "{errors_in_200}: {outcome:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_is_let_in_only_when_the_vendor_said_so() {
    let world = World::new();
    let side = region(&world, CloudProvider::Azure);
    let mut known = Exchange::new();
    let subscription = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    known.consumer = Some(ConsumerIdentity::Azure { tenant: None, subscription });
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    let whitelist = step(&survey.steps, "zilliz.whitelist");
    let fault = world.faults().on_any().writes().always().status(503);
    let outcome = side.perform(whitelist, &known, &cx(&world)).await.unwrap();
    assert!(matches!(&outcome, Outcome::Waiting { .. }), "{outcome:?}");
    assert!(world.zilliz().whitelisted(&world.zilliz().project_id()).is_empty());
    fault.lift();
    assert!(matches!(finish(&world, &side, &known, whitelist).await, Outcome::Done(_)));
    assert_eq!(world.zilliz().whitelisted(&world.zilliz().project_id()).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn steps_of_another_project_or_changed_by_hand_are_refused_before_any_request() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    set_up(&world, &side, &known).await;
    let removal = side.removal(&known, &cx(&world)).await.unwrap();
    let mut changed = removal.steps[0].clone();
    changed.params["endpoint"] = serde_json::json!({ "aws": OTHER });
    world.clear_requests();
    let error = side.perform(&changed, &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut of_another = removal.steps[0].clone();
    of_another.params["project"] = "proj-0a1b2c3d4e5f".into();
    let error = side.perform(&of_another, &known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn hostile_answers_break_no_read_and_are_told() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    world.zilliz().switch(|switches| switches.unknown_status = Some("PONDERING"));
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&survey.steps).len(), 3, "a cluster in a state nobody knows is waited for");
    world.zilliz().switch(|switches| switches.unknown_status = None);
    // The page of a firewall, once: told with what it is.
    world.zilliz().switch(|switches| switches.firewall = 9);
    let error = side.survey(&known, &cx(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(error.body().unwrap().contains("blocked"), "{error:?}");
    world.zilliz().switch(|switches| switches.firewall = 0);
    // Pages of two: everything is found all the same, and throttling is waited for.
    for n in 0..7 {
        world.zilliz().register(&world.zilliz().project_id(), side.region().as_str(), &format!("vpce-{n:017x}"), None);
    }
    world.zilliz().register(&world.zilliz().project_id(), side.region().as_str(), OURS, None);
    world.zilliz().switch(|switches| {
        switches.largest_page = 2;
        switches.throttle_every = std::num::NonZeroU32::new(3);
    });
    let started = world.clock().now();
    let survey = side.survey(&known, &cx(&world)).await.unwrap();
    assert!(!to_do(&survey.steps).contains(&"zilliz.register"));
    assert!(world.clock().now().duration_since(started).unwrap() < Duration::from_secs(120));
}
