//! A handle on a cluster, and what the API does with one.

use http::Method;
use privlink_core::transport::{JsonCall, Operation, encode_segment};
use privlink_core::{Error, ErrorKind, Result};

use crate::{Client, ClusterDetails, ClusterId, operations};

/// A cluster; made by [`Client::cluster`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Cluster {
    client: Client,
    id: ClusterId,
}

impl Cluster {
    pub(crate) fn new(client: Client, id: ClusterId) -> Self {
        Self { client, id }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &ClusterId {
        &self.id
    }

    /// The client it works with.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What the vendor says of it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the key sees none of this id;
    /// [`ErrorKind::UnexpectedResponse`] when the answer is about another one.
    pub async fn details(&self) -> Result<ClusterDetails> {
        let operation = &operations::CLUSTER;
        let data = self.client.get(operation, &self.resource(), &self.path(""), &[]).await?;
        let details: ClusterDetails = self.client.read(operation, &self.resource(), &data)?;
        if details.id != self.id {
            // A cache or proxy in between: acting on it would change the wrong database.
            let error =
                Error::new(ErrorKind::UnexpectedResponse, format!("the answer is about cluster {}", details.id));
            return Err(self.client.about(operation, &self.resource(), error));
        }
        Ok(details)
    }

    /// Switches the public address off; the cluster leaves `RUNNING` and comes back. It takes a private address and
    /// an Enterprise plan or higher.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] where the deployment has no such call: then only the console can do it.
    pub async fn disable_public_address(&self) -> Result<()> {
        self.switch(&operations::DISABLE_PUBLIC, "/disableConnectAddress").await
    }

    /// Switches the public address on again. Names that resolvers remember as gone may take a while.
    ///
    /// # Errors
    /// As for [`Cluster::disable_public_address`].
    pub async fn enable_public_address(&self) -> Result<()> {
        self.switch(&operations::ENABLE_PUBLIC, "/enableConnectAddress").await
    }

    async fn switch(&self, operation: &Operation, rest: &str) -> Result<()> {
        let (resource, path) = (self.resource(), self.path(rest));
        let call =
            JsonCall { operation, resource: &resource, method: Method::POST, path: &path, query: &[], body: None };
        match self.client.call(call).await {
            // A cluster that is not there has a code of its own.
            Err(error) if error.http_status() == Some(404) && error.code() != Some("96018") => {
                Err(error.with_kind(ErrorKind::Unsupported).with_help("switch the public address in the console"))
            }
            other => other.map(drop),
        }
    }

    fn resource(&self) -> String {
        format!("cluster {}", self.id)
    }

    fn path(&self, rest: &str) -> String {
        format!("/clusters/{}{rest}", encode_segment(self.id.as_str()))
    }
}
