//! A small account, and calls into it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use privlink_core::{AwsAccountId, Region, SecurityGroupId, SubnetId, VpcEndpointId, VpcEndpointServiceName, VpcId};

use super::super::{AccessKey, Api, AwsState, EndpointServiceDef, SubnetSeed, VpcSeed, handle, sign};

pub(super) const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(super) const SERVICE: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890";
pub(super) const PRIVATE_NAME: &str = "*.us-east-1.vpce.aws.clickhouse.cloud";

/// An account with a VPC of three zones, of which the vendor's service offers two.
pub(super) struct Lab {
    pub(super) state: AwsState,
    pub(super) now: SystemTime,
    pub(super) account: AwsAccountId,
    pub(super) vpc: VpcId,
    /// In zones `a` and `b`, which are offered, and in `c`, which is not.
    pub(super) subnets: Vec<SubnetId>,
    pub(super) group: SecurityGroupId,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Back {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) headers: http::HeaderMap,
}

impl Lab {
    pub(super) fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let mut state = AwsState::default();
        let account: AwsAccountId = "123456789012".parse().unwrap();
        state.add_key(key(KEY, &account, None));
        let region: Region = "us-east-1".parse().unwrap();
        let vpc = state.add_vpc(VpcSeed {
            id: None,
            account: account.clone(),
            region,
            cidr: "10.0.0.0/16".parse().unwrap(),
            dns_support: true,
            dns_hostnames: true,
        });
        let zones = [("us-east-1a", "use1-az6"), ("us-east-1b", "use1-az1"), ("us-east-1c", "use1-az2")];
        let subnets = zones
            .iter()
            .enumerate()
            .map(|(number, (name, id))| {
                state
                    .add_subnet(SubnetSeed {
                        id: None,
                        vpc: vpc.clone(),
                        cidr: format!("10.0.{number}.0/24").parse().unwrap(),
                        cidr6: None,
                        zone_name: (*name).to_owned(),
                        zone: id.parse().unwrap(),
                    })
                    .unwrap()
            })
            .collect();
        let group = state.add_group(&vpc, "endpoints").unwrap();
        let mut service = service(SERVICE);
        service.private_dns_name = Some(PRIVATE_NAME.parse().unwrap());
        state.offer_service(service);
        Self { state, now, account, vpc, subnets, group }
    }

    pub(super) fn later(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// An EC2 call in us-east-1 with the lab's key.
    pub(super) fn ec2(&mut self, action: &str, params: &[(&str, &str)]) -> Back {
        self.ec2_as(KEY, "us-east-1", action, params)
    }

    pub(super) fn ec2_as(&mut self, key: &str, region: &str, action: &str, params: &[(&str, &str)]) -> Back {
        let mut request = form("2016-11-15", action, params);
        sign::sign(&mut request, key, SECRET, region, Api::Ec2, self.now);
        self.send(&request)
    }

    /// A Route 53 call with the lab's key.
    pub(super) fn route53(&mut self, method: Method, path: &str, body: &str) -> Back {
        self.route53_as(KEY, method, path, body)
    }

    pub(super) fn route53_as(&mut self, key: &str, method: Method, path: &str, body: &str) -> Back {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("https://route53.amazonaws.com/2013-04-01/{path}"))
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        sign::sign(&mut request, key, SECRET, "us-east-1", Api::Route53, self.now);
        self.send(&request)
    }

    pub(super) fn send(&mut self, request: &http::Request<Bytes>) -> Back {
        let response = handle(&mut self.state, self.now, request);
        let (parts, body) = response.into_parts();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Back { status: parts.status.as_u16(), body, headers: parts.headers }
    }

    /// Creates an endpoint in the two offered zones; panics unless that works.
    pub(super) fn endpoint(&mut self) -> VpcEndpointId {
        let back = self.create(&[]);
        assert_eq!(back.status, 200, "{}", back.body);
        back.text("vpcEndpointId").parse().unwrap()
    }

    /// `CreateVpcEndpoint` in the two offered zones, with more parameters.
    pub(super) fn create(&mut self, more: &[(&str, &str)]) -> Back {
        let (vpc, group) = (self.vpc.to_string(), self.group.to_string());
        let (a, b) = (self.subnets[0].to_string(), self.subnets[1].to_string());
        let mut params = vec![
            ("VpcEndpointType", "Interface"),
            ("VpcId", vpc.as_str()),
            ("ServiceName", SERVICE),
            ("SubnetId.1", a.as_str()),
            ("SubnetId.2", b.as_str()),
            ("SecurityGroupId.1", group.as_str()),
            ("PrivateDnsEnabled", "false"),
        ];
        for (name, value) in more {
            params.retain(|(known, _)| known != name);
            if !value.is_empty() {
                params.push((name, value));
            }
        }
        self.ec2("CreateVpcEndpoint", &params)
    }

    /// The state of an endpoint, as it is described.
    pub(super) fn state_of(&mut self, id: &VpcEndpointId) -> String {
        self.ec2("DescribeVpcEndpoints", &[("VpcEndpointId.1", id.as_str())]).text("state")
    }

    /// Changes the vendor's service.
    pub(super) fn service(&mut self, change: impl FnOnce(&mut EndpointServiceDef)) {
        let name: VpcEndpointServiceName = SERVICE.parse().unwrap();
        change(self.state.services.get_mut(&name).unwrap());
    }

    /// A private zone for the lab's VPC; its id.
    pub(super) fn zone(&mut self, name: &str) -> String {
        let back = self.create_zone(name, &format!("reference-of-{name}"));
        assert_eq!(back.status, 201, "{}", back.body);
        back.text("Id").trim_start_matches("/hostedzone/").to_owned()
    }

    pub(super) fn create_zone(&mut self, name: &str, reference: &str) -> Back {
        let body = zone_request(name, reference, self.vpc.as_str());
        self.route53(Method::POST, "hostedzone", &body)
    }

    /// One batch of changes, given as `Change` elements.
    pub(super) fn change(&mut self, zone: &str, changes: &str) -> Back {
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch>\
             <Changes>{changes}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        self.route53(Method::POST, &format!("hostedzone/{zone}/rrset/"), &body)
    }
}

impl Back {
    /// The text of the first element of this name.
    pub(super) fn text(&self, element: &str) -> String {
        self.texts(element).into_iter().next().unwrap_or_else(|| panic!("no {element} in {}", self.body))
    }

    /// The texts of all elements of this name.
    pub(super) fn texts(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        self.body.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
    }

    /// Asserts a refusal.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.text("Code").as_str()), (status, code), "{}", self.body);
    }

    /// Asserts success.
    #[track_caller]
    pub(super) fn fine(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self
    }
}

pub(super) fn key(id: &str, account: &AwsAccountId, allowed: Option<&[&str]>) -> AccessKey {
    AccessKey {
        id: id.to_owned(),
        secret: SECRET.to_owned(),
        session_token: None,
        account: account.clone(),
        principal: format!("arn:aws:iam::{account}:user/operator"),
        allowed: allowed.map(|list| list.iter().map(|action| (*action).to_owned()).collect()),
    }
}

/// A service in the first two zones of the lab.
pub(super) fn service(name: &str) -> EndpointServiceDef {
    let zones = ["use1-az6", "use1-az1", "use1-az4"].map(|zone| zone.parse().unwrap()).to_vec();
    EndpointServiceDef::new(name.parse().unwrap(), zones)
}

pub(super) fn form(version: &str, action: &str, params: &[(&str, &str)]) -> http::Request<Bytes> {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.append_pair("Action", action).append_pair("Version", version).extend_pairs(params);
    http::Request::builder()
        .method(Method::POST)
        .uri("https://ec2.us-east-1.amazonaws.com/")
        .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
        .body(Bytes::from(body.finish()))
        .unwrap()
}

pub(super) fn zone_request(name: &str, reference: &str, vpc: &str) -> String {
    format!(
        "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name><VPC>\
         <VPCRegion>us-east-1</VPCRegion><VPCId>{vpc}</VPCId></VPC><CallerReference>{reference}</CallerReference>\
         <HostedZoneConfig><Comment>for orders</Comment><PrivateZone>true</PrivateZone></HostedZoneConfig>\
         </CreateHostedZoneRequest>"
    )
}
