//! `CockroachDB` Cloud: a list of endpoints a cluster, and an endpoint service of its own on the plan Advanced.

use std::sync::Arc;

use privlink::cockroach;
use privlink::core::side::DatabaseSide;
use privlink::core::{BoxFuture, CloudProvider, EndpointServiceId, PrivateEndpointId};
use privlink_sim::{CockroachClusterSpec, World};
use serde_json::Value;
use uuid::Uuid;

use super::cloud::Cloud;
use super::vendor::Vendor;

#[derive(Debug)]
pub(crate) struct Cockroach;

/// On AWS the first two are Standard and share an endpoint service.
fn name(cloud: CloudProvider, number: usize) -> &'static str {
    match (cloud, number) {
        (CloudProvider::Aws, 0) => "carts",
        (CloudProvider::Aws, 1) => "wishes",
        (CloudProvider::Aws, _) => "shopfront",
        (CloudProvider::Azure, 0) => "invoices",
        (CloudProvider::Gcp, 0) => "tracking",
        _ => "another",
    }
}

fn cluster(world: &World, cloud: CloudProvider, number: usize) -> Uuid {
    world.cockroach().find_cluster(name(cloud, number)).unwrap()
}

impl Vendor for Cockroach {
    fn name(&self) -> &'static str {
        "cockroach"
    }

    /// The seeded world has three in AWS; what is Advanced has an endpoint service to itself.
    fn more_databases(&self, world: &World, cloud: &dyn Cloud) {
        if cloud.cloud() != CloudProvider::Aws {
            let spec = CockroachClusterSpec::new("another", cloud.cloud(), cloud.region(world));
            world.cockroach().add_cluster(spec.with_services());
        }
    }

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn side(&self, world: &World, cloud: &dyn Cloud, number: usize) -> Arc<dyn DatabaseSide> {
        let client =
            cockroach::Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
        Arc::new(client.build().unwrap().cluster(cluster(world, cloud.cloud(), number).into()))
    }

    /// It is there.
    fn provide<'a>(&'a self, _: &'a World, _: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn service<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, EndpointServiceId> {
        Box::pin(async move { world.cockroach().endpoint_service(cluster(world, cloud.cloud(), 0)).unwrap() })
    }

    fn answered(&self, world: &World, cloud: &dyn Cloud) -> usize {
        world.cockroach().connected(cluster(world, cloud.cloud(), 0)).len()
    }

    fn take_in<'a>(
        &'a self,
        world: &'a World,
        cloud: &'a dyn Cloud,
        endpoint: &'a PrivateEndpointId,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move { world.cockroach().connect(cluster(world, cloud.cloud(), 0), endpoint) })
    }

    fn turn_away(&self, world: &World, cloud: &dyn Cloud) -> &'static str {
        for endpoint in cloud.endpoints(world) {
            world.cockroach().disconnect(cluster(world, cloud.cloud(), 0), &endpoint);
        }
        "TLS-001"
    }

    /// The endpoint services were there before.
    fn forget(&self, _: &World, _: &dyn Cloud, _: &mut Value) {}
}
