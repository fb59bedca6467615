//! Setting up: what is made, in which order, and what a second run does.

mod support;

use privlink_core::side::{Fact, Naming, RecordShape, Side, StepState, Vantage};
use privlink_core::{DnsName, Severity};
use privlink_sim::World;
use support::*;

#[tokio::test(start_paused = true)]
async fn a_fresh_vpc_gets_group_endpoint_zone_and_record_and_the_host_leads_to_the_endpoint() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let (_, survey) = plan(&network, &vendor).await;
    assert_eq!(
        todo(&survey),
        ["aws.security_group", "aws.open_ports", "aws.endpoint", "aws.await_connected", "aws.zone", "aws.record"]
    );
    assert!(survey.steps.iter().all(|step| !step.grants.is_empty()), "every step names its permissions");
    let known = set_up(&network, &vendor).await;
    assert_eq!(
        writes(&world),
        [
            "CreateSecurityGroup",
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupIngress",
            "CreateVpcEndpoint",
            "CreateTags",
            "CreateHostedZone",
            "ChangeResourceRecordSets"
        ]
    );
    for fact in [Fact::Endpoint, Fact::Address, Fact::Connected, Fact::Opened, Fact::Resolving] {
        assert!(holds(&known, fact.clone()), "{fact}");
    }
    let addresses: Vec<_> =
        known.endpoints.values().flat_map(|facts| &facts.addresses).map(|(address, _)| *address).collect();
    assert_eq!(addresses.len(), 2);
    assert!(known.endpoints.values().flat_map(|facts| &facts.addresses).all(|(_, zone)| zone.is_some()));
    let mut resolved = world.vantage(&world.aws().subnet_ids()[0]).resolve(&host(&world));
    resolved.sort();
    assert_eq!(resolved, addresses);
}

#[tokio::test(start_paused = true)]
async fn a_second_run_writes_nothing_and_knows_everything_at_once() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    world.clear_requests();
    let (known, survey) = plan(&network, &vendor).await;
    assert_eq!(todo(&survey), [""; 0]);
    assert!(survey.steps.iter().all(|step| step.state == StepState::AlreadyDone));
    assert!(holds(&known, Fact::Connected) && holds(&known, Fact::Resolving));
    assert_eq!(writes(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn reads_of_one_round_are_in_flight_together() {
    let world = World::builder().latency(std::time::Duration::from_millis(100)).build();
    let (network, cx) = (network(&world), cx(&world));
    let began = world.clock().monotonic();
    network.survey(&privlink_core::side::Exchange::new(), &cx).await.unwrap();
    let took = world.clock().monotonic() - began;
    assert!(took < std::time::Duration::from_millis(200), "one round took {took:?}");
    assert_eq!(world.requests().len(), 8, "{:?}", world.requests().iter().map(|r| &r.operation).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_dies_after_any_step_is_resumed_by_the_next() {
    let steps = 6;
    for dies_after in 0..steps {
        let world = World::new();
        let vendor = vendor(&world);
        let first = network(&world);
        let (mut known, survey) = plan(&first, &vendor).await;
        let cx = cx(&world);
        let mut left: Vec<_> = survey.steps.iter().collect();
        for _ in 0..dies_after {
            use privlink_sim::contract::Counterpart;
            known.absorb(vendor.tell(&known));
            let place = left
                .iter()
                .position(|step| step.needs.iter().all(|fact| known.holds(step.slot.as_ref(), fact)))
                .unwrap();
            let step = left.remove(place);
            known.absorb(finish(&first, &cx, &known, step).await.unwrap());
            for fact in &step.gives {
                known.hold(step.slot.clone(), fact.clone());
            }
        }
        // Another process: nothing is remembered but what the world shows.
        let second = network(&world);
        set_up(&second, &vendor).await;
        assert_eq!(world.aws().endpoints().len(), 1, "died after {dies_after}");
        assert_eq!(writes(&world).len(), 7, "died after {dies_after}: {:?}", writes(&world));
    }
}

#[tokio::test(start_paused = true)]
async fn two_databases_behind_one_service_share_the_endpoint() {
    let world = World::new();
    let network = network(&world);
    set_up(&network, &vendor_of(&world, "orders")).await;
    let billing = vendor_of(&world, "billing");
    let (_, survey) = plan(&network, &billing).await;
    assert_eq!(todo(&survey), ["aws.zone", "aws.record"]);
    set_up(&network, &billing).await;
    assert_eq!(world.aws().endpoints().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_endpoint_is_replaced_even_when_its_token_still_answers() {
    for replay in [true, false] {
        let world = World::new();
        world.aws().switch(|behaviour| behaviour.token_replay_after_delete = replay);
        let (network, vendor) = (network(&world), vendor(&world));
        set_up(&network, &vendor).await;
        let first = world.aws().endpoints()[0].id.clone();
        world.aws().delete_endpoint(&first);
        tokio::time::sleep(std::time::Duration::from_secs(7_200)).await;
        let known = set_up(&network, &vendor).await;
        let second = &world.aws().endpoints()[0];
        assert_ne!(second.id, first, "replay: {replay}");
        assert!(holds(&known, Fact::Resolving));
        let resolved = world.vantage(&world.aws().subnet_ids()[0]).resolve(&host(&world));
        assert!(!resolved.is_empty() && resolved.iter().all(|address| second.addresses.contains(address)));
    }
}

#[tokio::test(start_paused = true)]
async fn fresh_ids_that_are_not_visible_yet_are_waited_for() {
    let world = World::new();
    world.aws().switch(|behaviour| {
        behaviour.unseen_reads = 2;
        behaviour.dns_entries_reversed = true;
    });
    let (network, vendor) = (network(&world), vendor(&world));
    set_up(&network, &vendor).await;
    assert_eq!(world.aws().endpoints().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn further_vpcs_resolve_the_name_when_asked_for() {
    let world = World::new();
    let aws = world.aws();
    let other = aws.add_vpc(&aws.account(), &aws.region(), "10.9.0.0/16".parse().unwrap());
    let subnet = aws.add_subnet(&other, "10.9.0.0/24".parse().unwrap(), &"use1-az1".parse().unwrap(), "us-east-1a");
    aws.add_machine(&subnet, [aws.find_group(&other, "default")]);
    let (network, vendor) = (network(&world).also_resolve_in([other.clone()]), vendor(&world));
    set_up(&network, &vendor).await;
    assert!(!world.vantage(&subnet).resolve(&host(&world)).is_empty());
    let (_, survey) = plan(&network, &vendor).await;
    assert_eq!(todo(&survey), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn other_naming_modes_write_where_they_say() {
    let world = World::new();
    let parent = host(&world).parent().unwrap();
    for (shape, record) in
        [(RecordShape::Exact, host(&world)), (RecordShape::Wildcard, format!("*.{parent}").parse::<DnsName>().unwrap())]
    {
        let world = World::new();
        let (network, vendor) = (network(&world).naming(Naming::PrivateZone(shape)), vendor(&world));
        let (_, survey) = plan(&network, &vendor).await;
        assert!(codes(&survey, Severity::Warning).contains(&"AWS-034"), "hiding other names is said");
        assert!(survey.steps.iter().any(|step| step.what.ends_with(record.as_str())), "{shape:?}");
        set_up(&network, &vendor).await;
        assert!(!world.vantage(&world.aws().subnet_ids()[0]).resolve(&host(&world)).is_empty(), "{shape:?}");
        let (_, survey) = plan(&network, &vendor).await;
        assert_eq!(todo(&survey), [""; 0], "{shape:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn self_managed_naming_writes_no_name_and_prints_the_records() {
    let world = World::new();
    let (network, vendor) = (network(&world).naming(Naming::SelfManaged), vendor(&world));
    set_up(&network, &vendor).await;
    assert!(!writes(&world).iter().any(|write| write.contains("Zone") || write.contains("Record")));
    let (_, survey) = plan(&network, &vendor).await;
    let printed = survey.findings.iter().find(|finding| finding.code == "AWS-041").unwrap();
    assert_eq!(printed.evidence.iter().filter(|line| line.contains(" IN A 10.0.")).count(), 2, "{printed}");
}

#[tokio::test(start_paused = true)]
async fn the_vantage_inside_proves_the_whole_link() {
    let world = World::new();
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    let addresses =
        known.endpoints.values().flat_map(|facts| &facts.addresses).map(|(address, _)| *address).collect::<Vec<_>>();
    let expectation = privlink_core::side::Expectation::new(
        privlink_core::side::Nonce::fresh(),
        world.clock().now(),
        known.names.clone(),
        addresses,
        known.inside.clone(),
    );
    let proof = world.vantage(&world.aws().subnet_ids()[0]).prove(&expectation).await.unwrap();
    assert!(!proof.rungs.is_empty());
    let broken: Vec<_> = proof.rungs.iter().filter(|rung| format!("{:?}", rung.result).contains("TimedOut")).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[tokio::test(start_paused = true)]
async fn two_runs_at_the_same_time_end_at_one_of_everything() {
    let world = World::new();
    let vendor = vendor(&world);
    let (first, second) = (network(&world), network(&world));
    let (known, survey) = plan(&first, &vendor).await;
    let (one, other) = tokio::join!(
        apply(&first, &vendor, known.clone(), &survey.steps),
        apply(&second, &vendor, known.clone(), &survey.steps)
    );
    for end in [one, other] {
        assert!(matches!(end, End::Done(_)), "{end:?}");
    }
    assert_eq!(world.aws().endpoints().len(), 1);
    let count = |operation: &str| writes(&world).iter().filter(|write| *write == operation).count();
    assert!(count("CreateVpcEndpoint") >= 1 && count("CreateHostedZone") >= 1);
    let (_, survey) = plan(&first, &vendor).await;
    assert_eq!(todo(&survey), [""; 0]);
    assert!(codes(&survey, Severity::Warning).is_empty(), "{:?}", survey.findings);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_may_point_into_another_region_when_the_vendor_allows_it() {
    use privlink_core::side::Reach;
    use privlink_core::{CloudProvider, Region};
    use privlink_sim::{CellSpec, ServiceSpec};

    let world = World::new();
    let region: Region = "eu-west-1".parse().unwrap();
    let clickhouse = world.clickhouse();
    clickhouse.add_cell(CellSpec::new("eu-west-1-c0", CloudProvider::Aws, region.clone()));
    clickhouse.add_service(ServiceSpec::new("faraway", CloudProvider::Aws, region).cell("eu-west-1-c0"));
    let (network, vendor) = (network(&world), vendor_of(&world, "faraway"));
    let (mut known, survey) = plan(&network, &vendor).await;
    assert!(codes(&survey, Severity::Info).contains(&"AWS-003"));
    let step = survey.steps.iter().find(|step| step.verb == "aws.endpoint").unwrap();
    assert!(step.grants.iter().any(|grant| grant.action == "vpce:AllowMultiRegion"));
    set_up(&network, &vendor).await;
    let create = world.writes().into_iter().find(|request| request.operation == "CreateVpcEndpoint").unwrap();
    assert!(String::from_utf8(create.body.to_vec()).unwrap().contains("ServiceRegion=eu-west-1"));

    for service in known.services.values_mut() {
        service.reach = Reach::SameRegion;
    }
    let survey = network.survey(&known, &cx(&world)).await.unwrap();
    assert_eq!(blocks(&survey), ["AWS-002"]);
}

#[tokio::test(start_paused = true)]
async fn links_of_different_names_that_race_make_one_endpoint() {
    for unseen in [1, 2, 4, 8] {
        let world = World::new();
        let (one, other, vendor) = (network(&world), network(&world), vendor(&world));
        let (known, survey) = plan(&one, &vendor).await;
        let step = |verb: &str| survey.steps.iter().find(|step| step.verb == verb).unwrap();
        finish(&one, &cx(&world), &known, step("aws.security_group")).await.unwrap();
        world.aws().switch(|behaviour| behaviour.unseen_reads = unseen);
        finish(&one, &cx(&world), &known, step("aws.endpoint")).await.unwrap();
        let (renamed, before) = (cx_of(&world, "renamed", "another database"), world.clock().now());
        finish(&other, &renamed, &known, step("aws.endpoint")).await.unwrap();
        assert_eq!(world.aws().endpoints().len(), 1, "{unseen} reads do not see a new endpoint");
        let waited = world.clock().now().duration_since(before).unwrap();
        assert!(waited < std::time::Duration::from_secs(5), "{unseen}: waited for {waited:?} on its own words");
    }
}

#[tokio::test(start_paused = true)]
async fn links_of_different_names_race_through_the_whole_set_up() {
    for unseen in [0, 1, 4] {
        let world = World::new();
        let vendor = vendor(&world);
        let (first, second) = (network(&world), network(&world));
        let (known, survey) = plan(&first, &vendor).await;
        world.aws().switch(|behaviour| behaviour.unseen_reads = unseen);
        let (one, other) = (cx(&world), cx_of(&world, "renamed", "another database"));
        let ends = tokio::join!(
            apply_in(&first, &vendor, known.clone(), &survey.steps, &one),
            apply_in(&second, &vendor, known.clone(), &survey.steps, &other)
        );
        for end in [ends.0, ends.1] {
            assert!(matches!(end, End::Done(_)), "{unseen}: {end:?}");
        }
        assert_eq!(world.aws().endpoints().len(), 1, "{unseen}");
        let (_, survey) = plan(&first, &vendor).await;
        assert_eq!(todo(&survey), [""; 0], "{unseen}");
        assert!(codes(&survey, Severity::Warning).is_empty(), "{unseen}: {:?}", survey.findings);
    }
}

#[tokio::test(start_paused = true)]
async fn runs_that_ask_for_different_tags_still_end_at_one_endpoint() {
    for unseen in [1, 2, 4, 8] {
        let world = World::new();
        let one = network(&world);
        let other = network(&world).tags([privlink_aws::Tag::new("team", "data")]);
        let (known, survey) = plan(&one, &vendor(&world)).await;
        let step = |verb: &str| survey.steps.iter().find(|step| step.verb == verb).unwrap();
        finish(&one, &cx(&world), &known, step("aws.security_group")).await.unwrap();
        world.aws().switch(|behaviour| behaviour.unseen_reads = unseen);
        finish(&one, &cx(&world), &known, step("aws.endpoint")).await.unwrap();
        finish(&other, &cx(&world), &known, step("aws.endpoint")).await.unwrap();
        assert_eq!(world.aws().endpoints().len(), 1, "{unseen} reads do not see a new endpoint");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_may_not_be_labelled_later_is_used_without() {
    let world = World::new();
    let denied = http::Response::builder()
        .status(403)
        .body(bytes::Bytes::from_static(
            b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized to perform \
              this operation.</Message></Error></Errors><RequestID>11111111-2222-3333-4444-555555555555</RequestID></Response>",
        ))
        .unwrap();
    let fault = world.faults().on("CreateTags").always().answer(denied);
    let (network, vendor) = (network(&world), vendor(&world));
    let known = set_up(&network, &vendor).await;
    assert!(fault.hits() > 0);
    assert!(holds(&known, Fact::Resolving));
    // Its group carries the label all the same, and so the endpoint is found.
    let found = network.removal(&untold(), &cx(&world)).await.unwrap();
    assert_eq!(found.steps.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn set_up_and_removal_can_follow_each_other_for_ever() {
    let world = World::new();
    world.aws().switch(|behaviour| behaviour.token_replay_after_delete = true);
    let (network, vendor) = (network(&world), vendor(&world));
    for _ in 0..70 {
        let known = set_up(&network, &vendor).await;
        let removal = network.removal(&known, &cx(&world)).await.unwrap();
        take_down(&network, &world, &known, &removal.steps).await;
        tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    }
}
