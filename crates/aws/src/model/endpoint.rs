use privlink_core::{
    AwsAccountId, DnsName, HostedZoneId, NetworkInterfaceId, Region, Result, SecurityGroupId, SubnetId, VpcEndpointId,
    VpcId,
};
use serde::{Deserialize, Serialize};

use super::{DnsRecordIpType, IpAddressType, Tag, VpcEndpointState};
use crate::wire::xml::Element;

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VpcEndpoint {
    /// Its id.
    pub id: VpcEndpointId,
    /// The VPC it stands in.
    pub vpc: Option<VpcId>,
    /// The service it points at, verbatim; gateway endpoints name an AWS service here.
    pub service_name: String,
    /// `Interface`, `Gateway`, …, verbatim.
    pub kind: Option<String>,
    /// Where it stands.
    pub state: VpcEndpointState,
    /// The region of the service, where AWS says so.
    pub service_region: Option<Region>,
    /// Its subnets.
    pub subnets: Vec<SubnetId>,
    /// Its security groups.
    pub groups: Vec<SecurityGroupId>,
    /// Its network interfaces.
    pub interfaces: Vec<NetworkInterfaceId>,
    /// Its names; in no order to rely on, see [`VpcEndpoint::regional_dns`].
    pub dns: Vec<DnsEntry>,
    /// Whether it answers the vendor's private name itself.
    pub private_dns: bool,
    /// Which IP versions it has.
    pub ip_address_type: Option<IpAddressType>,
    /// Which addresses its names answer with.
    pub dns_record_ip_type: Option<DnsRecordIpType>,
    /// Whether another AWS service made it.
    pub requester_managed: bool,
    /// The account it belongs to.
    pub owner: Option<AwsAccountId>,
    /// When it was made, RFC 3339, verbatim.
    pub created: Option<String>,
    /// What went wrong last.
    pub last_error: Option<LastError>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
}

impl VpcEndpoint {
    /// An endpoint of which only id, service and state are known: for tests and doubles.
    #[must_use]
    pub fn new(id: VpcEndpointId, service_name: impl Into<String>, state: VpcEndpointState) -> Self {
        Self {
            id,
            vpc: None,
            service_name: service_name.into(),
            kind: None,
            state,
            service_region: None,
            subnets: Vec::new(),
            groups: Vec::new(),
            interfaces: Vec::new(),
            dns: Vec::new(),
            private_dns: false,
            ip_address_type: None,
            dns_record_ip_type: None,
            requester_managed: false,
            owner: None,
            created: None,
            last_error: None,
            failure_reason: None,
            tags: Vec::new(),
        }
    }

    pub(crate) fn read(item: &Element) -> Result<Self> {
        let mut endpoint = Self::new(
            item.required_id("vpcEndpointId")?,
            item.text_of("serviceName").unwrap_or_default(),
            item.text_of("state").unwrap_or_default().into(),
        );
        endpoint.vpc = item.text_of("vpcId").and_then(|id| id.parse().ok());
        endpoint.kind = item.string("vpcEndpointType");
        endpoint.service_region = item.text_of("serviceRegion").and_then(|region| region.parse().ok());
        endpoint.subnets = item.ids("subnetIdSet");
        endpoint.groups = item.list("groupSet").filter_map(|group| group.text_of("groupId")?.parse().ok()).collect();
        endpoint.interfaces = item.ids("networkInterfaceIdSet");
        endpoint.dns = item.list("dnsEntrySet").filter_map(DnsEntry::read).collect();
        endpoint.private_dns = item.boolean("privateDnsEnabled").unwrap_or(false);
        endpoint.ip_address_type = item.text_of("ipAddressType").map(Into::into);
        endpoint.dns_record_ip_type =
            item.child("dnsOptions").and_then(|options| options.text_of("dnsRecordIpType")).map(Into::into);
        endpoint.requester_managed = item.boolean("requesterManaged").unwrap_or(false);
        endpoint.owner = item.text_of("ownerId").and_then(|id| id.parse().ok());
        endpoint.created = item.string("creationTimestamp");
        endpoint.last_error = item.child("lastError").and_then(LastError::read);
        endpoint.failure_reason = item.string("failureReason");
        endpoint.tags = Tag::set(item);
        Ok(endpoint)
    }

    /// Whether it is an interface endpoint, the kind PrivateLink makes.
    #[must_use]
    pub fn is_interface(&self) -> bool {
        self.kind.as_deref().is_none_or(|kind| kind.eq_ignore_ascii_case("Interface"))
    }

    /// The regional name: the one to alias. `None` until AWS has given it.
    ///
    /// The list holds one name per zone too and, with private DNS on, the vendor's name; its
    /// order is not documented, so the entry is chosen by form: the first label starts with the
    /// endpoint's id and does not end in a zone name; of several, the shortest.
    #[must_use]
    pub fn regional_dns(&self) -> Option<&DnsEntry> {
        self.dns
            .iter()
            .filter(|entry| {
                let label = entry.name.first_label();
                label.starts_with(self.id.as_str()) && !ends_in_zone(label)
            })
            .min_by_key(|entry| entry.name.as_str().len())
    }

    /// The names that are pinned to one zone, with the zone's name in this account.
    pub fn zonal_dns(&self) -> impl Iterator<Item = (&DnsEntry, &str)> {
        self.dns.iter().filter_map(|entry| {
            let label = entry.name.first_label();
            let rest = label.strip_prefix(self.id.as_str())?.strip_prefix('-')?;
            let (_, zone) = rest.split_once('-')?;
            ends_in_zone(label).then_some((entry, zone))
        })
    }

    /// Why it is not usable, in AWS's words.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let mut texts = Vec::new();
        if let Some(error) = &self.last_error {
            texts.push(match &error.code {
                Some(code) => format!("{code}: {}", error.message),
                None => error.message.clone(),
            });
        }
        texts.extend(self.failure_reason.clone());
        texts.dedup();
        (!texts.is_empty()).then(|| texts.join("; "))
    }
}

/// Whether a label ends like `…-us-east-1a`: a dash, a digit and one letter.
fn ends_in_zone(label: &str) -> bool {
    let Some((_, last)) = label.rsplit_once('-') else { return false };
    let Some(digits) = last.strip_suffix(|c: char| c.is_ascii_lowercase()) else { return false };
    // The tag between id and zone may itself end in `1a`: a zone has a region in front of it.
    let before = label[..label.len() - last.len() - 1].rsplit('-').next().unwrap_or_default();
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && before.len() > 2
        && before.bytes().all(|b| b.is_ascii_lowercase())
}

/// A name of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DnsEntry {
    /// The name.
    pub name: DnsName,
    /// The hosted zone an alias to this very name must give; AWS's, never ours.
    pub hosted_zone: Option<HostedZoneId>,
}

impl DnsEntry {
    /// A name with the hosted zone an alias must give.
    #[must_use]
    pub fn new(name: DnsName, hosted_zone: Option<HostedZoneId>) -> Self {
        Self { name, hosted_zone }
    }

    fn read(item: &Element) -> Option<Self> {
        let name = item.text_of("dnsName")?.parse().ok()?;
        Some(Self::new(name, item.text_of("hostedZoneId").and_then(|id| id.parse().ok())))
    }
}

/// What went wrong last with an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LastError {
    /// The code.
    pub code: Option<String>,
    /// The message.
    pub message: String,
}

impl LastError {
    fn read(item: &Element) -> Option<Self> {
        let (code, message) = (item.string("code"), item.string("message"));
        (code.is_some() || message.is_some()).then(|| Self { code, message: message.unwrap_or_default() })
    }
}

/// An endpoint that `DeleteVpcEndpoints` did not delete, though it answered 200.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UnsuccessfulItem {
    /// The id as AWS repeats it.
    pub resource: String,
    /// The code.
    pub code: String,
    /// The message.
    pub message: String,
}

impl UnsuccessfulItem {
    pub(crate) fn read(item: &Element) -> Self {
        let error = item.child("error");
        Self {
            resource: item.string("resourceId").unwrap_or_default(),
            code: error.and_then(|error| error.string("code")).unwrap_or_default(),
            message: error.and_then(|error| error.string("message")).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(names: &[&str]) -> VpcEndpoint {
        let mut endpoint = VpcEndpoint::new(
            "vpce-0a1b2c3d4e5f67890".parse().unwrap(),
            "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
            VpcEndpointState::Available,
        );
        endpoint.dns = names.iter().map(|name| DnsEntry::new(name.parse().unwrap(), None)).collect();
        endpoint
    }

    #[test]
    fn the_regional_name_is_told_by_its_form_not_by_its_place() {
        let tail = "vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com";
        let regional = format!("vpce-0a1b2c3d4e5f67890-x7ab12cd.{tail}");
        let zonal_a = format!("vpce-0a1b2c3d4e5f67890-x7ab12cd-us-east-1a.{tail}");
        let zonal_b = format!("vpce-0a1b2c3d4e5f67890-x7ab12cd-us-east-1b.{tail}");
        let private = "abc.us-east-1.vpce.aws.clickhouse.cloud";
        let all = [zonal_b.as_str(), private, regional.as_str(), zonal_a.as_str()];
        let endpoint = endpoint(&all);
        assert_eq!(endpoint.regional_dns().unwrap().name.as_str(), regional);
        let zones: Vec<&str> = endpoint.zonal_dns().map(|(_, zone)| zone).collect();
        assert_eq!(zones, ["us-east-1b", "us-east-1a"]);
    }

    #[test]
    fn a_tag_that_looks_like_a_zone_is_no_zone() {
        let endpoint = endpoint(&["vpce-0a1b2c3d4e5f67890-1a.vpce-svc-0123.us-east-1.vpce.amazonaws.com"]);
        assert!(endpoint.regional_dns().is_some());
    }
}
