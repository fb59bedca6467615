//! A handle on a project, and what the API does with one.

use http::Method;
use privlink_core::transport::{JsonCall, encode_segment};
use privlink_core::{Pages, Result};
use serde_json::json;

use crate::wire::Read;
use crate::{
    Client, ClusterDetails, EndpointId, PrivateEndpoint, PrivateEndpointService, ProjectDetails, ProjectId,
    ProjectRegion, RegionId, operations,
};

/// A project; made by [`Client::project`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Project {
    client: Client,
    id: ProjectId,
}

impl Project {
    pub(crate) fn new(client: Client, id: ProjectId) -> Self {
        Self { client, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ProjectId {
        &self.id
    }

    /// The client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Its clusters in a region, which one endpoint serves: the database side of a link. No request is made.
    #[must_use]
    pub fn region(&self, region: RegionId) -> ProjectRegion {
        ProjectRegion::new(self.clone(), region)
    }

    /// What the vendor says of it.
    ///
    /// # Errors
    /// [`PermissionDenied`](privlink_core::ErrorKind::PermissionDenied) when the key does not cover it.
    pub async fn details(&self) -> Result<ProjectDetails> {
        let operation = &operations::PROJECT;
        let path = format!("/projects/{}", encode_segment(self.id.as_str()));
        let data = self.client.get(operation, &self.resource(), &path, &[]).await?;
        self.client.read(operation, &self.resource(), &data)
    }

    /// Where private endpoints of this project may point, page by page: one service a region. One that cannot
    /// be read is one `Err`, not the end of the list.
    pub fn endpoint_services(&self) -> Pages<PrivateEndpointService> {
        self.services_as(None)
    }

    /// The same, of one region.
    pub fn endpoint_services_in(&self, region: &RegionId) -> Pages<PrivateEndpointService> {
        self.services_as(Some(region))
    }

    /// Its clusters, page by page.
    pub fn clusters(&self) -> Pages<ClusterDetails> {
        self.clusters_as(None)
    }

    /// The same, of one region.
    pub fn clusters_in(&self, region: &RegionId) -> Pages<ClusterDetails> {
        self.clusters_as(Some(region))
    }

    /// The private endpoints that are registered, in all regions, page by page.
    ///
    /// One that was just registered may not show yet.
    pub fn private_endpoints(&self) -> Pages<PrivateEndpoint> {
        self.endpoints_as()
    }

    /// Registers an endpoint: the vendor verifies it and lets it in, which takes minutes. Then each Dedicated cluster
    /// of the region gets a private address.
    ///
    /// # Errors
    /// [`OutcomeUnknown`](privlink_core::ErrorKind::OutcomeUnknown) when the answer was lost: look at the list. What a
    /// repeat comes to is not documented, so look there on any other error too.
    pub async fn register(&self, region: &RegionId, endpoint: &EndpointId) -> Result<()> {
        let mut body = json!({ "regionId": region.as_str(), "endpointId": endpoint.to_string() });
        if let Some(project) = endpoint.gcp_project() {
            body["gcpProjectId"] = project.into();
        }
        self.write(&operations::REGISTER, Method::POST, &self.path("privateEndpoints"), &[], Some(body)).await
    }

    /// Takes an endpoint off the list. Its traffic stops at once, and it cannot be undone.
    ///
    /// # Errors
    /// As for [`Project::register`]; what an endpoint that is not listed comes to is not documented.
    pub async fn deregister(&self, region: &RegionId, endpoint: &EndpointId) -> Result<()> {
        let path = format!("{}/{}", self.path("privateEndpoints"), encode_segment(&endpoint.to_string()));
        let mut query = vec![("regionId", region.as_str())];
        query.extend(endpoint.gcp_project().map(|project| ("gcpProjectId", project)));
        self.write(&operations::DEREGISTER, Method::DELETE, &path, &query, None).await
    }

    /// Lets an account of a cloud see the region's endpoint service: on Azure a subscription, on AWS an
    /// account. The vendor has no call that lists such entries, or takes one back.
    ///
    /// # Errors
    /// As for every call.
    pub async fn whitelist(&self, region: &RegionId, account: &str) -> Result<()> {
        let body = json!({ "regionId": region.as_str(), "outerUserId": account });
        self.write(&operations::WHITELIST, Method::POST, &self.path("privateEndpointWhitelist"), &[], Some(body)).await
    }

    pub(crate) fn resource(&self) -> String {
        format!("project {}", self.id)
    }

    pub(crate) fn services_as<T: Read>(&self, region: Option<&RegionId>) -> Pages<T> {
        let (operation, path) = (&operations::SERVICES, "/privateEndpointServices".to_owned());
        self.client.pages(operation, self.resource(), path, self.query(region), "endpointServices")
    }

    pub(crate) fn clusters_as<T: Read>(&self, region: Option<&RegionId>) -> Pages<T> {
        let (operation, path) = (&operations::CLUSTERS, "/clusters".to_owned());
        self.client.pages(operation, self.resource(), path, self.query(region), "clusters")
    }

    pub(crate) fn endpoints_as<T: Read>(&self) -> Pages<T> {
        let path = self.path("privateEndpoints");
        self.client.pages(&operations::ENDPOINTS, self.resource(), path, Vec::new(), "endpoints")
    }

    fn query(&self, region: Option<&RegionId>) -> Vec<(&'static str, String)> {
        let mut query = vec![("projectId", self.id.to_string())];
        query.extend(region.map(|region| ("regionId", region.to_string())));
        query
    }

    fn path(&self, rest: &str) -> String {
        format!("/projects/{}/{rest}", encode_segment(self.id.as_str()))
    }

    async fn write(
        &self,
        operation: &privlink_core::transport::Operation,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<serde_json::Value>,
    ) -> Result<()> {
        let resource = self.resource();
        self.client.call(JsonCall { operation, resource: &resource, method, path, query, body }).await.map(drop)
    }
}
