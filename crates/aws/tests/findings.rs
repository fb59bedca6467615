//! What cannot work is said before any write, and what is somebody else's stays untouched.

mod support;

use privlink_core::side::{Exchange, Fact, Naming, RecordShape};
use privlink_core::{DnsName, Severity};
use privlink_sim::World;
use privlink_sim::contract::Counterpart;
use support::*;

#[tokio::test(start_paused = true)]
async fn subnets_are_judged_by_zone_before_anything_is_made() {
    let world = World::new();
    let ids = world.aws().subnet_ids();
    let vendor = vendor(&world);
    let network = |subnets: &[usize]| {
        client(&world).vpc(world.aws().vpc_id()).subnets(subnets.iter().map(|place| ids[*place].clone()))
    };
    let (_, survey) = plan(&network(&[0, 1, 2]), &vendor).await;
    assert!(codes(&survey, Severity::Warning).contains(&"AWS-007"), "the third is left out: {:?}", survey.findings);
    assert_eq!(blocks(&survey), [""; 0]);
    let (_, survey) = plan(&network(&[2]), &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-007"]);
    let (_, survey) = plan(&network(&[]), &vendor).await;
    assert_eq!(blocks(&survey), [""; 0], "two subnets fit by themselves");
    assert!(codes(&survey, Severity::Info).contains(&"AWS-010"));
    assert_eq!(writes(&world), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_vpc_that_is_not_there_is_one_finding() {
    let world = World::new();
    let network = client(&world).vpc("vpc-0123456789abcdef0".parse().unwrap());
    let (_, survey) = plan(&network, &vendor(&world)).await;
    assert_eq!(blocks(&survey), ["AWS-001"]);
}

#[tokio::test(start_paused = true)]
async fn dns_attributes_that_are_off_block_unless_the_plan_may_switch_them_on() {
    let world = World::new();
    let vpc = world.aws().vpc_id();
    world.aws().set_dns(&vpc, true, false);
    let vendor = vendor(&world);
    let (_, survey) = plan(&network(&world), &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-030"]);
    let allowed = network(&world).enable_vpc_dns(true);
    let known = set_up(&allowed, &vendor).await;
    assert!(holds(&known, Fact::Resolving));
    assert!(writes(&world).contains(&"ModifyVpcAttribute".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_default_group_is_refused_and_a_given_group_is_not_changed() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    let (_, survey) = plan(&network(&world).security_groups([aws.default_group()]), &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-011"]);
    let given = aws.add_group(&aws.vpc_id(), "database");
    let network = network(&world).security_groups([given.clone()]);
    let (_, survey) = plan(&network, &vendor).await;
    assert!(codes(&survey, Severity::Warning).contains(&"AWS-012"), "{:?}", survey.findings);
    set_up(&network, &vendor).await;
    assert!(!writes(&world).iter().any(|write| write.contains("SecurityGroup")), "{:?}", writes(&world));
    let removal = {
        use privlink_core::side::Side;
        let (known, _) = plan(&network, &vendor).await;
        network.removal(&known, &cx(&world)).await.unwrap()
    };
    assert!(removal.kept.iter().any(|kept| kept.key.as_str().contains(given.as_str())), "{:?}", removal.kept);
}

#[tokio::test(start_paused = true)]
async fn a_client_group_is_let_in_instead_of_the_whole_vpc() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    set_up(&network(&world).client_group(aws.client_group()), &vendor).await;
    let bodies: Vec<String> = world
        .writes()
        .into_iter()
        .filter(|request| request.operation == "AuthorizeSecurityGroupIngress")
        .map(|request| String::from_utf8(request.body.to_vec()).unwrap())
        .collect();
    assert_eq!(bodies.len(), 2);
    for body in bodies {
        assert!(body.contains(&format!("IpPermissions.1.Groups.1.GroupId={}", aws.client_group())), "{body}");
        assert!(!body.contains("CidrIp"), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_of_somebody_else_blocks_unless_it_is_given() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    let zone = aws.make_zone(&host(&world), &[aws.vpc_id()]);
    let (_, survey) = plan(&network(&world), &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-031"]);
    let given = network(&world).hosted_zone(zone.clone());
    let known = set_up(&given, &vendor).await;
    assert!(holds(&known, Fact::Resolving));
    assert!(!writes(&world).contains(&"CreateHostedZone".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_record_of_somebody_else_is_never_overwritten() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    let zone = aws.make_zone(&host(&world), &[aws.vpc_id()]);
    aws.put_address(&zone, &host(&world), &["10.0.99.99".parse().unwrap()]);
    let given = network(&world).hosted_zone(zone.clone());
    let (known, survey) = plan(&given, &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-035"]);
    // Even a run that ignores the finding, or a record that appears meanwhile, changes nothing.
    aws.delete_record(&zone, &host(&world), "A");
    let (_, free) = plan(&given, &vendor).await;
    aws.put_address(&zone, &host(&world), &["10.0.99.99".parse().unwrap()]);
    match apply(&given, &vendor, known, &free.steps).await {
        End::Stopped(verb, finding) => assert_eq!((verb.as_str(), &*finding.code), ("aws.record", "AWS-035")),
        End::Done(_) => panic!("a record of somebody else was overwritten"),
    }
    assert!(!writes(&world).contains(&"ChangeResourceRecordSets".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_wider_zone_is_a_note_and_the_narrower_one_wins() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    aws.make_zone(&host(&world).parent().unwrap(), &[aws.vpc_id()]);
    let (_, survey) = plan(&network(&world), &vendor).await;
    assert!(codes(&survey, Severity::Info).contains(&"AWS-033"));
    set_up(&network(&world), &vendor).await;
    assert!(!world.vantage(&aws.subnet_ids()[0]).resolve(&host(&world)).is_empty());
}

/// The vendor of `orders`, whose public host is a neighbour of its private one, as where a
/// deployment has one zone for both.
struct Neighbours(privlink_sim::contract::ClickHouseVendor);

impl Counterpart for Neighbours {
    fn world(&self) -> &World {
        self.0.world()
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let mut told = self.0.tell(known);
        told.public_hosts.insert(public_neighbour(self.world()));
        told
    }

    fn take_away(&self) {
        self.0.take_away();
    }
}

fn public_neighbour(world: &World) -> DnsName {
    format!("public.{}", host(world).parent().expect("a host has a parent")).parse().expect("a name")
}

#[tokio::test(start_paused = true)]
async fn a_record_that_would_catch_a_public_host_is_told() {
    let world = World::new();
    let vendor = Neighbours(vendor(&world));
    let plans = |shape| network(&world).naming(Naming::PrivateZone(shape));

    let (_, survey) = plan(&network(&world), &vendor).await;
    assert!(!survey.findings.iter().any(|finding| finding.code.starts_with("ZONE-")), "{:?}", survey.findings);
    let (_, survey) = plan(&plans(RecordShape::Wildcard), &vendor).await;
    assert_eq!(blocks(&survey), ["ZONE-005"]);
    let (_, survey) = plan(&plans(RecordShape::Exact), &vendor).await;
    assert_eq!(blocks(&survey), [""; 0]);
    let told = survey.findings.iter().find(|finding| finding.code == "ZONE-006").expect("a warning");
    assert!(told.summary.contains(public_neighbour(&world).as_str()), "{told}");

    // Once the zone is there, it hides nothing that it did not hide before.
    set_up(&plans(RecordShape::Exact), &vendor).await;
    let (_, survey) = plan(&plans(RecordShape::Exact), &vendor).await;
    assert!(!survey.findings.iter().any(|finding| finding.code.starts_with("ZONE-")), "{:?}", survey.findings);
}

#[tokio::test(start_paused = true)]
async fn a_public_host_with_a_record_of_its_own_is_not_caught_by_a_wildcard() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), Neighbours(vendor(&world)));
    let zone = aws.make_zone(&host(&world).parent().unwrap(), &[aws.vpc_id()]);
    let given = network(&world).hosted_zone(zone.clone()).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&given, &vendor).await;
    assert_eq!(blocks(&survey), ["ZONE-005"]);
    aws.put_address(&zone, &public_neighbour(&world), &["203.0.113.7".parse().unwrap()]);
    set_up(&given, &vendor).await;
}

#[tokio::test(start_paused = true)]
async fn a_foreign_endpoint_is_a_note_and_can_be_adopted_and_released() {
    use privlink_core::side::{NetworkSide, Ownership, Side};

    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    let group = aws.add_group(&aws.vpc_id(), "theirs");
    aws.open_ports(&group, 1..=65535, "10.0.0.0/16".parse().unwrap());
    let theirs = aws.make_endpoint(&service(&world), &aws.subnet_ids()[..2], &[group]);
    let network = network(&world);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let before = snapshot(&world);
    let (_, survey) = plan(&network, &vendor).await;
    assert!(codes(&survey, Severity::Info).contains(&"AWS-014"), "{:?}", survey.findings);
    assert!(todo(&survey).contains(&"aws.endpoint"), "it is not used unasked");

    let facts = network.adopt(&theirs.clone().into(), &services(&vendor), &cx(&world)).await.unwrap();
    assert!(matches!(facts.ownership, Ownership::Adopted(_)));
    let known = set_up(&network, &vendor).await;
    assert_eq!(aws.endpoints().len(), 1, "the adopted one is used");
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    assert!(removal.kept.iter().any(|kept| kept.reason.contains("adopted")), "{:?}", removal.kept);
    take_down(&network, &world, &known, &removal.steps).await;
    assert_eq!(aws.endpoints()[0].id, theirs);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let after = snapshot(&world);
    assert_eq!(after, before, "nothing but our marks was there, and they are gone");
}

#[tokio::test(start_paused = true)]
async fn a_record_of_a_given_zone_is_replaced_once_its_endpoint_is_gone_for_certain() {
    let world = World::new();
    let (aws, vendor) = (world.aws(), vendor(&world));
    let zone = aws.make_zone(&host(&world).parent().unwrap(), &[aws.vpc_id()]);
    let network = network(&world).hosted_zone(zone.clone());
    set_up(&network, &vendor).await;
    let first = aws.endpoints()[0].id.clone();
    let (_, survey) = plan(&network, &vendor).await;
    assert!(!codes(&survey, Severity::Warning).contains(&"AWS-047"));
    aws.delete_endpoint(&first);
    tokio::time::sleep(std::time::Duration::from_secs(7_200)).await;

    // As long as AWS does not say of this very id that it is not found, it is somebody's.
    let empty = http::Response::builder()
        .body(bytes::Bytes::from_static(
            b"<DescribeVpcEndpointsResponse><vpcEndpointSet/></DescribeVpcEndpointsResponse>",
        ))
        .unwrap();
    let fault = world.faults().on("DescribeVpcEndpoints").always().answer(empty);
    assert!(blocks(&plan(&network, &vendor).await.1).contains(&"AWS-035"));
    fault.lift();
    // Nor while a VPC sees the zone that nobody spoke of.
    let other = aws.add_vpc(&aws.account(), &aws.region(), "10.9.0.0/16".parse().unwrap());
    let seen = privlink_aws::ZoneVpc::new(other.clone(), aws.region());
    client(&world).route53().associate_vpc(&zone, &seen).await.unwrap();
    assert!(blocks(&plan(&network, &vendor).await.1).contains(&"AWS-035"));

    let network = network.also_resolve_in([other]);
    let (_, survey) = plan(&network, &vendor).await;
    assert!(codes(&survey, Severity::Warning).contains(&"AWS-047"), "{:?}", survey.findings);
    set_up(&network, &vendor).await;
    let second = &aws.endpoints()[0];
    assert_ne!(second.id, first);
    let resolved = world.vantage(&aws.subnet_ids()[0]).resolve(&host(&world));
    assert!(!resolved.is_empty() && resolved.iter().all(|address| second.addresses.contains(address)));
}

#[tokio::test(start_paused = true)]
async fn each_link_takes_off_its_own_adoption_and_the_last_one_the_marks() {
    use privlink_core::side::{Exchange, NetworkSide, Side};

    let world = World::new();
    let (aws, network) = (world.aws(), network(&world));
    let theirs = aws.make_endpoint(&service(&world), &aws.subnet_ids()[..2], &[aws.client_group()]);
    tokio::time::sleep(std::time::Duration::from_secs(600)).await;
    let before = snapshot(&world);
    let known = services(&vendor(&world));
    let (one, other) = (cx(&world), cx_of(&world, "billing", "the database billing"));
    let third = cx_of(&world, "archive", "never adopted it");
    for cx in [&one, &other, &other] {
        network.adopt(&theirs.clone().into(), &known, cx).await.unwrap();
    }
    assert_eq!(
        writes(&world).iter().filter(|write| *write == "CreateTags").count(),
        2,
        "the third time changes nothing"
    );
    let steps = async |cx: &privlink_core::side::Cx, known: &Exchange| {
        let removal = network.removal(known, &cx.fresh()).await.unwrap();
        assert!(removal.kept.iter().any(|kept| kept.reason.contains("adopted")), "{:?}", removal.kept);
        removal.steps
    };
    assert_eq!(steps(&third, &known).await, []);
    let (first, last) = (steps(&one, &known).await, steps(&other, &known).await);
    assert_ne!(first[0].id, last[0].id, "each takes off its own tag");
    finish(&network, &one, &known, &first[0]).await.unwrap();
    assert_eq!(steps(&one, &known).await, []);
    // Found by the database's own tag alone.
    assert_eq!(steps(&other, &Exchange::new()).await, last);
    finish(&network, &other, &known, &last[0]).await.unwrap();
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn adopting_is_refused_for_what_cannot_be_used() {
    use privlink_core::ErrorKind;
    use privlink_core::side::NetworkSide;

    let world = World::new();
    let aws = world.aws();
    let network = network(&world);
    let missing: privlink_core::VpcEndpointId = "vpce-0123456789abcdef0".parse().unwrap();
    let known = services(&vendor(&world));
    assert_eq!(network.adopt(&missing.into(), &known, &cx(&world)).await.unwrap_err().kind(), ErrorKind::NotFound);
    let theirs = aws.make_endpoint(&service(&world), &aws.subnet_ids()[..1], &[aws.client_group()]);
    let other = client(&world).vpc(aws.add_vpc(&aws.account(), &aws.region(), "10.9.0.0/16".parse().unwrap()));
    assert_eq!(other.adopt(&theirs.clone().into(), &known, &cx(&world)).await.unwrap_err().kind(), ErrorKind::Conflict);
    aws.reject_endpoint(&theirs);
    assert_eq!(network.adopt(&theirs.into(), &known, &cx(&world)).await.unwrap_err().kind(), ErrorKind::Conflict);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_to_another_service_is_refused_before_it_is_marked() {
    use privlink_core::ErrorKind;
    use privlink_core::side::NetworkSide;

    let world = World::new();
    let aws = world.aws();
    // `archive` is behind another endpoint service of the same region.
    let archive = vendor_of(&world, "archive");
    let theirs = aws.make_endpoint(&service(&world), &aws.subnet_ids()[..1], &[aws.client_group()]);
    let other = services(&archive).services.into_values().next().unwrap().id;
    let before = snapshot(&world);
    for known in [services(&archive), privlink_core::side::Exchange::new()] {
        let error = network(&world).adopt(&theirs.clone().into(), &known, &cx(&world)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
        assert!(error.to_string().contains(service(&world).as_str()), "{error}");
        assert_eq!(error.to_string().contains(other.as_str()), !known.services.is_empty(), "{error}");
    }
    assert_eq!(writes(&world), [""; 0]);
    assert_eq!(snapshot(&world), before);
}

#[tokio::test(start_paused = true)]
async fn a_service_that_cannot_be_seen_names_all_the_reasons() {
    let world = World::new();
    world.aws().withdraw_service(&service(&world));
    let (_, survey) = plan(&network(&world), &vendor(&world)).await;
    assert_eq!(blocks(&survey), ["AWS-004"]);
    let finding = survey.findings.iter().find(|finding| finding.code == "AWS-004").unwrap();
    for reason in ["typo", "region", "vpce:AllowMultiRegion", "principal", "ready"] {
        assert!(finding.next_step.contains(reason), "{reason} is not named: {finding}");
    }
}

#[tokio::test(start_paused = true)]
async fn private_dns_on_the_endpoint_works_and_is_never_switched_off() {
    let world = World::new();
    let vendor = vendor(&world);
    let by_flag = network(&world).naming(Naming::EndpointPrivateDns);
    let known = set_up(&by_flag, &vendor).await;
    assert!(holds(&known, Fact::Resolving) && holds(&known, Fact::Connected));
    assert!(!world.vantage(&world.aws().subnet_ids()[0]).resolve(&host(&world)).is_empty());
    let (_, survey) = plan(&by_flag, &vendor).await;
    assert_eq!(todo(&survey), [""; 0]);
    // The default mode finds it on, and leaves it.
    let (known, survey) = plan(&network(&world), &vendor).await;
    assert_eq!(todo(&survey), [""; 0]);
    assert!(codes(&survey, Severity::Info).contains(&"AWS-038"));
    assert!(holds(&known, Fact::Resolving));
    // A zone of the name the flag holds is refused before it is tried.
    let wildcard = network(&world).naming(Naming::PrivateZone(RecordShape::Wildcard));
    let (_, survey) = plan(&wildcard, &vendor).await;
    assert_eq!(blocks(&survey), ["AWS-032"]);
}

#[tokio::test(start_paused = true)]
async fn private_dns_that_the_vendor_has_not_verified_is_refused_in_the_plan() {
    let world = World::new();
    world.aws().set_private_name_proved(&service(&world), Some(false));
    let (_, survey) = plan(&network(&world).naming(Naming::EndpointPrivateDns), &vendor(&world)).await;
    assert_eq!(blocks(&survey), ["AWS-037"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_that_the_vendor_rejects_or_aws_cannot_build_ends_with_the_reason() {
    for word in ["rejected", "expired", "failed"] {
        let world = World::new();
        let (network, vendor) = (network(&world), vendor(&world));
        let (known, survey) = plan(&network, &vendor).await;
        world.aws().switch(|behaviour| behaviour.endpoint_pending = std::time::Duration::from_secs(300));
        let killer = {
            let world = world.clone();
            let word = word.to_owned();
            async move {
                loop {
                    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                    let Some(endpoint) = world.aws().endpoints().into_iter().next() else { continue };
                    match word.as_str() {
                        "rejected" => world.aws().reject_endpoint(&endpoint.id),
                        "expired" => world.aws().expire_endpoint(&endpoint.id),
                        _ => world.aws().fail_endpoint(&endpoint.id, "InternalError", "no capacity in use1-az1"),
                    }
                    break;
                }
            }
        };
        let (end, ()) = tokio::join!(apply(&network, &vendor, known, &survey.steps), killer);
        let End::Stopped(verb, finding) = end else { panic!("{word}: it came up") };
        assert_eq!((verb.as_str(), &*finding.code), ("aws.await_connected", "AWS-020"), "{word}");
        if word == "failed" {
            assert!(finding.evidence.iter().any(|seen| seen.contains("no capacity in use1-az1")), "{finding}");
        }
        // Planned again, a new endpoint is made beside the dead one.
        world.aws().switch(|behaviour| behaviour.endpoint_pending = std::time::Duration::from_secs(5));
        let (_, survey) = plan(&network, &vendor).await;
        assert!(codes(&survey, Severity::Warning).contains(&"AWS-015"), "{word}: {:?}", survey.findings);
        set_up(&network, &vendor).await;
    }
}
