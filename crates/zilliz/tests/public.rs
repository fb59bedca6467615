//! Closing the public addresses, and opening them again.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_core::side::{DatabaseSide, Outcome, Side};
use privlink_core::{CloudProvider, ErrorKind, Region};
use privlink_sim::{World, ZillizClusterSpec};
use serde_json::json;
use support::*;

fn east() -> Region {
    "us-east-1".parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn public_addresses_are_switched_where_the_deployment_can_and_told_where_it_cannot() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    set_up(&world, &side, &known).await;
    // Without the call: the console alone can.
    let (survey, _) = side.closing(&known, &cx(&world)).await.unwrap();
    assert_eq!(to_do(&survey.steps), ["zilliz.close_public", "zilliz.close_public"]);
    assert!(survey.steps[0].why.contains("19530"), "it says who loses access: {}", survey.steps[0].why);
    let outcome = side.perform(&survey.steps[0], &known, &cx(&world)).await.unwrap();
    let Outcome::Refused(finding) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "ZILLIZ-016");

    world.zilliz().switch(|switches| switches.public_switch = true);
    let (survey, receipt) = side.closing(&known, &cx(&world)).await.unwrap();
    for step in &survey.steps {
        assert!(matches!(finish(&world, &side, &known, step).await, Outcome::Done(_)));
        assert!(matches!(finish(&world, &side, &known, step).await, Outcome::AlreadyDone(_)));
    }
    let articles = cluster_id(&world, "articles");
    assert!(!world.zilliz().is_public(articles.as_str()));
    let error = side.closing(&known, &cx(&world)).await.unwrap_err();
    assert_eq!((error.kind(), &*error.finding().unwrap().code), (ErrorKind::Conflict, "ZILLIZ-017"));

    let back = side.reopening(&receipt, &cx(&world)).await.unwrap();
    assert_eq!(codes(&back.findings), ["ZILLIZ-018", "ZILLIZ-018"], "resolvers remember");
    for step in &back.steps {
        assert!(matches!(finish(&world, &side, &known, step).await, Outcome::Done(_)));
    }
    assert!(world.zilliz().is_public(articles.as_str()));
    let elsewhere = region(&world, CloudProvider::Gcp);
    assert_eq!(elsewhere.reopening(&receipt, &cx(&world)).await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test(start_paused = true)]
async fn closing_goes_by_each_cluster_and_believes_only_what_it_sees() {
    let world = World::new();
    let known = known(OURS);
    set_up(&world, &aws(&world), &known).await;
    world.zilliz().switch(|switches| (switches.public_switch, switches.short_lists) = (true, true));
    let (survey, _) = aws(&world).closing(&known, &cx(&world)).await.unwrap();
    assert_eq!((survey.steps.len(), survey.findings.len()), (2, 0), "{:?}", survey.findings);

    // A deployment that does not say: nobody knows that it is closed.
    let silent = |world: &World| {
        let altered = altered(world, |_, data| {
            data.as_object_mut().map(|data| data.remove("connectAddressEnabled"));
        });
        aws_over(world, altered)
    };
    let mut stored = None;
    for _ in 0..30 {
        let outcome = silent(&world).perform(&survey.steps[0], &known, &cx(&world).resuming(stored)).await.unwrap();
        let Outcome::Waiting { poll_after, resume, .. } = outcome else { panic!("nobody said so: {outcome:?}") };
        stored = resume;
        world.clock().sleep(poll_after).await;
    }
    let switched =
        |world: &World| world.writes().iter().filter(|write| write.operation.contains("ConnectAddress")).count();
    assert_eq!(switched(&world), 1, "{:?}", world.writes());

    // A lost answer: the second one is refused, since the cluster is being changed by then.
    let (side, step) = (aws(&world), &survey.steps[1]);
    let lost = world.faults().on_any().writes().times(1).reset_after_commit();
    assert!(matches!(finish(&world, &side, &known, step).await, Outcome::Done(_)));
    assert_eq!(lost.hits(), 1);

    // One that cannot be read is not closed in silence.
    let unreadable = altered(&world, |_, data| {
        for cluster in data["clusters"].as_array_mut().into_iter().flatten().take(1) {
            cluster["status"] = json!(null);
        }
    });
    let error = aws_over(&world, unreadable).closing(&known, &cx(&world)).await.unwrap_err();
    assert_eq!(&*error.finding().unwrap().code, "ZILLIZ-020", "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reopening_opens_the_cluster_that_its_words_name() {
    let world = World::new();
    let (side, known) = (aws(&world), known(OURS));
    set_up(&world, &side, &known).await;
    world.zilliz().switch(|switches| switches.public_switch = true);
    let (closing, receipt) = side.closing(&known, &cx(&world)).await.unwrap();
    for step in &closing.steps {
        finish(&world, &side, &known, step).await;
    }
    let back = side.reopening(&receipt, &cx(&world)).await.unwrap();
    let mut changed = back.steps[0].clone();
    changed.params["cluster"] = back.steps[1].params["cluster"].clone();
    world.clear_requests();
    let outcome = side.perform(&changed, &known, &cx(&world)).await.unwrap();
    let Outcome::Refused(finding) = outcome else { panic!("{outcome:?}") };
    assert_eq!(finding.code, "LINK-010");
    assert!(world.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_would_not_switch_off_is_told_before() {
    let world = World::new();
    let zilliz = world.zilliz();
    zilliz.add_cluster(ZillizClusterSpec::new("cheap", CloudProvider::Aws, east()).plan("Standard"));
    zilliz.add_cluster(ZillizClusterSpec::new("worldwide", CloudProvider::Aws, east()).global());
    let (side, known) = (aws(&world), known(OURS));
    let error = side.closing(&known, &cx(&world)).await.unwrap_err();
    assert_eq!(
        (error.kind(), &*error.finding().unwrap().code),
        (ErrorKind::Conflict, "ZILLIZ-019"),
        "none has a private address yet, and a receipt of nothing is none"
    );
    set_up(&world, &side, &known).await;
    let (survey, _) = side.closing(&known, &cx(&world)).await.unwrap();
    assert_eq!((survey.steps.len(), codes(&survey.findings)), (2, vec!["ZILLIZ-019", "ZILLIZ-019"]));
}
