//! How a client is built.

use std::fmt;

use privlink_core::transport::{Authorize, BaseUrl, ClientOptions};
use privlink_core::{Error, Result, SecretString};

use crate::client::{Client, Parts};
use crate::credential::Token;
use crate::dialect::{AivenDialect, VENDOR};
use crate::facts::Facts;

/// The vendor's public address.
const BASE_URL: &str = "https://api.aiven.io";

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    token: Option<SecretString>,
    base: String,
    facts: Facts,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions) -> Self {
        Self { options, token: None, base: BASE_URL.to_owned(), facts: Facts::default() }
    }

    /// The token of a user or an application user.
    pub fn token(mut self, token: impl Into<SecretString>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Another address than `https://api.aiven.io`, with or without `/v1`. Plain `http` is taken
    /// for loopback addresses only.
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
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there is no token, or it or the address
    /// cannot be used.
    pub fn build(self) -> Result<Client> {
        let token = self
            .token
            .ok_or_else(|| Error::invalid("no credentials: give `token(token)`").with_vendor(VENDOR))
            .and_then(|token| Token::new(&token).map_err(|error| error.with_vendor(VENDOR)))?;
        let base = base_url(&self.base)?;
        let identity = format!("{base} {}", token.identity());
        let caller = self.options.caller(AivenDialect)?.authorize(token).build();
        Ok(Client::assemble(Parts { caller, base, facts: self.facts, identity }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            // Unchecked, the address may hold a password.
            .field("base_url", &base_url(&self.base).ok())
            .field("token", &self.token.as_ref().map(|_| "given"))
            .finish_non_exhaustive()
    }
}

/// The address without `/v1`, checked.
fn base_url(text: &str) -> Result<BaseUrl> {
    let base: BaseUrl = text.parse().map_err(|error: Error| error.with_vendor(VENDOR))?;
    Ok(base.without("/v1"))
}
