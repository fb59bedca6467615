//! What the tests share: a client of a simulated world.

#![allow(dead_code, unused_imports, unreachable_pub, reason = "every test crate uses a part of it")]

#[path = "../../../../tests/common/altered.rs"]
mod altered;

pub use altered::Altered;
use privlink_cockroach::{Client, Cluster, ClusterId};
use privlink_core::side::{
    ConsumerIdentity, Cx, EndpointFacts, EndpointIds, EndpointState, Evidence, Exchange, Ownership, Slot, Step,
    StepState,
};
use privlink_core::transport::Transport;
use privlink_core::{PrivateEndpointId, VpcEndpointId};
use privlink_sim::World;

pub const OURS: &str = "vpce-0a1b2c3d4e5f67890";
pub const OTHER: &str = "vpce-0fedcba9876543210";

/// The subject of the network that the link joins.
pub const NETWORK: &str = "vpc-0a1b2c3d4e5f67890 in us-east-1";

/// A client of the world's first key, on its clock.
pub fn client(world: &World) -> Client {
    client_over(world, world.transport())
}

/// The same through another transport.
pub fn client_over(world: &World, transport: impl Transport + 'static) -> Client {
    Client::over(transport).clock(world.clock()).api_key(world.cockroach().api_key()).build().expect("a client")
}

pub fn cluster_id(world: &World, name: &str) -> ClusterId {
    world.cockroach().find_cluster(name).expect("a cluster of this name").into()
}

/// The cluster of this name.
pub fn cluster(world: &World, name: &str) -> Cluster {
    client(world).cluster(cluster_id(world, name))
}

pub fn vpce(text: &str) -> PrivateEndpointId {
    text.parse::<VpcEndpointId>().expect("a VPC endpoint id").into()
}

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
    let mut known = Exchange::new();
    known.consumer =
        Some(ConsumerIdentity::Aws { account: "123456789012".parse().expect("an account"), principal: None });
    known.endpoints.insert(Slot::main(), aws_endpoint(id, Ownership::Ours(Evidence::Tag)));
    known
}

/// The codes of findings.
pub fn codes(findings: &[privlink_core::Finding]) -> Vec<&str> {
    findings.iter().map(|finding| &*finding.code).collect()
}

/// The verbs of the steps that are to do.
pub fn to_do(steps: &[Step]) -> Vec<&str> {
    steps.iter().filter(|step| step.state != StepState::AlreadyDone).map(|step| &*step.verb).collect()
}
