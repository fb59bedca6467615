//! How a client is built.

use std::fmt;

use http::HeaderName;
use privlink_core::transport::{BaseUrl, Budget, ClientOptions};
use privlink_core::{Error, Result, SecretString};

use crate::client::{Client, Parts};
use crate::credential::{Credential, value};
use crate::dialect::{CockroachDialect, VENDOR};
use crate::facts::Facts;

/// The vendor's public address.
const BASE_URL: &str = "https://cockroachlabs.cloud";

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    credential: Option<Credential>,
    base: String,
    facts: Facts,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions) -> Self {
        Self { options, credential: None, base: BASE_URL.to_owned(), facts: Facts::default() }
    }

    /// The secret key of a service account: the usual credentials.
    pub fn api_key(mut self, secret: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Key(secret.into()));
        self
    }

    /// A JWT instead of a key, with the label of the organization that trusts its issuer, and the
    /// user it stands for where the token alone does not say.
    pub fn jwt(
        mut self,
        token: impl Into<SecretString>,
        organization: impl Into<String>,
        username: Option<String>,
    ) -> Self {
        self.credential = Some(Credential::Jwt { token: token.into(), organization: organization.into(), username });
        self
    }

    /// Another address than `https://cockroachlabs.cloud`, with or without `/api/v1`. Plain
    /// `http` is taken for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// Other facts than the dated ones built in.
    pub fn facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// The client. Makes no request.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there are no credentials, or the address cannot be
    /// used.
    pub fn build(self) -> Result<Client> {
        let credential = self.credential.ok_or_else(|| {
            Error::invalid("no credentials: give `api_key(secret)` or `jwt(token, organization, username)`")
                .with_vendor(VENDOR)
        })?;
        let authorize = credential.authorize().map_err(|error| error.with_vendor(VENDOR))?;
        let mut headers = credential.headers().map_err(|error| error.with_vendor(VENDOR))?;
        let version = value("API version", &self.facts.api_version).map_err(|error| error.with_vendor(VENDOR))?;
        headers.insert(HeaderName::from_static("cc-version"), version);
        let base = base_url(&self.base)?;
        let identity = format!("{base} {}", authorize.identity());
        let rate = &self.facts.rate;
        let caller = self
            .options
            .caller(CockroachDialect)?
            .authorize_shared(authorize)
            .budget(base.as_str(), Budget::new(rate.requests, rate.window))
            .build();
        Ok(Client::assemble(Parts { caller, base, headers, facts: self.facts, identity }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            // Unchecked, the address may hold a password.
            .field("base_url", &base_url(&self.base).ok())
            .field("credential", &self.credential)
            .finish_non_exhaustive()
    }
}

/// The address without `/api/v1`, checked.
fn base_url(text: &str) -> Result<BaseUrl> {
    let base: BaseUrl = text.parse().map_err(|error: Error| error.with_vendor(VENDOR))?;
    Ok(base.without("/api/v1"))
}
