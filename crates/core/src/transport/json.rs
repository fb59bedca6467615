use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request};
use serde_json::Value;

use super::{BaseUrl, Operation};
use crate::Result;

/// A call with JSON in its body, or none: what it is, what it is about, and what is sent.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "clients write it down, and a call has no other parts")]
pub struct JsonCall<'a> {
    /// What it is.
    pub operation: &'a Operation,
    /// What it is about, for errors and traces.
    pub resource: &'a str,
    /// How.
    pub method: Method,
    /// Below the API's prefix, encoded.
    pub path: &'a str,
    /// Not encoded yet.
    pub query: &'a [(&'a str, &'a str)],
    /// What is sent.
    pub body: Option<Value>,
}

impl JsonCall<'_> {
    /// The request, below `prefix` at `base`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when the parts make no address.
    pub fn request(&self, base: &BaseUrl, prefix: &str) -> Result<Request<Bytes>> {
        let mut request = Request::builder()
            .method(&self.method)
            .uri(base.at(&format!("{prefix}{}", self.path), self.query))
            .header(ACCEPT, "application/json");
        if self.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        Ok(request.body(self.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default())?)
    }
}
