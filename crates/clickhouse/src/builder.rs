//! How a client is built.

use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{BaseUrl, Budget, ClientOptions};
use privlink_core::{Error, Result, SecretString};

use crate::OrganizationId;
use crate::client::{Client, Parts};
use crate::credential::Credential;
use crate::dialect::{ClickHouseDialect, VENDOR};
use crate::facts::Facts;

/// The vendor's public address.
const BASE_URL: &str = "https://api.clickhouse.cloud";

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    credential: Option<Credential>,
    base: String,
    organization: Option<OrganizationId>,
    facts: Facts,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions) -> Self {
        Self { options, credential: None, base: BASE_URL.to_owned(), organization: None, facts: Facts::default() }
    }

    /// An API key: the usual credentials. It belongs to exactly one organization.
    pub fn api_key(mut self, id: impl Into<String>, secret: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Key { id: id.into(), secret: secret.into() });
        self
    }

    /// A bearer token of a person instead of a key. The vendor lets such tokens read; writes
    /// need an API key (vendor's command line, autumn 2026).
    pub fn bearer(mut self, token: impl Into<SecretString>) -> Self {
        self.credential = Some(Credential::Bearer(token.into()));
        self
    }

    /// Another address than `https://api.clickhouse.cloud`, with or without `/v1`. Plain
    /// `http` is taken for loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// The organization, so that it need not be asked for.
    pub fn organization(mut self, id: OrganizationId) -> Self {
        self.organization = Some(id);
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
            Error::invalid("no credentials: give `api_key(id, secret)` or `bearer(token)`").with_vendor(VENDOR)
        })?;
        let authorize = credential.authorize().map_err(|error| error.with_vendor(VENDOR))?;
        let base = base_url(&self.base)?;
        let identity = format!("{base} {}", authorize.identity());
        let rate = &self.facts.rate;
        let caller =
            || self.options.caller(ClickHouseDialect { margin: rate.margin, clock: Arc::clone(&self.options.clock) });
        let budget = Budget::new(rate.requests, rate.window);
        let open = caller()?.build();
        let caller = caller()?.authorize_shared(authorize).budget(base.as_str(), budget).build();
        Ok(Client::assemble(Parts { caller, open, base, organization: self.organization, facts: self.facts, identity }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            // Unchecked, the address may hold a password.
            .field("base_url", &base_url(&self.base).ok())
            .field("credential", &self.credential)
            .field("organization", &self.organization)
            .finish_non_exhaustive()
    }
}

/// The address without `/v1`, checked.
fn base_url(text: &str) -> Result<BaseUrl> {
    let base: BaseUrl = text.parse().map_err(|error: Error| error.with_vendor(VENDOR))?;
    Ok(base.without("/v1"))
}
