//! What the tests share: a client of a simulated world.

#![allow(dead_code, unreachable_pub, reason = "every test crate uses a part of it")]

use bytes::Bytes;
use privlink_cockroach::{Client, Cluster, ClusterId};
use privlink_core::side::{
    ConsumerIdentity, Cx, EndpointFacts, EndpointIds, EndpointState, Evidence, Exchange, Ownership, Slot, Step,
    StepState,
};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, PrivateEndpointId, VpcEndpointId};
use privlink_sim::{SimTransport, World};
use serde_json::Value;

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

/// What stands in for an answer of the world: a status and a body.
pub type Instead = Option<(u16, Value)>;

type Edit = dyn Fn(&http::Request<Bytes>, Value) -> Instead + Send + Sync;

/// A transport that edits what a world answers, where that is no failure.
pub struct Altered {
    inner: SimTransport,
    edit: Box<Edit>,
}

impl Altered {
    /// `edit` gets each request with the body of its answer.
    pub fn new(world: &World, edit: impl Fn(&http::Request<Bytes>, Value) -> Instead + Send + Sync + 'static) -> Self {
        Self { inner: world.transport(), edit: Box::new(edit) }
    }
}

impl std::fmt::Debug for Altered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Altered").finish_non_exhaustive()
    }
}

impl Transport for Altered {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut response = self.inner.send(request.clone(), limits).await?;
            if !response.status().is_success() {
                return Ok(response);
            }
            let Ok(answer) = serde_json::from_slice::<Value>(response.body()) else { return Ok(response) };
            if let Some((status, body)) = (self.edit)(&request, answer) {
                *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
                *response.body_mut() = Bytes::from(body.to_string());
            }
            Ok(response)
        })
    }
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
