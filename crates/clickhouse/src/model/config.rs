use privlink_core::{EndpointServiceId, Error, ErrorKind, PrivateDnsHostname, Result};
use serde::{Deserialize, Serialize};

use super::lacking;
use crate::wire;

/// Where a private endpoint must point, and the name by which clients then connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrivateEndpointConfig {
    /// The vendor's endpoint service.
    pub endpoint_service_id: EndpointServiceId,
    /// The private host. Always taken from the vendor, never derived.
    pub private_dns_hostname: PrivateDnsHostname,
}

impl PrivateEndpointConfig {
    /// A configuration.
    #[must_use]
    pub fn new(endpoint_service_id: EndpointServiceId, private_dns_hostname: PrivateDnsHostname) -> Self {
        Self { endpoint_service_id, private_dns_hostname }
    }

    /// Reads the answer; `None` while the vendor has not filled it.
    pub(crate) fn from_wire(wire: wire::PrivateEndpointConfig) -> Result<Option<Self>> {
        let service = filled(wire.endpoint_service_id).or(filled(wire.endpoint_name));
        let (Some(service), Some(host)) = (service, filled(wire.private_dns_hostname)) else {
            return Ok(None);
        };
        Ok(Some(Self {
            endpoint_service_id: endpoint_service(&service)?,
            private_dns_hostname: host.parse().map_err(|error| {
                lacking("private endpoint configuration", &["privateDnsHostname"]).with_source(error)
            })?,
        }))
    }
}

pub(crate) fn endpoint_service(text: &str) -> Result<EndpointServiceId> {
    text.parse().map_err(|error| lacking("private endpoint configuration", &["endpointServiceId"]).with_source(error))
}

/// A field that holds something: the vendor sends empty text for "not yet".
pub(crate) fn filled(field: Option<String>) -> Option<String> {
    field.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The vendor has not filled the configuration: the source of the error that says so.
///
/// The service is still being set up, or the organization's plan has no private endpoints
/// (Scale and Enterprise do; vendor's guides, autumn 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotAvailableYet;

impl std::fmt::Display for NotAvailableYet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the vendor has not filled endpoint service id and private DNS host name")
    }
}

impl std::error::Error for NotAvailableYet {}

/// The error for a configuration the vendor has not filled.
pub(crate) fn not_available_yet() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        "the private endpoint configuration is not available yet: the service is still being set up, or the \
         organization's plan has no private endpoints",
    )
    .with_source(NotAvailableYet)
}
