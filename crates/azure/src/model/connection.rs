use std::fmt;

use privlink_core::EndpointServiceId;
use serde::{Deserialize, Serialize};

use super::{ConnectionStatus, ProvisioningState};
use crate::wire::network as wire;

/// A private endpoint's connection to one service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Connection {
    /// Whether the owner approves it by hand or by right.
    pub kind: ConnectionKind,
    /// Its name within the endpoint.
    pub name: Option<String>,
    /// The alias or resource id of the service, as it was given.
    pub service: String,
    /// What the owner is shown.
    pub request_message: Option<String>,
    /// Where it stands; `None` when Azure does not say.
    pub status: Option<ConnectionStatus>,
    /// Why, in the owner's words.
    pub description: Option<String>,
    /// What the owner wants done.
    pub actions_required: Option<String>,
    /// How far Azure is with it.
    pub provisioning: Option<ProvisioningState>,
}

/// How a connection comes to be approved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ConnectionKind {
    /// By the owner of the service; an alias takes this kind only.
    Manual,
    /// By the rights of the one who makes the endpoint.
    Automatic,
}

impl Connection {
    pub(crate) fn read(wire: &wire::Connection, kind: ConnectionKind) -> Option<Self> {
        let properties = wire.properties.as_ref()?;
        let state = properties.private_link_service_connection_state.clone().unwrap_or_default();
        let said = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Some(Self {
            kind,
            name: wire.name.clone(),
            service: properties.private_link_service_id.clone()?,
            request_message: said(properties.request_message.clone()),
            status: said(state.status).map(|word| word.as_str().into()),
            description: said(state.description),
            actions_required: said(state.actions_required).filter(|text| !text.eq_ignore_ascii_case("none")),
            provisioning: said(properties.provisioning_state.clone()).map(|word| word.as_str().into()),
        })
    }

    /// Whether it leads to `service`. Aliases and resource ids are compared without case.
    #[must_use]
    pub fn leads_to(&self, service: &EndpointServiceId) -> bool {
        self.service.eq_ignore_ascii_case(service.as_str())
    }
}

impl fmt::Display for Connection {
    /// Where it stands, with the owner's reason.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.status.as_ref().map_or("without a status", ConnectionStatus::as_str))?;
        if let Some(text) = &self.description {
            write!(f, ": {text}")?;
        }
        match &self.actions_required {
            Some(text) => write!(f, " (required: {text})"),
            None => Ok(()),
        }
    }
}
