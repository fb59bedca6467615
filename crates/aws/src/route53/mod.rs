//! Route 53: private hosted zones and their record sets.

pub(crate) mod operations;
mod records;
mod zones;

pub(crate) use self::records::change_id;
use crate::api::Api;

/// Route 53 of one partition. Cheap to clone.
///
/// ```
/// use privlink_aws::{Change, ChangeAction, RecordSet, RecordType, ZoneVpc};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = privlink_sim::World::new();
/// # let key = world.aws().key();
/// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
/// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
/// let (route53, here) = (client.route53(), ZoneVpc::new(world.aws().vpc_id(), client.region().clone()));
/// let name = "db.internal.example".parse()?;
/// let (zone, _) = route53.create_hosted_zone(&name, &here, "reference-1", "made by hand").await?;
///
/// let record = RecordSet::plain(&name, RecordType::A, 60, vec!["10.0.0.17".to_owned()]);
/// let change = route53.change_record_sets(&zone.id, &[Change::new(ChangeAction::Upsert, record)]).await?;
/// println!("{} is {}", change.id, route53.change(&change.id).await?.status);
/// assert_eq!(route53.record_sets_of(&zone.id, &name).await?.len(), 3, "beside NS and SOA");
/// assert!(route53.zones_of_vpc(&here).all().await?.iter().any(|seen| seen.id == zone.id));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Route53 {
    api: Api,
}

impl Route53 {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    pub(crate) fn base(&self) -> &str {
        self.api.base()
    }
}

/// The path of a zone.
fn zone_path(id: &privlink_core::HostedZoneId) -> String {
    format!("/{}/hostedzone/{id}", operations::VERSION)
}
