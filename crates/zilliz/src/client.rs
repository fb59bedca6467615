//! The client, and the one place where requests are made.

use std::fmt;
use std::sync::Arc;

use http::Method;
use privlink_core::transport::{
    BaseUrl, Caller, ClientOptions, JsonCall, JsonCaller, Operation, RawRequest, Transport,
};
use privlink_core::{BoxFuture, Clock, Error, ErrorKind, Page, Pages, Result};
use serde_json::Value;

use crate::builder::ClientBuilder;
use crate::dialect::VENDOR;
use crate::facts::Facts;
use crate::{
    Cloud, Cluster, ClusterDetails, ClusterId, Project, ProjectDetails, ProjectId, RegionDetails, operations, wire,
};

/// The largest page the vendor gives.
const PAGE_SIZE: &str = "100";

/// The control plane of Zilliz Cloud. Cheap to clone; clones share credentials and limiter.
#[derive(Clone)]
pub struct Client {
    parts: Arc<Parts>,
}

/// What a builder puts together.
pub(crate) struct Parts {
    pub(crate) caller: Caller,
    /// The address without `/v2`.
    pub(crate) base: BaseUrl,
    pub(crate) facts: Facts,
    /// Names credentials and address in keys of shared reads; never the secret.
    pub(crate) identity: String,
}

/// What every path begins with.
const PREFIX: &str = "/v2";

impl Client {
    /// Builds a client whose requests go through `transport`: the simulator's, or your own.
    ///
    /// ```
    /// use privlink_zilliz::Client;
    ///
    /// let world = privlink_sim::World::new();
    /// let client = Client::over(world.transport()).clock(world.clock()).api_key("API key").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn over(transport: impl Transport + 'static) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport))
    }

    /// A handle on a project; no request is made.
    #[must_use]
    pub fn project(&self, id: ProjectId) -> Project {
        Project::new(self.clone(), id)
    }

    /// A handle on a cluster; no request is made.
    #[must_use]
    pub fn cluster(&self, id: ClusterId) -> Cluster {
        Cluster::new(self.clone(), id)
    }

    /// The projects that the key sees.
    ///
    /// # Errors
    /// When the list cannot be fetched. A project that cannot be read is one `Err` in the list.
    pub async fn projects(&self) -> Result<Vec<Result<ProjectDetails>>> {
        self.list(&operations::PROJECTS, "projects", "/projects", &[]).await
    }

    /// The clouds that the vendor is in.
    ///
    /// # Errors
    /// As for [`Client::projects`].
    pub async fn clouds(&self) -> Result<Vec<Result<Cloud>>> {
        self.list(&operations::CLOUDS, "clouds", "/clouds", &[]).await
    }

    /// The vendor's regions, in all clouds.
    ///
    /// # Errors
    /// As for [`Client::projects`].
    pub async fn regions(&self) -> Result<Vec<Result<RegionDetails>>> {
        self.list(&operations::REGIONS, "regions", "/regions", &[]).await
    }

    /// The same, in one of [`Client::clouds`].
    ///
    /// # Errors
    /// As for [`Client::projects`].
    pub async fn regions_in(&self, cloud: &Cloud) -> Result<Vec<Result<RegionDetails>>> {
        self.list(&operations::REGIONS, "regions", "/regions", &[("cloudId", &cloud.id)]).await
    }

    /// The clusters of all projects that the key sees, page by page.
    ///
    /// A cluster that cannot be read is one `Err`, not the end of the list.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_zilliz::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.zilliz().api_key())
    /// #     .build()?;
    /// for cluster in client.clusters().all().await? {
    ///     println!("{} {} is {}", cluster.id, cluster.name, cluster.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn clusters(&self) -> Pages<ClusterDetails> {
        self.pages(&operations::CLUSTERS, "clusters".to_owned(), "/clusters".to_owned(), Vec::new(), "clusters")
    }

    /// A request this library has no method for: any path under `/v2`, with the client's
    /// credentials, limiter, retries and errors. Gives the `data` of the answer.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_zilliz::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.zilliz().api_key())
    /// #     .build()?;
    /// let answer = client.request(privlink_zilliz::Method::GET, "/clusters")?.query("pageSize", "1").send().await?;
    /// println!("{}", answer["count"]);
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

    /// A whole list that the vendor does not cut into pages.
    async fn list<T: wire::Read>(
        &self,
        operation: &Operation,
        resource: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Vec<Result<T>>> {
        let data = self.get(operation, resource, path, query).await?;
        let items = data.as_array().ok_or_else(|| self.about(operation, resource, wire::lacking("answer", "data")))?;
        Ok(items.iter().map(|item| self.read(operation, resource, item)).collect())
    }

    /// A list that comes in pages, with its items in the field `field` of the data.
    pub(crate) fn pages<T: wire::Read>(
        &self,
        operation: &'static Operation,
        resource: String,
        path: String,
        query: Vec<(&'static str, String)>,
        field: &'static str,
    ) -> Pages<T> {
        let client = self.clone();
        let shared = Arc::new((resource, path, query));
        Pages::new(move |page: Option<u64>| {
            let (client, shared) = (client.clone(), Arc::clone(&shared));
            async move {
                let (resource, path, query) = &*shared;
                let page = page.unwrap_or(1);
                let number = page.to_string();
                let mut query: Vec<(&str, &str)> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
                query.extend([("currentPage", number.as_str()), ("pageSize", PAGE_SIZE)]);
                let data = client.get(operation, resource, path, &query).await?;
                let (items, next) =
                    wire::page(&data, field, page).map_err(|error| client.about(operation, resource, error))?;
                let items: Vec<Result<T>> = items.iter().map(|item| client.read(operation, resource, item)).collect();
                Ok(Page::new(items, next))
            }
        })
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

    /// Makes one call and gives the `data` of its answer.
    pub(crate) async fn call(&self, call: JsonCall<'_>) -> Result<Value> {
        let caller = &self.parts.caller;
        let request = call.request(&self.parts.base, PREFIX)?;
        let JsonCall { operation, resource, method, .. } = call;
        let response = caller.call(operation, resource, request).await?;
        let answer = caller.read_json::<Value>(&response).and_then(|answer| {
            // The dialect has seen that the code says success, where there is one.
            match answer.get("code") {
                Some(_) => Ok(answer.get("data").cloned().unwrap_or_default()),
                None => Err(wire::lacking("answer", "code").with_body(response.body())),
            }
        });
        answer.map_err(|error| {
            // A write that was answered with success has happened, whatever else was said.
            let kind = if method == Method::GET { error.kind() } else { ErrorKind::OutcomeUnknown };
            self.about(operation, resource, error.with_kind(kind).with_http_status(response.status().as_u16()))
        })
    }

    /// The error of one item, or the item.
    pub(crate) fn read<T: wire::Read>(&self, operation: &Operation, resource: &str, value: &Value) -> Result<T> {
        T::read(value).map_err(|error| self.about(operation, resource, error))
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
