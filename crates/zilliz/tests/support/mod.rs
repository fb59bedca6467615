//! What the tests share: a client of a simulated world.

#![allow(dead_code, unreachable_pub, reason = "every test crate uses a part of it")]

#[path = "../../../../tests/common/altered.rs"]
mod altered;

pub use altered::Altered;
use bytes::Bytes;
use privlink_core::side::{
    ConsumerIdentity, Cx, EndpointFacts, EndpointIds, EndpointState, Evidence, Exchange, Outcome, Ownership, Side,
    Slot, Step, StepState,
};
use privlink_core::transport::Transport;
use privlink_core::{CloudProvider, VpcEndpointId};
use privlink_sim::World;
use privlink_zilliz::{Client, ClusterId, EndpointId, Project, ProjectRegion, RegionId};
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
    Client::over(transport).clock(world.clock()).api_key(world.zilliz().api_key()).build().expect("a client")
}

/// What a world answers, with the `data` of each answer edited.
pub fn altered(world: &World, edit: impl Fn(&http::Request<Bytes>, &mut Value) + Send + Sync + 'static) -> Altered {
    Altered::new(world, move |request, mut answer| {
        edit(request, &mut answer["data"]);
        Some((200, answer))
    })
}

/// The clusters of AWS's region through another transport.
pub fn aws_over(world: &World, transport: impl Transport + 'static) -> ProjectRegion {
    let project = client_over(world, transport).project(world.zilliz().project_id().parse().expect("a project id"));
    project.region(region_id(world, CloudProvider::Aws))
}

pub fn project(world: &World) -> Project {
    client(world).project(world.zilliz().project_id().parse().expect("a project id"))
}

/// The vendor's name of the world's region in a cloud.
pub fn region_id(world: &World, cloud: CloudProvider) -> RegionId {
    world.zilliz().region_in(cloud).parse().expect("a region id")
}

/// The clusters of a cloud's region.
pub fn region(world: &World, cloud: CloudProvider) -> ProjectRegion {
    project(world).region(region_id(world, cloud))
}

pub fn aws(world: &World) -> ProjectRegion {
    region(world, CloudProvider::Aws)
}

pub fn cluster_id(world: &World, name: &str) -> ClusterId {
    world.zilliz().find_cluster(name).expect("a cluster of this name").parse().expect("a cluster id")
}

pub fn vpce(text: &str) -> EndpointId {
    EndpointId::Aws(text.parse::<VpcEndpointId>().expect("a VPC endpoint id"))
}

pub fn cx(world: &World) -> Cx {
    Cx::new("search-prod".parse().expect("a link name"), "", world.clock()).between("example database", NETWORK)
}

/// What the AWS side knows of an endpoint.
pub fn aws_endpoint(id: &str, ownership: Ownership) -> EndpointFacts {
    let ids = EndpointIds::Aws {
        id: id.parse().expect("a VPC endpoint id"),
        account: "123456789012".parse().expect("an account"),
    };
    EndpointFacts::new(ids, EndpointState::Requested, ownership)
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

/// The step of this verb.
pub fn step<'a>(steps: &'a [Step], verb: &str) -> &'a Step {
    steps.iter().find(|step| step.verb == verb).expect("a step of this verb")
}

/// Performs a step as often as it asks for it; what it came to in the end.
pub async fn finish(world: &World, side: &ProjectRegion, known: &Exchange, step: &Step) -> Outcome {
    let mut stored = None;
    for _ in 0..200 {
        let outcome = side.perform(step, known, &cx(world).resuming(stored)).await.expect("an outcome");
        let Outcome::Waiting { poll_after, resume, .. } = outcome else { return outcome };
        stored = resume;
        world.clock().sleep(poll_after).await;
    }
    panic!("{} never ends", step.verb)
}

/// Sets up a link with an endpoint of ours that the network knows, step by step.
pub async fn set_up(world: &World, side: &ProjectRegion, known: &Exchange) {
    let survey = side.survey(known, &cx(world)).await.expect("a survey");
    for step in survey.steps.iter().filter(|step| step.state != StepState::AlreadyDone) {
        let outcome = finish(world, side, known, step).await;
        assert!(matches!(outcome, Outcome::Done(_) | Outcome::AlreadyDone(_)), "{}: {outcome:?}", step.verb);
    }
}
