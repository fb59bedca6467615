use privlink_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::{lacking, required};
use crate::{OrganizationId, wire};

/// Who the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Whoami {
    /// An API key; it belongs to exactly one organization.
    #[non_exhaustive]
    ApiKey {
        /// The key's id.
        key: String,
        /// The key's name.
        name: Option<String>,
        /// Its organization.
        organization: OrganizationId,
    },
    /// A person, by a bearer token.
    #[non_exhaustive]
    User {
        /// The person's id.
        user: String,
        /// The person's e-mail address.
        email: Option<String>,
        /// The organizations the person belongs to; those that cannot be read are left out.
        organizations: Vec<WhoamiOrganization>,
    },
    /// An actor this library does not know, verbatim.
    #[non_exhaustive]
    Unknown {
        /// The vendor's word for it.
        actor: String,
    },
}

impl Whoami {
    /// The one organization these credentials can mean.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there are several or none: then the organization must be
    /// given.
    pub fn organization(&self) -> Result<OrganizationId> {
        match self {
            Self::ApiKey { organization, .. } => Ok(*organization),
            Self::User { organizations, .. } => match organizations.as_slice() {
                [only] => Ok(only.id),
                [] => Err(Error::new(ErrorKind::InvalidInput, "the user belongs to no organization")),
                many => {
                    let names: Vec<String> = many
                        .iter()
                        .map(|one| format!("{} ({})", one.id, one.name.as_deref().unwrap_or("unnamed")))
                        .collect();
                    Err(Error::new(
                        ErrorKind::InvalidInput,
                        format!("the user belongs to several organizations, give one: {}", names.join(", ")),
                    ))
                }
            },
            Self::Unknown { actor } => Err(Error::new(
                ErrorKind::InvalidInput,
                format!("credentials of the unknown kind `{}`: give the organization", actor.escape_debug()),
            )),
        }
    }
}

/// An organization a person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WhoamiOrganization {
    /// Its id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Option<String>,
}

impl WhoamiOrganization {
    /// An organization.
    #[must_use]
    pub fn new(id: OrganizationId) -> Self {
        Self { id, name: None }
    }
}

impl TryFrom<wire::Whoami> for Whoami {
    type Error = Error;

    fn try_from(mut wire: wire::Whoami) -> Result<Self> {
        let (actor,) = required!("identity", wire: actor_type as "actorType");
        match actor.as_str() {
            "apiKey" => {
                let (key, organization) =
                    required!("identity", wire: key_id as "keyId", organization_id as "organizationId");
                let organization = organization
                    .parse()
                    .map_err(|error| lacking("identity", &["organizationId"]).with_source(error))?;
                Ok(Self::ApiKey { key, name: wire.name, organization })
            }
            "user" => {
                let (user, organizations) =
                    required!("identity", wire: user_id as "userId", organizations as "organizations");
                let organizations = organizations
                    .into_iter()
                    .filter_map(|one| {
                        let id = one.organization_id?.parse().ok()?;
                        Some(WhoamiOrganization { id, name: one.organization_name })
                    })
                    .collect();
                Ok(Self::User { user, email: wire.email, organizations })
            }
            _ => Ok(Self::Unknown { actor }),
        }
    }
}
