//! Models that more than one vendor speaks of.

use serde::{Deserialize, Serialize};

use crate::{CloudProvider, PrivateEndpointId, Region};

/// A private endpoint as a vendor knows it: its id, where it belongs, and what people call it.
///
/// ```
/// use privlink_core::{CloudProvider, PrivateEndpoint, VpcEndpointId};
///
/// let id: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
/// let endpoint = PrivateEndpoint::new(id).region("us-east-1".parse()?).description("orders, production");
/// assert_eq!(endpoint.cloud(), CloudProvider::Aws);
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrivateEndpoint {
    /// The endpoint's id.
    pub id: PrivateEndpointId,
    /// The region the vendor files it under, which is the region of the database: an endpoint
    /// that crosses regions lives elsewhere. `None` where the vendor names none.
    pub region: Option<Region>,
    /// What people call it; vendors limit length and letters differently.
    pub description: Option<String>,
}

impl PrivateEndpoint {
    /// An endpoint of which only the id is known.
    #[must_use]
    pub fn new(id: impl Into<PrivateEndpointId>) -> Self {
        Self { id: id.into(), region: None, description: None }
    }

    /// Says which region the vendor files it under.
    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// Says what people call it.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The cloud it lives in, which its id tells.
    #[must_use]
    pub fn cloud(&self) -> CloudProvider {
        self.id.cloud()
    }
}

impl From<PrivateEndpointId> for PrivateEndpoint {
    fn from(id: PrivateEndpointId) -> Self {
        Self::new(id)
    }
}
