//! What the tests share: a client of a simulated world, and somebody who meddles.

#![allow(dead_code, unreachable_pub, reason = "every test crate uses a part of it")]

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use privlink_clickhouse::{Client, Organization, Service, ServiceId};
use privlink_core::side::{
    ConsumerIdentity, Cx, EndpointFacts, EndpointIds, EndpointState, Evidence, Exchange, Outcome, Ownership, Side,
    Slot, Step, Survey,
};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, PrivateEndpointId, VpcEndpointId};
use privlink_sim::{SimTransport, World};

pub const OURS: &str = "vpce-0a1b2c3d4e5f67890";
pub const OTHER: &str = "vpce-0fedcba9876543210";
pub const THIRD: &str = "vpce-00112233445566778";

/// A client of the world's first key, on its clock.
pub fn client(world: &World) -> Client {
    client_over(world, world.transport())
}

/// The same through another transport.
pub fn client_over(world: &World, transport: impl Transport + 'static) -> Client {
    let key = world.clickhouse().api_key();
    Client::over(transport).clock(world.clock()).api_key(key.id, key.secret).build().expect("a client")
}

/// A client that need not ask for its organization.
pub fn client_with_organization(world: &World) -> Client {
    let key = world.clickhouse().api_key();
    Client::over(world.transport())
        .clock(world.clock())
        .api_key(key.id, key.secret)
        .organization(world.clickhouse().organization_id().into())
        .build()
        .expect("a client")
}

pub fn organization(world: &World, client: &Client) -> Organization {
    client.organization(world.clickhouse().organization_id().into())
}

/// The service of this name.
pub fn service(world: &World, client: &Client, name: &str) -> Service {
    organization(world, client).service(service_id(world, name))
}

pub fn service_id(world: &World, name: &str) -> ServiceId {
    world.clickhouse().find_service(name).expect("a service of this name").into()
}

pub fn vpce(text: &str) -> PrivateEndpointId {
    text.parse::<VpcEndpointId>().expect("a VPC endpoint id").into()
}

/// The names of the operations so far, and whether they wrote.
pub fn operations(world: &World) -> Vec<String> {
    world.requests().into_iter().map(|request| request.operation).collect()
}

/// The subject of the network that the link joins.
pub const NETWORK: &str = "vpc-0a1b2c3d4e5f67890 in us-east-1";

pub fn cx(world: &World) -> Cx {
    Cx::new("orders-prod".parse().expect("a link name"), "", world.clock()).between("example database", NETWORK)
}

/// What the AWS side knows of an endpoint.
pub fn aws_endpoint(id: &str, ownership: Ownership) -> EndpointFacts {
    let ids = EndpointIds::Aws {
        id: id.parse().expect("a VPC endpoint id"),
        account: "123456789012".parse().expect("an account"),
    };
    EndpointFacts::new(ids, EndpointState::Ready, ownership)
}

/// An exchange with one endpoint of ours in AWS.
pub fn known(id: &str) -> Exchange {
    known_as(aws_endpoint(id, Ownership::Ours(Evidence::Tag)))
}

pub fn known_as(endpoint: EndpointFacts) -> Exchange {
    let mut known = Exchange::new();
    known.consumer =
        Some(ConsumerIdentity::Aws { account: "123456789012".parse().expect("an account"), principal: None });
    known.endpoints.insert(Slot::main(), endpoint);
    known
}

/// The step of this verb.
pub fn step<'a>(survey: &'a Survey, verb: &str) -> &'a Step {
    survey.steps.iter().find(|step| step.verb == verb).unwrap_or_else(|| panic!("no step {verb}: {:?}", survey.steps))
}

/// Asks for a step once.
pub async fn perform(service: &Service, step: &Step, known: &Exchange, world: &World) -> Outcome {
    service.perform(step, known, &cx(world)).await.expect("an outcome")
}

type Act = Box<dyn FnOnce(&World) + Send>;

/// A transport through which somebody else acts just before a certain write arrives.
#[derive(Clone)]
pub struct Meddler {
    inner: SimTransport,
    world: World,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Meddler {
    /// Each act happens before one write, in this order.
    pub fn new(world: &World, acts: Vec<Act>) -> Self {
        Self { inner: world.transport(), world: world.clone(), acts: Arc::new(Mutex::new(acts)) }
    }
}

impl fmt::Debug for Meddler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meddler")
    }
}

impl Transport for Meddler {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        if request.method() != http::Method::GET {
            let act = {
                let mut acts = self.acts.lock().expect("no test panics in here");
                if acts.is_empty() { None } else { Some(acts.remove(0)) }
            };
            if let Some(act) = act {
                act(&self.world);
            }
        }
        self.inner.send(request, limits)
    }
}
