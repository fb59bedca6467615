use privlink_core::Result;
use serde::Serialize;
use serde_json::Value;

use super::OwnerType;
use crate::wire::Object;
use crate::{ClusterId, TrustedOwnerId};

/// An account whose endpoints may connect to a cluster; AWS alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TrustedOwner {
    /// The entry's own id.
    pub id: TrustedOwnerId,
    /// The cluster.
    pub cluster: ClusterId,
    /// What kind of owner.
    pub kind: OwnerType,
    /// The account, or `*` for everybody.
    pub owner: String,
}

impl TrustedOwner {
    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let owner = Object::read("trusted owner", value)?;
        Ok(Self {
            id: owner.parsed("id")?,
            cluster: owner.parsed("cluster_id")?,
            kind: OwnerType::from(owner.required("type")?),
            owner: owner.required("external_owner_id")?.to_owned(),
        })
    }
}
