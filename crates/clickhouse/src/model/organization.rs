use std::fmt;

use privlink_core::{Error, PrivateEndpointId, Region, Result};
use serde::{Deserialize, Serialize};

use super::{InfrastructureState, ListedEndpoint, Provider, lacking, readable, required};
use crate::delta::Listed;
use crate::{InfrastructureId, OrganizationId, wire};

/// An organization as the vendor describes it, as far as private connectivity goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OrganizationDetails {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Option<String>,
    /// Its BYOC infrastructures, each readable on its own.
    #[serde(serialize_with = "readable::all")]
    pub byoc: Vec<Result<ByocConfig>>,
    #[serde(rename = "private_endpoints", serialize_with = "readable::maybe")]
    registrations: Option<Vec<Result<Registration>>>,
}

impl OrganizationDetails {
    /// An organization without registrations: what a test or another implementation starts
    /// from.
    #[must_use]
    pub fn new(id: OrganizationId) -> Self {
        Self { id, name: None, byoc: Vec::new(), registrations: Some(Vec::new()) }
    }

    /// The endpoints the organization registers, each readable on its own.
    ///
    /// Being registered lets no traffic through: each service has its own allow list. Attaching
    /// registers, detaching does not unregister.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](privlink_core::ErrorKind::UnexpectedResponse) when the
    /// answer did not hold the list: unknown is not empty.
    pub fn private_endpoints(&self) -> Result<&[Result<Registration>]> {
        self.registrations.as_deref().ok_or_else(|| lacking("organization", &["privateEndpoints"]))
    }

    /// The registration of `id`, if there is one that can be read.
    ///
    /// # Errors
    /// As for [`OrganizationDetails::private_endpoints`].
    pub fn registration(&self, id: &PrivateEndpointId) -> Result<Option<&Registration>> {
        Ok(self.private_endpoints()?.iter().flatten().find(|entry| entry.endpoint.names(id)))
    }
}

impl TryFrom<wire::Organization> for OrganizationDetails {
    type Error = Error;

    fn try_from(mut wire: wire::Organization) -> Result<Self> {
        let (id,) = required!("organization", wire: id as "id");
        Ok(Self {
            id: id.parse().map_err(|error| lacking("organization", &["id"]).with_source(error))?,
            name: wire.name,
            byoc: wire.byoc_config.into_iter().flatten().map(ByocConfig::try_from).collect(),
            registrations: wire.private_endpoints.map(|all| all.into_iter().map(Registration::try_from).collect()),
        })
    }
}

/// An endpoint registered with the organization.
///
/// Provider and region are always explicit: the server would otherwise guess them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Registration {
    /// The endpoint.
    pub endpoint: ListedEndpoint,
    /// The cloud it lives in.
    pub provider: Provider,
    /// The region of the **ClickHouse service** it was made for, which may not be its own.
    pub region: Region,
    /// What it is, for people.
    pub description: Option<String>,
}

impl Registration {
    /// The registration of `id` for services in `region`; the cloud is the one the id is of.
    #[must_use]
    pub fn new(id: PrivateEndpointId, region: Region) -> Self {
        Self { provider: id.cloud().into(), endpoint: id.into(), region, description: None }
    }

    /// The same with a description.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    pub(crate) fn to_wire(&self, with_description: bool) -> wire::RegistrationPatch<'_> {
        wire::RegistrationPatch {
            id: self.endpoint.as_str(),
            description: self.description.as_deref().filter(|_| with_description),
            cloud_provider: self.provider.as_str(),
            region: self.region.as_str(),
        }
    }
}

/// Entries are the same when endpoint, provider and region are; descriptions do not count.
impl Listed for Registration {
    type Key = (<ListedEndpoint as Listed>::Key, Provider, Region);

    fn key(&self) -> Self::Key {
        (self.endpoint.key(), self.provider.clone(), self.region.clone())
    }
}

impl fmt::Display for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.endpoint, self.provider, self.region)
    }
}

impl TryFrom<wire::Registration> for Registration {
    type Error = Error;

    fn try_from(mut wire: wire::Registration) -> Result<Self> {
        let (id, provider, region) = required!("registered private endpoint", wire:
            id as "id", cloud_provider as "cloudProvider", region as "region");
        let provider = Provider::from(provider);
        Ok(Self {
            endpoint: ListedEndpoint::from_wire(&id, provider.cloud()),
            provider,
            region: region
                .parse()
                .map_err(|error| lacking("registered private endpoint", &["region"]).with_source(error))?,
            description: wire.description.filter(|text| !text.is_empty()),
        })
    }
}

/// A BYOC infrastructure of an organization: ClickHouse inside the customer's own account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ByocConfig {
    /// Its id.
    pub id: InfrastructureId,
    /// Its state.
    pub state: InfrastructureState,
    /// The cloud.
    pub provider: Provider,
    /// The region.
    pub region: Region,
    /// The AWS account, GCP project or Azure subscription.
    pub account: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
}

impl ByocConfig {
    /// An infrastructure.
    #[must_use]
    pub fn new(id: InfrastructureId, state: InfrastructureState, provider: Provider, region: Region) -> Self {
        Self { id, state, provider, region, account: None, display_name: None }
    }
}

impl TryFrom<wire::ByocConfig> for ByocConfig {
    type Error = Error;

    fn try_from(mut wire: wire::ByocConfig) -> Result<Self> {
        let (id, state, provider, region) = required!("BYOC configuration", wire:
            id as "id", state as "state", cloud_provider as "cloudProvider", region_id as "regionId");
        Ok(Self {
            id: id.parse().map_err(|error| lacking("BYOC configuration", &["id"]).with_source(error))?,
            state: state.into(),
            provider: provider.into(),
            region: region.parse().map_err(|error| lacking("BYOC configuration", &["regionId"]).with_source(error))?,
            account: wire.account_id,
            display_name: wire.display_name,
        })
    }
}
