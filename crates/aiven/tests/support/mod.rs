//! What the tests share: a client of a simulated world.

#![allow(dead_code, unreachable_pub, reason = "every test crate uses a part of it")]

use std::time::Duration;

use privlink_aiven::{Client, PrivatelinkState, Service};
use privlink_core::side::{
    ConsumerIdentity, Cx, EndpointFacts, EndpointIds, EndpointState, Evidence, Exchange, Ownership, Slot, Step,
    StepState,
};
use privlink_core::transport::Transport;
use privlink_core::{AwsPrincipal, CloudProvider};
use privlink_sim::World;

pub const OURS: &str = "vpce-0a1b2c3d4e5f67890";

/// Somebody in the world's account.
pub const ROLE: &str = "arn:aws:iam::123456789012:role/deploy";

/// A client of the world's first token, on its clock.
pub fn client(world: &World) -> Client {
    client_over(world, world.transport())
}

/// The same through another transport.
pub fn client_over(world: &World, transport: impl Transport + 'static) -> Client {
    Client::over(transport).clock(world.clock()).token(world.aiven().token()).build().expect("a client")
}

/// The service of this name in the world's first project.
pub fn service(world: &World, name: &str) -> Service {
    service_of(world, &client(world), name)
}

pub fn service_of(world: &World, client: &Client, name: &str) -> Service {
    let project = world.aiven().project().parse().expect("a project name");
    client.project(project).service(name.parse().expect("a service name"))
}

/// Waits until the service's privatelink is active.
pub async fn active(world: &World, service: &Service, cloud: CloudProvider) {
    let link = service.privatelink(cloud);
    while link.get().await.expect("an answer").expect("a privatelink").state != PrivatelinkState::Active {
        world.clock().sleep(Duration::from_secs(10)).await;
    }
}

pub fn role(name: &str) -> AwsPrincipal {
    format!("arn:aws:iam::123456789012:role/{name}").parse().expect("a principal")
}

pub fn cx(world: &World) -> Cx {
    let network = "vpc-0a1b2c3d4e5f67890 in us-east-1";
    Cx::new("orders-prod".parse().expect("a link name"), "", world.clock()).between("example database", network)
}

/// An exchange with one endpoint of ours in AWS, and a role that asks.
pub fn known(id: &str) -> Exchange {
    let account: privlink_core::AwsAccountId = "123456789012".parse().expect("an account");
    let mut known = asking();
    let ids = EndpointIds::Aws { id: id.parse().expect("a VPC endpoint id"), account };
    let facts = EndpointFacts::new(ids, EndpointState::Ready, Ownership::Ours(Evidence::Tag));
    known.endpoints.insert(Slot::main(), facts);
    known
}

/// Nothing but a role in AWS that asks.
pub fn asking() -> Exchange {
    let mut known = Exchange::new();
    known.consumer = Some(ConsumerIdentity::Aws {
        account: "123456789012".parse().expect("an account"),
        principal: ROLE.parse().ok(),
    });
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
