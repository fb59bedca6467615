//! Raw requests: what the vendor has and this library has no method for yet.

use std::fmt;

use http::Method;
use privlink_core::transport::Operation;
use privlink_core::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use crate::Client;
use crate::client::Call;

const READ: Operation = Operation::read("raw request");
const WRITE: Operation = Operation::once("raw request");

/// A request of your own; made by [`Client::request`].
#[must_use]
pub struct RawRequest {
    client: Client,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Result<Value>>,
}

impl RawRequest {
    pub(crate) fn new(client: Client, method: Method, path: &str) -> Result<Self> {
        let path = path.strip_prefix("/v2").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        let climbs = path.split('/').any(|part| matches!(&*part.to_ascii_lowercase().replace("%2e", "."), "." | ".."));
        if !path.starts_with('/') || path.starts_with("//") || climbs || path.contains(['?', '#', '\\', ' ']) {
            return Err(Error::invalid(
                "a raw path starts with one slash and holds no `..`, query, fragment, backslash or space",
            ));
        }
        Ok(Self { client, method, path: path.to_owned(), query: Vec::new(), body: None })
    }

    /// Adds a query parameter; encoding is done here.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets the JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Some(
            serde_json::to_value(body)
                .map_err(|error| Error::invalid("the request could not be written as JSON").with_source(error)),
        );
        self
    }

    /// Sends it. `GET` may be repeated by the retry layer, anything else is sent once.
    ///
    /// # Errors
    /// As for every call.
    pub async fn send(self) -> Result<Value> {
        let operation = if self.method == Method::GET { &READ } else { &WRITE };
        let query: Vec<(&str, &str)> = self.query.iter().map(|(name, value)| (&**name, &**value)).collect();
        let call = Call {
            operation,
            resource: &self.path,
            method: self.method,
            path: &self.path,
            query: &query,
            body: self.body.transpose()?,
        };
        self.client.call(call).await
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}
