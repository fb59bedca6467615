//! The client, and the one place where requests are made.

use std::fmt;
use std::sync::Arc;

use http::{HeaderMap, Method};
use privlink_core::transport::{
    BaseUrl, Caller, ClientOptions, JsonCall, JsonCaller, Object, Operation, RawRequest, Transport, items,
};
use privlink_core::{BoxFuture, Clock, Error, ErrorKind, Page, Pages, Result};
use serde_json::Value;

use crate::builder::ClientBuilder;
use crate::dialect::VENDOR;
use crate::facts::Facts;
use crate::{Cluster, ClusterDetails, ClusterId, operations};

/// The control plane of CockroachDB Cloud. Cheap to clone; clones share credentials and limiter.
#[derive(Clone)]
pub struct Client {
    parts: Arc<Parts>,
}

/// What a builder puts together.
pub(crate) struct Parts {
    pub(crate) caller: Caller,
    /// The address without `/api/v1`.
    pub(crate) base: BaseUrl,
    /// What every request carries: the API version, and what goes with a JWT.
    pub(crate) headers: HeaderMap,
    pub(crate) facts: Facts,
    /// Names credentials and address in keys of shared reads; never the secret.
    pub(crate) identity: String,
}

/// What every path begins with.
const PREFIX: &str = "/api/v1";

impl Client {
    /// Builds a client whose requests go through `transport`: the simulator's, or your own.
    ///
    /// ```
    /// use privlink_cockroach::Client;
    ///
    /// let world = privlink_sim::World::new();
    /// let client = Client::over(world.transport()).clock(world.clock()).api_key("secret key").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn over(transport: impl Transport + 'static) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport))
    }

    /// A handle on a cluster; no request is made.
    #[must_use]
    pub fn cluster(&self, id: ClusterId) -> Cluster {
        Cluster::new(self.clone(), id)
    }

    /// The clusters the credentials see that are not deleted, page by page.
    ///
    /// A cluster that cannot be read is one `Err`, not the end of the list.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_cockroach::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.cockroach().api_key())
    /// #     .build()?;
    /// for cluster in client.clusters().all().await? {
    ///     println!("{} {} is {}", cluster.id, cluster.name, cluster.state);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn clusters(&self) -> Pages<ClusterDetails> {
        let client = self.clone();
        Pages::new(move |page: Option<String>| {
            let client = client.clone();
            async move {
                let query: Vec<(&str, &str)> = page.iter().map(|page| ("pagination.page", page.as_str())).collect();
                let answer = client.get(&operations::CLUSTERS, "clusters", "/clusters", &query).await?;
                let items = items(&answer, "clusters", ClusterDetails::from_json)?;
                Ok(Page::new(items, next_page(&answer)?))
            }
        })
    }

    /// The one cluster of this name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none, with the clusters whose names differ in case alone;
    /// [`ErrorKind::Conflict`] when there are several, with their ids.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_cockroach::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.cockroach().api_key())
    /// #     .build()?;
    /// let shopfront = client.find_cluster("shopfront").await?;
    /// let error = client.find_cluster("Shopfront").await.unwrap_err();
    /// assert!(error.to_string().contains(&shopfront.id().to_string()), "it names what comes near");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn find_cluster(&self, name: &str) -> Result<Cluster> {
        let mut pages = self.clusters();
        let (mut found, mut near, mut unreadable): (Vec<ClusterDetails>, Vec<ClusterDetails>, usize) =
            Default::default();
        while let Some(item) = pages.next().await {
            match item {
                Ok(cluster) if cluster.name == name => found.push(cluster),
                Ok(cluster) if cluster.name.eq_ignore_ascii_case(name) => near.push(cluster),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedResponse => unreadable += 1,
                Err(error) => return Err(error),
            }
        }
        let ids = |all: &[ClusterDetails]| all.iter().map(|one| one.id.to_string()).collect::<Vec<_>>().join(", ");
        let (kind, mut told) = match (found.as_slice(), near.as_slice()) {
            ([one], _) => return Ok(self.cluster(one.id)),
            ([], []) => (ErrorKind::NotFound, "there is none".to_owned()),
            ([], near) => (ErrorKind::NotFound, format!("there is none; these come near: {}", ids(near))),
            (several, _) => (ErrorKind::Conflict, format!("there are several; give the id of one: {}", ids(several))),
        };
        if unreadable > 0 {
            told.push_str(&format!("; {unreadable} clusters could not be read"));
        }
        Err(self.about(&operations::CLUSTERS, &format!("cluster `{}`", name.escape_debug()), Error::new(kind, told)))
    }

    /// A request this library has no method for: any path under `/api/v1`, with the client's
    /// credentials, API version, limiter, retries and errors.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_cockroach::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.cockroach().api_key())
    /// #     .build()?;
    /// let answer = client.request(privlink_cockroach::Method::GET, "/clusters")?.query("pagination.limit", "1").send().await?;
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

    pub(crate) async fn get(
        &self,
        operation: &Operation,
        resource: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Value> {
        self.call(JsonCall { operation, resource, method: Method::GET, path, query, body: None }).await
    }

    pub(crate) async fn call(&self, call: JsonCall<'_>) -> Result<Value> {
        let caller = &self.parts.caller;
        let mut request = call.request(&self.parts.base, PREFIX)?;
        let JsonCall { operation, resource, method, .. } = call;
        request.headers_mut().extend(self.parts.headers.clone());
        let response = caller.call(operation, resource, request).await?;
        match caller.read_json::<Value>(&response) {
            Ok(answer) => Ok(answer),
            // A write that was answered with success has happened, whatever else was said.
            Err(error) if method != Method::GET => {
                Err(self.about(operation, resource, error.with_kind(ErrorKind::OutcomeUnknown)))
            }
            Err(error) => Err(self.about(operation, resource, error)),
        }
    }

    /// An error found in reading an answer, with what it is about.
    pub(crate) fn about(&self, operation: &Operation, resource: &str, error: Error) -> Error {
        let error = error.with_vendor(VENDOR).with_operation(operation.name).with_resource(resource.to_owned());
        self.parts.caller.scrub(error)
    }
}

/// The token of the next page; the vendor leaves out all of it, or sends an empty text.
pub(crate) fn next_page(answer: &Value) -> Result<Option<String>> {
    let answer = Object::read("answer", answer)?;
    Ok(answer.object("pagination").and_then(|pages| pages.text("next_page")).map(str::to_owned))
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
