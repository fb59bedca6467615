//! A handle on a cluster, and what the API does with one.

use http::Method;
use ipnet::Ipv4Net;
use privlink_core::transport::{JsonCall, Object, Operation, encode_segment, items};
use privlink_core::{Error, ErrorKind, Page, Pages, PrivateDnsHostname, PrivateEndpointId, Region, Result};
use serde_json::{Value, json};

use crate::client::next_page;
use crate::wire;
use crate::{
    AllowedRange, Client, ClusterDetails, ClusterId, Connection, PrivateEndpointService, PublicConnectionString,
    TrustedAccount, TrustedOwner, TrustedOwnerId, operations,
};

/// A cluster, which is one database; made by [`Client::cluster`]. Cheap to clone.
///
/// It is also the database side of a link: see [`DatabaseSide`](privlink_core::side::DatabaseSide).
/// A link is of one region; for a cluster in several, name it with [`Cluster::in_region`] and
/// make one link for each.
#[derive(Clone, Debug)]
pub struct Cluster {
    client: Client,
    id: ClusterId,
    region: Option<Region>,
    also_withdraw: Vec<PrivateEndpointId>,
    trusted_hosts: Vec<PrivateDnsHostname>,
}

impl Cluster {
    pub(crate) fn new(client: Client, id: ClusterId) -> Self {
        Self { client, id, region: None, also_withdraw: Vec::new(), trusted_hosts: Vec::new() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> ClusterId {
        self.id
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The region that a link is of. Needed for a cluster in several regions: each has an endpoint
    /// service and a private host of its own.
    #[must_use]
    pub fn in_region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    /// The region that was named.
    #[must_use]
    pub fn region(&self) -> Option<&Region> {
        self.region.as_ref()
    }

    /// Lets the removal of a link withdraw this endpoint too, although nothing proves it ours:
    /// an adopted one, or one that is already deleted.
    #[must_use]
    pub fn also_withdraw(mut self, endpoint: impl Into<PrivateEndpointId>) -> Self {
        self.also_withdraw.push(endpoint.into());
        self
    }

    /// Lets a link use this private host although it is outside the vendor's known names
    /// (`CRDB-012`). Ask the vendor before you vouch for one.
    #[must_use]
    pub fn trust_private_host(mut self, host: PrivateDnsHostname) -> Self {
        self.trusted_hosts.push(host);
        self
    }

    pub(crate) fn trusted_hosts(&self) -> &[PrivateDnsHostname] {
        &self.trusted_hosts
    }

    pub(crate) fn withdrawn_on_request(&self) -> &[PrivateEndpointId] {
        &self.also_withdraw
    }

    /// What the vendor says of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the credentials see none of this id;
    /// [`ErrorKind::UnexpectedResponse`] when the answer is about another one.
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
    /// # let cluster = client.cluster(world.cockroach().cluster_id().into());
    /// let details = cluster.details().await?;
    /// println!("{} has {} regions", details.name, details.regions.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn details(&self) -> Result<ClusterDetails> {
        let operation = &operations::CLUSTER;
        let answer = self.read(operation, "", &[]).await?;
        let details = ClusterDetails::from_json(&answer).map_err(|error| self.about(operation, error))?;
        if details.id != self.id {
            // A cache or proxy in between: acting on it would change the wrong database.
            let text = format!("the answer is about cluster {}", details.id);
            return Err(self.about(operation, Error::new(ErrorKind::UnexpectedResponse, text)));
        }
        Ok(details)
    }

    /// The vendor's own connection string: over the **public** host, whatever private endpoints
    /// there are. For the private one see [`ClusterDetails::private_connection_string`].
    ///
    /// # Errors
    /// As for [`Cluster::details`].
    pub async fn public_connection_string(&self, user: &str, database: &str) -> Result<PublicConnectionString> {
        let operation = &operations::CONNECTION_STRING;
        let query = [("database", database), ("sql_user", user), ("os", "LINUX")];
        let answer = self.read(operation, "/connection-string", &query).await?;
        PublicConnectionString::from_json(&answer).map_err(|error| self.about(operation, error))
    }

    /// The endpoint services, one a region; none on Advanced until they are made.
    ///
    /// The list may hold services of regions that the cluster is not in.
    ///
    /// # Errors
    /// When the list cannot be fetched. A service that cannot be read is one `Err` in the list.
    pub async fn private_endpoint_services(&self) -> Result<Vec<Result<PrivateEndpointService>>> {
        let operation = &operations::SERVICES;
        let answer = self.read(operation, "/networking/private-endpoint-services", &[]).await?;
        self.items(operation, &answer, "services", PrivateEndpointService::from_json)
    }

    /// Makes an endpoint service in every region of an Advanced cluster; those that are there stay
    /// as they are. They take minutes to become available, and cannot be taken away again. On the
    /// other plans they are there from the start, and the vendor refuses this.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] on other plans than Advanced.
    pub async fn create_private_endpoint_services(&self) -> Result<Vec<Result<PrivateEndpointService>>> {
        let operation = &operations::MAKE_SERVICES;
        let answer = self.write(operation, Method::POST, "/networking/private-endpoint-services", None).await?;
        let services = self.items(operation, &answer, "services", PrivateEndpointService::from_json);
        services.map_err(|error| self.lost(operation, error))
    }

    /// The private endpoints that the cluster lists, those it lets in no more included.
    ///
    /// # Errors
    /// When the list cannot be fetched. A connection that cannot be read is one `Err` in the list.
    pub async fn private_endpoint_connections(&self) -> Result<Vec<Result<Connection>>> {
        let operation = &operations::CONNECTIONS;
        let answer = self.read(operation, "/networking/private-endpoint-connections", &[]).await?;
        self.items(operation, &answer, "connections", Connection::from_json)
    }

    /// Lets an endpoint in. It takes a while; the list says when it is available.
    ///
    /// # Errors
    /// [`ErrorKind::OutcomeUnknown`] when the answer was lost: look at the list.
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
    /// # let cluster = client.cluster(world.cockroach().cluster_id().into());
    /// use privlink_core::VpcEndpointId;
    ///
    /// let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    /// let connection = cluster.add_private_endpoint_connection(&endpoint.clone().into()).await?;
    /// assert!(connection.status.is_coming());
    /// cluster.delete_private_endpoint_connection(&endpoint.into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn add_private_endpoint_connection(&self, endpoint: &PrivateEndpointId) -> Result<Connection> {
        let operation = &operations::ADD_CONNECTION;
        let body = json!({ "endpoint_id": endpoint.to_string() });
        let answer =
            self.write(operation, Method::POST, "/networking/private-endpoint-connections", Some(body)).await?;
        Connection::from_json(&answer).map_err(|error| self.lost(operation, error))
    }

    /// Lets an endpoint in no more; one that is not listed is no error. The vendor may go on
    /// listing it as rejected.
    ///
    /// # Errors
    /// [`ErrorKind::OutcomeUnknown`] when the answer was lost: look at the list.
    pub async fn delete_private_endpoint_connection(&self, endpoint: &PrivateEndpointId) -> Result<()> {
        // One segment, whatever slashes the id holds.
        let path = format!("/networking/private-endpoint-connections/{}", encode_segment(&endpoint.to_string()));
        wire::gone(self.write(&operations::DELETE_CONNECTION, Method::DELETE, &path, None).await)
    }

    /// The accounts whose endpoints may connect; none listed means all. Advanced on AWS, and only
    /// where the vendor has enabled it.
    ///
    /// # Errors
    /// [`ErrorKind::PermissionDenied`] where it is not enabled. An owner that cannot be read is one
    /// `Err` in the list.
    pub async fn trusted_owners(&self) -> Result<Vec<Result<TrustedOwner>>> {
        let operation = &operations::OWNERS;
        let answer = self.read(operation, "/networking/private-endpoint-trusted-owners", &[]).await?;
        self.items(operation, &answer, "trusted_owners", TrustedOwner::from_json)
    }

    /// One entry of [`Cluster::trusted_owners`].
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none of this id.
    pub async fn trusted_owner(&self, id: TrustedOwnerId) -> Result<TrustedOwner> {
        let operation = &operations::OWNER;
        let answer = self.read(operation, &format!("/networking/private-endpoint-trusted-owners/{id}"), &[]).await?;
        self.owner(operation, &answer)
    }

    /// Lets endpoints of an AWS account connect, or of all. From the first entry on, other accounts may not.
    ///
    /// # Errors
    /// As for [`Cluster::trusted_owners`]; it takes the role Cluster Admin.
    pub async fn add_trusted_owner(&self, account: &TrustedAccount) -> Result<TrustedOwner> {
        let operation = &operations::ADD_OWNER;
        let body = json!({ "type": "AWS_ACCOUNT_ID", "external_owner_id": account.to_string() });
        let answer =
            self.write(operation, Method::POST, "/networking/private-endpoint-trusted-owners", Some(body)).await?;
        self.owner(operation, &answer).map_err(|error| self.lost(operation, error))
    }

    /// Takes an entry off the trusted owners, by its own id; one that is not there is no error.
    ///
    /// # Errors
    /// As for [`Cluster::add_trusted_owner`].
    pub async fn remove_trusted_owner(&self, id: TrustedOwnerId) -> Result<()> {
        let path = format!("/networking/private-endpoint-trusted-owners/{id}");
        wire::gone(self.write(&operations::REMOVE_OWNER, Method::DELETE, &path, None).await)
    }

    /// The ranges that may use the **public** hosts, page by page; private endpoints pass by them.
    pub fn ip_allowlist(&self) -> Pages<AllowedRange> {
        let cluster = self.clone();
        Pages::new(move |page: Option<String>| {
            let cluster = cluster.clone();
            async move {
                let query: Vec<(&str, &str)> = page.iter().map(|page| ("pagination.page", page.as_str())).collect();
                let operation = &operations::ALLOWLIST;
                let answer = cluster.read(operation, "/networking/allowlist", &query).await?;
                let items = cluster.items(operation, &answer, "allowlist", AllowedRange::from_json)?;
                Ok(Page::new(items, next_page(&answer)?))
            }
        })
    }

    /// Whether a change of the IP allowlist is still on its way to the cluster, which goes by the old one until then.
    ///
    /// # Errors
    /// As for every call.
    pub async fn is_ip_allowlist_propagating(&self) -> Result<bool> {
        let query = [("pagination.limit", "1")];
        let answer = self.read(&operations::ALLOWLIST, "/networking/allowlist", &query).await?;
        Ok(Object::read("allowlist", &answer)?.flag("propagating").unwrap_or(false))
    }

    /// Lets a range use the public hosts, or changes what it may.
    ///
    /// # Errors
    /// As for every call.
    pub async fn add_allowed_range(&self, entry: &AllowedRange) -> Result<()> {
        let mut body = json!({ "sql": entry.sql, "ui": entry.ui });
        if let Some(name) = &entry.name {
            body["name"] = name.as_str().into();
        }
        self.write(&operations::PUT_ALLOWED, Method::PUT, &allowed(&entry.range), Some(body)).await.map(drop)
    }

    /// Shuts a range out of the public hosts; one that is not listed is no error.
    ///
    /// # Errors
    /// As for every call.
    pub async fn remove_allowed_range(&self, range: &Ipv4Net) -> Result<()> {
        wire::gone(self.write(&operations::DELETE_ALLOWED, Method::DELETE, &allowed(range), None).await)
    }

    pub(crate) fn resource(&self) -> String {
        format!("cluster {}", self.id)
    }

    fn path(&self, rest: &str) -> String {
        format!("/clusters/{}{rest}", self.id)
    }

    /// A read of what is below the cluster.
    pub(crate) async fn read(&self, operation: &Operation, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.client.get(operation, &self.resource(), &self.path(path), query).await
    }

    pub(crate) async fn write(
        &self,
        operation: &Operation,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value> {
        let (resource, path) = (self.resource(), self.path(path));
        self.client.call(JsonCall { operation, resource: &resource, method, path: &path, query: &[], body }).await
    }

    pub(crate) fn items<T>(
        &self,
        operation: &Operation,
        answer: &Value,
        name: &'static str,
        read: impl Fn(&Value) -> Result<T>,
    ) -> Result<Vec<Result<T>>> {
        let list = items(answer, name, |item| read(item).map_err(|error| self.about(operation, error)));
        list.map_err(|error| self.about(operation, error))
    }

    fn owner(&self, operation: &Operation, answer: &Value) -> Result<TrustedOwner> {
        let owner = Object::read("answer", answer).and_then(|answer| {
            let owner = answer.raw("trusted_owner").ok_or_else(|| answer.lacking("trusted_owner"))?;
            TrustedOwner::from_json(owner)
        });
        owner.map_err(|error| self.about(operation, error))
    }

    /// An answer to a write that cannot be read: it has happened, whatever was said.
    pub(crate) fn lost(&self, operation: &Operation, error: Error) -> Error {
        self.about(operation, error.with_kind(ErrorKind::OutcomeUnknown))
    }

    pub(crate) fn about(&self, operation: &Operation, error: Error) -> Error {
        self.client.about(operation, &self.resource(), error)
    }
}

/// As it was given: what the vendor lists is named as it lists it.
fn allowed(range: &Ipv4Net) -> String {
    format!("/networking/allowlist/{}/{}", range.addr(), range.prefix_len())
}
