use std::fmt;
use std::str::FromStr;

use privlink_core::transport::Object;
use privlink_core::{AwsAccountId, IdError, Result};
use serde::Serialize;
use serde_json::Value;

use super::OwnerType;
use crate::{ClusterId, TrustedOwnerId};

/// Whose endpoints may connect: one AWS account's, or everybody's.
///
/// ```
/// use privlink_cockroach::TrustedAccount;
///
/// let ours: TrustedAccount = "123456789012".parse()?;
/// assert_eq!((ours.to_string().as_str(), "*".parse()?), ("123456789012", TrustedAccount::Everybody));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrustedAccount {
    /// An AWS account.
    Account(AwsAccountId),
    /// Every account: `*`.
    Everybody,
}

impl fmt::Display for TrustedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Everybody => f.write_str("*"),
        }
    }
}

impl FromStr for TrustedAccount {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            "*" => Ok(Self::Everybody),
            account => account.parse().map(Self::Account),
        }
    }
}

impl From<AwsAccountId> for TrustedAccount {
    fn from(account: AwsAccountId) -> Self {
        Self::Account(account)
    }
}

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
