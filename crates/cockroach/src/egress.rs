//! Endpoints in the other direction: from a cluster to a service of the customer's.

use std::time::Duration;

use http::Method;
use privlink_core::{DnsName, Look, Page, Pages, Region, Result, Wait};
use serde_json::json;

use crate::client::next_page;
use crate::wire;
use crate::{Cluster, DomainNamesState, EgressEndpointId, EgressPrivateEndpoint, EgressTarget, operations};

/// Waits of the vendor's Terraform provider 1.22 for each of these operations.
const AT_MOST: Duration = Duration::from_secs(600);

/// Egress private endpoints: Advanced alone, and only where the vendor has enabled them. The cluster
/// is locked while one is made, changed or deleted.
impl Cluster {
    /// The egress private endpoints, page by page. One that cannot be read is one `Err`.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_cockroach::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .api_key(world.cockroach().api_key())
    /// #     .build()?;
    /// # let cluster = client.cluster(world.cockroach().cluster_id().into());
    /// use privlink_cockroach::EgressTarget;
    ///
    /// let kafka = EgressTarget::private_service("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890");
    /// let made = cluster.create_egress_private_endpoint(&"us-east-1".parse()?, &kafka).await?;
    /// // Accept it on the far side once it shows there, then:
    /// let ready = cluster.egress_available(made.id).await?;
    /// println!("reached at {}", ready.address.expect("an available one has an address"));
    /// assert_eq!(cluster.egress_private_endpoints().all().await?.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn egress_private_endpoints(&self) -> Pages<EgressPrivateEndpoint> {
        let cluster = self.clone();
        Pages::new(move |page: Option<String>| {
            let cluster = cluster.clone();
            async move {
                let query: Vec<(&str, &str)> = page.iter().map(|page| ("pagination.page", page.as_str())).collect();
                let answer = cluster.read(&operations::EGRESS_LIST, EGRESS, &query).await?;
                let operation = &operations::EGRESS_LIST;
                let items =
                    cluster.items(operation, &answer, "egress_private_endpoints", EgressPrivateEndpoint::from_json)?;
                Ok(Page::new(items, next_page(&answer)?))
            }
        })
    }

    /// One of [`Cluster::egress_private_endpoints`].
    ///
    /// # Errors
    /// [`NotFound`](privlink_core::ErrorKind::NotFound) when there is none of this id, as after it was deleted.
    pub async fn egress_private_endpoint(&self, id: EgressEndpointId) -> Result<EgressPrivateEndpoint> {
        let operation = &operations::EGRESS_ONE;
        let answer = self.read(operation, &at(id), &[]).await?;
        EgressPrivateEndpoint::from_json(&answer).map_err(|error| self.about(operation, error))
    }

    /// Makes an endpoint in one of the cluster's regions. It takes minutes; the far side may have to
    /// accept it: the principal it lets in is the cluster's own account
    /// ([`ClusterDetails::account`](crate::ClusterDetails::account)).
    ///
    /// # Errors
    /// [`PermissionDenied`](privlink_core::ErrorKind::PermissionDenied) where it is not enabled;
    /// [`OutcomeUnknown`](privlink_core::ErrorKind::OutcomeUnknown) when the answer was lost: look at the list.
    pub async fn create_egress_private_endpoint(
        &self,
        region: &Region,
        target: &EgressTarget,
    ) -> Result<EgressPrivateEndpoint> {
        let operation = &operations::EGRESS_MAKE;
        let body = json!({
            "region": region,
            "target_service_identifier": target.identifier,
            "target_service_type": target.kind,
        });
        let answer = self.write(operation, Method::POST, EGRESS, Some(body)).await?;
        EgressPrivateEndpoint::from_json(&answer).map_err(|error| self.lost(operation, error))
    }

    /// Replaces the names by which the cluster reaches the service; wildcards are allowed. They are
    /// applied in the background.
    ///
    /// # Errors
    /// As for [`Cluster::create_egress_private_endpoint`].
    pub async fn set_egress_domain_names(
        &self,
        id: EgressEndpointId,
        names: &[DnsName],
    ) -> Result<EgressPrivateEndpoint> {
        let operation = &operations::EGRESS_UPDATE;
        let body = json!({ "domain_names": names });
        let answer = self.write(operation, Method::PATCH, &at(id), Some(body)).await?;
        EgressPrivateEndpoint::from_json(&answer).map_err(|error| self.lost(operation, error))
    }

    /// Deletes an endpoint; one that is not there is no error. It is listed as being deleted for a
    /// while.
    ///
    /// # Errors
    /// As for every call.
    pub async fn delete_egress_private_endpoint(&self, id: EgressEndpointId) -> Result<()> {
        wire::gone(self.write(&operations::EGRESS_DELETE, Method::DELETE, &at(id), None).await)
    }

    /// Waits until an endpoint has its address and its id in the cloud, whatever its state: then it can
    /// be accepted on the far side.
    pub fn egress_addressed(&self, id: EgressEndpointId) -> Wait<EgressPrivateEndpoint> {
        self.wait_for(id, EgressPrivateEndpoint::is_addressed)
    }

    /// Waits until the cluster can use an endpoint.
    pub fn egress_available(&self, id: EgressEndpointId) -> Wait<EgressPrivateEndpoint> {
        self.wait_for(id, EgressPrivateEndpoint::is_usable)
    }

    /// Waits until an endpoint's domain names are applied.
    pub fn egress_named(&self, id: EgressEndpointId) -> Wait<EgressPrivateEndpoint> {
        self.wait_for(id, |endpoint| {
            matches!(endpoint.domain_names_state, Some(DomainNamesState::Available | DomainNamesState::Empty))
        })
    }

    fn wait_for(
        &self,
        id: EgressEndpointId,
        reached: impl Fn(&EgressPrivateEndpoint) -> bool + Clone + Send + 'static,
    ) -> Wait<EgressPrivateEndpoint> {
        let cluster = self.clone();
        let look = move || {
            let (cluster, reached) = (cluster.clone(), reached.clone());
            async move {
                let endpoint = cluster.egress_private_endpoint(id).await?;
                Ok(match &endpoint {
                    _ if reached(&endpoint) => Look::Ready(endpoint),
                    known if known.is_dead() => Look::Failed(format!("it is {}", known.stage()).into()),
                    known if known.domain_names_state == Some(DomainNamesState::Failed) => {
                        Look::Failed("its domain names could not be applied".into())
                    }
                    known => Look::Pending(known.stage().to_owned().into()),
                })
            }
        };
        Wait::builder(self.client().clock().clone(), look).at_most(AT_MOST).build()
    }
}

/// Below the cluster.
const EGRESS: &str = "/networking/egress-private-endpoints";

fn at(id: EgressEndpointId) -> String {
    format!("{EGRESS}/{id}")
}
