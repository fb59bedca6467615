//! What is known about ClickHouse Cloud without asking it: dated, sourced, and each to be
//! overridden.
//!
//! The vendor's answers always win over these: host names and endpoint services are read, never
//! derived. The patterns here serve to explain, to compare and to plan before an answer is there.

use std::time::Duration;

use privlink_core::render::{Cost, CostBasis};
use privlink_core::side::{PortRange, Protocol, Reach};
use privlink_core::{CloudProvider, Dated, Region, Text};
use privlink_dns::HostPattern;

/// Everything this library takes for granted about ClickHouse Cloud.
///
/// ```
/// use privlink_clickhouse::facts::Facts;
///
/// let mut facts = Facts::default();
/// facts.ports.value.native = 9441; // a vendor that moved its port
/// assert_eq!(facts.ports.value.https, [8443, 443]);
/// assert!(!facts.ports.source.is_empty());
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Facts {
    /// The ports private endpoints serve.
    pub ports: Dated<Ports>,
    /// Host names and zones on AWS.
    pub aws: Dated<HostPattern>,
    /// Host names and zones on Azure.
    pub azure: Dated<HostPattern>,
    /// Host names and zones on Google Cloud.
    pub gcp: Dated<HostPattern>,
    /// Host names and zones on AWS of services in a customer's own account (BYOC).
    pub aws_byoc: Dated<HostPattern>,
    /// Host names and zones on Azure of services in a customer's own subscription (BYOC).
    pub azure_byoc: Dated<HostPattern>,
    /// Host names and zones on Google Cloud of services in a customer's own project (BYOC).
    pub gcp_byoc: Dated<HostPattern>,
    /// AWS regions whose services cannot be reached from another region.
    pub aws_same_region_only: Dated<Vec<Region>>,
    /// The plans of an organization that include private endpoints.
    pub plans: Dated<Vec<Text>>,
    /// The way through the console to a service's private endpoints.
    pub console: Dated<Text>,
    /// What the vendor bills for, besides the service.
    pub costs: Vec<Cost>,
    /// How many requests a key may make.
    pub rate: RateFacts,
    /// How often to ask again.
    pub polling: Polling,
}

/// The ports a private endpoint serves. Everything is TLS and routed by server name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ports {
    /// The HTTP interface.
    pub https: Vec<u16>,
    /// The native protocol.
    pub native: u16,
    /// The MySQL interface, served only when it is enabled for the service.
    pub mysql: u16,
}

impl Ports {
    /// The ports of a service, with what is spoken there.
    #[must_use]
    pub fn of(&self, mysql_enabled: bool) -> Vec<PortRange> {
        let mut ports: Vec<PortRange> =
            self.https.iter().map(|port| PortRange::single(*port).speaking(Protocol::ClickHouseHttps)).collect();
        ports.push(PortRange::single(self.native).speaking(Protocol::ClickHouseNative));
        if mysql_enabled {
            ports.push(PortRange::single(self.mysql).speaking(Protocol::Mysql));
        }
        ports
    }
}

/// The published budget of a key, and what is added to the wait the vendor asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateFacts {
    /// Requests in a window.
    pub requests: u32,
    /// The window.
    pub window: Duration,
    /// Added to the wait that `X-RateLimit-Reset` asks for.
    pub margin: Duration,
}

/// How often to ask again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polling {
    /// Right after a change that does not show yet.
    pub first: Duration,
    /// While the vendor is building something.
    pub usual: Duration,
    /// How long a change of an allow list usually takes to show.
    pub change_takes: Duration,
    /// How long it may take before it counts as stuck.
    pub change_at_most: Duration,
}

impl Facts {
    /// The host pattern of a cloud; `None` for a cloud that is new to this library.
    #[must_use]
    pub fn hosts(&self, cloud: CloudProvider) -> Option<&Dated<HostPattern>> {
        match cloud {
            CloudProvider::Aws => Some(&self.aws),
            CloudProvider::Azure => Some(&self.azure),
            CloudProvider::Gcp => Some(&self.gcp),
            _ => None,
        }
    }

    /// The host pattern of services in a customer's own account (BYOC); `None` for a cloud that
    /// is new to this library.
    #[must_use]
    pub fn byoc_hosts(&self, cloud: CloudProvider) -> Option<&Dated<HostPattern>> {
        match cloud {
            CloudProvider::Aws => Some(&self.aws_byoc),
            CloudProvider::Azure => Some(&self.azure_byoc),
            CloudProvider::Gcp => Some(&self.gcp_byoc),
            _ => None,
        }
    }

    /// From where an endpoint may point at a service in `region` of `cloud`.
    ///
    /// AWS: across regions since 2025-08-08, decided by the region of the service. Azure: any
    /// pair. Google Cloud: the region of the service, with global access for clients elsewhere.
    #[must_use]
    pub fn reach(&self, cloud: CloudProvider, region: &Region) -> Reach {
        match cloud {
            CloudProvider::Aws if self.aws_same_region_only.value.contains(region) => Reach::SameRegion,
            CloudProvider::Aws | CloudProvider::Azure => Reach::AnyRegion,
            CloudProvider::Gcp => Reach::SameRegionGlobalAccess,
            _ => Reach::SameRegion,
        }
    }
}

impl Default for Facts {
    fn default() -> Self {
        const AWS: &str = "ClickHouse docs, guides/security/connectivity/private-networking/aws-privatelink";
        const AZURE: &str = "ClickHouse docs, guides/security/connectivity/private-networking/azure-privatelink";
        const GCP: &str =
            "ClickHouse docs, guides/security/connectivity/private-networking/gcp-private-service-connect";
        const BYOC: &str = "ClickHouse docs, products/bring-your-own-cloud/configuration/connect";
        const BILLING: &str = "ClickHouse docs, cloud/reference/billing/network-data-transfer";
        let bills =
            |basis, terms: &'static str| Cost::new("ClickHouse Cloud", basis, Dated::new(terms, BILLING, "2026-11"));
        Self {
            ports: Dated::new(Ports { https: vec![8443, 443], native: 9440, mysql: 3306 }, AWS, "2026-08"),
            aws: Dated::new(hosts("vpce", "aws.clickhouse.cloud"), AWS, "2026-08"),
            azure: Dated::new(hosts("privatelink", "azure.clickhouse.cloud"), AZURE, "2026-08"),
            gcp: Dated::new(hosts("p", "gcp.clickhouse.cloud"), GCP, "2026-08"),
            aws_byoc: Dated::new(byoc_hosts("vpce", "aws.clickhouse-byoc.com"), BYOC, "2026-08"),
            azure_byoc: Dated::new(byoc_hosts("privatelink", "azure.clickhouse-byoc.com"), BYOC, "2026-08"),
            gcp_byoc: Dated::new(byoc_hosts("p", "gcp.clickhouse-byoc.com"), BYOC, "2026-08"),
            aws_same_region_only: Dated::new(
                ["mx-central-1", "ap-east-2"].iter().filter_map(|region| region.parse().ok()).collect(),
                AWS,
                "2026-08",
            ),
            plans: Dated::new(vec!["Scale".into(), "Enterprise".into()], AWS, "2026-08"),
            console: Dated::new("the service, Settings, Set up private endpoint".into(), AZURE, "2026-11"),
            costs: vec![
                bills(CostBasis::Free, "private endpoints, and data within a region; the cloud bills its own"),
                bills(CostBasis::InterRegionData, "each GB that leaves the service for another region"),
            ],
            // ClickHouse docs, cloud/manage/api/api-overview, autumn 2026; the margin is what the
            // vendor's own Terraform provider adds.
            rate: RateFacts { requests: 10, window: Duration::from_secs(10), margin: Duration::from_secs(1) },
            // The vendor's own tools poll every 5 s; faster than 1 s trips the limit.
            polling: Polling {
                first: Duration::from_secs(1),
                usual: Duration::from_secs(5),
                change_takes: Duration::from_secs(5),
                change_at_most: Duration::from_secs(300),
            },
        }
    }
}

/// `<service>.<region>.<tail>` in public, `<service>.<region>.<label>.<tail>` in private.
fn hosts(label: &str, tail: &str) -> HostPattern {
    HostPattern::inserting(label, "{service}.{region}", tail).expect("constants that make a pattern")
}

/// `<service>.<infrastructure>.<region>.<tail>` in public, `<service>.<label>.<infrastructure>.<region>.<tail>`
/// in private.
fn byoc_hosts(label: &str, tail: &str) -> HostPattern {
    let rest = format!("{{infrastructure}}.{{region}}.{tail}");
    HostPattern::new(&format!("{{service}}.{rest}"), &format!("{{service}}.{label}.{rest}"))
        .expect("constants that make a pattern")
}

#[cfg(test)]
mod tests {
    use privlink_core::PrivateDnsHostname;

    use super::*;

    #[test]
    fn public_and_private_hosts_of_all_clouds_are_each_others_counterpart() {
        let facts = Facts::default();
        for (cloud, public, private, region, zone) in [
            (
                CloudProvider::Aws,
                "abc123defg.us-east-1.aws.clickhouse.cloud",
                "abc123defg.us-east-1.vpce.aws.clickhouse.cloud",
                "us-east-1",
                "us-east-1.vpce.aws.clickhouse.cloud",
            ),
            (
                CloudProvider::Azure,
                "abc123defg.westus3.azure.clickhouse.cloud",
                "abc123defg.westus3.privatelink.azure.clickhouse.cloud",
                "westus3",
                "westus3.privatelink.azure.clickhouse.cloud",
            ),
            (
                CloudProvider::Gcp,
                "abc123defg.us-central1.gcp.clickhouse.cloud",
                "abc123defg.us-central1.p.gcp.clickhouse.cloud",
                "us-central1",
                "us-central1.p.gcp.clickhouse.cloud",
            ),
        ] {
            let pattern = facts.hosts(cloud).unwrap();
            let private: PrivateDnsHostname = private.parse().unwrap();
            assert_eq!(pattern.private_host(&public.parse().unwrap()).as_ref(), Some(&private));
            assert_eq!(pattern.public_host(&private).unwrap().as_str(), public);
            assert_eq!(pattern.zone(&region.parse().unwrap()).unwrap().as_str(), zone);
            assert_eq!(private.zone().as_str(), zone);
        }
    }

    #[test]
    fn hosts_of_another_form_are_not_forced_into_the_pattern() {
        let facts = Facts::default();
        for host in ["a.b.us-east-1.aws.clickhouse.cloud", "abc.infra.us-east-1.aws.clickhouse-byoc.com"] {
            assert_eq!(facts.aws.private_host(&host.parse().unwrap()), None, "{host}");
        }
    }

    #[test]
    fn byoc_hosts_have_their_infrastructure_in_them() {
        let facts = Facts::default();
        for (cloud, public, private) in [
            (
                CloudProvider::Aws,
                "abc.infra.us-east-1.aws.clickhouse-byoc.com",
                "abc.vpce.infra.us-east-1.aws.clickhouse-byoc.com",
            ),
            (
                CloudProvider::Azure,
                "abc.infra.westus3.azure.clickhouse-byoc.com",
                "abc.privatelink.infra.westus3.azure.clickhouse-byoc.com",
            ),
            (
                CloudProvider::Gcp,
                "abc.infra.us-central1.gcp.clickhouse-byoc.com",
                "abc.p.infra.us-central1.gcp.clickhouse-byoc.com",
            ),
        ] {
            let pattern = facts.byoc_hosts(cloud).unwrap();
            assert_eq!(pattern.private_host(&public.parse().unwrap()).unwrap().as_str(), private);
        }
    }

    #[test]
    fn mysql_is_a_port_only_where_it_is_enabled() {
        let ports = Facts::default().ports.value;
        let numbers = |mysql| ports.of(mysql).iter().map(|port| port.first).collect::<Vec<_>>();
        assert_eq!(numbers(false), [8443, 443, 9440]);
        assert_eq!(numbers(true), [8443, 443, 9440, 3306]);
    }

    #[test]
    fn reach_depends_on_cloud_and_hosting_region() {
        let facts = Facts::default();
        let reach = |cloud, region: &str| facts.reach(cloud, &region.parse().unwrap());
        assert_eq!(reach(CloudProvider::Aws, "us-east-1"), Reach::AnyRegion);
        assert_eq!(reach(CloudProvider::Aws, "mx-central-1"), Reach::SameRegion);
        assert_eq!(reach(CloudProvider::Azure, "westus3"), Reach::AnyRegion);
        assert_eq!(reach(CloudProvider::Gcp, "us-central1"), Reach::SameRegionGlobalAccess);
    }
}
