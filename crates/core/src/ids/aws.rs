use std::borrow::Cow;

use super::Region;
use super::text::{Check, prefixed_hex};

text_id! {
    /// An AWS account: 12 digits.
    pub struct AwsAccountId: "AWS account id", check_account;
}

fn check_account(text: &str) -> Check {
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err("it must be 12 digits".into())
    }
}

text_id! {
    /// A VPC: `vpc-` and 8 to 17 hex digits.
    pub struct VpcId: "VPC id", check_vpc;
}

fn check_vpc(text: &str) -> Check {
    prefixed_hex(text, "vpc-")
}

text_id! {
    /// A subnet: `subnet-` and 8 to 17 hex digits.
    pub struct SubnetId: "subnet id", check_subnet;
}

fn check_subnet(text: &str) -> Check {
    prefixed_hex(text, "subnet-")
}

text_id! {
    /// A security group: `sg-` and 8 to 17 hex digits.
    pub struct SecurityGroupId: "security group id", check_group;
}

fn check_group(text: &str) -> Check {
    prefixed_hex(text, "sg-")
}

text_id! {
    /// A network interface: `eni-` and 8 to 17 hex digits.
    pub struct NetworkInterfaceId: "network interface id", check_interface;
}

fn check_interface(text: &str) -> Check {
    prefixed_hex(text, "eni-")
}

text_id! {
    /// A VPC endpoint, the consumer's end of AWS PrivateLink: `vpce-` and 8 to 17 hex digits.
    ///
    /// Not the endpoint *service* (`vpce-svc-…`), which is refused:
    ///
    /// ```
    /// use privlink_core::VpcEndpointId;
    ///
    /// assert!("vpce-0a1b2c3d4e5f67890".parse::<VpcEndpointId>().is_ok());
    /// let error = "vpce-svc-0a1b2c3d4e5f67890".parse::<VpcEndpointId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("VPC endpoint service id"));
    /// ```
    pub struct VpcEndpointId: "VPC endpoint id", check_endpoint;
}

fn check_endpoint(text: &str) -> Check {
    prefixed_hex(text, "vpce-")
}

text_id! {
    /// The id of a VPC endpoint service: `vpce-svc-` and 8 to 17 hex digits.
    pub struct VpcEndpointServiceId: "VPC endpoint service id", check_service;
}

fn check_service(text: &str) -> Check {
    prefixed_hex(text, "vpce-svc-")
}

text_id! {
    /// The name of a vendor's VPC endpoint service:
    /// `com.amazonaws.vpce.<region>.vpce-svc-<hex>`, in China with a leading `cn.`.
    pub struct VpcEndpointServiceName: "VPC endpoint service name", check_service_name;
}

fn check_service_name(text: &str) -> Check {
    let rest = text.strip_prefix("cn.").unwrap_or(text);
    let Some(rest) = rest.strip_prefix("com.amazonaws.vpce.") else {
        return Err("it must start with `com.amazonaws.vpce.` (in China `cn.com.amazonaws.vpce.`)".into());
    };
    let Some((region, service)) = rest.split_once('.') else {
        return Err("a region and a service id must follow `com.amazonaws.vpce.`".into());
    };
    if let Err(error) = region.parse::<Region>() {
        return Err(format!("its region is wrong: {}", error.rule()).into());
    }
    check_service(service).map_err(|rule| format!("its service id is wrong: {rule}").into())
}

impl VpcEndpointServiceName {
    /// The region the service lives in.
    #[must_use]
    pub fn region(&self) -> Region {
        let (region, _) = self.parts();
        region.parse().expect("checked when the name was parsed")
    }

    /// The id of the service, the last part of its name.
    #[must_use]
    pub fn service_id(&self) -> VpcEndpointServiceId {
        let (_, service) = self.parts();
        service.parse().expect("checked when the name was parsed")
    }

    fn parts(&self) -> (&str, &str) {
        let rest = self.0.strip_prefix("cn.").unwrap_or(&self.0);
        rest.strip_prefix("com.amazonaws.vpce.").and_then(|rest| rest.split_once('.')).unwrap_or((rest, ""))
    }
}

text_id! {
    /// A Route 53 hosted zone id: 1 to 32 of `[A-Z0-9]`. The `/hostedzone/` that the API
    /// sometimes puts in front is taken off.
    pub struct HostedZoneId: "hosted zone id", check_zone_id, strip_zone_prefix;
}

fn strip_zone_prefix(text: &str) -> Cow<'_, str> {
    text.strip_prefix("/hostedzone/").unwrap_or(text).into()
}

fn check_zone_id(text: &str) -> Check {
    if (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
        Ok(())
    } else {
        Err("it must be 1 to 32 capital letters and digits".into())
    }
}

text_id! {
    /// Who may use an endpoint service: an ARN, a bare account id, or `*` for everybody.
    pub struct AwsPrincipal: "AWS principal", check_principal;
}

fn check_principal(text: &str) -> Check {
    if text == "*" || check_account(text).is_ok() {
        return Ok(());
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam" | "sts", "", account, resource] => {
            if !partition.starts_with("aws") {
                return Err("its partition must start with `aws`".into());
            }
            check_account(account).map_err(|rule| Cow::from(format!("its account is wrong: {rule}")))?;
            if resource.is_empty() || resource.chars().any(|c| c.is_whitespace() || c.is_control()) {
                return Err("its resource must be given, without white space".into());
            }
            Ok(())
        }
        _ => Err("it must be `*`, 12 digits, or `arn:<partition>:iam::<account>:<resource>`".into()),
    }
}

impl AwsPrincipal {
    /// The account, unless the principal is `*`.
    #[must_use]
    pub fn account(&self) -> Option<AwsAccountId> {
        self.0.parse().ok().or_else(|| self.0.split(':').nth(4)?.parse().ok())
    }

    /// Whether it names a whole account (`:root` or the bare account id) or everybody.
    #[must_use]
    pub fn is_whole_account(&self) -> bool {
        &*self.0 == "*" || self.0.ends_with(":root") || check_account(&self.0).is_ok()
    }
}

/// A partition of AWS: accounts, zones and links never cross from one into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AwsPartition {
    /// The commercial regions, `arn:aws`.
    Aws,
    /// China, `arn:aws-cn`.
    China,
    /// US GovCloud, `arn:aws-us-gov`.
    GovCloud,
    /// The European sovereign cloud, `arn:aws-eusc`.
    EuropeanSovereign,
}

impl AwsPartition {
    /// The partition a region belongs to, told by its prefix.
    #[must_use]
    pub fn of(region: &Region) -> Self {
        match region.as_str() {
            r if r.starts_with("cn-") => Self::China,
            r if r.starts_with("us-gov-") => Self::GovCloud,
            r if r.starts_with("eusc-") => Self::EuropeanSovereign,
            _ => Self::Aws,
        }
    }

    /// The partition's name in ARNs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::EuropeanSovereign => "aws-eusc",
        }
    }
}
