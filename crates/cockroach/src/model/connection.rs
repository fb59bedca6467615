use privlink_core::transport::Object;
use privlink_core::{CloudProvider, IdError, PrivateEndpointId, Result};
use serde::Serialize;
use serde_json::Value;

use super::{ConnectionStatus, Provider};

/// A private endpoint as a cluster lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Connection {
    /// The endpoint's id, verbatim.
    pub endpoint_id: String,
    /// How it stands.
    pub status: ConnectionStatus,
    /// The cloud.
    pub provider: Provider,
    /// The region, as the vendor writes it.
    pub region: Option<String>,
    /// The account that owns the endpoint; on AWS alone.
    pub owner: Option<String>,
}

impl Connection {
    /// The endpoint it is about.
    ///
    /// # Errors
    /// [`IdError`] when the text is no endpoint id of the cluster's cloud.
    pub fn endpoint(&self) -> Result<PrivateEndpointId, IdError> {
        match self.provider.cloud() {
            Some(cloud) => PrivateEndpointId::parse_for(cloud, &self.endpoint_id),
            None => self.endpoint_id.parse(),
        }
    }

    /// Whether it is about `id`. Azure resource ids are compared without case.
    #[must_use]
    pub fn names(&self, id: &PrivateEndpointId) -> bool {
        self.endpoint().as_ref() == Ok(id)
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let connection = Object::read("private endpoint connection", value)?;
        let endpoint_id = connection.identifier("endpoint_id").ok_or_else(|| connection.lacking("endpoint_id"))?;
        Ok(Self {
            endpoint_id,
            status: connection.required("status")?.into(),
            provider: Provider::from(connection.required("cloud_provider")?),
            // The document's own sample has the second name.
            region: connection.text("region_name").or(connection.text("region")).map(str::to_owned),
            owner: connection.identifier("external_owner_id"),
        })
    }
}

/// Whether `id` may be sent to a cluster in `cloud`; an id of another form is refused before that.
pub(crate) fn fits(id: &PrivateEndpointId, cloud: CloudProvider) -> bool {
    // The GUID of an Azure endpoint is nothing the vendor knows.
    id.cloud() == cloud && !matches!(id, PrivateEndpointId::AzureGuid(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_prefixes_and_the_other_name_of_the_region_are_read() {
        let json = serde_json::json!({"endpoint_id": 6_133_183_410_995_353_u64, "status": "STATUS_PENDING_ACCEPTANCE",
            "cloud_provider": "GCP", "region": "us-central1", "endpoint_service_id": "x", "service_name": "y"});
        let read = Connection::from_json(&json).unwrap();
        assert_eq!(read.status, ConnectionStatus::PendingAcceptance);
        assert_eq!(read.region.as_deref(), Some("us-central1"));
        assert!(read.names(&"6133183410995353".parse().unwrap()));
    }

    #[test]
    fn azure_ids_are_compared_without_case() {
        let id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network/\
                  privateEndpoints/orders";
        let json = serde_json::json!({"endpoint_id": id.to_uppercase().replace("PROVIDERS", "providers"),
            "status": "AVAILABLE", "cloud_provider": "AZURE"});
        assert!(Connection::from_json(&json).unwrap().names(&id.parse().unwrap()));
    }
}
