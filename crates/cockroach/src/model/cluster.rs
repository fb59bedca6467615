use privlink_core::transport::Object;
use privlink_core::{CloudProvider, DnsName, PrivateDnsHostname, Region, Result};
use serde::Serialize;
use serde_json::Value;

use super::{ClusterState, ConnectionString, Plan, Provider};
use crate::ClusterId;

/// A cluster as the vendor describes it, as far as private connectivity goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClusterDetails {
    /// Its id.
    pub id: ClusterId,
    /// Its name, 6 to 20 characters.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
    /// The cloud it runs in.
    pub provider: Provider,
    /// Its state.
    pub state: ClusterState,
    /// The vendor's account, project or subscription that holds it.
    pub account: Option<String>,
    /// What tells it apart behind a shared host; Standard and Basic have one.
    pub routing_id: Option<String>,
    /// Its regions; those that cannot be read are left out.
    pub regions: Vec<RegionDetails>,
    /// How many could not be read.
    pub unreadable_regions: usize,
}

impl ClusterDetails {
    /// A cluster without regions: what a test or another implementation starts from.
    #[must_use]
    pub fn new(id: ClusterId, name: impl Into<String>, plan: Plan, provider: Provider, state: ClusterState) -> Self {
        Self {
            id,
            name: name.into(),
            plan,
            provider,
            state,
            account: None,
            routing_id: None,
            regions: Vec::new(),
            unreadable_regions: 0,
        }
    }

    /// One of its regions.
    #[must_use]
    pub fn region(&self, name: &Region) -> Option<&RegionDetails> {
        self.regions.iter().find(|region| region.name == *name)
    }

    /// How a client connects privately in `region`, for the user and the database of one's own.
    ///
    /// The vendor's own call tells the public string alone, so this one is put together of the
    /// private host, the port and, where the plan has one, the routing id. It holds no password.
    /// `None` when the cluster is not in that region, or the vendor has published no private host.
    ///
    /// ```
    /// # use privlink_cockroach::{ClusterDetails, ClusterState, Plan, Provider, RegionDetails};
    /// let id = "9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse()?;
    /// let mut cluster = ClusterDetails::new(id, "orders", Plan::Standard, Provider::Aws, ClusterState::Created);
    /// cluster.routing_id = Some("orders-4711".to_owned());
    /// let mut region = RegionDetails::new("us-east-1".parse()?);
    /// region.internal_dns = Some("internal-orders-4711.j77.aws-us-east-1.cockroachlabs.cloud".parse()?);
    /// cluster.regions.push(region);
    ///
    /// let string = cluster.private_connection_string(&"us-east-1".parse()?, "app", "shop", 26257).unwrap();
    /// assert_eq!(
    ///     string.to_string(),
    ///     "postgresql://app@internal-orders-4711.j77.aws-us-east-1.cockroachlabs.cloud:26257/shop\
    ///      ?sslmode=verify-full&options=--cluster%3Dorders-4711",
    /// );
    /// # Ok::<_, privlink_core::IdError>(())
    /// ```
    #[must_use]
    pub fn private_connection_string(
        &self,
        region: &Region,
        user: &str,
        database: &str,
        port: u16,
    ) -> Option<ConnectionString> {
        let host = self.region(region)?.private_host(self.provider.cloud()?)?;
        Some(ConnectionString::new(host, port, user, database, self.routing_id.as_deref()))
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let cluster = Object::read("cluster", value)?;
        let config = cluster.object("config");
        let serverless = config.and_then(|config| config.object("serverless"));
        let dedicated = config.and_then(|config| config.object("dedicated"));
        // The plan's word came later than the two forms of configuration.
        let plan = match (cluster.text("plan"), dedicated, serverless) {
            (Some(plan), ..) => Plan::from(plan),
            (None, Some(_), _) => Plan::Advanced,
            _ => return Err(cluster.lacking("plan")),
        };
        let state = cluster.text("state").map(ClusterState::from);
        let regions = match cluster.list("regions") {
            None if state == Some(ClusterState::Deleted) => &[],
            regions => regions.ok_or_else(|| cluster.lacking("regions"))?,
        };
        let read: Vec<_> = regions.iter().filter_map(|region| RegionDetails::from_json(region).ok()).collect();
        Ok(Self {
            id: cluster.parsed("id")?,
            name: cluster.required("name")?.to_owned(),
            plan,
            provider: Provider::from(cluster.required("cloud_provider")?),
            state: state.ok_or_else(|| cluster.lacking("state"))?,
            account: cluster.text("account_id").map(str::to_owned),
            routing_id: serverless.and_then(|serverless| serverless.text("routing_id")).map(str::to_owned),
            unreadable_regions: regions.len() - read.len(),
            regions: read,
        })
    }
}

/// A region of a cluster, with its host names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RegionDetails {
    /// The cloud's name of the region.
    pub name: Region,
    /// The public host.
    pub sql_dns: Option<DnsName>,
    /// The host over AWS PrivateLink, Azure Private Link and Google's VPC peering.
    pub internal_dns: Option<PrivateDnsHostname>,
    /// The host over Google's Private Service Connect.
    pub private_endpoint_dns: Option<PrivateDnsHostname>,
}

impl RegionDetails {
    /// A region without hosts.
    #[must_use]
    pub fn new(name: Region) -> Self {
        Self { name, sql_dns: None, internal_dns: None, private_endpoint_dns: None }
    }

    /// The host over private endpoints of `cloud`.
    #[must_use]
    pub fn private_host(&self, cloud: CloudProvider) -> Option<&PrivateDnsHostname> {
        match cloud {
            CloudProvider::Gcp => self.private_endpoint_dns.as_ref(),
            _ => self.internal_dns.as_ref(),
        }
    }

    fn from_json(value: &Value) -> Result<Self> {
        let region = Object::read("region", value)?;
        Ok(Self {
            name: region.parsed("name")?,
            sql_dns: region.text("sql_dns").and_then(|host| host.parse().ok()),
            internal_dns: region.text("internal_dns").and_then(|host| host.parse().ok()),
            private_endpoint_dns: region.text("private_endpoint_dns").and_then(|host| host.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(json: &Value) -> Result<ClusterDetails> {
        ClusterDetails::from_json(json)
    }

    #[test]
    fn empty_hosts_are_none_and_the_plan_may_follow_from_the_configuration() {
        let json = serde_json::json!({"id": "9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10", "name": "orders",
            "cloud_provider": "GCP", "state": "CREATED", "config": {"dedicated": {}}, "account_id": "crl-prod-abc",
            "regions": [{"name": "us-central1", "sql_dns": "a.gcp-us-central1.crdb.io", "internal_dns": "",
                "private_endpoint_dns": "private-a.gcp-us-central1.crdb.io"}, 7]});
        let read = cluster(&json).unwrap();
        assert_eq!((&read.plan, read.regions.len()), (&Plan::Advanced, 1));
        assert_eq!(read.regions[0].internal_dns, None);
        assert!(read.regions[0].private_host(CloudProvider::Gcp).is_some());
    }

    #[test]
    fn what_is_missing_is_named_as_the_vendor_spells_it() {
        let error = cluster(&serde_json::json!({"id": "x", "plan": "BASIC", "regions": []})).unwrap_err();
        assert!(error.to_string().contains("`id`"), "{error}");
        let error = cluster(&serde_json::json!({"plan": "BASIC"})).unwrap_err();
        assert!(error.to_string().contains("`regions`"), "{error}");
    }
}
