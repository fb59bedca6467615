//! The credentials: the secret key of a service account, or a JWT of an organization.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use privlink_core::transport::{Authorize, StaticBearer};
use privlink_core::{Error, Result, SecretString};

/// What a client proves itself with, until it is built.
#[derive(Clone)]
pub(crate) enum Credential {
    /// The secret key of a service account.
    Key(SecretString),
    /// A JWT of an identity provider that the organization trusts.
    Jwt { token: SecretString, organization: String, username: Option<String> },
}

impl Credential {
    /// Refuses what no header can carry, before any request.
    pub(crate) fn authorize(&self) -> Result<Arc<dyn Authorize>> {
        let (Self::Key(token) | Self::Jwt { token, .. }) = self;
        Ok(Arc::new(StaticBearer::new(token)?))
    }

    /// The headers that go with it.
    pub(crate) fn headers(&self) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        if let Self::Jwt { organization, username, .. } = self {
            headers.insert(HeaderName::from_static("cc-vanity-name"), value("organization label", organization)?);
            if let Some(username) = username {
                headers.insert(HeaderName::from_static("cc-username"), value("user name", username)?);
            }
        }
        Ok(headers)
    }
}

pub(crate) fn value(what: &str, text: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(|error| {
        Error::invalid(format!("the {what} `{}` cannot stand in a header", text.escape_debug())).with_source(error)
    })
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "API key",
            Self::Jwt { .. } => "JWT",
        })
    }
}
