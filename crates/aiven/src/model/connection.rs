use std::net::Ipv4Addr;

use privlink_core::transport::Object;
use privlink_core::{CloudProvider, DnsName, IdError, PrivateEndpointId, Result};
use serde::Serialize;
use serde_json::Value;

use super::ConnectionState;
use crate::{ConnectionId, operations};

/// A connection of a privatelink: a consumer's endpoint as Aiven lists it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// The cloud.
    pub cloud: CloudProvider,
    /// Aiven's id of it, which its components carry too; missing from some answers.
    pub id: Option<ConnectionId>,
    /// The endpoint's id in its cloud, verbatim: `vpce-…`, an ARM id, or Google's connection id.
    pub endpoint_id: String,
    /// How it stands.
    pub state: ConnectionState,
    /// The endpoint's address, as it was told; Azure and Google Cloud.
    pub address: Option<Ipv4Addr>,
    /// The endpoint's own regional name, to which the service's hosts lead; AWS.
    pub dns_name: Option<DnsName>,
}

impl Connection {
    /// The endpoint it is of.
    ///
    /// # Errors
    /// [`IdError`] when the text is no endpoint id of this cloud.
    pub fn endpoint(&self) -> Result<PrivateEndpointId, IdError> {
        PrivateEndpointId::parse_for(self.cloud, &self.endpoint_id)
    }

    /// Whether it is of `endpoint`. Azure resource ids are compared without case.
    #[must_use]
    pub fn names(&self, endpoint: &PrivateEndpointId) -> bool {
        self.endpoint().as_ref() == Ok(endpoint)
    }

    pub(crate) fn from_json(cloud: CloudProvider, value: &Value) -> Result<Self> {
        let connection = Object::read("privatelink connection", value)?;
        let field = operations::of(cloud).endpoint;
        Ok(Self {
            cloud,
            id: connection.optional("privatelink_connection_id")?,
            endpoint_id: connection.identifier(field).ok_or_else(|| connection.lacking(field))?,
            state: ConnectionState::from(connection.required("state")?),
            address: connection.optional("user_ip_address")?,
            dns_name: connection.text("dns_name").and_then(|name| name.parse().ok()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cloud_names_the_endpoint_its_own_way() {
        let arm = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/\
                   Microsoft.Network/privateEndpoints/orders";
        for (cloud, field, id) in [
            (CloudProvider::Aws, "vpc_endpoint_id", "vpce-0a1b2c3d4e5f67890"),
            (CloudProvider::Azure, "private_endpoint_id", arm),
            (CloudProvider::Gcp, "psc_connection_id", "12345678901234567"),
        ] {
            let json = serde_json::json!({field: id, "state": "active", "privatelink_connection_id": "plc0a1b2c3d4e5"});
            let connection = Connection::from_json(cloud, &json).unwrap();
            assert!(connection.names(&id.parse().unwrap()), "{cloud}");
            assert_eq!(connection.address, None);
        }
    }

    #[test]
    fn googles_number_stays_exact_and_the_address_may_be_null_or_empty() {
        for address in ["null", "\"\""] {
            let json = format!(
                r#"{{"psc_connection_id": 18446744073709551615, "state": "connected", "user_ip_address": {address},
                "privatelink_connection_id": "plc1"}}"#
            );
            let connection = Connection::from_json(CloudProvider::Gcp, &serde_json::from_str(&json).unwrap()).unwrap();
            assert_eq!(connection.endpoint_id, "18446744073709551615");
            assert_eq!(connection.address, None);
        }
        let json = serde_json::json!({"psc_connection_id": "1", "state": "active", "user_ip_address": "10.0.0"});
        assert!(Connection::from_json(CloudProvider::Gcp, &json).is_err(), "unreadable is not unset");
    }
}
