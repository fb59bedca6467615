//! The credentials: an API key by HTTP Basic, or a bearer token.

use std::fmt;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use privlink_core::transport::Authorize;
use privlink_core::{BoxFuture, Error, ErrorKind, ExposeSecret, Result, SecretString};

/// What a client proves itself with.
#[derive(Clone)]
pub(crate) enum Credential {
    /// An API key: id and secret.
    Key { id: String, secret: SecretString },
    /// A token of a person.
    Bearer(SecretString),
}

impl Credential {
    /// Refuses what no header can carry, before any request.
    pub(crate) fn check(&self) -> Result<()> {
        self.header().map(drop)
    }

    fn header(&self) -> Result<HeaderValue> {
        let mut value = match self {
            Self::Key { id, secret } => {
                if id.is_empty() || id.contains(':') || id.chars().any(char::is_control) {
                    return Err(Error::invalid("the API key id must be given, without a colon"));
                }
                if secret.expose_secret().is_empty() {
                    return Err(Error::invalid("the API key secret is empty"));
                }
                let pair = STANDARD.encode(format!("{id}:{}", secret.expose_secret()));
                HeaderValue::try_from(format!("Basic {pair}"))
            }
            Self::Bearer(token) => {
                if token.expose_secret().is_empty() {
                    return Err(Error::invalid("the bearer token is empty"));
                }
                HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            }
        }
        // Without the source, which could quote the secret.
        .map_err(|_| Error::new(ErrorKind::InvalidInput, "the credentials hold characters that no header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl Authorize for Credential {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, _now: SystemTime) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            request.headers_mut().insert(AUTHORIZATION, self.header()?);
            Ok(())
        })
    }

    fn identity(&self) -> String {
        match self {
            Self::Key { id, .. } => format!("key {id}"),
            // Nothing of a token may show; a process holds one user's token.
            Self::Bearer(_) => "bearer".to_owned(),
        }
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
