use std::borrow::Cow;

use super::Region;
use super::text::{Check, is_number, prefixed_hex};

text_id! {
    /// An AWS account: 12 digits, leading zeros included.
    ///
    /// ```
    /// use privlink_core::AwsAccountId;
    ///
    /// assert!("123456789012".parse::<AwsAccountId>().is_ok());
    /// let error = "arn:aws:iam::123456789012:root".parse::<AwsAccountId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("AWS principal"));
    /// ```
    pub struct AwsAccountId: "AWS account id", check_account;
}

fn check_account(text: &str) -> Check {
    if text.len() == 12 && is_number(text) { Ok(()) } else { Err("it must be 12 digits".into()) }
}

text_id! {
    /// A VPC: `vpc-` and 8 to 17 lower-case hex digits.
    ///
    /// ```
    /// use privlink_core::VpcId;
    ///
    /// assert!("vpc-0a1b2c3d4e5f67890".parse::<VpcId>().is_ok());
    /// assert!("vpce-0a1b2c3d4e5f67890".parse::<VpcId>().is_err());
    /// ```
    pub struct VpcId: "VPC id", check_vpc;
}

fn check_vpc(text: &str) -> Check {
    prefixed_hex(text, "vpc-")
}

text_id! {
    /// A subnet: `subnet-` and 8 to 17 lower-case hex digits.
    ///
    /// ```
    /// use privlink_core::SubnetId;
    ///
    /// assert!("subnet-0a1b2c3d4e5f67890".parse::<SubnetId>().is_ok());
    /// assert!("10.0.0.0/24".parse::<SubnetId>().is_err());
    /// ```
    pub struct SubnetId: "subnet id", check_subnet;
}

fn check_subnet(text: &str) -> Check {
    prefixed_hex(text, "subnet-")
}

text_id! {
    /// A security group: `sg-` and 8 to 17 lower-case hex digits. Its name is another thing.
    ///
    /// ```
    /// use privlink_core::SecurityGroupId;
    ///
    /// assert!("sg-0a1b2c3d4e5f67890".parse::<SecurityGroupId>().is_ok());
    /// assert!("default".parse::<SecurityGroupId>().is_err());
    /// ```
    pub struct SecurityGroupId: "security group id", check_group;
}

fn check_group(text: &str) -> Check {
    prefixed_hex(text, "sg-")
}

text_id! {
    /// A network interface: `eni-` and 8 to 17 lower-case hex digits.
    ///
    /// ```
    /// use privlink_core::NetworkInterfaceId;
    ///
    /// assert!("eni-0a1b2c3d4e5f67890".parse::<NetworkInterfaceId>().is_ok());
    /// assert!("10.0.0.17".parse::<NetworkInterfaceId>().is_err());
    /// ```
    pub struct NetworkInterfaceId: "network interface id", check_interface;
}

fn check_interface(text: &str) -> Check {
    prefixed_hex(text, "eni-")
}

text_id! {
    /// A VPC endpoint, the consumer's end of AWS PrivateLink: `vpce-` and 8 to 17 lower-case hex
    /// digits, 17 today and 8 in old accounts.
    ///
    /// Not the endpoint *service* (`vpce-svc-…`), its name, an ARN or a DNS name, all of which
    /// are refused:
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
    /// The id of a VPC endpoint service: `vpce-svc-` and 8 to 17 lower-case hex digits.
    ///
    /// ```
    /// use privlink_core::VpcEndpointServiceId;
    ///
    /// assert!("vpce-svc-0a1b2c3d4e5f67890".parse::<VpcEndpointServiceId>().is_ok());
    /// let error = "vpce-0a1b2c3d4e5f67890".parse::<VpcEndpointServiceId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("VPC endpoint id"));
    /// ```
    pub struct VpcEndpointServiceId: "VPC endpoint service id", check_service;
}

fn check_service(text: &str) -> Check {
    prefixed_hex(text, "vpce-svc-")
}

text_id! {
    /// The name of a vendor's VPC endpoint service:
    /// `com.amazonaws.vpce.<region>.vpce-svc-<hex>`, in China with a leading `cn.`.
    ///
    /// It keeps its parts: the region the service lives in, which an endpoint in another region
    /// must name, and the id of the service. The text is sent as it was given.
    ///
    /// ```
    /// use privlink_core::VpcEndpointServiceName;
    ///
    /// let name: VpcEndpointServiceName = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse()?;
    /// assert_eq!(name.region().as_str(), "us-east-1");
    /// assert_eq!(name.service_id().as_str(), "vpce-svc-0a1b2c3d4e5f67890");
    ///
    /// let error = "vpce-svc-0a1b2c3d4e5f67890".parse::<VpcEndpointServiceName>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("VPC endpoint service id"));
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
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
    /// The name of the service `id` in `region`.
    #[must_use]
    pub fn of(region: &Region, id: &VpcEndpointServiceId) -> Self {
        let china = if AwsPartition::of(region) == AwsPartition::China { "cn." } else { "" };
        Self(format!("{china}com.amazonaws.vpce.{region}.{id}").into())
    }

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
    /// A Route 53 hosted zone id: 1 to 32 of `[A-Z0-9]`.
    ///
    /// The `/hostedzone/` that the API sometimes puts in front is taken off.
    ///
    /// ```
    /// use privlink_core::HostedZoneId;
    ///
    /// let id: HostedZoneId = "/hostedzone/Z0123456789ABCDEFGHIJ".parse()?;
    /// assert_eq!(id.as_str(), "Z0123456789ABCDEFGHIJ");
    /// assert!("us-east-1.vpce.aws.clickhouse.cloud".parse::<HostedZoneId>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
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
    /// Who may use an endpoint service: an ARN of IAM or STS, a bare account id, or `*` for
    /// everybody.
    ///
    /// - `arn:<partition>:iam::<account>:<resource>`, at most 2,048 characters.
    /// - The resource holds letters, digits and `+=,.@_/-`, which is what IAM allows.
    ///
    /// ```
    /// use privlink_core::AwsPrincipal;
    ///
    /// let principal: AwsPrincipal = "arn:aws:iam::123456789012:root".parse()?;
    /// assert_eq!(principal.account(), Some("123456789012".parse()?));
    /// assert!(principal.is_whole_account());
    /// assert!("arn:aws:s3:::bucket".parse::<AwsPrincipal>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct AwsPrincipal: "AWS principal", check_principal;
}

fn check_principal(text: &str) -> Check {
    if text == "*" || check_account(text).is_ok() {
        return Ok(());
    }
    if text.len() > 2_048 {
        return Err("it must have at most 2,048 characters".into());
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "iam" | "sts", "", account, resource] => {
            let is_partition = *partition == "aws"
                || partition
                    .strip_prefix("aws-")
                    .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            if !is_partition {
                return Err("its partition must be `aws` or start with `aws-`".into());
            }
            check_account(account).map_err(|rule| Cow::from(format!("its account is wrong: {rule}")))?;
            let is_name =
                |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b)) && part != "..";
            if resource.split('/').any(|part| part.is_empty() || part == "." || !is_name(part)) {
                return Err("its resource must be like `root`, `role/name` or `user/path/name`".into());
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

impl From<AwsAccountId> for AwsPrincipal {
    /// Everybody in the account.
    fn from(account: AwsAccountId) -> Self {
        Self(account.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_resources_have_8_to_17_lower_case_hex_digits() {
        for hex in ["0a1b2c3d", "0a1b2c3d4e5f67890"] {
            assert!(format!("vpce-{hex}").parse::<VpcEndpointId>().is_ok(), "{hex}");
        }
        for hex in [
            "",
            "0a1b2c3",
            "0a1b2c3d4e5f678901",
            "0A1B2C3D",
            "0a1b2c3g",
            "0a1b2c3d ",
            "0a1b2c3d\0",
            "0a1b/../x",
            "0а1b2c3d",
        ] {
            assert!(format!("vpce-{hex}").parse::<VpcEndpointId>().is_err(), "{hex:?}");
        }
    }

    #[test]
    fn lookalikes_are_refused_by_every_type_but_their_own() {
        const IDS: [&str; 8] = [
            "vpc-0a1b2c3d",
            "vpce-0a1b2c3d",
            "vpce-svc-0a1b2c3d",
            "subnet-0a1b2c3d",
            "sg-0a1b2c3d",
            "eni-0a1b2c3d",
            "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d",
            "123456789012",
        ];
        fn accepted<T: std::str::FromStr>() -> Vec<&'static str> {
            IDS.into_iter().filter(|id| id.parse::<T>().is_ok()).collect()
        }
        assert_eq!(accepted::<VpcId>(), [IDS[0]]);
        assert_eq!(accepted::<VpcEndpointId>(), [IDS[1]]);
        assert_eq!(accepted::<VpcEndpointServiceId>(), [IDS[2]]);
        assert_eq!(accepted::<SubnetId>(), [IDS[3]]);
        assert_eq!(accepted::<SecurityGroupId>(), [IDS[4]]);
        assert_eq!(accepted::<NetworkInterfaceId>(), [IDS[5]]);
        assert_eq!(accepted::<VpcEndpointServiceName>(), [IDS[6]]);
        assert_eq!(accepted::<AwsAccountId>(), [IDS[7]]);
    }

    #[test]
    fn white_space_around_an_id_is_named_as_such() {
        let error = " vpce-0a1b2c3d".parse::<VpcEndpointId>().unwrap_err();
        assert_eq!(error.rule(), "it must not have white space around it");
    }

    #[test]
    fn a_service_name_is_made_of_and_taken_apart_into_region_and_id() {
        for text in [
            "com.amazonaws.vpce.eu-central-1.vpce-svc-0a1b2c3d4e5f67890",
            "cn.com.amazonaws.vpce.cn-northwest-1.vpce-svc-0a1b2c3d4e5f67890",
        ] {
            let name: VpcEndpointServiceName = text.parse().unwrap();
            assert_eq!(VpcEndpointServiceName::of(&name.region(), &name.service_id()), name);
        }
        for text in [
            "com.amazonaws.us-east-1.s3",
            "com.amazonaws.vpce.us-east-1",
            "com.amazonaws.vpce.us-east-1a.vpce-svc-0a1b2c3d",
            "com.amazonaws.vpce.us-east-1.vpce-0a1b2c3d",
            "com.amazonaws.vpce..vpce-svc-0a1b2c3d",
            "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d.",
            "COM.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d",
        ] {
            assert!(text.parse::<VpcEndpointServiceName>().is_err(), "{text}");
        }
    }

    #[test]
    fn principals_are_arns_of_iam_and_sts_accounts_or_everybody() {
        for (text, account, whole) in [
            ("*", None, true),
            ("123456789012", Some("123456789012"), true),
            ("arn:aws:iam::123456789012:root", Some("123456789012"), true),
            ("arn:aws-cn:iam::123456789012:role/path/to/deployer", Some("123456789012"), false),
            ("arn:aws-us-gov:sts::123456789012:assumed-role/deployer/me@example.com", Some("123456789012"), false),
        ] {
            let principal: AwsPrincipal = text.parse().unwrap();
            assert_eq!(principal.account().as_ref().map(AwsAccountId::as_str), account, "{text}");
            assert_eq!(principal.is_whole_account(), whole, "{text}");
        }
        for text in [
            "",
            "**",
            "12345678901",
            "arn:aws:iam::123456789012:",
            "arn:aws:iam::12345:root",
            "arn:aws:iam::123456789012:role/../x",
            "arn:aws:iam::123456789012:role//x",
            "arn:aws:iam::123456789012:role/a b",
            "arn:aws:iam::123456789012:role/%2e",
            "arn:awscn:iam::123456789012:root",
            "arn:aws-:iam::123456789012:root",
            "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-0a1b2c3d",
        ] {
            assert!(text.parse::<AwsPrincipal>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_region_tells_its_partition() {
        for (region, partition) in [
            ("us-east-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(AwsPartition::of(&region.parse().unwrap()).as_str(), partition);
        }
    }
}
