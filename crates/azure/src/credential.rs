//! Where tokens come from.

use std::sync::Arc;

use privlink_core::SecretString;
use privlink_core::transport::{Authorize, BearerToken, StaticBearer, TokenSource};
use privlink_core::{Result, SubscriptionId};

/// What a client authorizes its calls with.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    Token(SecretString),
    Source(Arc<dyn TokenSource>, String),
    Anonymous,
}

impl Credential {
    pub(crate) fn authorize(&self, scope: &str) -> Result<Option<Arc<dyn Authorize>>> {
        Ok(match self {
            Self::Token(token) => Some(Arc::new(StaticBearer::new(token)?)),
            Self::Source(source, identity) => {
                Some(Arc::new(BearerToken::new(Arc::clone(source), scope, identity.clone())))
            }
            Self::Anonymous => None,
        })
    }

    /// Tells one client's reads from another's; never a secret.
    pub(crate) fn identity(authorize: Option<&Arc<dyn Authorize>>, subscription: SubscriptionId) -> String {
        match authorize {
            Some(authorize) => format!("{} on {subscription}", authorize.identity()),
            None => format!("anonymous on {subscription}"),
        }
    }
}
