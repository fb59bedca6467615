//! Raw requests: what the vendor has and this library has no method for yet.

use std::fmt;

use http::Method;
use privlink_core::transport::{Operation, encode_segment};
use privlink_core::{Error, Result};
use serde::Serialize;
use serde_json::Value;

use crate::Client;

const READ: Operation = Operation::read("raw request");
const WRITE: Operation = Operation::once("raw request");

/// A request of your own; made by [`Client::request`].
#[must_use]
pub struct RawRequest {
    client: Client,
    method: Method,
    path: String,
    query: String,
    body: Option<Result<Vec<u8>>>,
}

/// The answer to a [`RawRequest`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RawAnswer {
    /// The vendor's id of the request.
    pub request_id: Option<String>,
    /// What the envelope held; `null` when it held nothing, as after a deletion.
    pub result: Value,
}

impl RawRequest {
    pub(crate) fn new(client: Client, method: Method, path: &str) -> Result<Self> {
        let path = path.strip_prefix("/v1").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        let climbs = path.split('/').any(|part| matches!(&*part.to_ascii_lowercase().replace("%2e", "."), "." | ".."));
        if !path.starts_with('/') || path.starts_with("//") || climbs || path.contains(['?', '#', '\\', ' ']) {
            return Err(Error::invalid(
                "a raw path starts with one slash and holds no `..`, query, fragment, backslash or space",
            ));
        }
        Ok(Self { client, method, path: path.to_owned(), query: String::new(), body: None })
    }

    /// Adds a query parameter; encoding is done here.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push(if self.query.is_empty() { '?' } else { '&' });
        self.query.push_str(&encode_segment(name));
        self.query.push('=');
        self.query.push_str(&encode_segment(value));
        self
    }

    /// Sets the JSON body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = Some(
            serde_json::to_vec(body)
                .map_err(|error| Error::invalid("the request could not be written as JSON").with_source(error)),
        );
        self
    }

    /// Sends it. `GET` may be repeated by the retry layer, anything else is sent once.
    ///
    /// # Errors
    /// As for every call.
    pub async fn send(self) -> Result<RawAnswer> {
        let operation = if self.method == Method::GET { &READ } else { &WRITE };
        let body = self.body.transpose()?.map(Into::into);
        let path = format!("/v1{}{}", self.path, self.query);
        let answer = self.client.exchange::<Value>(operation, &self.path, &self.method, &path, body).await?;
        let (request_id, result) = answer.into_parts();
        Ok(RawAnswer { request_id, result: result.unwrap_or_default() })
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}
