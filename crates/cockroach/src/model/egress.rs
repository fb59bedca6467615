use privlink_core::transport::Object;
use privlink_core::{DnsName, EndpointServiceId, Region, Result};
use serde::Serialize;
use serde_json::Value;

use super::{DomainNamesState, EgressState, EgressTargetType};
use crate::EgressEndpointId;

/// An endpoint from a cluster to a service of the customer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EgressPrivateEndpoint {
    /// Its id at the vendor.
    pub id: EgressEndpointId,
    /// The region of the cluster it is in.
    pub region: Region,
    /// Where it leads.
    pub target: EgressTarget,
    /// Its state; the answer that follows its making may lack it.
    pub state: Option<EgressState>,
    /// Its id in the cloud, such as a VPC endpoint id.
    pub connection_id: Option<String>,
    /// The address or name by which the cluster reaches it.
    pub address: Option<String>,
    /// The names by which the cluster reaches the service; those that cannot be read are left out.
    pub domain_names: Vec<DnsName>,
    /// How the names stand.
    pub domain_names_state: Option<DomainNamesState>,
}

/// What an egress private endpoint leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EgressTarget {
    /// The kind of service.
    pub kind: EgressTargetType,
    /// An AWS service name or the ARN of an MSK cluster, a service attachment on Google Cloud, the
    /// resource id or alias of a Private Link service on Azure.
    pub identifier: String,
}

impl EgressTarget {
    /// A service of a kind.
    #[must_use]
    pub fn new(kind: EgressTargetType, identifier: impl Into<String>) -> Self {
        Self { kind, identifier: identifier.into() }
    }

    /// A private service: everything but managed Kafka on AWS.
    #[must_use]
    pub fn private_service(identifier: impl Into<String>) -> Self {
        Self::new(EgressTargetType::PrivateService, identifier)
    }
}

impl From<&EndpointServiceId> for EgressTarget {
    fn from(id: &EndpointServiceId) -> Self {
        Self::private_service(id.as_str())
    }
}

impl EgressPrivateEndpoint {
    /// Whether id and address in the cloud are there; it may still have to be accepted.
    #[must_use]
    pub fn is_addressed(&self) -> bool {
        self.connection_id.is_some() && self.address.is_some()
    }

    /// Whether the cluster can use it.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.is_addressed() && self.state == Some(EgressState::Available)
    }

    /// Whether it is past use.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        use EgressState::{Deleted, Deleting, Expired, Failed, Rejected};

        matches!(self.state, Some(Deleting | Deleted | Rejected | Failed | Expired))
    }

    /// Its state in the vendor's word.
    pub(crate) fn stage(&self) -> &str {
        self.state.as_ref().map_or("in no state yet", EgressState::as_str)
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let endpoint = Object::read("egress private endpoint", value)?;
        let names = endpoint.list("domain_names").unwrap_or_default();
        Ok(Self {
            id: endpoint.parsed("id")?,
            region: endpoint.parsed("region")?,
            target: EgressTarget {
                kind: EgressTargetType::from(endpoint.required("target_service_type")?),
                identifier: endpoint.required("target_service_identifier")?.to_owned(),
            },
            state: endpoint.text("state").map(EgressState::from),
            connection_id: endpoint.identifier("endpoint_connection_id"),
            address: endpoint.text("endpoint_address").map(str::to_owned),
            domain_names: names.iter().filter_map(|name| name.as_str()?.parse().ok()).collect(),
            domain_names_state: endpoint.text("domain_names_state").map(DomainNamesState::from),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_that_follows_the_making_is_read() {
        let json = serde_json::json!({"id": "0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10", "region": "us-east-1",
            "target_service_identifier": "com.amazonaws.us-east-1.s3", "target_service_type": "PRIVATE_SERVICE",
            "endpoint_connection_id": "", "endpoint_address": ""});
        let read = EgressPrivateEndpoint::from_json(&json).unwrap();
        assert!(!read.is_addressed() && !read.is_usable() && !read.is_dead());
        assert_eq!((read.state, read.domain_names), (None, Vec::new()));
    }

    #[test]
    fn it_is_usable_only_with_an_address_and_available() {
        let mut json = serde_json::json!({"id": "0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10", "region": "us-east-1",
            "target_service_identifier": "x", "target_service_type": "MSK_TLS", "state": "AVAILABLE",
            "endpoint_connection_id": "vpce-0a1b2c3d4e5f67890", "endpoint_address": "",
            "domain_names": ["*.us-east-2.aws.confluent.cloud", 7], "domain_names_state": "PENDING"});
        let read = EgressPrivateEndpoint::from_json(&json).unwrap();
        assert!(!read.is_usable() && read.domain_names.len() == 1);
        json["endpoint_address"] = "10.0.0.9".into();
        assert!(EgressPrivateEndpoint::from_json(&json).unwrap().is_usable());
        for (state, dead) in [("UNSPECIFIED", false), ("THAWING", false), ("EXPIRED", true), ("DELETING", true)] {
            json["state"] = state.into();
            let read = EgressPrivateEndpoint::from_json(&json).unwrap();
            assert!(read.is_addressed() && !read.is_usable() && read.is_dead() == dead, "{state}");
        }
    }
}
