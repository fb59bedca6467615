//! STS: who the credentials belong to.

use privlink_core::Result;
use privlink_core::transport::Operation;

use crate::api::Api;
use crate::model::CallerIdentity;
use crate::wire::query::Form;
use crate::wire::xml;

/// The version of the API that all calls name.
pub(crate) const VERSION: &str = "2011-06-15";
pub(crate) const GET_CALLER_IDENTITY: Operation = Operation::read("GetCallerIdentity");
pub(crate) const ALL: [Operation; 1] = [GET_CALLER_IDENTITY];

/// STS in one region. Cheap to clone.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = privlink_sim::World::new();
/// # let key = world.aws().key();
/// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
/// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
/// let who = client.sts().caller_identity().await?;
/// assert_eq!(who.account.as_str(), "123456789012");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Sts {
    api: Api,
}

impl Sts {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    /// The account and the ARN the credentials belong to; needs no permission.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`](privlink_core::ErrorKind::Unauthenticated) when the keys are wrong.
    pub async fn caller_identity(&self) -> Result<CallerIdentity> {
        let form = Form::new(GET_CALLER_IDENTITY.name, VERSION);
        let answer = self.api.query(&GET_CALLER_IDENTITY, "", form).await?;
        answer
            .child("GetCallerIdentityResult")
            .ok_or_else(|| xml::missing(answer.name(), "GetCallerIdentityResult"))
            .and_then(CallerIdentity::read)
            .map_err(|error| self.api.tell(&GET_CALLER_IDENTITY, error))
    }
}
