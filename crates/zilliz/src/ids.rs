//! The identifiers of Zilliz Cloud: texts that must not be taken for one another.

use std::fmt;

use privlink_core::side::EndpointIds;
use privlink_core::{CloudProvider, ForwardingRuleName, Region, ResourceGuid, Text, VpcEndpointId};
use serde::{Deserialize, Serialize};

privlink_core::text_id! {
    /// A project: `proj-` and letters, digits or dashes. It holds clusters and the registered endpoints.
    ///
    /// ```
    /// use privlink_zilliz::ProjectId;
    ///
    /// assert!("proj-0a1b2c3d4e5f67890a1b2c".parse::<ProjectId>().is_ok());
    /// assert!("in01-0a1b2c3d4e5f678".parse::<ProjectId>().is_err(), "that is a cluster");
    /// ```
    pub struct ProjectId: "Zilliz Cloud project id", check_project;
}

privlink_core::text_id! {
    /// A cluster: `in01-` (Dedicated), `in03-` (Free), `in05-` (Serverless) and the like, then letters or digits.
    ///
    /// ```
    /// use privlink_zilliz::ClusterId;
    ///
    /// let dedicated: ClusterId = "in01-0a1b2c3d4e5f678".parse()?;
    /// assert!(dedicated.may_be_dedicated());
    /// assert!(!"in03-0a1b2c3d4e5f678".parse::<ClusterId>()?.may_be_dedicated());
    /// assert!("in01-0a1b2c3d4e5f678-privatelink".parse::<ClusterId>().is_err(), "that is part of a host name");
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct ClusterId: "Zilliz Cloud cluster id", check_cluster;
}

privlink_core::text_id! {
    /// A region as the vendor names it: the cloud's region behind a short name of the cloud.
    ///
    /// ```
    /// use privlink_core::CloudProvider;
    /// use privlink_zilliz::RegionId;
    ///
    /// let region: RegionId = "az-eastus".parse()?;
    /// assert_eq!(region.cloud(), Some(CloudProvider::Azure));
    /// assert_eq!(region.region().unwrap().as_str(), "eastus");
    /// assert_eq!("ali-cn-hangzhou".parse::<RegionId>()?.cloud(), None, "no cloud that links are made in");
    /// assert!("us-west-2".parse::<RegionId>().is_err(), "that is the cloud's own name");
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct RegionId: "Zilliz Cloud region id", check_region;
}

impl ClusterId {
    /// Whether its form leaves open that it is on the plan *Dedicated*, the only one with private endpoints.
    #[must_use]
    pub fn may_be_dedicated(&self) -> bool {
        !self.as_str().starts_with("in03-") && !self.as_str().starts_with("in05-")
    }
}

impl RegionId {
    /// The cloud, unless it is one in which this family makes no links.
    #[must_use]
    pub fn cloud(&self) -> Option<CloudProvider> {
        match self.as_str().split_once('-')?.0 {
            "aws" => Some(CloudProvider::Aws),
            "gcp" => Some(CloudProvider::Gcp),
            // One sample of the vendor's has the longer one.
            "az" | "azure" => Some(CloudProvider::Azure),
            _ => None,
        }
    }

    /// The cloud's own name of the region.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        self.as_str().split_once('-')?.1.parse().ok()
    }
}

/// What a cloud's endpoint is called at Zilliz Cloud, which differs from what the cloud itself lists it by.
///
/// | cloud | text | also |
/// | --- | --- | --- |
/// | AWS | `vpce-…` | |
/// | Google Cloud | the **name** of the forwarding rule | the consumer's project |
/// | Azure | `<endpoint name>.<resource GUID>` | |
///
/// ```
/// use privlink_core::side::EndpointIds;
/// use privlink_zilliz::EndpointId;
///
/// let ids = EndpointIds::Gcp { project: "example-project".parse()?, rule: "orders".parse()?, psc: None };
/// let id = EndpointId::of(&ids).unwrap();
/// assert_eq!((id.to_string().as_str(), id.gcp_project()), ("orders", Some("example-project")));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EndpointId {
    /// A VPC endpoint.
    Aws(VpcEndpointId),
    /// A private endpoint: its name and its `properties.resourceGuid`, which is not its subscription.
    Azure {
        /// The name, the last part of the resource id.
        name: Text,
        /// The GUID.
        guid: ResourceGuid,
    },
    /// A forwarding rule, by name.
    Gcp {
        /// Its name.
        rule: ForwardingRuleName,
        /// The consumer's project.
        project: privlink_core::ProjectId,
    },
}

impl EndpointId {
    /// The one that the vendor takes, of all that a cloud knows its endpoint by. `None` on Azure until the GUID is
    /// known.
    #[must_use]
    pub fn of(ids: &EndpointIds) -> Option<Self> {
        match ids {
            EndpointIds::Aws { id, .. } => Some(Self::Aws(id.clone())),
            EndpointIds::Azure { id, guid } => {
                Some(Self::Azure { name: id.resource().name().to_owned().into(), guid: (*guid)? })
            }
            EndpointIds::Gcp { project, rule, .. } => Some(Self::Gcp { rule: rule.clone(), project: project.clone() }),
            _ => None,
        }
    }

    /// The cloud the endpoint lives in.
    #[must_use]
    pub fn cloud(&self) -> CloudProvider {
        match self {
            Self::Aws(_) => CloudProvider::Aws,
            Self::Azure { .. } => CloudProvider::Azure,
            Self::Gcp { .. } => CloudProvider::Gcp,
        }
    }

    /// What goes along with it on Google Cloud.
    #[must_use]
    pub fn gcp_project(&self) -> Option<&str> {
        match self {
            Self::Gcp { project, .. } => Some(project.as_str()),
            _ => None,
        }
    }
}

/// As the vendor lists it, without the project.
impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(id) => f.pad(id.as_str()),
            Self::Azure { name, guid } => write!(f, "{name}.{guid}"),
            Self::Gcp { rule, .. } => f.pad(rule.as_str()),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn check_project(text: &str) -> Result<(), &'static str> {
    match text.strip_prefix("proj-") {
        Some(rest) if rest.len() <= 64 && rest.split('-').all(is_word) => Ok(()),
        _ => Err("it must look like `proj-0a1b2c3d4e5f`"),
    }
}

fn check_cluster(text: &str) -> Result<(), &'static str> {
    let rule = "it must look like `in01-0a1b2c3d4e5f678`";
    let (kind, rest) = text.split_once('-').ok_or(rule)?;
    let kind = kind.strip_prefix("in").ok_or(rule)?;
    let fits = kind.len() == 2 && kind.bytes().all(|byte| byte.is_ascii_digit()) && is_word(rest);
    if fits { Ok(()) } else { Err(rule) }
}

fn check_region(text: &str) -> Result<(), &'static str> {
    let rule = "it must be a cloud's short name and its region, like `aws-us-west-2`, `gcp-us-west1` or `az-eastus`";
    let (cloud, region) = text.split_once('-').ok_or(rule)?;
    let lower = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let known = matches!(cloud, "aws" | "gcp" | "az" | "azure" | "ali" | "tc" | "hwc");
    let words = region.len() <= 40 && region.split('-').all(|word| !word.is_empty() && word.bytes().all(lower));
    if known && words { Ok(()) } else { Err(rule) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_id_is_refused() {
        for bad in ["", "proj-", "proj--a", "proj-a/b", "proj-a b", "Proj-a"] {
            assert!(bad.parse::<ProjectId>().is_err(), "{bad}");
        }
        for bad in ["", "in01", "in01-", "in1-abc", "in01-a.b", "in01-abc/def", "IN01-abc"] {
            assert!(bad.parse::<ClusterId>().is_err(), "{bad}");
        }
        for bad in ["", "aws", "aws-", "aws-us--west", "moon-crater", "aws-us-west-2/x", "AWS-us-west-2"] {
            assert!(bad.parse::<RegionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn azure_takes_the_name_and_the_guid_of_the_endpoint() {
        let id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/app/providers/Microsoft.Network/\
                  privateEndpoints/zilliz";
        let guid: ResourceGuid = "d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf".parse().unwrap();
        let ids = |guid| EndpointIds::Azure { id: id.parse().unwrap(), guid };
        assert_eq!(EndpointId::of(&ids(None)), None);
        let made = EndpointId::of(&ids(Some(guid))).unwrap();
        assert_eq!(made.to_string(), "zilliz.d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf");
        let json = serde_json::to_string(&made).unwrap();
        assert_eq!(serde_json::from_str::<EndpointId>(&json).unwrap(), made);
    }
}
