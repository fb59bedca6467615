//! The resource manager: where it answers, and how its calls are made.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response};
use privlink_core::transport::{BaseUrl, Caller, Operation};
use privlink_core::{Clock, Error, ErrorKind, Page, Pages, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use url::Url;

use crate::wire::List;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");

/// The resource manager with its layers; cheap to clone.
#[derive(Clone)]
pub(crate) struct Arm {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    /// For what only reads.
    pub(crate) caller: Caller,
    /// For writes and deletions, which have a budget of their own.
    pub(crate) writer: Caller,
    /// For changes of what was read just before: sent at once or not at all, and never twice.
    pub(crate) changer: Caller,
    /// The same without credentials, for addresses on hosts that are not the configured one.
    pub(crate) anonymous: Caller,
    pub(crate) base: BaseUrl,
    /// Other hosts that credentials may travel to.
    pub(crate) trusted: Vec<String>,
    pub(crate) network_version: String,
    pub(crate) dns_version: String,
    pub(crate) gate: Semaphore,
}

/// Whose API a path belongs to: each has versions of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Network,
    PrivateDns,
}

/// What must hold for a write to be right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Condition<'a> {
    None,
    /// Nothing of this id is there yet.
    Absent,
    /// It has not changed since it was read with this `etag`.
    Unchanged(&'a str),
}

impl Arm {
    pub(crate) fn new(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn base(&self) -> &str {
        self.inner.base.as_str()
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        self.inner.caller.clock()
    }

    pub(crate) fn version(&self, provider: Provider) -> &str {
        match provider {
            Provider::Network => &self.inner.network_version,
            Provider::PrivateDns => &self.inner.dns_version,
        }
    }

    /// The address of a resource. Ids hold no character that would have to be encoded; a `*` goes
    /// as it is.
    pub(crate) fn uri(&self, provider: Provider, path: &str) -> String {
        self.inner.base.at(path, &[("api-version", self.version(provider))])
    }

    /// Reads one resource.
    pub(crate) async fn get<W: DeserializeOwned>(
        &self,
        operation: &Operation,
        provider: Provider,
        path: &str,
    ) -> Result<W> {
        let response =
            self.request(operation, path, Method::GET, self.uri(provider, path), None, Condition::None).await?;
        self.read(operation, path, &response)
    }

    /// Sends the whole of a resource.
    pub(crate) async fn put(
        &self,
        operation: &Operation,
        provider: Provider,
        path: &str,
        body: &impl Serialize,
        condition: Condition<'_>,
    ) -> Result<Response<Bytes>> {
        self.request(operation, path, Method::PUT, self.uri(provider, path), Some(written(body)?), condition).await
    }

    /// Sends the whole of a resource that was read just before, with a change; without a body,
    /// deletes it. Azure compares nothing with what is there by then, so that what was read must not
    /// be old: this waits for no budget and is never tried again.
    pub(crate) async fn at_once(
        &self,
        operation: &Operation,
        provider: Provider,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<Response<Bytes>> {
        let method = if body.is_some() { Method::PUT } else { Method::DELETE };
        let request = self.build(method, &self.uri(provider, path), body.map(written).transpose()?, Condition::None)?;
        let _place = self.place().await;
        self.inner.changer.call(operation, path, request).await
    }

    /// Deletes a resource; one that is gone is no error.
    pub(crate) async fn delete(
        &self,
        operation: &Operation,
        provider: Provider,
        path: &str,
        condition: Condition<'_>,
    ) -> Result<Option<Response<Bytes>>> {
        let uri = self.uri(provider, path);
        match self.request(operation, path, Method::DELETE, uri, None, condition).await {
            Ok(response) => Ok(Some(response)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Looks at an address that an answer gave. It is opaque; credentials travel to the configured
    /// host and to those the caller trusts, and to no other.
    pub(crate) async fn poll(&self, operation: &Operation, resource: &str, address: &str) -> Result<Response<Bytes>> {
        let caller = match self.is_trusted(address) {
            Some(true) => &self.inner.caller,
            Some(false) => &self.inner.anonymous,
            None => {
                return Err(Error::new(ErrorKind::UnexpectedResponse, "the address to look at is no URL")
                    .with_operation(operation.name)
                    .with_resource(resource));
            }
        };
        let request = self.build(Method::GET, address, None, Condition::None)?;
        let _place = self.place().await;
        caller.call(operation, resource, request).await
    }

    /// Whether credentials may travel to an address; `None` when it is none, or one that readers of
    /// URLs take for different hosts.
    pub(crate) fn is_trusted(&self, address: &str) -> Option<bool> {
        let url: Url = address.parse().ok()?;
        let host = url.host_str()?;
        let sent: http::Uri = address.parse().ok()?;
        let port = |scheme: &str| sent.port_u16().or(if scheme == "https" { Some(443) } else { Some(80) });
        let agreed = sent.scheme_str()? == url.scheme()
            && sent.host()?.eq_ignore_ascii_case(host)
            && port(url.scheme()) == url.port_or_known_default()
            && url.username().is_empty()
            && url.password().is_none();
        if !agreed {
            return None;
        }
        let base: Url = self.base().parse().ok()?;
        let same = url.scheme() == base.scheme()
            && base.host_str().is_some_and(|known| known.eq_ignore_ascii_case(host))
            && url.port_or_known_default() == base.port_or_known_default();
        let listed = url.scheme() == "https" && self.inner.trusted.iter().any(|known| known.eq_ignore_ascii_case(host));
        Some(same || listed)
    }

    /// A list, page by page.
    pub(crate) fn list<W, T>(
        &self,
        operation: Operation,
        provider: Provider,
        path: String,
        read: impl Fn(W) -> Result<T> + Clone + Send + Sync + 'static,
    ) -> Pages<T>
    where
        W: DeserializeOwned + Send + 'static,
        T: Send + 'static,
    {
        let arm = self.clone();
        let first = self.uri(provider, &path);
        Pages::new(move |next: Option<String>| {
            let (arm, path, read) = (arm.clone(), path.clone(), read.clone());
            let address = next.unwrap_or_else(|| first.clone());
            async move {
                if arm.is_trusted(&address) != Some(true) {
                    return Err(Error::new(
                        ErrorKind::UnexpectedResponse,
                        "the list goes on at another host, which credentials do not travel to",
                    )
                    .with_operation(operation.name)
                    .with_resource(path));
                }
                let response = arm.poll(&operation, &path, &address).await?;
                let list: List<W> = arm.read(&operation, &path, &response)?;
                let items = list.value.into_iter().flatten();
                let items = items.map(|one| read(one).map_err(|error| arm.told(&operation, &path, error)));
                Ok(Page::new(items, list.next_link))
            }
        })
    }

    pub(crate) fn read<W: DeserializeOwned>(
        &self,
        operation: &Operation,
        resource: &str,
        response: &Response<Bytes>,
    ) -> Result<W> {
        self.inner.caller.read_json(response).map_err(|error| self.told(operation, resource, error))
    }

    /// An error found in reading an answer: it names the call, and shows nothing that the answer
    /// echoed of the credentials.
    pub(crate) fn told(&self, operation: &Operation, resource: &str, error: Error) -> Error {
        self.scrub(error.with_operation(operation.name).with_resource(resource))
    }

    /// `error` with nothing that an answer echoed of the credentials.
    pub(crate) fn scrub(&self, error: Error) -> Error {
        self.inner.caller.scrub(error)
    }

    pub(crate) async fn request(
        &self,
        operation: &Operation,
        resource: &str,
        method: Method,
        uri: String,
        body: Option<Vec<u8>>,
        condition: Condition<'_>,
    ) -> Result<Response<Bytes>> {
        let caller = if method == Method::GET { &self.inner.caller } else { &self.inner.writer };
        let request = self.build(method, &uri, body, condition)?;
        let _place = self.place().await;
        caller.call(operation, resource, request).await
    }

    /// A place among the requests under way.
    async fn place(&self) -> Option<tokio::sync::SemaphorePermit<'_>> {
        // It is never closed.
        self.inner.gate.acquire().await.ok()
    }

    fn build(
        &self,
        method: Method,
        uri: &str,
        body: Option<Vec<u8>>,
        condition: Condition<'_>,
    ) -> Result<http::Request<Bytes>> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(uri)
            .header(http::header::ACCEPT, "application/json")
            .header(REQUEST_ID, uuid::Uuid::new_v4().to_string());
        if body.is_some() {
            request = request.header(http::header::CONTENT_TYPE, "application/json");
        }
        request = match condition {
            Condition::None => request,
            Condition::Absent => request.header(http::header::IF_NONE_MATCH, "*"),
            Condition::Unchanged(etag) => {
                let etag = HeaderValue::from_str(etag)
                    .map_err(|_| Error::invalid("an etag holds characters that cannot stand in a header"))?;
                request.header(http::header::IF_MATCH, etag)
            }
        };
        request
            .body(body.map(Bytes::from).unwrap_or_default())
            .map_err(|error| Error::new(ErrorKind::InvalidInput, "the request cannot be built").with_source(error))
    }
}

impl fmt::Debug for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arm").field(&self.base()).finish()
    }
}

fn written(body: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(body)
        .map_err(|error| Error::new(ErrorKind::InvalidInput, "the request cannot be written").with_source(error))
}

/// Nothing there is `None`.
pub(crate) fn found<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
