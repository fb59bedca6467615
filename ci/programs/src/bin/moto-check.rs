//! Drives an AWS test server that nobody here wrote with our own client.
//!
//! What to drive and with which things is read from `CHECK_*` variables that `ci/checks/moto.py`
//! sets. Only the wire is judged here: that our requests are understood and our readers
//! understand the answers. States, name resolution and idempotency are not the test server's
//! strong side, and are never asserted.

use std::env;
use std::error::Error;
use std::process::ExitCode;

use privlink_aws::{
    AliasTarget, Change, ChangeAction, Client, CreateVpcEndpoint, Credentials, Filter, IpPermission, ModifyVpcEndpoint,
    PermissionSource, RecordSet, RecordType, RecordValue, Tag, VpcAttribute, ZoneVpc,
};
use privlink_ci::Tally;
use privlink_core::side::PortRange;
use privlink_core::{DnsName, ErrorKind, Region, VpcEndpointServiceName, VpcId};

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Failure> {
    let facts = Facts::read()?;
    let client = Client::builder(facts.region.clone())
        .endpoint_url(&facts.url)
        .credentials(Credentials::new(&var("CHECK_KEY")?, var("CHECK_SECRET")?))
        .build()?;
    let mut tally = Tally::default();
    let title = if facts.signed {
        refuses_a_wrong_secret(&facts, &mut tally).await?;
        network(&client, &facts, &mut tally).await?;
        "moto-signed"
    } else {
        network(&client, &facts, &mut tally).await?;
        identity(&client, &mut tally).await;
        zones(&client, &facts, &mut tally).await?;
        "moto-open"
    };
    Ok(if tally.end(title) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Facts {
    url: String,
    region: Region,
    vpc: VpcId,
    other_vpc: VpcId,
    subnets: [privlink_core::SubnetId; 2],
    service: VpcEndpointServiceName,
    /// Whether the server checks signatures.
    signed: bool,
}

impl Facts {
    fn read() -> Result<Self, Failure> {
        Ok(Self {
            url: var("CHECK_URL")?,
            region: var("CHECK_REGION")?.parse()?,
            vpc: var("CHECK_VPC")?.parse()?,
            other_vpc: var("CHECK_OTHER_VPC")?.parse()?,
            subnets: [var("CHECK_SUBNET_1")?.parse()?, var("CHECK_SUBNET_2")?.parse()?],
            service: var("CHECK_SERVICE")?.parse()?,
            signed: var("CHECK_SIGNED")? == "yes",
        })
    }
}

fn var(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| format!("the variable {name} is not set").into())
}

async fn refuses_a_wrong_secret(facts: &Facts, tally: &mut Tally) -> Result<(), Failure> {
    let wrong = Client::builder(facts.region.clone())
        .endpoint_url(&facts.url)
        .credentials(Credentials::new(&var("CHECK_KEY")?, "a-secret-that-is-wrong"))
        .build()?;
    let answer = wrong.ec2().vpc(&facts.vpc).await;
    let refused = answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unauthenticated);
    tally.check("a wrong secret is refused", refused, format!("{answer:?}"));
    Ok(())
}

async fn identity(client: &Client, tally: &mut Tally) {
    if let Some(who) = tally.ok("GetCallerIdentity", client.sts().caller_identity().await) {
        tally.check("GetCallerIdentity gives the account", who.account.as_str() == "123456789012", &who.arn);
    }
}

async fn network(client: &Client, facts: &Facts, tally: &mut Tally) -> Result<(), Failure> {
    let ec2 = client.ec2();
    let vpc = tally.ok("DescribeVpcs", ec2.vpc(&facts.vpc).await).flatten();
    tally.check(
        "DescribeVpcs gives the range",
        vpc.as_ref().is_some_and(|vpc| vpc.ranges.iter().any(|range| range.to_string() == "10.20.0.0/16")),
        format!("{vpc:?}"),
    );
    let unknown = tally.ok("DescribeVpcs of an unknown VPC", ec2.vpc(&"vpc-0123456789abcdef0".parse()?).await);
    tally.check("an unknown VPC is none", unknown == Some(None), format!("{unknown:?}"));
    for attribute in [VpcAttribute::DnsSupport, VpcAttribute::DnsHostnames] {
        tally.ok("ModifyVpcAttribute", ec2.modify_vpc_attribute(&facts.vpc, attribute, true).await);
        let on = tally.ok("DescribeVpcAttribute", ec2.vpc_attribute(&facts.vpc, attribute).await);
        tally.check("the attribute was set", on == Some(true), format!("{on:?}"));
    }
    let subnets = tally.ok("DescribeSubnets", ec2.subnets(Filter::new().vpc(&facts.vpc)).all().await);
    let subnets = subnets.unwrap_or_default();
    tally.check("DescribeSubnets gives both", subnets.len() == 2, format!("{subnets:?}"));
    tally.check(
        "subnets have zone ids and free addresses",
        subnets.iter().all(|subnet| subnet.zone.is_some() && subnet.free_addresses.is_some()),
        format!("{subnets:?}"),
    );

    let tags = [Tag::new("managed-by", "privlink"), Tag::new("name & <more>", "ü = 1+1; 100%")];
    let made = ec2.create_security_group(&facts.vpc, "privlink-check", "Clients of orders", &tags).await;
    let Some(group) = tally.ok("CreateSecurityGroup", made) else { return Ok(()) };
    let again = ec2.create_security_group(&facts.vpc, "privlink-check", "Clients of orders", &[]).await;
    tally.check(
        "a second group of the name is a conflict",
        again.as_ref().is_err_and(|error| error.kind() == ErrorKind::Conflict),
        format!("{again:?}"),
    );
    let rules = [
        IpPermission::tcp(PortRange::single(8443), PermissionSource::Range("10.20.0.0/16".parse()?)),
        IpPermission::tcp(PortRange::range(10_000, 31_000), PermissionSource::Range("10.21.0.0/16".parse()?)),
        IpPermission::tcp(PortRange::single(9440), PermissionSource::Group(group.clone())),
        IpPermission::tcp(PortRange::single(9440), PermissionSource::Range("fd00::/8".parse()?)),
    ];
    for rule in &rules {
        let new = tally.ok("AuthorizeSecurityGroupIngress", ec2.authorize_ingress(&group, rule).await);
        tally.check("the rule is new", new == Some(true), format!("{rule:?}: {new:?}"));
    }
    let twice = tally.ok("AuthorizeSecurityGroupIngress twice", ec2.authorize_ingress(&group, &rules[0]).await);
    tally.check("a rule that is there is told", twice == Some(false), format!("{twice:?}"));
    let read = tally.ok("DescribeSecurityGroups", ec2.security_groups(Filter::new().ids([&group])).all().await);
    let read = read.and_then(|groups| groups.into_iter().next());
    tally.check(
        "every rule is read back",
        read.as_ref().is_some_and(|read| rules.iter().all(|rule| read.ingress.contains(rule))),
        format!("{read:?}"),
    );
    tally.check(
        "every tag is read back",
        read.as_ref().is_some_and(|read| tags.iter().all(|tag| read.tags.contains(tag))),
        format!("{read:?}"),
    );
    tally.ok("RevokeSecurityGroupIngress", ec2.revoke_ingress(&group, &rules[1]).await);
    let tagged = Filter::new().vpc(&facts.vpc).tag("managed-by", "privlink");
    let read = tally.ok("DescribeSecurityGroups by tag", ec2.security_groups(tagged).all().await).unwrap_or_default();
    tally.check(
        "found by tag, without the revoked rule",
        read.len() == 1 && read[0].id == group && !read[0].ingress.contains(&rules[1]),
        format!("{read:?}"),
    );

    endpoint(client, facts, &group, tally).await?;

    tally.ok("DeleteSecurityGroup", ec2.delete_security_group(&group).await);
    tally.ok("DeleteSecurityGroup of one that is gone", ec2.delete_security_group(&group).await);
    Ok(())
}

async fn endpoint(
    client: &Client,
    facts: &Facts,
    group: &privlink_core::SecurityGroupId,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let ec2 = client.ec2();
    let service = tally.ok("DescribeVpcEndpointServices", ec2.endpoint_service(&facts.service, None).await).flatten();
    tally.check(
        "the service is seen with its kind",
        service.as_ref().is_some_and(|service| service.kinds.iter().any(|kind| kind == "Interface")),
        format!("{service:?}"),
    );
    let unknown = "com.amazonaws.vpce.us-east-1.vpce-svc-0fedcba9876543210".parse()?;
    let unseen = tally.ok("DescribeVpcEndpointServices of an unknown one", ec2.endpoint_service(&unknown, None).await);
    tally.check("an unknown service is none", unseen == Some(None), format!("{unseen:?}"));

    let [first, second] = facts.subnets.clone();
    let mut wanted = CreateVpcEndpoint::new(
        facts.vpc.clone(),
        facts.service.clone(),
        "privlink-0123456789abcdef",
        vec![first.clone()],
        vec![group.clone()],
    );
    wanted.tags = vec![Tag::new("managed-by", "privlink"), Tag::new("privlink:link", "orders-prod")];
    let Some(made) = tally.ok("CreateVpcEndpoint", ec2.create_vpc_endpoint(&wanted).await) else { return Ok(()) };
    tally.check(
        "the endpoint is what was asked for",
        made.vpc.as_ref() == Some(&facts.vpc)
            && made.service_name == facts.service.as_str()
            && made.is_interface()
            && made.subnets == [first.clone()]
            && made.groups == [group.clone()]
            && !made.private_dns,
        format!("{made:?}"),
    );
    tally.ok("CreateTags", ec2.create_tags(&[&made.id], &[Tag::new("added", "later")]).await);
    let tagged = Filter::new().vpc(&facts.vpc).tag("privlink:link", "orders-prod");
    let read = tally.ok("DescribeVpcEndpoints by tag", ec2.vpc_endpoints(tagged).all().await).unwrap_or_default();
    tally.check(
        "found by tag, with all tags",
        read.len() == 1 && read[0].id == made.id && Tag::find(&read[0].tags, "added") == Some("later"),
        format!("{read:?}"),
    );
    let by = Filter::new().by("service-name", [facts.service.as_str()]).by("vpc-endpoint-type", ["Interface"]);
    let read = tally.ok("DescribeVpcEndpoints by service", ec2.vpc_endpoints(by).all().await).unwrap_or_default();
    tally.check("found by service", read.iter().any(|endpoint| endpoint.id == made.id), format!("{read:?}"));
    tally.check(
        "its names are read",
        read.iter()
            .all(|endpoint| endpoint.dns.iter().all(|entry| entry.hosted_zone.is_some()) && !endpoint.dns.is_empty()),
        format!("{read:?}"),
    );
    tally.ok("DeleteTags", ec2.delete_tags(&[&made.id], &["added"]).await);
    let change = ModifyVpcEndpoint::new().add_subnet(second.clone());
    tally.ok("ModifyVpcEndpoint", ec2.modify_vpc_endpoint(&made.id, &change).await);
    let read = tally.ok("DescribeVpcEndpoints by id", ec2.vpc_endpoint(&made.id).await).flatten();
    tally.check(
        "the added subnet is read, the tag is gone",
        read.as_ref().is_some_and(|read| read.subnets.contains(&second) && Tag::find(&read.tags, "added").is_none()),
        format!("{read:?}"),
    );
    if let Some(read) = &read {
        let filter = Filter::new().ids(&read.interfaces);
        let cards =
            tally.ok("DescribeNetworkInterfaces", ec2.network_interfaces(filter).all().await).unwrap_or_default();
        tally.check(
            "each interface has an address and a subnet",
            !cards.is_empty() && cards.iter().all(|card| !card.addresses.is_empty() && card.subnet.is_some()),
            format!("{cards:?}"),
        );
    }
    let unknown =
        tally.ok("DescribeVpcEndpoints of an unknown one", ec2.vpc_endpoint(&"vpce-0fedcba9876543210".parse()?).await);
    tally.check("an unknown endpoint is none", unknown == Some(None), format!("{unknown:?}"));
    tally.ok("DeleteVpcEndpoints", ec2.delete_vpc_endpoint(&made.id).await);
    let gone = tally.ok("DescribeVpcEndpoints after", ec2.vpc_endpoint(&made.id).await);
    tally.check(
        "the endpoint is gone or going",
        gone.as_ref().is_some_and(|gone| gone.as_ref().is_none_or(|endpoint| endpoint.state.is_gone())),
        format!("{gone:?}"),
    );
    Ok(())
}

async fn zones(client: &Client, facts: &Facts, tally: &mut Tally) -> Result<(), Failure> {
    let route53 = client.route53();
    let host: DnsName = "orders.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
    let here = ZoneVpc::new(facts.vpc.clone(), facts.region.clone());
    let there = ZoneVpc::new(facts.other_vpc.clone(), facts.region.clone());
    let made = route53.create_hosted_zone(&host, &here, "privlink-0123", "orders & <more> of privlink").await;
    let Some((zone, change)) = tally.ok("CreateHostedZone", made) else { return Ok(()) };
    tally.check("the zone is private and bears the name", zone.private && zone.name == host, format!("{zone:?}"));
    tally.check("the comment survives", zone.comment == "orders & <more> of privlink", &zone.comment);
    tally.ok("GetChange", route53.change(&change.id).await);
    let seen = tally.ok("ListHostedZonesByVPC", route53.zones_of_vpc(&here).all().await).unwrap_or_default();
    tally.check(
        "the VPC sees the zone",
        seen.iter().any(|seen| seen.id == zone.id && seen.name == host),
        format!("{seen:?}"),
    );
    let named = tally.ok("ListHostedZonesByName", route53.zones_by_name(&host).all().await).unwrap_or_default();
    tally.check("the zone is listed by name", named.iter().any(|named| named.id == zone.id), format!("{named:?}"));

    tally.ok("AssociateVPCWithHostedZone", route53.associate_vpc(&zone.id, &there).await);
    let read = tally.ok("GetHostedZone", route53.hosted_zone(&zone.id).await).flatten();
    tally.check("both VPCs see it", read.as_ref().is_some_and(|read| read.vpcs.len() == 2), format!("{read:?}"));
    tally.ok("DisassociateVPCFromHostedZone", route53.disassociate_vpc(&zone.id, &there).await);

    let target: DnsName =
        "vpce-0a1b2c3d4e5f67890-abcdefgh.vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com".parse()?;
    let below: DnsName = format!("*.{host}").parse()?;
    let sets = [
        RecordSet::alias(&host, RecordType::A, AliasTarget::new("Z7HUB22UULQXV".parse()?, &target)),
        RecordSet::plain(&below, RecordType::Cname, 60, vec![format!("{target}.")]),
    ];
    let upserts: Vec<Change> = sets.iter().map(|set| Change::new(ChangeAction::Upsert, set.clone())).collect();
    tally.ok("ChangeResourceRecordSets", route53.change_record_sets(&zone.id, &upserts).await);
    let read = tally.ok("ListResourceRecordSets", route53.record_sets(&zone.id).all().await).unwrap_or_default();
    for set in &sets {
        tally.check(
            "the record is read back",
            read.iter().any(|read| read.says_the_same(set)),
            format!("{set:?} in {read:?}"),
        );
    }
    let alone = tally.ok("ListResourceRecordSets from a name", route53.record_sets_of(&zone.id, &below).await);
    tally.check(
        "one name's records are found",
        alone.as_ref().is_some_and(|sets| matches!(&sets[..], [set] if matches!(set.value, RecordValue::Plain { .. }))),
        format!("{alone:?}"),
    );
    let full = route53.delete_hosted_zone(&zone.id).await;
    tally.check(
        "a zone with records is not deleted",
        full.as_ref().is_err_and(|error| error.code() == Some("HostedZoneNotEmpty")),
        format!("{full:?}"),
    );
    let deletes: Vec<Change> = sets.iter().map(|set| Change::new(ChangeAction::Delete, set.clone())).collect();
    tally.ok("ChangeResourceRecordSets, deleting", route53.change_record_sets(&zone.id, &deletes).await);
    let gone = tally.ok("DeleteHostedZone", route53.delete_hosted_zone(&zone.id).await);
    tally.check("the zone was there", matches!(gone, Some(Some(_))), format!("{gone:?}"));
    let gone = tally.ok("GetHostedZone after", route53.hosted_zone(&zone.id).await);
    tally.check("the zone is gone", gone == Some(None), format!("{gone:?}"));
    Ok(())
}
