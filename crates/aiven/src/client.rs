//! The client, and the one place where requests are made.

use std::fmt;
use std::sync::Arc;

use http::Method;
use privlink_core::transport::{
    BaseUrl, Caller, ClientOptions, JsonCall, JsonCaller, Operation, RawRequest, Transport, encode_segment, items,
};
use privlink_core::{BoxFuture, Clock, Error, ErrorKind, Result};
use serde_json::Value;

use crate::builder::ClientBuilder;
use crate::dialect::VENDOR;
use crate::facts::Facts;
use crate::{Availability, Project, ProjectName, operations};

/// The control plane of Aiven. Cheap to clone; clones share credentials.
#[derive(Clone)]
pub struct Client {
    parts: Arc<Parts>,
}

/// What a builder puts together.
pub(crate) struct Parts {
    pub(crate) caller: Caller,
    /// The address without `/v1`.
    pub(crate) base: BaseUrl,
    pub(crate) facts: Facts,
    /// Names credentials and address in keys of shared reads; never the secret.
    pub(crate) identity: String,
}

/// What every path begins with.
const PREFIX: &str = "/v1";

impl Client {
    /// Builds a client whose requests go through `transport`: the simulator's, or your own.
    ///
    /// ```
    /// use privlink_aiven::Client;
    ///
    /// let world = privlink_sim::World::new();
    /// let client = Client::over(world.transport()).clock(world.clock()).token("token").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn over(transport: impl Transport + 'static) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport))
    }

    /// A handle on a project; no request is made.
    #[must_use]
    pub fn project(&self, name: ProjectName) -> Project {
        Project::new(self.clone(), name)
    }

    /// The clouds in which privatelink is sold to customers of a tenant, with the price; `aiven` is
    /// the usual tenant. It takes no credentials of a project.
    ///
    /// # Errors
    /// When the list cannot be fetched. An entry that cannot be read is one `Err` in the list.
    pub async fn public_privatelink_availability(&self, tenant: &str) -> Result<Vec<Result<Availability>>> {
        let operation = &operations::PUBLIC_AVAILABILITY;
        let (resource, path) = (format!("tenant {tenant}"), format!("/tenants/{}", encode_segment(tenant)));
        let answer = self.get(operation, &resource, &format!("{path}/privatelink-availability")).await?;
        self.items(operation, &resource, &answer, "privatelink_availability", Availability::from_json)
    }

    /// A request this library has no method for: any path under `/v1`, with the client's
    /// credentials, retries and errors.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// let answer = client.request(privlink_aiven::Method::GET, "/clouds")?.send().await?;
    /// println!("{answer}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the path does not start with a slash, climbs with `..`,
    /// or holds a query.
    pub fn request(&self, method: Method, path: &str) -> Result<RawRequest> {
        RawRequest::new(Arc::new(self.clone()), PREFIX, method, path)
    }

    /// The dated facts this client goes by.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.parts.facts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        self.parts.caller.clock()
    }

    pub(crate) fn assemble(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    pub(crate) fn identity(&self) -> &str {
        &self.parts.identity
    }

    pub(crate) async fn get(&self, operation: &Operation, resource: &str, path: &str) -> Result<Value> {
        self.call(JsonCall { operation, resource, method: Method::GET, path, query: &[], body: None }).await
    }

    pub(crate) async fn call(&self, call: JsonCall<'_>) -> Result<Value> {
        let request = call.request(&self.parts.base, PREFIX)?;
        let JsonCall { operation, resource, method, .. } = call;
        let response = self.parts.caller.call(operation, resource, request).await?;
        // A refresh may be answered with nothing.
        if response.body().is_empty() {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(response.body()).map_err(|_| {
            // Neither the body nor the parser's words are kept: answers about services hold passwords.
            let kind = if method == Method::GET { ErrorKind::UnexpectedResponse } else { ErrorKind::OutcomeUnknown };
            let error = Error::new(kind, "the answer is not JSON").with_http_status(response.status().as_u16());
            self.about(operation, resource, error)
        })
    }

    pub(crate) fn items<T>(
        &self,
        operation: &Operation,
        resource: &str,
        answer: &Value,
        name: &'static str,
        read: impl Fn(&Value) -> Result<T>,
    ) -> Result<Vec<Result<T>>> {
        let list = items(answer, name, |item| read(item).map_err(|error| self.about(operation, resource, error)));
        list.map_err(|error| self.about(operation, resource, error))
    }

    /// An error found in reading an answer, with what it is about.
    pub(crate) fn about(&self, operation: &Operation, resource: &str, error: Error) -> Error {
        let error = error.with_vendor(VENDOR).with_operation(operation.name).with_resource(resource.to_owned());
        self.parts.caller.scrub(error)
    }
}

impl JsonCaller for Client {
    fn call_json<'a>(&'a self, call: JsonCall<'a>) -> BoxFuture<'a, Result<Value>> {
        Box::pin(self.call(call))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.parts.base.as_str()).finish_non_exhaustive()
    }
}
