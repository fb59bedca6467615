//! One service: where it answers, and how its calls are made.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use privlink_core::transport::{BaseUrl, Caller, Operation};
use privlink_core::{Clock, Error, Result};

use crate::wire::query::{CONTENT_TYPE, Form};
use crate::wire::xml::{self, Element};

/// A service with its layers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    caller: Caller,
    base: BaseUrl,
}

impl Api {
    pub(crate) fn new(caller: Caller, base: BaseUrl) -> Self {
        Self { caller, base }
    }

    /// The address, for keys of memos.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str()
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.caller.clock()
    }

    /// An error found in reading an answer: it names the operation, and shows nothing that the
    /// answer echoed of the credentials.
    pub(crate) fn tell(&self, operation: &Operation, error: Error) -> Error {
        self.caller.scrub(error.with_operation(operation.name))
    }

    /// A Query call; the root element of the answer comes back.
    pub(crate) async fn query(&self, operation: &Operation, resource: &str, form: Form) -> Result<Element> {
        let response = self.query_raw(operation, resource, form).await?;
        self.read(operation, resource, &response)
    }

    pub(crate) async fn query_raw(
        &self,
        operation: &Operation,
        resource: &str,
        form: Form,
    ) -> Result<http::Response<Bytes>> {
        let request = http::Request::post(self.base.as_str())
            .header(http::header::CONTENT_TYPE, CONTENT_TYPE)
            .body(form.into_body())?;
        self.caller.call(operation, resource, request).await
    }

    /// A REST-XML call; the root element of the answer comes back.
    pub(crate) async fn rest(&self, operation: &Operation, resource: &str, request: Rest<'_>) -> Result<Element> {
        let Rest { method, path, query, body } = request;
        let mut request = http::Request::builder().method(method).uri(self.base.at(path, query));
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/xml");
        }
        let request = request.body(body.unwrap_or_default())?;
        let response = self.caller.call(operation, resource, request).await?;
        self.read(operation, resource, &response)
    }

    fn read(&self, operation: &Operation, resource: &str, response: &http::Response<Bytes>) -> Result<Element> {
        xml::parse(response.body()).map_err(|error| {
            self.tell(operation, error.with_resource(resource).with_http_status(response.status().as_u16()))
        })
    }
}

/// What a REST-XML call asks; `path` starts with a slash and is encoded already.
pub(crate) struct Rest<'a> {
    method: Method,
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    body: Option<Bytes>,
}

impl<'a> Rest<'a> {
    pub(crate) fn new(method: Method, path: &'a str) -> Self {
        Self { method, path, query: &[], body: None }
    }

    pub(crate) fn get(path: &'a str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(crate) fn post(path: &'a str, body: Bytes) -> Self {
        Self { body: Some(body), ..Self::new(Method::POST, path) }
    }

    pub(crate) fn query(self, query: &'a [(&'a str, &'a str)]) -> Self {
        Self { query, ..self }
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Api").field(&self.base.as_str()).finish()
    }
}
