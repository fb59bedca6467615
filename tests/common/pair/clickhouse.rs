//! `ClickHouse` Cloud: an allow list a service, an endpoint service that services of a cell share.

use std::sync::Arc;

use privlink::core::side::DatabaseSide;
use privlink::core::{BoxFuture, CloudProvider, EndpointServiceId, PrivateEndpointId};
use privlink_sim::{CellSpec, ServiceSpec, World};
use serde_json::Value;
use uuid::Uuid;

use super::cloud::Cloud;
use super::vendor::Vendor;
use crate::common::vendor;

#[derive(Debug)]
pub(crate) struct ClickHouse;

/// The `number`-th service.
pub(super) fn service(world: &World, cloud: CloudProvider, number: usize) -> Uuid {
    world.clickhouse().services_in(cloud)[number]
}

/// A service of another organization behind the first one's endpoint service.
pub(super) fn theirs(world: &World, cloud: &dyn Cloud, organization: Uuid) -> Uuid {
    let spec = ServiceSpec::new("theirs", cloud.cloud(), cloud.region(world)).organization(organization);
    world.clickhouse().add_service(match cloud.cloud() {
        CloudProvider::Aws => spec.cell("us-east-1-c0"),
        _ => spec,
    })
}

impl Vendor for ClickHouse {
    fn name(&self) -> &'static str {
        "clickhouse"
    }

    /// The seeded world has three in AWS.
    fn more_databases(&self, world: &World, cloud: &dyn Cloud) {
        let (handle, region) = (world.clickhouse(), cloud.region(world));
        if cloud.cloud() != CloudProvider::Aws {
            let cell = format!("{region}-c1");
            handle.add_service(ServiceSpec::new("second", cloud.cloud(), region.clone()));
            handle.add_cell(CellSpec::new(cell.as_str(), cloud.cloud(), region.clone()));
            handle.add_service(ServiceSpec::new("third", cloud.cloud(), region).cell(cell));
        }
    }

    /// It is quick as it is.
    fn hurry(&self, _: &World) {}

    fn side(&self, world: &World, cloud: &dyn Cloud, number: usize) -> Arc<dyn DatabaseSide> {
        Arc::new(vendor(world).service(service(world, cloud.cloud(), number).into()))
    }

    /// It is there.
    fn provide<'a>(&'a self, _: &'a World, _: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn service<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, EndpointServiceId> {
        Box::pin(async move { world.clickhouse().endpoint_service(service(world, cloud.cloud(), 0)).unwrap() })
    }

    fn answered(&self, world: &World, cloud: &dyn Cloud) -> usize {
        world.clickhouse().attached(service(world, cloud.cloud(), 0)).len()
    }

    fn take_in<'a>(
        &'a self,
        world: &'a World,
        cloud: &'a dyn Cloud,
        endpoint: &'a PrivateEndpointId,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move { world.clickhouse().attach(service(world, cloud.cloud(), 0), endpoint) })
    }

    fn turn_away(&self, world: &World, cloud: &dyn Cloud) -> &'static str {
        for endpoint in cloud.endpoints(world) {
            world.clickhouse().detach(service(world, cloud.cloud(), 0), &endpoint);
        }
        "TLS-001"
    }

    /// A removal takes everything back.
    fn forget(&self, _: &World, _: &dyn Cloud, _: &mut Value) {}
}
