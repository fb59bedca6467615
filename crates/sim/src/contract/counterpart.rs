use std::collections::BTreeSet;

use privlink_core::side::{
    Acceptance, Admission, ConsumerIdentity, EndpointFacts, EndpointIds, EndpointService, EndpointState, EntryState,
    Evidence, Exchange, Fact, Ownership, PortRange, PrivateName, Protocol, Reach, Sharing, SideId, Slot,
};
use privlink_core::{
    AwsAccountId, AzurePrivateEndpointId, CloudProvider, PrivateEndpointId, ProjectId, PscConnectionId, Turn,
    VpcEndpointId,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{FaultHandle, World};

/// Plays the other side for a suite: says what it would say, and does what it would do.
///
/// Implement it to run the suites for a pair that has no ready-made counterpart here. The methods
/// with a body tell of the system that the side under test speaks to; they are right for every
/// system of the [`World`], and are to be given for any other, which has to count its requests and
/// to lose answers by itself.
pub trait Counterpart: Send + Sync {
    /// The world: its clock is the one that the suites wait on, and the one that the side under
    /// test has to wait on.
    fn world(&self) -> &World;

    /// What the other side tells, given what is known so far; called between steps, it may act
    /// on the world too, as the other side's steps would.
    fn tell(&self, known: &Exchange) -> Exchange;

    /// Takes away, behind everyone's back, what the side under test is about: the database, the
    /// network's things.
    fn take_away(&self);

    /// How many requests have been made so far, and how many of them write.
    fn seen(&self) -> (usize, usize) {
        (self.world().requests().len(), self.world().writes().len())
    }

    /// All that `side` could change, sorted: equal systems have equal snapshots. Neither what
    /// reading changes nor what time does belongs in it.
    fn snapshot(&self, side: &SideId) -> Value {
        self.world().snapshot()[side.as_str()].take()
    }

    /// From now on, every write of `side` takes effect, but its answer is lost: the client sees a
    /// connection that breaks ([`Sent::Maybe`](privlink_core::transport::Sent)).
    fn lose_answers(&self, side: &SideId) -> Box<dyn LostAnswers> {
        Box::new(self.world().faults().on_any().side(side.as_str()).writes().always().reset_after_commit())
    }
}

/// Answers that are being lost; see [`Counterpart::lose_answers`].
pub trait LostAnswers: Send + Sync {
    /// How many were lost so far.
    fn hits(&self) -> u32;

    /// Lets later ones through.
    fn lift(&self);
}

impl LostAnswers for FaultHandle {
    fn hits(&self) -> u32 {
        Self::hits(self)
    }

    fn lift(&self) {
        Self::lift(self);
    }
}

/// A consumer in AWS with one endpoint, for suites of database sides.
#[derive(Clone, Debug)]
pub struct AwsConsumer {
    consumer: Consumer,
    endpoint: VpcEndpointId,
}

impl AwsConsumer {
    /// A consumer of a ClickHouse service of the world.
    #[must_use]
    pub fn of(world: &World, service: Uuid) -> Self {
        Self::with(world, Some(Database::ClickHouse(service)))
    }

    /// A consumer of a CockroachDB cluster of the world.
    #[must_use]
    pub fn of_cluster(world: &World, cluster: Uuid) -> Self {
        Self::with(world, Some(Database::Cockroach(cluster)))
    }

    /// A consumer of the clusters that the world's first Zilliz Cloud project has in this cloud.
    #[must_use]
    pub fn of_zilliz(world: &World) -> Self {
        Self::with(world, Some(Database::Zilliz))
    }

    /// A consumer of a database that the world does not know, for a [`Counterpart`] of one's own
    /// that tells what this one tells and takes that database away itself.
    #[must_use]
    pub fn anywhere(world: &World) -> Self {
        Self::with(world, None)
    }

    fn with(world: &World, database: Option<Database>) -> Self {
        let account: AwsAccountId = constant("123456789012");
        let endpoint: VpcEndpointId = constant("vpce-0c0ffee0c0ffee0c0");
        let consumer = Consumer {
            world: world.clone(),
            database,
            identity: ConsumerIdentity::Aws { account: account.clone(), principal: None },
            ids: EndpointIds::Aws { id: endpoint.clone(), account },
            private_dns: Some(false),
        };
        Self { consumer, endpoint }
    }

    /// The endpoint that the consumer tells of.
    #[must_use]
    pub fn endpoint(&self) -> &VpcEndpointId {
        &self.endpoint
    }
}

/// A consumer in Azure with one private endpoint, for suites of database sides.
#[derive(Clone, Debug)]
pub struct AzureConsumer {
    consumer: Consumer,
    endpoint: AzurePrivateEndpointId,
}

impl AzureConsumer {
    /// A consumer of a ClickHouse service of the world.
    #[must_use]
    pub fn of(world: &World, service: Uuid) -> Self {
        Self::with(world, Some(Database::ClickHouse(service)))
    }

    /// A consumer of a CockroachDB cluster of the world.
    #[must_use]
    pub fn of_cluster(world: &World, cluster: Uuid) -> Self {
        Self::with(world, Some(Database::Cockroach(cluster)))
    }

    /// A consumer of the clusters that the world's first Zilliz Cloud project has in this cloud.
    #[must_use]
    pub fn of_zilliz(world: &World) -> Self {
        Self::with(world, Some(Database::Zilliz))
    }

    /// A consumer of a database that the world does not know, for a [`Counterpart`] of one's own
    /// that tells what this one tells and takes that database away itself.
    #[must_use]
    pub fn anywhere(world: &World) -> Self {
        Self::with(world, None)
    }

    fn with(world: &World, database: Option<Database>) -> Self {
        let endpoint: AzurePrivateEndpointId = constant(
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example/providers\
             /Microsoft.Network/privateEndpoints/contract",
        );
        let guid = constant("c0ffee00-0000-4000-8000-c0ffee00c0ff");
        let subscription = endpoint.resource().subscription();
        let consumer = Consumer {
            world: world.clone(),
            database,
            identity: ConsumerIdentity::Azure { tenant: None, subscription },
            ids: EndpointIds::Azure { id: endpoint.clone(), guid: Some(guid) },
            private_dns: None,
        };
        Self { consumer, endpoint }
    }

    /// The endpoint that the consumer tells of.
    #[must_use]
    pub fn endpoint(&self) -> &AzurePrivateEndpointId {
        &self.endpoint
    }
}

/// A consumer in Google Cloud with one forwarding rule, for suites of database sides.
#[derive(Clone, Debug)]
pub struct GcpConsumer {
    consumer: Consumer,
    endpoint: PscConnectionId,
}

impl GcpConsumer {
    /// A consumer of a ClickHouse service of the world.
    #[must_use]
    pub fn of(world: &World, service: Uuid) -> Self {
        Self::with(world, Some(Database::ClickHouse(service)))
    }

    /// A consumer of a CockroachDB cluster of the world.
    #[must_use]
    pub fn of_cluster(world: &World, cluster: Uuid) -> Self {
        Self::with(world, Some(Database::Cockroach(cluster)))
    }

    /// A consumer of the clusters that the world's first Zilliz Cloud project has in this cloud.
    #[must_use]
    pub fn of_zilliz(world: &World) -> Self {
        Self::with(world, Some(Database::Zilliz))
    }

    /// A consumer of a database that the world does not know, for a [`Counterpart`] of one's own
    /// that tells what this one tells and takes that database away itself.
    #[must_use]
    pub fn anywhere(world: &World) -> Self {
        Self::with(world, None)
    }

    fn with(world: &World, database: Option<Database>) -> Self {
        let project: ProjectId = constant("example-project");
        let endpoint: PscConnectionId = constant("102600141743718403");
        let consumer = Consumer {
            world: world.clone(),
            database,
            identity: ConsumerIdentity::Gcp { project: project.clone() },
            ids: EndpointIds::Gcp { project, rule: constant("contract"), psc: Some(endpoint) },
            private_dns: None,
        };
        Self { consumer, endpoint }
    }

    /// The endpoint that the consumer tells of.
    #[must_use]
    pub fn endpoint(&self) -> PscConnectionId {
        self.endpoint
    }
}

/// A database that can be taken away.
#[derive(Clone, Copy, Debug)]
enum Database {
    ClickHouse(Uuid),
    Cockroach(Uuid),
    Zilliz,
}

/// What the consumers of all clouds have in common.
#[derive(Clone, Debug)]
struct Consumer {
    world: World,
    database: Option<Database>,
    identity: ConsumerIdentity,
    ids: EndpointIds,
    private_dns: Option<bool>,
}

impl Consumer {
    fn tell(&self, known: &Exchange) -> Exchange {
        let mut told = Exchange::new().with(None, Fact::Consumer);
        told.consumer = Some(self.identity.clone());
        for (slot, service) in &known.services {
            // Where the vendor has to accept it, the cloud shows it connected only once it did.
            let asked = service.acceptance == Acceptance::ByVendor
                && !known.admissions.get(slot).is_some_and(|admission| admission.state == EntryState::Served);
            let state = if asked { EndpointState::Requested } else { EndpointState::Ready };
            let mut facts = EndpointFacts::new(self.ids.clone(), state, Ownership::Ours(Evidence::Tag));
            facts.addresses = vec![([10, 0, 0, 17].into(), None)];
            facts.private_dns = self.private_dns;
            told.endpoints.insert(slot.clone(), facts);
            let facts = [Fact::Endpoint, Fact::Address, Fact::Connected];
            for fact in facts.into_iter().filter(|fact| !asked || *fact != Fact::Connected) {
                told.hold(Some(slot.clone()), fact);
            }
        }
        told
    }
}

macro_rules! plays_the_consumer {
    ($($consumer:ty),+) => {$(
        impl Counterpart for $consumer {
            fn world(&self) -> &World {
                &self.consumer.world
            }

            fn tell(&self, known: &Exchange) -> Exchange {
                self.consumer.tell(known)
            }

            fn take_away(&self) {
                match self.consumer.database {
                    Some(Database::ClickHouse(id)) => self.consumer.world.clickhouse().delete_service(id),
                    Some(Database::Cockroach(id)) => self.consumer.world.cockroach().delete_cluster(id),
                    Some(Database::Zilliz) => {
                        let zilliz = self.consumer.world.zilliz();
                        zilliz.cluster_ids().iter().for_each(|id| zilliz.delete_cluster(id));
                    }
                    None => {}
                }
            }
        }
    )+};
}

plays_the_consumer!(AwsConsumer, AzureConsumer, GcpConsumer);

fn constant<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().expect("a constant of this file that is well-formed")
}

/// A ClickHouse service that lets endpoints in by itself, for suites of the network side of the
/// cloud it is in.
#[derive(Clone, Debug)]
pub struct ClickHouseVendor {
    world: World,
    service: Uuid,
    take_away: fn(&World),
}

impl ClickHouseVendor {
    /// The vendor of a ClickHouse service of the world; `take_away` deletes what the network side
    /// made behind its back, such as with [`delete_endpoints`].
    #[must_use]
    pub fn of(world: &World, service: Uuid, take_away: fn(&World)) -> Self {
        Self { world: world.clone(), service, take_away }
    }
}

/// Deletes every endpoint in the world's clouds: what a [`ClickHouseVendor`] may take away.
pub fn delete_endpoints(world: &World) {
    let aws = world.aws();
    for endpoint in aws.endpoints() {
        aws.delete_endpoint(&endpoint.id);
    }
    let azure = world.azure();
    for endpoint in azure.endpoints() {
        azure.delete_endpoint(&endpoint.id);
    }
    let gcp = world.gcp();
    for endpoint in gcp.endpoints() {
        gcp.delete_endpoint(&endpoint.project, &endpoint.region, endpoint.name.as_str());
    }
}

impl Counterpart for ClickHouseVendor {
    fn world(&self) -> &World {
        &self.world
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let clickhouse = self.world.clickhouse();
        let mut told = Exchange::new();
        let (Some(id), Some(host)) = (clickhouse.endpoint_service(self.service), clickhouse.private_host(self.service))
        else {
            return told;
        };
        let Some(region) = id.region() else { return told };
        let slot = Slot::main();
        let mut service = EndpointService::new(id.clone(), region);
        service.reach = match id.cloud() {
            CloudProvider::Gcp => Reach::SameRegionGlobalAccess,
            _ => Reach::AnyRegion,
        };
        service.shared_by = Sharing::Region;
        told.services.insert(slot.clone(), service);
        let ports = vec![PortRange::single(8443), PortRange::single(9440).speaking(Protocol::ClickHouseNative)];
        told.public_hosts.extend(clickhouse.public_host(self.service));
        told.names.push(PrivateName::new(host.name(), ports, Protocol::ClickHouseHttps));
        told.hold(Some(slot.clone()), Fact::Service);
        told.hold(None, Fact::Names);
        let endpoint: Option<PrivateEndpointId> = known.endpoints.get(&slot).and_then(|facts| facts.ids.primary());
        if let Some(endpoint) = endpoint {
            clickhouse.attach(self.service, &endpoint);
            let ownership = Ownership::Ours(Evidence::Tag);
            told.admissions.insert(
                slot.clone(),
                Admission::new(EntryState::Served, Turn::Nobody, ownership, endpoint.to_string()),
            );
            told.hold(Some(slot.clone()), Fact::Accepted);
            told.hold(Some(slot), Fact::Served);
        }
        told
    }

    fn take_away(&self) {
        (self.take_away)(&self.world);
    }
}

/// The slots that `known` speaks of.
pub(super) fn slots(known: &Exchange) -> BTreeSet<Slot> {
    known.services.keys().chain(known.endpoints.keys()).cloned().collect()
}
