//! Who asks: a token, a source of tokens, or nobody.

use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{Authorize, BearerToken, StaticBearer, TokenSource};
use privlink_core::{Result, SecretString};

/// What a builder was given.
#[derive(Clone)]
pub(crate) enum Credential {
    /// One token, never refreshed.
    Token(SecretString),
    /// Tokens of a source, and whose they are.
    Source(Arc<dyn TokenSource>, String),
    /// No credentials: for a simulator or a gateway that brings its own.
    Anonymous,
}

impl Credential {
    /// Who authorizes requests of both services, so that they share a token; `None` for nobody.
    pub(crate) fn authorize(self, scope: &str) -> Result<Option<Arc<dyn Authorize>>> {
        Ok(match self {
            Self::Token(token) => Some(Arc::new(StaticBearer::new(&token)?)),
            Self::Source(source, identity) => Some(Arc::new(BearerToken::new(source, scope, identity))),
            Self::Anonymous => None,
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Source(..) => "Source",
            Self::Anonymous => "Anonymous",
        })
    }
}
