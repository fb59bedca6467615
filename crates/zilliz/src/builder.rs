//! How a client is built.

use std::fmt;

use privlink_core::transport::{BaseUrl, Budget, ClientOptions, StaticBearer};
use privlink_core::{Error, Result, SecretString};

use crate::client::{Client, Parts};
use crate::dialect::{VENDOR, ZillizDialect};
use crate::facts::Facts;

/// The vendor's public address, for all regions outside mainland China.
const BASE_URL: &str = "https://api.cloud.zilliz.com";

/// Builds a [`Client`].
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    key: Option<SecretString>,
    base: String,
    facts: Facts,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions) -> Self {
        Self { options, key: None, base: BASE_URL.to_owned(), facts: Facts::default() }
    }

    /// The API key; it must cover the project, and its owner must be project admin to change things.
    pub fn api_key(mut self, key: impl Into<SecretString>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Another address than `https://api.cloud.zilliz.com`, with or without `/v2`: for regions in mainland China
    /// `https://api.cloud.zilliz.com.cn`. Plain `http` is taken for loopback addresses only.
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
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there is no key, or key or address cannot be
    /// used.
    pub fn build(self) -> Result<Client> {
        let key = self.key.ok_or_else(|| Error::invalid("no credentials: give `api_key(key)`").with_vendor(VENDOR))?;
        let authorize = StaticBearer::new(&key).map_err(|error| error.with_vendor(VENDOR))?;
        let base = base_url(&self.base)?;
        let identity = format!("{base} {}", privlink_core::transport::Authorize::identity(&authorize));
        let rate = &self.facts.rate;
        let caller = self
            .options
            .caller(ZillizDialect)?
            .authorize(authorize)
            .budget(base.as_str(), Budget::new(rate.requests, rate.window))
            .build();
        Ok(Client::assemble(Parts { caller, base, facts: self.facts, identity }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            // Unchecked, the address may hold a password.
            .field("base_url", &base_url(&self.base).ok())
            .field("has_key", &self.key.is_some())
            .finish_non_exhaustive()
    }
}

/// The address without `/v2`, checked.
fn base_url(text: &str) -> Result<BaseUrl> {
    let base: BaseUrl = text.parse().map_err(|error: Error| error.with_vendor(VENDOR))?;
    Ok(base.without("/v2"))
}
