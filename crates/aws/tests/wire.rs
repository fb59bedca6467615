//! What goes onto the wire and what is read from it, byte by byte, without the simulator.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use privlink_aws::{
    Change, ChangeAction, ChangeStatus, Client, CreateVpcEndpoint, Credentials, Filter, IpAddressType, IpPermission,
    ModifyVpcEndpoint, PermissionSource, Problem, RecordSet, RecordType, RecordValue, SubnetAddress, Tag, VpcAttribute,
    VpcEndpointState, ZoneVpc,
};
use privlink_core::side::PortRange;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, ErrorKind};

/// Answers from a list, and keeps what was asked.
#[derive(Clone, Debug, Default)]
struct Canned {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<http::Request<Bytes>>>>,
}

impl Canned {
    fn with(answers: &[(u16, &str)]) -> Self {
        let canned = Self::default();
        canned.answers.lock().unwrap().extend(answers.iter().map(|(status, body)| (*status, (*body).to_owned())));
        canned
    }

    fn client(&self) -> Client {
        Client::over(self.clone(), "us-east-1".parse().unwrap())
            .credentials(Credentials::new("AKIDEXAMPLE", "canary-secret").session_token("canary-token"))
            .build()
            .unwrap()
    }

    fn bodies(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|request| String::from_utf8(request.body().to_vec()).unwrap()).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| format!("{} {}", request.method(), request.uri())).collect()
    }
}

impl Transport for Canned {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.asked.lock().unwrap().push(request);
        let (status, body) = self.answers.lock().unwrap().pop_front().expect("an answer for every request");
        Box::pin(async move { Ok(http::Response::builder().status(status).body(Bytes::from(body)).unwrap()) })
    }
}

const ENDPOINT: &str = "<vpcEndpointId>vpce-0a1b2c3d4e5f67890</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>\
    <vpcId>vpc-0a1b2c3d</vpcId><serviceName>com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0</serviceName>\
    <state>pendingAcceptance</state><subnetIdSet><item>subnet-0aa11bb2</item></subnetIdSet>\
    <groupSet><item><groupId>sg-0aa11bb2</groupId><groupName>db</groupName></item></groupSet>\
    <privateDnsEnabled>false</privateDnsEnabled><requesterManaged>false</requesterManaged>\
    <networkInterfaceIdSet><item>eni-0aa11bb2</item></networkInterfaceIdSet>\
    <dnsEntrySet><item><dnsName>vpce-0a1b2c3d4e5f67890-x7.vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com</dnsName>\
    <hostedZoneId>Z7HUB22UULQXV</hostedZoneId></item></dnsEntrySet>\
    <creationTimestamp>2026-11-21T10:00:00.000Z</creationTimestamp><futureThing><a>1</a></futureThing>\
    <tagSet><item><key>team</key><value>data &amp; more</value></item></tagSet><ownerId>123456789012</ownerId>\
    <lastError><code>X</code><message>why</message></lastError>";

fn create() -> CreateVpcEndpoint {
    let mut endpoint = CreateVpcEndpoint::new(
        "vpc-0a1b2c3d".parse().unwrap(),
        "com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0".parse().unwrap(),
        "privlink-0011223344556677",
        vec!["subnet-0aa11bb2".parse().unwrap(), "subnet-0cc33dd4".parse().unwrap()],
        vec!["sg-0aa11bb2".parse().unwrap()],
    );
    endpoint.service_region = "eu-west-1".parse().ok();
    endpoint.ip_address_type = Some(IpAddressType::Ipv4);
    endpoint.addresses = vec![SubnetAddress::new("subnet-0aa11bb2".parse().unwrap(), "10.0.0.9".parse().ok(), None)];
    endpoint.tags = vec![Tag::new("Name", "orders prod")];
    endpoint
}

#[tokio::test]
async fn creating_an_endpoint_sends_every_parameter_and_reads_the_answer() {
    let canned = Canned::with(&[(
        200,
        &format!("<CreateVpcEndpointResponse><vpcEndpoint>{ENDPOINT}</vpcEndpoint></CreateVpcEndpointResponse>"),
    )]);
    let made = canned.client().ec2().create_vpc_endpoint(&create()).await.unwrap();
    assert_eq!(
        canned.bodies(),
        ["Action=CreateVpcEndpoint&Version=2016-11-15&VpcEndpointType=Interface&VpcId=vpc-0a1b2c3d\
          &ServiceName=com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0&SubnetId.1=subnet-0aa11bb2\
          &SubnetId.2=subnet-0cc33dd4&SecurityGroupId.1=sg-0aa11bb2&PrivateDnsEnabled=false&IpAddressType=ipv4\
          &SubnetConfiguration.1.SubnetId=subnet-0aa11bb2&SubnetConfiguration.1.Ipv4=10.0.0.9\
          &ServiceRegion=eu-west-1&ClientToken=privlink-0011223344556677\
          &TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=Name\
          &TagSpecification.1.Tag.1.Value=orders+prod"]
    );
    assert_eq!(canned.lines(), ["POST https://ec2.us-east-1.amazonaws.com/"]);
    assert_eq!(made.state, VpcEndpointState::PendingAcceptance);
    assert_eq!(made.tags, [Tag::new("team", "data & more")]);
    assert_eq!(made.regional_dns().unwrap().hosted_zone.as_ref().unwrap().as_str(), "Z7HUB22UULQXV");
    assert_eq!(made.trouble().as_deref(), Some("X: why"));
}

#[tokio::test]
async fn pages_are_followed_and_an_unreadable_item_is_one_error() {
    use futures_util::StreamExt;

    let page = |items: &str, token: &str| {
        format!("<R><vpcEndpointSet>{items}</vpcEndpointSet><nextToken>{token}</nextToken></R>")
    };
    let canned = Canned::with(&[
        (200, &page(&format!("<item>{ENDPOINT}</item><item><state>available</state></item>"), "t+1/=")),
        (200, &page(&format!("<item>{ENDPOINT}</item>"), "")),
    ]);
    let filter = Filter::new().vpc(&"vpc-0a1b2c3d".parse().unwrap()).tag("managed-by", "privlink");
    let items: Vec<_> = canned.client().ec2().vpc_endpoints(filter).collect().await;
    assert_eq!(items.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    let first = "Action=DescribeVpcEndpoints&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0a1b2c3d\
                 &Filter.2.Name=tag%3Amanaged-by&Filter.2.Value.1=privlink";
    assert_eq!(canned.bodies(), [first.to_owned(), format!("{first}&NextToken=t%2B1%2F%3D")]);
}

#[tokio::test]
async fn every_other_ec2_body_is_as_the_contract_says() {
    let ok = (
        200,
        "<R><return>true</return><groupId>sg-0aa11bb2</groupId><unsuccessful/>\
                    <enableDnsSupport><value>true</value></enableDnsSupport></R>",
    );
    let canned = Canned::with(&[ok; 9]);
    let client = canned.client();
    let ec2 = client.ec2();
    let (vpc, group) = ("vpc-0a1b2c3d".parse().unwrap(), "sg-0aa11bb2".parse().unwrap());
    let id = "vpce-0a1b2c3d4e5f67890".parse().unwrap();
    assert!(ec2.vpc_attribute(&vpc, VpcAttribute::DnsSupport).await.unwrap());
    ec2.modify_vpc_attribute(&vpc, VpcAttribute::DnsHostnames, true).await.unwrap();
    ec2.create_security_group(&vpc, "db", "clients", &[Tag::new("a", "b")]).await.unwrap();
    let rule =
        IpPermission::tcp(PortRange::range(10_000, 31_000), PermissionSource::Range("10.0.3.4/16".parse().unwrap()));
    assert!(ec2.authorize_ingress(&group, &rule).await.unwrap());
    let rule = IpPermission::tcp(PortRange::single(443), PermissionSource::Range("fd00::/56".parse().unwrap()));
    ec2.revoke_ingress(&group, &rule).await.unwrap();
    ec2.modify_vpc_endpoint(&id, &ModifyVpcEndpoint::new().private_dns(true)).await.unwrap();
    ec2.delete_vpc_endpoint(&id).await.unwrap();
    ec2.create_tags(&["vpce-0a1b2c3d4e5f67890"], &[Tag::new("a", "b")]).await.unwrap();
    ec2.delete_tags(&["vpce-0a1b2c3d4e5f67890"], &["a", "c"]).await.unwrap();
    let wanted = [
        "Action=DescribeVpcAttribute&Version=2016-11-15&VpcId=vpc-0a1b2c3d&Attribute=enableDnsSupport",
        "Action=ModifyVpcAttribute&Version=2016-11-15&VpcId=vpc-0a1b2c3d&EnableDnsHostnames.Value=true",
        "Action=CreateSecurityGroup&Version=2016-11-15&GroupName=db&GroupDescription=clients&VpcId=vpc-0a1b2c3d\
         &TagSpecification.1.ResourceType=security-group&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b",
        "Action=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0aa11bb2&IpPermissions.1.IpProtocol=tcp\
         &IpPermissions.1.FromPort=10000&IpPermissions.1.ToPort=31000&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0%2F16",
        "Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0aa11bb2&IpPermissions.1.IpProtocol=tcp\
         &IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=443&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=fd00%3A%3A%2F56",
        "Action=ModifyVpcEndpoint&Version=2016-11-15&VpcEndpointId=vpce-0a1b2c3d4e5f67890&PrivateDnsEnabled=true",
        "Action=DeleteVpcEndpoints&Version=2016-11-15&VpcEndpointId.1=vpce-0a1b2c3d4e5f67890",
        "Action=CreateTags&Version=2016-11-15&ResourceId.1=vpce-0a1b2c3d4e5f67890&Tag.1.Key=a&Tag.1.Value=b",
        "Action=DeleteTags&Version=2016-11-15&ResourceId.1=vpce-0a1b2c3d4e5f67890&Tag.1.Key=a&Tag.2.Key=c",
    ];
    assert_eq!(canned.bodies(), wanted);
}

#[tokio::test]
async fn an_item_that_was_not_deleted_is_an_error_though_the_status_is_200() {
    let failed = |code: &str| {
        format!(
            "<R><unsuccessful><item><resourceId>vpce-0a1b2c3d4e5f67890</resourceId><error><code>{code}</code>\
             <message>m</message></error></item></unsuccessful></R>"
        )
    };
    let canned = Canned::with(&[(200, &failed("InvalidVpcEndpoint.NotFound")), (200, &failed("OperationInProgress"))]);
    let (client, id) = (canned.client(), "vpce-0a1b2c3d4e5f67890".parse().unwrap());
    client.ec2().delete_vpc_endpoint(&id).await.unwrap();
    let error = client.ec2().delete_vpc_endpoint(&id).await.unwrap_err();
    assert_eq!((error.code(), error.http_status()), (Some("OperationInProgress"), Some(200)));
}

#[tokio::test]
async fn a_dry_run_answers_whether_it_is_allowed() {
    let error = |code: &str| {
        format!("<Response><Errors><Error><Code>{code}</Code><Message>m</Message></Error></Errors></Response>")
    };
    let canned = Canned::with(&[
        (412, &error("DryRunOperation")),
        (403, &error("UnauthorizedOperation")),
        (400, &error("InvalidParameter")),
    ]);
    let client = canned.client();
    assert!(client.ec2().may_create_vpc_endpoint(&create()).await.unwrap());
    assert!(!client.ec2().may_create_vpc_endpoint(&create()).await.unwrap());
    assert_eq!(client.ec2().may_create_vpc_endpoint(&create()).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(canned.bodies().iter().all(|body| body.ends_with("&DryRun=true")));
}

#[tokio::test]
async fn route_53_documents_are_as_the_contract_says() {
    let change = "<ChangeInfo><Id>/change/C123</Id><Status>PENDING</Status></ChangeInfo>";
    let zone = format!(
        "<R><HostedZone><Id>/hostedzone/Z123</Id><Name>db.example.com.</Name><CallerReference>ref</CallerReference>\
         <Config><Comment>c</Comment><PrivateZone>true</PrivateZone></Config></HostedZone>{change}</R>"
    );
    let changed = format!("<R>{change}</R>");
    let records = "<R><ResourceRecordSets><ResourceRecordSet><Name>\\052.db.example.com.</Name><Type>CNAME</Type>\
                   <TTL>60</TTL><ResourceRecords><ResourceRecord><Value>x.example.com</Value></ResourceRecord>\
                   </ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>true</IsTruncated>\
                   <NextRecordName>a.db.example.com.</NextRecordName><NextRecordType>A</NextRecordType></R>";
    let last = "<R><ResourceRecordSets/><IsTruncated>false</IsTruncated></R>";
    let canned =
        Canned::with(&[(201, &zone), (200, &changed), (200, &changed), (200, records), (200, last), (200, &changed)]);
    let client = canned.client();
    let route53 = client.route53();
    let name = "db.example.com".parse().unwrap();
    let here = ZoneVpc::new("vpc-0a1b2c3d".parse().unwrap(), "us-east-1".parse().unwrap());
    let (made, info) = route53.create_hosted_zone(&name, &here, "ref", "a < b").await.unwrap();
    assert_eq!((made.id.as_str(), made.name.as_str(), info.status), ("Z123", "db.example.com", ChangeStatus::Pending));
    route53.associate_vpc(&made.id, &here).await.unwrap();
    let set = RecordSet::plain(&name, RecordType::A, 60, vec!["10.0.0.1".into()]);
    route53.change_record_sets(&made.id, &[Change::new(ChangeAction::Upsert, set)]).await.unwrap();
    let sets = route53.record_sets(&made.id).all().await.unwrap();
    assert_eq!(sets[0].name, "*.db.example.com");
    assert_eq!(sets[0].value, RecordValue::Plain { ttl: 60, values: vec!["x.example.com".into()] });
    route53.change("/change/C123").await.unwrap();
    assert!(route53.change("../x").await.is_err());
    assert_eq!(
        canned.lines(),
        [
            "POST https://route53.amazonaws.com/2013-04-01/hostedzone",
            "POST https://route53.amazonaws.com/2013-04-01/hostedzone/Z123/associatevpc",
            "POST https://route53.amazonaws.com/2013-04-01/hostedzone/Z123/rrset/",
            "GET https://route53.amazonaws.com/2013-04-01/hostedzone/Z123/rrset",
            "GET https://route53.amazonaws.com/2013-04-01/hostedzone/Z123/rrset?name=a.db.example.com.&type=A",
            "GET https://route53.amazonaws.com/2013-04-01/change/C123",
        ]
    );
    let bodies = canned.bodies();
    assert_eq!(
        bodies[0],
        "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>db.example.com.</Name>\
         <VPC><VPCRegion>us-east-1</VPCRegion><VPCId>vpc-0a1b2c3d</VPCId></VPC><CallerReference>ref</CallerReference>\
         <HostedZoneConfig><Comment>a &lt; b</Comment><PrivateZone>true</PrivateZone></HostedZoneConfig>\
         </CreateHostedZoneRequest>"
    );
    assert_eq!(
        bodies[2],
        "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
         <Change><Action>UPSERT</Action><ResourceRecordSet><Name>db.example.com.</Name><Type>A</Type><TTL>60</TTL>\
         <ResourceRecords><ResourceRecord><Value>10.0.0.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
         </Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
    );
}

#[tokio::test]
async fn no_secret_is_seen_anywhere_but_in_the_headers() {
    let denied = "<Response><Errors><Error><Code>AuthFailure</Code><Message>no</Message></Error></Errors></Response>";
    let canned = Canned::with(&[(401, denied), (200, "<html>")]);
    let client = canned.client();
    let network = client.vpc("vpc-0a1b2c3d".parse().unwrap());
    let denied = client.ec2().vpcs(Filter::new()).all().await.unwrap_err();
    assert_eq!(
        (denied.kind(), denied.attempts()),
        (ErrorKind::Unauthenticated, 1),
        "static keys are never tried twice"
    );
    assert_eq!(Problem::of(&denied), Problem::Signature);
    let unread = client.sts().caller_identity().await.unwrap_err();
    let seen = format!(
        "{client:?} {network:?} {denied:?} {denied} {} {unread:?} {} {:?}",
        denied.report(),
        unread.report(),
        Credentials::new("AKIDEXAMPLE", "canary-secret")
    );
    assert!(!seen.contains("canary"), "{seen}");
    let asked = canned.asked.lock().unwrap();
    assert_eq!(asked[0].headers()["x-amz-security-token"], "canary-token");
    assert!(!format!("{:?} {:?}", asked[0].uri(), asked[0].body()).contains("canary"));
}

#[test]
fn every_future_can_be_sent_between_threads() {
    fn is_send<T: Send>(_: T) {}
    fn is_shared<T: Send + Sync + Clone>(_: &T) {}

    let client = Canned::default().client();
    is_shared(&client);
    let (ec2, route53) = (client.ec2().clone(), client.route53().clone());
    let (vpc, zone) = ("vpc-0a1b2c3d".parse().unwrap(), "Z123".parse().unwrap());
    let here = ZoneVpc::new("vpc-0a1b2c3d".parse().unwrap(), "us-east-1".parse().unwrap());
    let name = "db.example.com".parse().unwrap();
    let request = create();
    is_send(ec2.vpc(&vpc));
    is_send(ec2.vpc_endpoints(Filter::new()));
    is_send(ec2.create_vpc_endpoint(&request));
    is_send(ec2.may_create_vpc_endpoint(&request));
    is_send(ec2.create_security_group(&vpc, "a", "b", &[]));
    is_send(route53.create_hosted_zone(&name, &here, "r", "c"));
    is_send(route53.record_sets_of(&zone, &name));
    is_send(route53.change("C1"));
    is_send(client.sts().caller_identity());
}
