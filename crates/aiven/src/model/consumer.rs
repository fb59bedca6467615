use std::fmt;

use privlink_core::side::ConsumerIdentity;
use privlink_core::{AwsPrincipal, CloudProvider, SubscriptionId};
use serde::{Deserialize, Serialize};

/// Whom a privatelink lets in: an entry of its allow list. On Google Cloud there is no such list.
///
/// ```
/// use privlink_aiven::Consumer;
///
/// let role = Consumer::Principal("arn:aws:iam::123456789012:role/deploy".parse()?);
/// assert!(!role.is_whole_account());
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Consumer {
    /// An AWS account, user or role.
    Principal(AwsPrincipal),
    /// An Azure subscription.
    Subscription(SubscriptionId),
}

impl Consumer {
    /// The cloud it is of.
    #[must_use]
    pub fn cloud(&self) -> CloudProvider {
        match self {
            Self::Principal(_) => CloudProvider::Aws,
            Self::Subscription(_) => CloudProvider::Azure,
        }
    }

    /// Whether an entry of a list is this one. Subscriptions are compared without case.
    #[must_use]
    pub fn is(&self, entry: &str) -> bool {
        match self {
            Self::Principal(principal) => principal.as_str() == entry,
            Self::Subscription(_) => self.to_string().eq_ignore_ascii_case(entry),
        }
    }

    /// Whether it lets in whoever is in an account.
    #[must_use]
    pub fn is_whole_account(&self) -> bool {
        matches!(self, Self::Principal(principal) if principal.is_whole_account())
    }

    /// The narrowest entry that lets a consumer in: the caller's own user or role, or the account
    /// where the cloud tells none. `None` on Google Cloud.
    #[must_use]
    pub fn of(identity: &ConsumerIdentity) -> Option<Self> {
        match identity {
            ConsumerIdentity::Aws { principal: Some(principal), .. } => Some(Self::Principal(principal.clone())),
            ConsumerIdentity::Aws { account, .. } => {
                format!("arn:aws:iam::{account}:root").parse().ok().map(Self::Principal)
            }
            ConsumerIdentity::Azure { subscription, .. } => Some(Self::Subscription(*subscription)),
            _ => None,
        }
    }
}

/// As the list has it.
impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Principal(principal) => principal.fmt(f),
            Self::Subscription(subscription) => subscription.fmt(f),
        }
    }
}

impl From<AwsPrincipal> for Consumer {
    fn from(principal: AwsPrincipal) -> Self {
        Self::Principal(principal)
    }
}

impl From<SubscriptionId> for Consumer {
    fn from(subscription: SubscriptionId) -> Self {
        Self::Subscription(subscription)
    }
}
