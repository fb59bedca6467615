//! Zilliz Cloud: a list of endpoints a project and region, and a name a cluster, given out late.

use std::sync::Arc;

use privlink::core::side::DatabaseSide;
use privlink::core::{BoxFuture, CloudProvider, EndpointServiceId, PrivateEndpointId};
use privlink::zilliz;
use privlink_sim::{World, ZillizClusterSpec};
use serde_json::Value;

use super::cloud::Cloud;
use super::vendor::Vendor;

#[derive(Debug)]
pub(crate) struct Zilliz;

/// The clusters of the `number`-th project.
fn region(world: &World, cloud: &dyn Cloud, number: usize) -> zilliz::ProjectRegion {
    let client = zilliz::Client::over(world.transport()).clock(world.clock()).api_key(world.zilliz().api_key());
    let project = client.build().unwrap().project(world.zilliz().project_ids()[number].parse().unwrap());
    project.region(world.zilliz().region_in(cloud.cloud()).parse().unwrap())
}

impl Vendor for Zilliz {
    fn name(&self) -> &'static str {
        "zilliz"
    }

    /// Projects with clusters in the region: all of a region are behind one endpoint service.
    fn more_databases(&self, world: &World, cloud: &dyn Cloud) {
        for name in ["second", "third"] {
            let project = world.zilliz().add_project(name);
            let spec = ZillizClusterSpec::new(name, cloud.cloud(), cloud.region(world));
            world.zilliz().add_cluster(spec.project(project));
        }
    }

    fn hurry(&self, world: &World) {
        world.zilliz().switch(|switches| switches.link_looks = 1);
    }

    fn side(&self, world: &World, cloud: &dyn Cloud, number: usize) -> Arc<dyn DatabaseSide> {
        Arc::new(region(world, cloud, number))
    }

    /// Where the vendor asks for it, the account is on its list.
    fn provide<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if cloud.cloud() == CloudProvider::Azure {
                let (at, account) = (region(world, cloud, 0), world.azure().subscription());
                at.project().whitelist(at.region(), &account.to_string()).await.unwrap();
            }
        })
    }

    fn service<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, EndpointServiceId> {
        Box::pin(async move { world.zilliz().endpoint_service(&world.zilliz().region_in(cloud.cloud())).unwrap() })
    }

    fn answered(&self, world: &World, _: &dyn Cloud) -> usize {
        world.zilliz().registered(&world.zilliz().project_id()).len()
    }

    fn take_in<'a>(
        &'a self,
        world: &'a World,
        cloud: &'a dyn Cloud,
        endpoint: &'a PrivateEndpointId,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let (at, endpoint) = (region(world, cloud, 0), zilliz::EndpointId::of(&cloud.ids(world, endpoint)));
            at.project().register(at.region(), &endpoint.unwrap()).await.unwrap();
        })
    }

    fn turn_away(&self, world: &World, _: &dyn Cloud) -> &'static str {
        let project = world.zilliz().project_id();
        for endpoint in world.zilliz().registered(&project) {
            world.zilliz().deregister(&project, &endpoint);
        }
        "TLS-001"
    }

    /// The list of accounts is only added to.
    fn forget(&self, _: &World, _: &dyn Cloud, snapshot: &mut Value) {
        for project in snapshot["projects"].as_object_mut().unwrap().values_mut() {
            project["whitelist"] = Value::Null;
        }
    }
}
