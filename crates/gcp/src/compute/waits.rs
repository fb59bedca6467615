//! Waiting for operations to end and endpoints to be accepted.

use std::time::Duration;

use http::Method;
use privlink_core::{ErrorKind, ForwardingRuleName, Look, Region, Result, Wait};

use super::Compute;
use super::operations::{OPERATIONS_GET, OPERATIONS_WAIT};
use crate::api::Call;
use crate::model::{ForwardingRule, Operation, PscConnectionStatus};

impl Compute {
    /// Where an operation stands now, or `None` when it is not known, or not any more.
    ///
    /// # Errors
    /// When it cannot be read. That the operation failed is no error here:
    /// [`Operation::failure`] tells.
    pub async fn operation(&self, region: &Region, name: &str) -> Result<Option<Operation>> {
        let path = self.regional(region, "operations", Some(name));
        let call = Call::new(&OPERATIONS_GET, Method::GET, path.join("/"), path);
        self.api.find(call, Operation::read).await
    }

    /// Where an operation stands once it has ended, or after up to two minutes, or sooner: Google
    /// promises nothing, so look at its status. [`Compute::finished`] does.
    ///
    /// # Errors
    /// When it cannot be read; a lost answer is not asked for again.
    pub async fn wait_operation(&self, region: &Region, name: &str) -> Result<Operation> {
        let mut path = self.regional(region, "operations", Some(name));
        let resource = path.join("/");
        path.push("wait");
        self.api.wait(Call::new(&OPERATIONS_WAIT, Method::POST, resource, path), Operation::read).await
    }

    /// Waits until an operation has ended, for at most ten minutes; usually it takes seconds.
    ///
    /// An answer of Google's own waiting call that came early counts for nothing, and one that was
    /// lost is followed by plain looks.
    ///
    /// Awaited, it ends with [`WaitError::Poll`](privlink_core::WaitError::Poll) and the failure
    /// when the operation failed.
    ///
    /// ```
    /// # async fn run(client: privlink_gcp::Client, address: privlink_gcp::InsertAddress) -> Result<(), Box<dyn std::error::Error>> {
    /// let region = "us-central1".parse()?;
    /// let operation = client.compute().insert_address(&region, &address).await?;
    /// client.compute().finished(&region, &operation).await?;
    /// let address = client.compute().address(&region, &address.name).await?;
    /// # Ok(()) }
    /// ```
    pub fn finished(&self, region: &Region, operation: &Operation) -> Wait<Operation> {
        let (compute, region, name) = (self.clone(), region.clone(), operation.name.clone());
        let look = move || {
            let (compute, region, name) = (compute.clone(), region.clone(), name.clone());
            async move {
                let operation = compute.waited(&region, &name).await?;
                if !operation.is_done() {
                    return Ok(Look::Pending(operation.status.as_str().to_owned().into()));
                }
                operation.or_failure().map(Look::Ready).map_err(|error| compute.api.scrub(error))
            }
        };
        Wait::builder(self.api.clock(), look)
            .every(Duration::from_secs(1), Duration::from_secs(10))
            .at_most(Duration::from_secs(600))
            .build()
    }

    async fn waited(&self, region: &Region, name: &str) -> Result<Operation> {
        let lost = |kind| matches!(kind, ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::Connect);
        match self.wait_operation(region, name).await {
            Err(error) if lost(error.kind()) => match self.operation(region, name).await? {
                Some(operation) => Ok(operation),
                None => Err(error),
            },
            answer => answer,
        }
    }

    /// Waits until the producer has accepted an endpoint, for at most an hour; an automatic
    /// producer takes seconds, a person as long as a person takes.
    ///
    /// ```
    /// # async fn run(client: privlink_gcp::Client) -> Result<(), Box<dyn std::error::Error>> {
    /// let rule = client.compute().endpoint_accepted(&"us-central1".parse()?, &"orders".parse()?).await?;
    /// println!("connected as {:?}", rule.psc_connection_id);
    /// # Ok(()) }
    /// ```
    pub fn endpoint_accepted(&self, region: &Region, name: &ForwardingRuleName) -> Wait<ForwardingRule> {
        let (compute, region, name) = (self.clone(), region.clone(), name.clone());
        let look = move || {
            let (compute, region, name) = (compute.clone(), region.clone(), name.clone());
            async move {
                let Some(rule) = compute.forwarding_rule(&region, &name).await? else {
                    return Ok(Look::Failed(format!("there is no forwarding rule {name}").into()));
                };
                Ok(match &rule.psc_connection_status {
                    PscConnectionStatus::Accepted => Look::Ready(rule),
                    dead if dead.is_dead() => Look::Failed(format!("the connection is {dead}").into()),
                    other => Look::Pending(other.as_str().to_owned().into()),
                })
            }
        };
        Wait::builder(self.api.clock(), look)
            .every(Duration::from_secs(2), Duration::from_secs(15))
            .at_most(Duration::from_secs(3_600))
            .build()
    }
}
