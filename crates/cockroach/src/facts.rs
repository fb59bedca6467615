//! What is known about CockroachDB Cloud without asking it: dated, sourced, and each to be
//! overridden.
//!
//! The vendor's answers always win over these: host names and endpoint services are read, never
//! derived. The patterns serve to explain and to check.

use std::time::Duration;

use privlink_core::render::{Cost, CostBasis};
use privlink_core::side::{PortRange, Protocol, Reach};
use privlink_core::{CloudProvider, Dated, DnsName, Text};
use privlink_dns::HostPattern;

use crate::Plan;

/// Everything this library takes for granted about CockroachDB Cloud.
///
/// ```
/// use privlink_cockroach::facts::Facts;
///
/// let mut facts = Facts::default();
/// assert_eq!(facts.sql_port.value, 26257);
/// facts.sql_port.value = 26258; // a vendor that moved its port
/// assert!(!facts.sql_port.source.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The API version that every request names.
    pub api_version: Dated<Text>,
    /// The port private endpoints serve: SQL over TLS.
    pub sql_port: Dated<u16>,
    /// The domains under which the vendor's private hosts are.
    pub apexes: Dated<Vec<DnsName>>,
    /// What a private host begins with.
    pub host_prefixes: Dated<HostPrefixes>,
    /// Which plans have private endpoints in which cloud.
    pub offers: Dated<Vec<(Plan, CloudProvider)>>,
    /// The plans whose clusters have an endpoint service of their own in each region, made on request and for ever. On
    /// the others the clusters of a region share one, which is there from the start.
    pub own_services: Dated<Vec<Plan>>,
    /// How many connections a cluster may have at once; `None` is no limit. An older guide speaks
    /// of one; the newer ones and the API do not.
    pub most_connections: Dated<Option<usize>>,
    /// The way through the console to a cluster's private endpoints.
    pub console: Dated<Text>,
    /// What the vendor bills for, besides the cluster.
    pub costs: Vec<Cost>,
    /// How many requests a user may make.
    pub rate: RateFacts,
    /// How often to ask again.
    pub polling: Polling,
}

/// What a private host begins with; the rest is the public host of its region.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HostPrefixes {
    /// Over AWS PrivateLink, Azure Private Link, and Google's VPC peering.
    pub internal: Text,
    /// Over Google's Private Service Connect.
    pub private: Text,
}

/// The published budget of a user.
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
    /// While a connection is being made or taken away.
    pub connection: Duration,
    /// While an endpoint service is being made, or the cluster is busy.
    pub service: Duration,
    /// How long a connection usually takes.
    pub connection_takes: Duration,
    /// How long it may take before it counts as stuck.
    pub connection_at_most: Duration,
    /// How long an endpoint service usually takes.
    pub service_takes: Duration,
    /// How long it may take before it counts as stuck.
    pub service_at_most: Duration,
}

impl Facts {
    /// The ports of a cluster's private host, with what is spoken there. The console's 8080 is not
    /// carried by private endpoints.
    #[must_use]
    pub fn ports(&self) -> Vec<PortRange> {
        vec![PortRange::single(self.sql_port.value).speaking(Protocol::Postgres)]
    }

    /// Whether clusters of a plan have private endpoints in a cloud.
    #[must_use]
    pub fn offers(&self, plan: &Plan, cloud: CloudProvider) -> bool {
        // A plan that is new to this library may have them; the vendor will say.
        matches!(plan, Plan::Unknown(_)) || self.offers.value.contains(&(plan.clone(), cloud))
    }

    /// Whether a cluster of a plan has its endpoint services to itself.
    #[must_use]
    pub fn has_own_services(&self, plan: &Plan) -> bool {
        self.own_services.value.contains(plan)
    }

    /// From where an endpoint may point at a service in `cloud`.
    ///
    /// AWS: its own region; nothing else is documented. Azure: any region, as Private Link does.
    /// Google Cloud: its own region, with global access for clients elsewhere.
    #[must_use]
    pub fn reach(&self, cloud: CloudProvider) -> Reach {
        match cloud {
            CloudProvider::Azure => Reach::AnyRegion,
            CloudProvider::Gcp => Reach::SameRegionGlobalAccess,
            _ => Reach::SameRegion,
        }
    }

    /// The prefix of private hosts in `cloud`.
    #[must_use]
    pub fn host_prefix(&self, cloud: CloudProvider) -> &str {
        match cloud {
            CloudProvider::Gcp => &self.host_prefixes.value.private,
            _ => &self.host_prefixes.value.internal,
        }
    }

    /// The form of an Advanced cluster's regional hosts in a cloud under one of the
    /// [`apexes`](Self::apexes), `{cluster}.aws-{region}.crdb.io`; `None` when they make no pattern.
    #[must_use]
    pub fn hosts(&self, cloud: CloudProvider, apex: &DnsName) -> Option<HostPattern> {
        let public = format!("{{cluster}}.{}-{{region}}.{apex}", cloud.as_str());
        HostPattern::new(&public, &format!("{}{public}", self.host_prefix(cloud))).ok()
    }
}

impl Default for Facts {
    fn default() -> Self {
        const API: &str = "CockroachDB Cloud API 2024-09-16, cockroach-cloud-sdk-go at 4e99d0c";
        const AWS: &str = "CockroachDB docs, cockroachcloud/aws-privatelink";
        const NETWORK: &str = "CockroachDB docs, cockroachcloud/network-authorization";
        const GUIDES: &str = "CockroachDB docs, cockroachcloud/connect-to-an-advanced-cluster";
        const COSTS: &str = "https://www.cockroachlabs.com/docs/cockroachcloud/costs";
        let bills =
            |basis, terms: &'static str| Cost::new("CockroachDB Cloud", basis, Dated::new(terms, COSTS, "2026-11"));
        let apexes = ["cockroachlabs.cloud", "crdb.io"].iter().filter_map(|name| name.parse().ok()).collect();
        Self {
            api_version: Dated::new("2024-09-16".into(), API, "2026-11"),
            sql_port: Dated::new(26_257, AWS, "2026-11"),
            apexes: Dated::new(apexes, GUIDES, "2026-11"),
            host_prefixes: Dated::new(
                HostPrefixes { internal: "internal-".into(), private: "private-".into() },
                API,
                "2026-11",
            ),
            offers: Dated::new(
                vec![
                    (Plan::Advanced, CloudProvider::Aws),
                    (Plan::Advanced, CloudProvider::Azure),
                    (Plan::Advanced, CloudProvider::Gcp),
                    (Plan::Standard, CloudProvider::Aws),
                    (Plan::Standard, CloudProvider::Gcp),
                ],
                NETWORK,
                "2026-11",
            ),
            own_services: Dated::new(vec![Plan::Advanced], NETWORK, "2026-11"),
            most_connections: Dated::new(None, AWS, "2026-11"),
            console: Dated::new(
                "the cluster, Networking, PrivateLink or Private endpoint, Add connection".into(),
                AWS,
                "2026-11",
            ),
            costs: vec![
                bills(
                    CostBasis::DataProcessed,
                    "data that leaves the cluster by private connectivity within its region, at the cloud's list price",
                ),
                bills(
                    CostBasis::InterRegionData,
                    "data that leaves the cluster by private connectivity for another region, at the cloud's list price",
                ),
            ],
            // CockroachDB docs, cockroachcloud/cloud-api, read 2026-11.
            rate: RateFacts { requests: 10, window: Duration::from_secs(1) },
            // Waits of the vendor's Terraform provider 1.22: an hour for services, ten minutes for a
            // connection (five were too short).
            polling: Polling {
                connection: Duration::from_secs(5),
                service: Duration::from_secs(15),
                connection_takes: Duration::from_secs(60),
                connection_at_most: Duration::from_secs(900),
                service_takes: Duration::from_secs(600),
                service_at_most: Duration::from_secs(3_600),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_every_cloud_are_each_others_counterpart() {
        let facts = Facts::default();
        for (cloud, public, private) in [
            (CloudProvider::Aws, "docs-6qsh.aws-us-west-2.crdb.io", "internal-docs-6qsh.aws-us-west-2.crdb.io"),
            (
                CloudProvider::Azure,
                "orders-nqq.azure-eastus2.cockroachlabs.cloud",
                "internal-orders-nqq.azure-eastus2.cockroachlabs.cloud",
            ),
            (CloudProvider::Gcp, "orders-nqq.gcp-us-central1.crdb.io", "private-orders-nqq.gcp-us-central1.crdb.io"),
        ] {
            let found =
                facts.apexes.iter().find_map(|apex| facts.hosts(cloud, apex)?.private_host(&public.parse().unwrap()));
            assert_eq!(found.unwrap().as_str(), private);
        }
    }

    #[test]
    fn plans_and_clouds_differ_as_data() {
        let facts = Facts::default();
        assert!(facts.offers(&Plan::Advanced, CloudProvider::Azure));
        assert!(!facts.offers(&Plan::Standard, CloudProvider::Azure));
        assert!(!facts.offers(&Plan::Basic, CloudProvider::Aws));
        assert!(facts.offers(&Plan::Unknown("PREMIUM".into()), CloudProvider::Aws), "the vendor will say");
        assert!(facts.has_own_services(&Plan::Advanced) && !facts.has_own_services(&Plan::Standard));
    }
}
