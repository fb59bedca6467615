//! Waiting for endpoints.

use std::time::Duration;

use privlink_core::{Look, VpcEndpointId, Wait};

use super::Ec2;
use crate::model::{VpcEndpoint, VpcEndpointState};
use crate::notes::is_young;

impl Ec2 {
    /// Waits until an endpoint can be used, for at most an hour. AWS takes some minutes; before that a
    /// vendor who has to accept it takes as long as it takes.
    ///
    /// It fails when the endpoint is refused, expired, deleted or broken, or is still not there after a
    /// minute: a new one may stay invisible for a moment.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.aws().key();
    /// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
    /// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
    /// # let service = world.clickhouse().endpoint_service(world.clickhouse().service_id()).unwrap().as_str().parse()?;
    /// # let (vpc, subnets) = (world.aws().vpc_id(), world.aws().subnet_ids());
    /// # let group = world.aws().client_group();
    /// use privlink_aws::{CreateVpcEndpoint, VpcEndpointState};
    ///
    /// let endpoint = CreateVpcEndpoint::new(vpc, service, "token-1", vec![subnets[0].clone()], vec![group]);
    /// let made = client.ec2().create_vpc_endpoint(&endpoint).await?;
    /// let ready = client.ec2().endpoint_available(&made.id).await?;
    /// assert_eq!(ready.state, VpcEndpointState::Available);
    /// # Ok(())
    /// # }
    /// ```
    pub fn endpoint_available(&self, id: &VpcEndpointId) -> Wait<VpcEndpoint> {
        let (ec2, id, clock) = (self.clone(), id.clone(), self.api.clock().clone());
        let began = clock.now();
        let look = move || {
            let (ec2, id, now) = (ec2.clone(), id.clone(), clock.now());
            async move {
                Ok(match ec2.vpc_endpoint(&id).await? {
                    None if is_young(began, now) => Look::Pending("not visible yet".into()),
                    None => Look::Failed(format!("there is no VPC endpoint {id}").into()),
                    Some(endpoint) if endpoint.state == VpcEndpointState::Available => Look::Ready(endpoint),
                    Some(endpoint) if endpoint.state.is_dead() => {
                        let why = endpoint.trouble().map(|why| format!(": {why}")).unwrap_or_default();
                        Look::Failed(format!("it is {}{why}", endpoint.state).into())
                    }
                    Some(endpoint) => Look::Pending(endpoint.state.to_string().into()),
                })
            }
        };
        Wait::builder(self.api.clock().clone(), look)
            .every(Duration::from_secs(5), Duration::from_secs(15))
            .at_most(Duration::from_secs(3_600))
            .build()
    }
}
