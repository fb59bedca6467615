//! Who asks: a token, a source of tokens, or nobody.

use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{Authorize, BearerToken, StaticBearer, TokenSource};
use privlink_core::{Clock, Result, SecretString};

/// What a builder was given.
#[derive(Clone)]
pub(crate) enum Credential {
    /// One token, never refreshed.
    Token(SecretString),
    /// Tokens of a source, and whose they are.
    Source(Arc<dyn TokenSource>, String),
    /// Credentials of the official crate, and whose they are.
    #[cfg(feature = "google-cloud-auth")]
    Official(google_cloud_auth::credentials::AccessTokenCredentials, String),
    /// No credentials: for a simulator or a gateway that brings its own.
    Anonymous,
}

impl Credential {
    /// Who authorizes requests of both services, so that they share a token; `None` for nobody.
    pub(crate) fn authorize(self, scope: &str, clock: &Arc<dyn Clock>) -> Result<Option<Arc<dyn Authorize>>> {
        // Only credentials that do not say when their tokens end keep time for themselves.
        let _ = clock;
        Ok(match self {
            Self::Token(token) => Some(Arc::new(StaticBearer::new(&token)?)),
            Self::Source(source, identity) => Some(Arc::new(BearerToken::new(source, scope, identity))),
            #[cfg(feature = "google-cloud-auth")]
            Self::Official(credentials, identity) => {
                let source = crate::identity::Official { credentials, clock: Arc::clone(clock) };
                Some(Arc::new(BearerToken::new(source, scope, identity)))
            }
            Self::Anonymous => None,
        })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::Source(..) => "Source",
            #[cfg(feature = "google-cloud-auth")]
            Self::Official(..) => "Official",
            Self::Anonymous => "Anonymous",
        })
    }
}
