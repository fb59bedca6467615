//! The organization's register of private endpoints.

use privlink_core::{Error, ErrorKind, Result};

use crate::delta::{Delta, DeltaList, Listed, PatchOutcome, converge, delta};
use crate::dialect::VENDOR;
use crate::{Client, Organization, OrganizationDetails, Registration, operations, wire};

/// The organization's register of private endpoints; made by [`Organization::private_endpoints`].
///
/// Attaching an endpoint to a service registers it by itself. Detaching does **not** take it
/// off the register: that is done here, once no service lists it any more.
#[derive(Clone, Debug)]
pub struct Registrations {
    organization: Organization,
}

impl Registrations {
    pub(crate) fn new(organization: Organization) -> Self {
        Self { organization }
    }

    /// The entries, each readable on its own.
    ///
    /// # Errors
    /// When the organization cannot be read.
    pub async fn list(&self) -> Result<Vec<Result<Registration>>> {
        Ok(self.organization.details().await?.private_endpoints()?.to_vec())
    }

    /// Starts a change: what to add, what to remove.
    pub fn patch(&self) -> RegistrationsPatch {
        RegistrationsPatch { organization: self.organization.clone(), add: Vec::new(), remove: Vec::new() }
    }
}

/// A change of the organization's register; other entries are never touched.
///
/// Provider and region are part of every entry and never guessed.
#[derive(Clone, Debug)]
#[must_use = "a patch does nothing until it is sent"]
pub struct RegistrationsPatch {
    organization: Organization,
    add: Vec<Registration>,
    remove: Vec<Registration>,
}

impl RegistrationsPatch {
    /// Registers an endpoint. The vendor deprecated this in April 2025 and still takes it;
    /// allowing the endpoint on a service registers it by itself.
    #[expect(clippy::should_implement_trait, reason = "the word of the vendor's API, beside `remove`")]
    pub fn add(mut self, entry: Registration) -> Self {
        self.add.push(entry);
        self
    }

    /// Takes an entry off the register: one that was read from it, junk included, or one put
    /// together of id and region.
    pub fn remove(mut self, entry: Registration) -> Self {
        self.remove.push(entry);
        self
    }

    /// Reads the register and sends what differs.
    ///
    /// What the vendor does with an entry that a service still lists is not documented (it may
    /// refuse, or detach it everywhere), so such a removal is refused here.
    ///
    /// Permissions: `control-plane:organization:view`, `control-plane:organization:manage` and, for a removal, sight of
    /// all services.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when a service still lists an endpoint that is to be removed, with
    /// the services named; [`ErrorKind::InvalidInput`] when an entry is in both lists.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.clickhouse().api_key();
    /// # let client = privlink_clickhouse::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(key.id, key.secret)
    /// #     .build()?;
    /// # let organization = client.organization(world.clickhouse().organization_id().into());
    /// use privlink_clickhouse::Registration;
    /// use privlink_core::VpcEndpointId;
    ///
    /// let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    /// let entry = Registration::new(endpoint.into(), "us-east-1".parse()?);
    /// let outcome = organization.private_endpoints().patch().remove(entry).send().await?;
    /// assert_eq!(outcome.already_gone.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<PatchOutcome<Registration>> {
        let wanted = delta(self.add.clone(), self.remove.clone())?;
        if wanted.is_empty() {
            return Ok(PatchOutcome::nothing());
        }
        let register = Register { organization: &self.organization };
        if !wanted.removals().is_empty() {
            self.refuse_attached(&wanted).await?;
        }
        converge(&register, &wanted).await
    }

    async fn refuse_attached(&self, wanted: &Delta<Registration>) -> Result<()> {
        for service in self.organization.services().await? {
            let service = service?;
            for listed in service.private_endpoints()? {
                if let Some(entry) = wanted.removals().iter().find(|entry| entry.0.endpoint.key() == listed.key()) {
                    return Err(Error::new(
                        ErrorKind::Conflict,
                        format!(
                            "`{}` is still on the allow list of service {} `{}`: withdraw it there first",
                            entry.0.endpoint,
                            service.id,
                            service.name.escape_debug()
                        ),
                    )
                    .with_vendor(VENDOR)
                    .with_operation(operations::ORGANIZATION_PATCH.name)
                    .with_resource(self.organization.resource()));
                }
            }
        }
        Ok(())
    }
}

struct Register<'a> {
    organization: &'a Organization,
}

impl DeltaList for Register<'_> {
    type Item = Registration;

    async fn look(&self) -> Result<Vec<Registration>> {
        readable(&self.organization.details().await?)
    }

    async fn send(&self, delta: &Delta<Registration>) -> Result<Option<Vec<Registration>>> {
        let details = send_once(self.organization, delta).await?;
        Ok(details.and_then(|details| readable(&details).ok()))
    }

    fn client(&self) -> &Client {
        self.organization.client()
    }
}

fn readable(details: &OrganizationDetails) -> Result<Vec<Registration>> {
    Ok(details.private_endpoints()?.iter().flatten().cloned().collect())
}

/// Sends the delta once; the organization afterwards, where the answer holds a readable one.
pub(crate) async fn send_once(
    organization: &Organization,
    delta: &Delta<Registration>,
) -> Result<Option<OrganizationDetails>> {
    let patch = wire::OrganizationPatch {
        private_endpoints: wire::AddRemove {
            // A description has no part in finding the entry to remove.
            remove: delta.removals().iter().map(|entry| entry.0.to_wire(false)).collect(),
            add: delta.additions().iter().map(|entry| entry.0.to_wire(true)).collect(),
        },
    };
    let answer = organization
        .client()
        .write::<wire::Organization>(
            &operations::ORGANIZATION_PATCH,
            &organization.resource(),
            &http::Method::PATCH,
            &organization.path(""),
            &patch,
        )
        .await?;
    let (_, wire) = answer.into_parts();
    Ok(wire.and_then(|wire| OrganizationDetails::try_from(wire).ok()))
}
