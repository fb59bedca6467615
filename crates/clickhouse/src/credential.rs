//! The credentials: an API key by HTTP Basic, or a bearer token.

use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{Authorize, BasicAuth, StaticBearer};
use privlink_core::{Result, SecretString};

/// What a client proves itself with, until it is built.
#[derive(Clone)]
pub(crate) enum Credential {
    /// An API key: id and secret.
    Key { id: String, secret: SecretString },
    /// A token of a person.
    Bearer(SecretString),
}

impl Credential {
    /// Refuses what no header can carry, before any request.
    pub(crate) fn authorize(&self) -> Result<Arc<dyn Authorize>> {
        Ok(match self {
            Self::Key { id, secret } => Arc::new(BasicAuth::new(id, secret)?),
            Self::Bearer(token) => Arc::new(StaticBearer::new(token)?),
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key { .. } => "API key",
            Self::Bearer(_) => "bearer token",
        })
    }
}
