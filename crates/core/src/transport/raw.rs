use std::fmt;
use std::sync::Arc;

use http::Method;
use serde::Serialize;
use serde_json::Value;

use super::{JsonCall, Operation};
use crate::{BoxFuture, Error, Result};

const READ: Operation = Operation::read("raw request");
const WRITE: Operation = Operation::once("raw request");

/// A client that sends and reads JSON: what a [`RawRequest`] is sent by.
pub trait JsonCaller: Send + Sync + 'static {
    /// Makes one call, and gives what its answer says.
    fn call_json<'a>(&'a self, call: JsonCall<'a>) -> BoxFuture<'a, Result<Value>>;
}

/// A request of your own, for what a vendor has and a client no method for; made by the client's `request`.
///
/// It goes with the client's credentials, budget, retries and errors.
#[must_use]
pub struct RawRequest {
    client: Arc<dyn JsonCaller>,
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Result<Value>>,
}

impl RawRequest {
    /// For clients. `path` is below `prefix`, and may repeat it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the path does not start with a slash, climbs
    /// with `..`, or holds a query.
    pub fn new(client: Arc<dyn JsonCaller>, prefix: &str, method: Method, path: &str) -> Result<Self> {
        let path = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
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
        let call = JsonCall {
            operation,
            resource: &self.path,
            method: self.method,
            path: &self.path,
            query: &query,
            body: self.body.transpose()?,
        };
        self.client.call_json(call).await
    }
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}
