//! From one form of an endpoint's identity to the other.

use privlink_core::{Patch, PrivateEndpointId, Result};

use crate::model::PrivateEndpoint;

/// Moves a vendor's list from the older form of an endpoint's identity, `resourceGuid`, to its
/// resource id, without a moment in which the list names neither: add the new one, see it attached,
/// drop the old one.
///
/// The vendor's list may be a service's allow list, an organization's register, or both; each is
/// moved by itself. Ids that are neither form of this endpoint are left alone.
///
/// ```
/// use privlink_azure::{Client, IdentityMigration};
/// use privlink_core::PrivateEndpointId;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = privlink_sim::World::new();
/// # let azure = world.azure();
/// # let client = Client::over(world.transport(), azure.subscription()).token(azure.token()).clock(world.clock()).build()?;
/// # let id = azure.id_of("privateEndpoints", "ledger");
/// # let alias = azure.services().remove(0);
/// # let request = privlink_azure::CreatePrivateEndpoint::new(id.clone().try_into()?, azure.region(), azure.subnet_id().try_into()?, &alias.into())?;
/// # client.networking().put_private_endpoint(&request).await?.await?;
/// let endpoint = client.networking().private_endpoint(&id.try_into()?).await?.expect("it is there");
/// let migration = IdentityMigration::of(&endpoint)?;
///
/// // What the vendor lists by now:
/// let mut listed = vec![migration.old().clone()];
/// migration
///     .run(&listed.clone(), async |patch| {
///         // At a vendor: send the patch, then read the list until it shows.
///         listed.retain(|id| !patch.removals().contains(id));
///         listed.extend(patch.additions().iter().cloned());
///         Ok(())
///     })
///     .await?;
/// assert_eq!(listed, [PrivateEndpointId::AzureResource(endpoint.id.clone())]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityMigration {
    new: PrivateEndpointId,
    old: PrivateEndpointId,
}

impl IdentityMigration {
    /// The migration of `endpoint`.
    ///
    /// # Errors
    /// [`MissingResourceGuid`](crate::MissingResourceGuid) as an error, when Azure did not tell the
    /// older form: nothing can be dropped then.
    pub fn of(endpoint: &PrivateEndpoint) -> Result<Self> {
        let old = PrivateEndpointId::AzureGuid(endpoint.resource_guid()?);
        Ok(Self { new: PrivateEndpointId::AzureResource(endpoint.id.clone()), old })
    }

    /// The resource id.
    #[must_use]
    pub fn new_id(&self) -> &PrivateEndpointId {
        &self.new
    }

    /// The GUID.
    #[must_use]
    pub fn old(&self) -> &PrivateEndpointId {
        &self.old
    }

    /// The patches that lead from `listed` to the end, in their order. Each must be seen to be in
    /// effect before the next is sent; none is sent when nothing differs.
    ///
    /// # Errors
    /// Never for an endpoint of its own two forms; what [`Patch`] refuses otherwise.
    pub fn patches(&self, listed: &[PrivateEndpointId]) -> Result<Vec<Patch<PrivateEndpointId>>> {
        let mut patches = Vec::new();
        if !listed.contains(&self.old) {
            return Ok(patches);
        }
        if !listed.contains(&self.new) {
            patches.push(Patch::new().add(self.new.clone())?);
        }
        patches.push(Patch::new().remove(self.old.clone())?);
        Ok(patches)
    }

    /// Runs the migration: hands `attach` one patch after the other, which sends it and returns once
    /// the vendor's list shows it. Whether anything had to be done.
    ///
    /// # Errors
    /// The first error of `attach`; what was added by then stays, so that the endpoint is listed in
    /// one form at least, and running it again goes on from there.
    pub async fn run(
        &self,
        listed: &[PrivateEndpointId],
        mut attach: impl AsyncFnMut(Patch<PrivateEndpointId>) -> Result<()>,
    ) -> Result<bool> {
        let patches = self.patches(listed)?;
        let changed = !patches.is_empty();
        for patch in patches {
            attach(patch).await?;
        }
        Ok(changed)
    }
}
