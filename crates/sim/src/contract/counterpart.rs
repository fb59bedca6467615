use std::collections::BTreeSet;

use privlink_core::side::{
    Admission, ConsumerIdentity, EndpointFacts, EndpointIds, EndpointService, EndpointState, EntryState, Evidence,
    Exchange, Fact, Ownership, PortRange, PrivateName, Protocol, Reach, Sharing, Slot,
};
use privlink_core::{AwsAccountId, PrivateEndpointId, Turn, VpcEndpointId};
use uuid::Uuid;

use crate::World;

/// Plays the other side for a suite: says what it would say, and does what it would do.
///
/// Implement it to run the suites for a pair that has no ready-made counterpart here.
pub trait Counterpart: Send + Sync {
    /// The world the side under test looks at.
    fn world(&self) -> &World;

    /// What the other side tells, given what is known so far; called between steps, it may act
    /// on the world too, as the other side's steps would.
    fn tell(&self, known: &Exchange) -> Exchange;

    /// Takes away, behind everyone's back, what the side under test is about: the database, the
    /// network's things.
    fn take_away(&self);
}

/// A consumer in AWS with one endpoint, for suites of database sides.
#[derive(Clone, Debug)]
pub struct AwsConsumer {
    world: World,
    database: Uuid,
    account: AwsAccountId,
    endpoint: VpcEndpointId,
}

impl AwsConsumer {
    /// A consumer of a ClickHouse service of the world.
    #[must_use]
    pub fn of(world: &World, service: Uuid) -> Self {
        Self {
            world: world.clone(),
            database: service,
            account: "123456789012".parse().expect("a constant that is well-formed"),
            endpoint: "vpce-0c0ffee0c0ffee0c0".parse().expect("a constant that is well-formed"),
        }
    }

    /// The endpoint that the consumer tells of.
    #[must_use]
    pub fn endpoint(&self) -> &VpcEndpointId {
        &self.endpoint
    }
}

impl Counterpart for AwsConsumer {
    fn world(&self) -> &World {
        &self.world
    }

    fn tell(&self, known: &Exchange) -> Exchange {
        let mut told = Exchange::new().with(None, Fact::Consumer);
        told.consumer = Some(ConsumerIdentity::Aws { account: self.account.clone(), principal: None });
        for slot in known.services.keys() {
            let ids = EndpointIds::Aws { id: self.endpoint.clone(), account: self.account.clone() };
            let mut facts = EndpointFacts::new(ids, EndpointState::Ready, Ownership::Ours(Evidence::Tag));
            facts.addresses = vec![([10, 0, 0, 17].into(), None)];
            facts.private_dns = Some(false);
            told.endpoints.insert(slot.clone(), facts);
            for fact in [Fact::Endpoint, Fact::Address, Fact::Connected] {
                told.hold(Some(slot.clone()), fact);
            }
        }
        told
    }

    fn take_away(&self) {
        self.world.clickhouse().delete_service(self.database);
    }
}

/// A ClickHouse service that lets endpoints in by itself, for suites of AWS's network side.
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

/// Deletes every endpoint in the world's AWS: what a [`ClickHouseVendor`] may take away.
pub fn delete_endpoints(world: &World) {
    let aws = world.aws();
    for endpoint in aws.endpoints() {
        aws.delete_endpoint(&endpoint.id);
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
        let mut service = EndpointService::new(id, region);
        service.reach = Reach::AnyRegion;
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
