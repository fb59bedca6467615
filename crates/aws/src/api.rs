//! One service: where it answers, and how its calls are made.

use std::fmt;

use bytes::Bytes;
use http::Method;
use privlink_core::transport::{Caller, Operation};
use privlink_core::{Error, ErrorKind, Result};
use url::Url;

use crate::wire::query::{CONTENT_TYPE, Form};
use crate::wire::xml::{self, Element};

/// A service with its layers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    caller: Caller,
    base: Url,
}

impl Api {
    pub(crate) fn new(caller: Caller, base: Url) -> Self {
        Self { caller, base }
    }

    /// The address, for keys of memos.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str()
    }

    /// A Query call; the root element of the answer comes back.
    pub(crate) async fn query(&self, operation: &Operation, resource: &str, form: Form) -> Result<Element> {
        let response = self.query_raw(operation, resource, form).await?;
        read(operation, resource, &response)
    }

    pub(crate) async fn query_raw(
        &self,
        operation: &Operation,
        resource: &str,
        form: Form,
    ) -> Result<http::Response<Bytes>> {
        let request = http::Request::post(self.base.as_str())
            .header(http::header::CONTENT_TYPE, CONTENT_TYPE)
            .body(form.into_body())
            .map_err(unbuildable)?;
        self.caller.call(operation, resource, request).await
    }

    /// A REST-XML call; `path` starts with a slash and is encoded already.
    pub(crate) async fn rest(
        &self,
        operation: &Operation,
        resource: &str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<Element> {
        let response = self.rest_raw(operation, resource, method, path, query, body).await?;
        read(operation, resource, &response)
    }

    pub(crate) async fn rest_raw(
        &self,
        operation: &Operation,
        resource: &str,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Bytes>,
    ) -> Result<http::Response<Bytes>> {
        let mut uri = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        if !query.is_empty() {
            let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
            // A space is `%20` in a signed query, never `+`.
            uri = format!("{uri}?{}", encoded.replace('+', "%20"));
        }
        let mut request = http::Request::builder().method(method).uri(uri);
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/xml");
        }
        let request = request.body(body.unwrap_or_default()).map_err(unbuildable)?;
        self.caller.call(operation, resource, request).await
    }
}

fn read(operation: &Operation, resource: &str, response: &http::Response<Bytes>) -> Result<Element> {
    xml::parse(response.body()).map_err(|error| {
        error.with_operation(operation.name).with_resource(resource).with_http_status(response.status().as_u16())
    })
}

fn unbuildable(error: http::Error) -> Error {
    Error::new(ErrorKind::InvalidInput, "the request cannot be built").with_source(error)
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Api").field(&self.base.as_str()).finish()
    }
}
