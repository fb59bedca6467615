//! One service: where it answers, and how its calls are made.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};
use privlink_core::transport::{BaseUrl, Caller, Operation, encode_segment};
use privlink_core::{Clock, Error, ErrorKind, Page, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

const QUOTA_PROJECT: HeaderName = HeaderName::from_static("x-goog-user-project");

/// The most items of a page: what Compute allows; Cloud DNS caps it for itself.
const PAGE: &str = "500";

/// A service with its layers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    caller: Caller,
    /// For the one call that holds its answer back for minutes, and for a deletion of what was
    /// just looked at; never tried twice.
    patient: Caller,
    base: BaseUrl,
    quota_project: Option<HeaderValue>,
}

/// One call: what it is, what it is about, and where it goes.
pub(crate) struct Call<'a> {
    pub(crate) operation: &'a Operation,
    pub(crate) resource: String,
    method: Method,
    path: Vec<&'a str>,
    query: Vec<(&'a str, String)>,
}

impl<'a> Call<'a> {
    /// A call of `operation` by `method` on `path`, whose segments are encoded here.
    pub(crate) fn new(
        operation: &'a Operation,
        method: Method,
        resource: impl Into<String>,
        path: impl Into<Vec<&'a str>>,
    ) -> Self {
        Self { operation, resource: resource.into(), method, path: path.into(), query: Vec::new() }
    }

    /// Adds a query parameter.
    pub(crate) fn query(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Asks for the page behind `token`.
    pub(crate) fn page(self, token: Option<String>) -> Self {
        let call = self.query("maxResults", PAGE);
        match token {
            Some(token) => call.query("pageToken", token),
            None => call,
        }
    }
}

impl Api {
    pub(crate) fn new(caller: Caller, patient: Caller, base: BaseUrl, quota_project: Option<HeaderValue>) -> Self {
        Self { caller, patient, base, quota_project }
    }

    /// The clock its layers use.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.caller.clock())
    }

    /// Makes a call without a body and reads the answer.
    pub(crate) async fn read<W: DeserializeOwned>(&self, call: &Call<'_>) -> Result<W> {
        let request = self.request(call, None)?;
        self.caller.call_json(call.operation, &call.resource, request).await
    }

    /// The same, as `model` reads it; nothing there is `None`.
    pub(crate) async fn find<W, T>(&self, call: Call<'_>, model: impl FnOnce(W) -> Result<T>) -> Result<Option<T>>
    where
        W: DeserializeOwned,
    {
        let wire = found(self.read(&call).await)?;
        wire.map(|wire| self.told(&call, model(wire))).transpose()
    }

    /// The same, for a call that holds its answer back.
    pub(crate) async fn wait<W, T>(&self, call: Call<'_>, model: impl FnOnce(W) -> Result<T>) -> Result<T>
    where
        W: DeserializeOwned,
    {
        let request = self.request(&call, None)?;
        let wire = self.patient.call_json(call.operation, &call.resource, request).await?;
        self.told(&call, model(wire))
    }

    /// As [`Api::find`], at once or not at all: what was looked at before is old by a second try.
    pub(crate) async fn find_at_once<W, T>(
        &self,
        call: Call<'_>,
        model: impl FnOnce(W) -> Result<T>,
    ) -> Result<Option<T>>
    where
        W: DeserializeOwned,
    {
        let request = self.request(&call, None)?;
        let wire = found(self.patient.call_json(call.operation, &call.resource, request).await)?;
        wire.map(|wire| self.told(&call, model(wire))).transpose()
    }

    /// Makes a call without a body whose answer says nothing.
    pub(crate) async fn tell(&self, call: Call<'_>) -> Result<()> {
        let request = self.request(&call, None)?;
        self.caller.call(call.operation, &call.resource, request).await.map(drop)
    }

    /// Sends `body` and reads the answer as `model` does. One that cannot be read does not undo what
    /// was done: the error says that the outcome is unknown.
    pub(crate) async fn send<W, T>(
        &self,
        call: &Call<'_>,
        body: &impl Serialize,
        model: impl FnOnce(W) -> Result<T>,
    ) -> Result<T>
    where
        W: DeserializeOwned,
    {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "the request cannot be written").with_source(error))?;
        let request = self.request(call, Some(body))?;
        let answer = self.caller.call(call.operation, &call.resource, request).await?;
        let read = self.caller.read_json(&answer).and_then(model);
        self.told(call, read.map_err(|error| error.with_kind(ErrorKind::OutcomeUnknown)))
    }

    /// What was read of an answer: an error names the call, where it is not about another one, and
    /// shows nothing that the answer echoed of the credentials.
    pub(crate) fn told<T>(&self, call: &Call<'_>, read: Result<T>) -> Result<T> {
        read.map_err(|error| {
            let error = match error.operation() {
                None => error.with_operation(call.operation.name).with_resource(call.resource.clone()),
                Some(_) => error,
            };
            self.scrub(error)
        })
    }

    /// `error` with nothing that an answer echoed of the credentials.
    pub(crate) fn scrub(&self, error: Error) -> Error {
        self.caller.scrub(error)
    }

    fn request(&self, call: &Call<'_>, body: Option<Vec<u8>>) -> Result<http::Request<Bytes>> {
        let mut path = String::new();
        for segment in &call.path {
            if segment.is_empty() || matches!(*segment, "." | "..") {
                return Err(Error::invalid(format!("`{segment}` cannot be part of an address")));
            }
            path.push('/');
            // A `*` travels as `%2A`, as with Google's own tools.
            path.push_str(&encode_segment(segment));
        }
        let query: Vec<(&str, &str)> = call.query.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let uri = self.base.at(&path, &query);
        let mut request = http::Request::builder().method(call.method.clone()).uri(uri);
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        if let Some(project) = &self.quota_project {
            request = request.header(QUOTA_PROJECT, project);
        }
        request
            .body(body.map(Bytes::from).unwrap_or_default())
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "the request cannot be built").with_source(error))
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Api").field(&self.base.as_str()).finish()
    }
}

/// Nothing there is `None`.
pub(crate) fn found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if crate::Problem::of(&error) == crate::Problem::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A page of `items`, each read by `read`.
pub(crate) fn page<W, T>(items: Option<Vec<W>>, next: Option<String>, read: impl Fn(W) -> Result<T>) -> Page<T> {
    Page::new(items.into_iter().flatten().map(read), next)
}
