//! Prints every request our AWS client makes, with the parameters it was asked for in the words
//! of AWS's own API model, one JSON object a line.
//!
//! `ci/checks/requests.py` gives the same parameters to botocore and compares what comes out.
//! Nothing is sent: the transport notes the request and answers with an empty document, so the
//! calls themselves fail to read it, which does not matter here.

use std::error::Error;
use std::sync::{Arc, Mutex};

use privlink_aws::{
    AliasTarget, Change, ChangeAction, Client, CreateVpcEndpoint, Credentials, DnsRecordIpType, Filter, IpAddressType,
    IpPermission, ModifyVpcEndpoint, PermissionSource, RecordSet, RecordType, SubnetAddress, Tag, VpcAttribute,
    ZoneVpc,
};
use privlink_core::side::PortRange;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, DnsName, HostedZoneId, Region, SecurityGroupId, SubnetId, VpcEndpointId, VpcId};
use serde_json::{Value, json};

type Failure = Box<dyn Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let recorder = Recorder::default();
    let client = Client::over(recorder.clone(), "us-east-1".parse()?)
        .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
        .route53_budget(None)
        .build()?;
    ec2_reads(&client, &recorder).await?;
    ec2_writes(&client, &recorder).await?;
    endpoints(&client, &recorder).await?;
    route53(&client, &recorder).await?;
    drop(client.sts().caller_identity().await);
    recorder.print("sts", "GetCallerIdentity", &json!({}))
}

async fn ec2_reads(client: &Client, recorder: &Recorder) -> Result<(), Failure> {
    let ec2 = client.ec2();
    let vpc: VpcId = "vpc-0a1b2c3d4e5f67890".parse()?;
    drop(ec2.vpcs(Filter::new()).all().await);
    recorder.print("ec2", "DescribeVpcs", &json!({}))?;
    drop(ec2.vpc(&vpc).await);
    recorder.print("ec2", "DescribeVpcs", &json!({"VpcIds": [vpc]}))?;
    for (attribute, name) in
        [(VpcAttribute::DnsSupport, "enableDnsSupport"), (VpcAttribute::DnsHostnames, "enableDnsHostnames")]
    {
        drop(ec2.vpc_attribute(&vpc, attribute).await);
        recorder.print("ec2", "DescribeVpcAttribute", &json!({"VpcId": vpc, "Attribute": name}))?;
    }
    let filter =
        Filter::new().vpc(&vpc).tag("name & <more>", "ü = 1+1; 100% *~'()").by("zone-id", ["use1-az1", "use1-az2"]);
    let filters = json!([
        {"Name": "vpc-id", "Values": [vpc]},
        {"Name": "tag:name & <more>", "Values": ["ü = 1+1; 100% *~'()"]},
        {"Name": "zone-id", "Values": ["use1-az1", "use1-az2"]},
    ]);
    drop(ec2.subnets(filter.clone()).all().await);
    recorder.print("ec2", "DescribeSubnets", &json!({"Filters": filters}))?;
    drop(ec2.subnets(filter.page_size(5)).all().await);
    recorder.print("ec2", "DescribeSubnets", &json!({"Filters": filters, "MaxResults": 5}))?;
    let cards = ["eni-0a1b2c3d4e5f67890", "eni-0b1b2c3d4e5f67890"];
    drop(ec2.network_interfaces(Filter::new().ids(cards)).all().await);
    recorder.print("ec2", "DescribeNetworkInterfaces", &json!({"NetworkInterfaceIds": cards}))?;
    let group: SecurityGroupId = "sg-0a1b2c3d4e5f67890".parse()?;
    drop(ec2.security_groups(Filter::new().ids([&group])).all().await);
    recorder.print("ec2", "DescribeSecurityGroups", &json!({"GroupIds": [group]}))?;
    drop(ec2.network_interfaces(Filter::new().group(&group)).all().await);
    let filters = json!([{"Name": "group-id", "Values": [group]}]);
    recorder.print("ec2", "DescribeNetworkInterfaces", &json!({"Filters": filters}))
}

async fn ec2_writes(client: &Client, recorder: &Recorder) -> Result<(), Failure> {
    let ec2 = client.ec2();
    let vpc: VpcId = "vpc-0a1b2c3d4e5f67890".parse()?;
    let group: SecurityGroupId = "sg-0a1b2c3d4e5f67890".parse()?;
    drop(ec2.modify_vpc_attribute(&vpc, VpcAttribute::DnsSupport, true).await);
    recorder.print("ec2", "ModifyVpcAttribute", &json!({"VpcId": vpc, "EnableDnsSupport": {"Value": true}}))?;
    drop(ec2.modify_vpc_attribute(&vpc, VpcAttribute::DnsHostnames, false).await);
    recorder.print("ec2", "ModifyVpcAttribute", &json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": false}}))?;

    let (tags, said) = tags();
    drop(ec2.create_security_group(&vpc, "privlink-orders", "Clients of orders", &tags).await);
    let params = json!({
        "VpcId": vpc, "GroupName": "privlink-orders", "Description": "Clients of orders",
        "TagSpecifications": [{"ResourceType": "security-group", "Tags": said}],
    });
    recorder.print("ec2", "CreateSecurityGroup", &params)?;
    drop(ec2.create_security_group(&vpc, "privlink-orders", "Clients of orders", &[]).await);
    let params = json!({"VpcId": vpc, "GroupName": "privlink-orders", "Description": "Clients of orders"});
    recorder.print("ec2", "CreateSecurityGroup", &params)?;

    let sources = [
        (PermissionSource::Range("10.20.0.0/16".parse()?), json!({"IpRanges": [{"CidrIp": "10.20.0.0/16"}]})),
        (PermissionSource::Range("fd00::/8".parse()?), json!({"Ipv6Ranges": [{"CidrIpv6": "fd00::/8"}]})),
        (PermissionSource::Group(group.clone()), json!({"UserIdGroupPairs": [{"GroupId": group}]})),
        (PermissionSource::Other("pl-0a1b2c3d".into()), json!({"PrefixListIds": [{"PrefixListId": "pl-0a1b2c3d"}]})),
    ];
    for (source, mut permission) in sources {
        let rule = IpPermission::tcp(PortRange::range(10_000, 31_000), source);
        permission["IpProtocol"] = json!("tcp");
        permission["FromPort"] = json!(10_000);
        permission["ToPort"] = json!(31_000);
        let params = json!({"GroupId": group, "IpPermissions": [permission]});
        drop(ec2.authorize_ingress(&group, &rule).await);
        recorder.print("ec2", "AuthorizeSecurityGroupIngress", &params)?;
        drop(ec2.revoke_ingress(&group, &rule).await);
        recorder.print("ec2", "RevokeSecurityGroupIngress", &params)?;
    }
    drop(ec2.delete_security_group(&group).await);
    recorder.print("ec2", "DeleteSecurityGroup", &json!({"GroupId": group}))?;
    drop(ec2.create_tags(&[vpc.as_str(), group.as_str()], &tags).await);
    recorder.print("ec2", "CreateTags", &json!({"Resources": [vpc, group], "Tags": said}))?;
    drop(ec2.delete_tags(&[group.as_str()], &["managed-by", "other"]).await);
    let params = json!({"Resources": [group], "Tags": [{"Key": "managed-by"}, {"Key": "other"}]});
    recorder.print("ec2", "DeleteTags", &params)
}

async fn endpoints(client: &Client, recorder: &Recorder) -> Result<(), Failure> {
    let ec2 = client.ec2();
    let vpc: VpcId = "vpc-0a1b2c3d4e5f67890".parse()?;
    let group: SecurityGroupId = "sg-0a1b2c3d4e5f67890".parse()?;
    let [first, second]: [SubnetId; 2] = ["subnet-0a1b2c3d4e5f67890".parse()?, "subnet-0b1b2c3d4e5f67890".parse()?];
    let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse()?;
    let elsewhere: Region = "eu-west-1".parse()?;
    drop(ec2.endpoint_service(&service, None).await);
    recorder.print("ec2", "DescribeVpcEndpointServices", &json!({"ServiceNames": [service]}))?;
    drop(ec2.endpoint_service(&service, Some(&elsewhere)).await);
    let params = json!({"ServiceNames": [service], "ServiceRegions": [elsewhere]});
    recorder.print("ec2", "DescribeVpcEndpointServices", &params)?;

    let token = "privlink-0123456789abcdef";
    let mut wanted = CreateVpcEndpoint::new(
        vpc.clone(),
        service.clone(),
        token,
        vec![first.clone(), second.clone()],
        vec![group.clone()],
    );
    let mut params = json!({
        "VpcEndpointType": "Interface", "VpcId": vpc, "ServiceName": service, "SubnetIds": [first, second],
        "SecurityGroupIds": [group], "PrivateDnsEnabled": false, "ClientToken": token,
    });
    drop(ec2.create_vpc_endpoint(&wanted).await);
    recorder.print("ec2", "CreateVpcEndpoint", &params)?;

    let (tags, said) = tags();
    wanted.tags = tags;
    wanted.private_dns = true;
    wanted.service_region = Some(elsewhere.clone());
    wanted.ip_address_type = Some(IpAddressType::Dualstack);
    wanted.dns_record_ip_type = Some(DnsRecordIpType::Dualstack);
    wanted.addresses = vec![
        SubnetAddress::new(first.clone(), Some("10.20.1.9".parse()?), Some("fd00::9".parse()?)),
        SubnetAddress::new(second.clone(), Some("10.20.2.9".parse()?), None),
    ];
    params["TagSpecifications"] = json!([{"ResourceType": "vpc-endpoint", "Tags": said}]);
    params["PrivateDnsEnabled"] = json!(true);
    params["ServiceRegion"] = json!(elsewhere);
    params["IpAddressType"] = json!("dualstack");
    params["DnsOptions"] = json!({"DnsRecordIpType": "dualstack"});
    params["SubnetConfigurations"] = json!([
        {"SubnetId": first, "Ipv4": "10.20.1.9", "Ipv6": "fd00::9"}, {"SubnetId": second, "Ipv4": "10.20.2.9"},
    ]);
    drop(ec2.create_vpc_endpoint(&wanted).await);
    recorder.print("ec2", "CreateVpcEndpoint", &params)?;
    params["DryRun"] = json!(true);
    drop(ec2.may_create_vpc_endpoint(&wanted).await);
    recorder.print("ec2", "CreateVpcEndpoint", &params)?;

    let id: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    drop(ec2.vpc_endpoint(&id).await);
    recorder.print("ec2", "DescribeVpcEndpoints", &json!({"VpcEndpointIds": [id]}))?;
    let filter = Filter::new().vpc(&vpc).by("service-name", [&service]).page_size(100);
    drop(ec2.vpc_endpoints(filter).all().await);
    let filters = json!([{"Name": "vpc-id", "Values": [vpc]}, {"Name": "service-name", "Values": [service]}]);
    recorder.print("ec2", "DescribeVpcEndpoints", &json!({"Filters": filters, "MaxResults": 100}))?;
    let change = ModifyVpcEndpoint::new()
        .private_dns(true)
        .add_subnet(first.clone())
        .remove_subnet(second.clone())
        .add_group(group.clone())
        .remove_group("sg-0b1b2c3d4e5f67890".parse()?)
        .ip_address_type(IpAddressType::Ipv4);
    drop(ec2.modify_vpc_endpoint(&id, &change).await);
    let params = json!({
        "VpcEndpointId": id, "PrivateDnsEnabled": true, "AddSubnetIds": [first], "RemoveSubnetIds": [second],
        "AddSecurityGroupIds": [group], "RemoveSecurityGroupIds": ["sg-0b1b2c3d4e5f67890"], "IpAddressType": "ipv4",
    });
    recorder.print("ec2", "ModifyVpcEndpoint", &params)?;
    drop(ec2.modify_vpc_endpoint(&id, &ModifyVpcEndpoint::new().private_dns(false)).await);
    recorder.print("ec2", "ModifyVpcEndpoint", &json!({"VpcEndpointId": id, "PrivateDnsEnabled": false}))?;
    drop(ec2.delete_vpc_endpoint(&id).await);
    recorder.print("ec2", "DeleteVpcEndpoints", &json!({"VpcEndpointIds": [id]}))
}

async fn route53(client: &Client, recorder: &Recorder) -> Result<(), Failure> {
    let route53 = client.route53();
    let zone: HostedZoneId = "Z0123456789ABCDEFGHIJ".parse()?;
    let vpc = ZoneVpc::new("vpc-0a1b2c3d4e5f67890".parse()?, "us-east-1".parse()?);
    let said = json!({"VPCRegion": "us-east-1", "VPCId": vpc.vpc});
    let host: DnsName = "orders.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
    drop(route53.create_hosted_zone(&host, &vpc, "privlink-0123", "orders & <more> of \"privlink\"").await);
    let params = json!({
        "Name": format!("{host}."), "VPC": said, "CallerReference": "privlink-0123",
        "HostedZoneConfig": {"Comment": "orders & <more> of \"privlink\"", "PrivateZone": true},
    });
    recorder.print("route53", "CreateHostedZone", &params)?;
    drop(route53.hosted_zone(&zone).await);
    recorder.print("route53", "GetHostedZone", &json!({"Id": zone}))?;
    drop(route53.zones_of_vpc(&vpc).all().await);
    recorder.print("route53", "ListHostedZonesByVPC", &json!({"VPCId": vpc.vpc, "VPCRegion": "us-east-1"}))?;
    drop(route53.zones_by_name(&host).all().await);
    recorder.print("route53", "ListHostedZonesByName", &json!({"DNSName": host}))?;
    drop(route53.associate_vpc(&zone, &vpc).await);
    recorder.print("route53", "AssociateVPCWithHostedZone", &json!({"HostedZoneId": zone, "VPC": said}))?;
    drop(route53.disassociate_vpc(&zone, &vpc).await);
    recorder.print("route53", "DisassociateVPCFromHostedZone", &json!({"HostedZoneId": zone, "VPC": said}))?;
    drop(route53.delete_hosted_zone(&zone).await);
    recorder.print("route53", "DeleteHostedZone", &json!({"Id": zone}))?;

    let target: DnsName =
        "vpce-0a1b2c3d4e5f67890-abcdefgh.vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com".parse()?;
    let below: DnsName = format!("*.{host}").parse()?;
    let alias = AliasTarget::new("Z7HUB22UULQXV".parse()?, &target);
    let sets = [
        RecordSet::alias(&host, RecordType::A, alias.clone()),
        RecordSet::plain(&below, RecordType::Cname, 60, vec![target.to_string()]),
        RecordSet::plain(&host, RecordType::Txt, 300, vec!["\"a & <b>\"".into(), "\"c\"".into()]),
    ];
    let names = json!([
        {
            "Name": format!("{}.", sets[0].name), "Type": "A",
            "AliasTarget": {"HostedZoneId": alias.hosted_zone, "DNSName": format!("{}.", alias.name), "EvaluateTargetHealth": alias.evaluate_health},
        },
        {"Name": format!("{}.", sets[1].name), "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": target}]},
        {
            "Name": format!("{}.", sets[2].name), "Type": "TXT", "TTL": 300,
            "ResourceRecords": [{"Value": "\"a & <b>\""}, {"Value": "\"c\""}],
        },
    ]);
    for (action, word) in
        [(ChangeAction::Upsert, "UPSERT"), (ChangeAction::Create, "CREATE"), (ChangeAction::Delete, "DELETE")]
    {
        let changes: Vec<Change> = sets.iter().map(|set| Change::new(action, set.clone())).collect();
        drop(route53.change_record_sets(&zone, &changes).await);
        let said: Vec<Value> = names
            .as_array()
            .into_iter()
            .flatten()
            .map(|set| json!({"Action": word, "ResourceRecordSet": set}))
            .collect();
        let params = json!({"HostedZoneId": zone, "ChangeBatch": {"Changes": said}});
        recorder.print("route53", "ChangeResourceRecordSets", &params)?;
    }
    drop(route53.record_sets(&zone).all().await);
    recorder.print("route53", "ListResourceRecordSets", &json!({"HostedZoneId": zone}))?;
    drop(route53.record_sets_of(&zone, &below).await);
    recorder.print("route53", "ListResourceRecordSets", &json!({"HostedZoneId": zone, "StartRecordName": below}))?;
    drop(route53.change("/change/C0123456789ABCDEFGHIJ").await);
    recorder.print("route53", "GetChange", &json!({"Id": "C0123456789ABCDEFGHIJ"}))
}

/// Tags with everything an encoder can get wrong, and the same in the model's words.
fn tags() -> (Vec<Tag>, Value) {
    let pairs = [("managed-by", "privlink"), ("name & <more>", "ü = 1+1; 100% *~'()"), ("empty", "")];
    let tags = pairs.iter().map(|(key, value)| Tag::new(*key, *value)).collect();
    let said = pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    (tags, said)
}

/// Notes requests and answers each with an empty document.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<Value>>>);

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let headers: serde_json::Map<String, Value> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
            .collect();
        let noted = json!({
            "method": request.method().as_str(),
            "uri": request.uri().to_string(),
            "headers": headers,
            "body": String::from_utf8_lossy(request.body()),
        });
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(noted);
        Box::pin(async { Ok(http::Response::new(bytes::Bytes::from_static(b"<Empty/>"))) })
    }
}

impl Recorder {
    /// Prints the one request since the last time, as a call of `operation` with `params`.
    fn print(&self, service: &str, operation: &str, params: &Value) -> Result<(), Failure> {
        let noted = std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let [request] = <[Value; 1]>::try_from(noted)
            .map_err(|noted| format!("{operation} made {} requests where one was due", noted.len()))?;
        println!("{}", json!({"service": service, "operation": operation, "params": params, "request": request}));
        Ok(())
    }
}
