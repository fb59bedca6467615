//! What is known about Zilliz Cloud without asking it: dated, sourced, and each to be overridden.
//!
//! The vendor's answers always win over these: host names, ports and endpoint services are read, never derived. The
//! patterns serve to explain and to check.

use std::time::Duration;

use privlink_core::render::{Cost, CostBasis};
use privlink_core::side::Reach;
use privlink_core::{CloudProvider, Dated, DnsName, Text};

use crate::{ClusterId, RegionId};

/// Everything this library takes for granted about Zilliz Cloud.
///
/// ```
/// use privlink_zilliz::facts::Facts;
///
/// let mut facts = Facts::default();
/// let host = facts.private_host(&"in01-0a1b2c".parse()?, &"aws-us-west-2".parse()?).unwrap();
/// assert_eq!(host.as_str(), "in01-0a1b2c-privatelink.aws-us-west-2.vectordb.zillizcloud.com");
/// assert!(!facts.apex.source.is_empty());
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The domain under which the vendor's hosts are; a region is a label below it, and shared by all
    /// of its clusters.
    pub apex: Dated<DnsName>,
    /// What is put behind the cluster's id in a private host. An older guide shows hosts without.
    pub host_suffix: Dated<Text>,
    /// Where in the console people switch the public address off.
    pub console: Dated<Text>,
    /// The way through the console to a project's private endpoints.
    pub endpoints_console: Dated<Text>,
    /// How long letting an endpoint in takes, as the vendor says.
    pub link_said: Dated<Text>,
    /// What the vendor bills for, besides the clusters.
    pub costs: Vec<Cost>,
    /// How many requests a key may make.
    pub rate: RateFacts,
    /// How often to ask again.
    pub polling: Polling,
}

/// The published budget of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateFacts {
    /// Requests in a window.
    pub requests: u32,
    /// The window.
    pub window: Duration,
}

/// How often to ask again, and how long things take.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polling {
    /// While an endpoint is being let in, or a cluster gets its private address.
    pub link: Duration,
    /// How long a link usually takes.
    pub link_takes: Duration,
    /// How long it may take before it counts as stuck.
    pub link_at_most: Duration,
    /// How many looks at the list of endpoints may miss one that was just registered.
    pub unseen: u32,
    /// While a person at the vendor decides.
    pub person: Duration,
    /// How long a person at the vendor may take.
    pub person_at_most: Duration,
}

impl Facts {
    /// The private host as it is usually made: to check what the vendor answers, never in place of it.
    #[must_use]
    pub fn private_host(&self, cluster: &ClusterId, region: &RegionId) -> Option<DnsName> {
        format!("{cluster}{}.{region}.{}", self.host_suffix.value, self.apex.value).parse().ok()
    }

    /// From where an endpoint may point at a service in `cloud`.
    ///
    /// AWS: its own region, unless the vendor's support has allowed others. Azure: any region, as Private Link
    /// does. Google Cloud: its own region, with global access for clients elsewhere.
    #[must_use]
    pub fn reach(&self, cloud: CloudProvider) -> Reach {
        match cloud {
            CloudProvider::Azure => Reach::AnyRegion,
            CloudProvider::Gcp => Reach::SameRegionGlobalAccess,
            _ => Reach::SameRegion,
        }
    }
}

impl Default for Facts {
    fn default() -> Self {
        const API: &str = "Zilliz Cloud REST reference, describe cluster v2, zilliztech/zdoc at 95034a5";
        const GUIDE: &str = "Zilliz Cloud docs, set up a private endpoint (AWS)";
        const AZURE: &str = "https://docs.zilliz.com/docs/setup-a-private-link-azure";
        Self {
            apex: Dated::new("vectordb.zillizcloud.com".parse().expect(CONSTANT), API, "2026-11"),
            host_suffix: Dated::new("-privatelink".into(), API, "2026-11"),
            console: Dated::new("the cluster's page, Connect, Public Endpoint".into(), GUIDE, "2026-11"),
            endpoints_console: Dated::new(
                "the project, Network, Private Endpoint, + Private Endpoint".into(),
                AZURE,
                "2026-11",
            ),
            link_said: Dated::new("about five minutes".into(), GUIDE, "2026-11"),
            costs: vec![Cost::new(
                "Zilliz Cloud",
                CostBasis::Free,
                Dated::new("private links; the cloud bills its own", AZURE, "2026-11"),
            )],
            // REST reference: 20 requests a second for each user and call, read 2026-11. Here for all calls together.
            rate: RateFacts { requests: 20, window: Duration::from_secs(1) },
            // The guide for AWS speaks of about five minutes, read 2026-11; the rest is of our own choosing.
            polling: Polling {
                link: Duration::from_secs(10),
                link_takes: Duration::from_secs(300),
                link_at_most: Duration::from_secs(1_800),
                unseen: 12,
                person: Duration::from_secs(900),
                person_at_most: Duration::from_secs(7 * 86_400),
            },
        }
    }
}

/// Why a parse in this file cannot fail.
const CONSTANT: &str = "a constant that is well-formed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_regions_label_is_the_vendors_with_the_cloud_in_front() {
        let facts = Facts::default();
        let host = facts.private_host(&"in01-0a1b2c".parse().unwrap(), &"az-eastus".parse().unwrap()).unwrap();
        assert_eq!(host.as_str(), "in01-0a1b2c-privatelink.az-eastus.vectordb.zillizcloud.com");
        assert!(host.is_within(&facts.apex));
    }
}
