//! Aiven: a privatelink a service, made on request, and names that the vendor publishes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use privlink::aiven::{self, Consumer, PrivatelinkState};
use privlink::core::side::DatabaseSide;
use privlink::core::{BoxFuture, CloudProvider, EndpointServiceId, PrivateEndpointId};
use privlink_sim::{AivenServiceSpec, World};
use serde_json::Value;

use super::cloud::Cloud;
use super::vendor::Vendor;

#[derive(Debug)]
pub(crate) struct Aiven;

fn service(world: &World, cloud: &dyn Cloud, number: usize) -> aiven::Service {
    let name = match number {
        0 => world.aiven().service_in(cloud.cloud()),
        _ => ANOTHER.into(),
    };
    let client = aiven::Client::over(world.transport()).clock(world.clock()).token(world.aiven().token());
    client.build().unwrap().project(world.aiven().project().parse().unwrap()).service(name.parse().unwrap())
}

const ANOTHER: &str = "another-pg";

/// Whom somebody else lets in: who lives in the same account.
fn consumers(world: &World, cloud: CloudProvider) -> Vec<Consumer> {
    match cloud {
        CloudProvider::Aws => {
            let principal = format!("arn:aws:iam::{}:root", world.aws().account());
            vec![Consumer::Principal(principal.parse().unwrap())]
        }
        CloudProvider::Azure => vec![Consumer::Subscription(world.azure().subscription())],
        _ => Vec::new(),
    }
}

impl Vendor for Aiven {
    fn name(&self) -> &'static str {
        "aiven"
    }

    /// A privatelink is one service's alone.
    fn more_databases(&self, world: &World, cloud: &dyn Cloud) {
        let spec = AivenServiceSpec::new(ANOTHER, "pg", cloud.cloud(), cloud.region(world));
        world.aiven().add_service(spec);
    }

    fn hurry(&self, world: &World) {
        world.aiven().switch(|switches| {
            switches.creating = Duration::from_secs(6);
            switches.updating = Duration::ZERO;
            switches.deleting = Duration::from_secs(6);
            switches.refresh_lag = Duration::ZERO;
            switches.aws_connected = Duration::ZERO;
            switches.google_connected = false;
            switches.access_takes = Duration::ZERO;
            switches.azure_rebuild = Duration::ZERO;
        });
    }

    /// A link that takes the privatelink down with it, so that all of it is taken back.
    fn side(&self, world: &World, cloud: &dyn Cloud, number: usize) -> Arc<dyn DatabaseSide> {
        Arc::new(service(world, cloud, number).delete_privatelink_on_removal())
    }

    fn provide<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let privatelink = service(world, cloud, 0).privatelink(cloud.cloud());
            privatelink.create(&consumers(world, cloud.cloud())).await.unwrap();
            while privatelink.get().await.unwrap().unwrap().state != PrivatelinkState::Active {
                world.clock().sleep(Duration::from_secs(10)).await;
            }
        })
    }

    fn hear<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let privatelink = service(world, cloud, 0).privatelink(cloud.cloud());
            if privatelink.get().await.unwrap().is_some() {
                privatelink.refresh().await.unwrap();
                privatelink.connections().await.unwrap();
            }
        })
    }

    fn service<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, EndpointServiceId> {
        Box::pin(async move {
            let privatelink = service(world, cloud, 0).privatelink(cloud.cloud()).get().await.unwrap();
            privatelink.unwrap().service.unwrap()
        })
    }

    fn answered(&self, world: &World, cloud: &dyn Cloud) -> usize {
        world.aiven().connections(&world.aiven().service_in(cloud.cloud())).len()
    }

    /// On AWS whoever is on the list is in; elsewhere each endpoint is approved.
    fn take_in<'a>(
        &'a self,
        world: &'a World,
        cloud: &'a dyn Cloud,
        endpoint: &'a PrivateEndpointId,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let privatelink = service(world, cloud, 0).privatelink(cloud.cloud());
            let connection = loop {
                privatelink.refresh().await.unwrap();
                world.clock().sleep(Duration::from_secs(60)).await;
                let listed = privatelink.connections().await.unwrap().into_iter().map(Result::unwrap);
                if let Some(found) = listed.into_iter().find(|known| known.endpoint_id == endpoint.to_string()) {
                    break found;
                }
            };
            let address = match endpoint {
                PrivateEndpointId::Aws(_) => return,
                PrivateEndpointId::Gcp(id) => {
                    let all = world.gcp().endpoints();
                    let IpAddr::V4(address) = all.iter().find(|known| known.connection == *id).unwrap().address else {
                        panic!("{all:?}")
                    };
                    Some(address)
                }
                _ => None,
            };
            privatelink.approve(&connection.id.unwrap(), address).await.unwrap();
        })
    }

    /// The component is switched off for everybody, and its name goes with it.
    fn turn_away(&self, world: &World, cloud: &dyn Cloud) -> &'static str {
        let service = world.aiven().service_in(cloud.cloud());
        for component in world.aiven().switched_on(&service) {
            world.aiven().set_access(&service, &component, false);
        }
        "DNS-010"
    }

    /// Switches of components stay, and so does whom the list lets in. An endpoint that is gone is
    /// listed until the next refresh.
    fn forget(&self, world: &World, cloud: &dyn Cloud, snapshot: &mut Value) {
        let there: Vec<String> = cloud.endpoints(world).iter().map(ToString::to_string).collect();
        for service in snapshot["services"].as_object_mut().unwrap().values_mut() {
            service["privatelink_access"] = Value::Null;
            if let Some(privatelink) = service["privatelink"].as_object_mut() {
                privatelink.remove("allowed");
                let listed = privatelink["connections"].as_array_mut().unwrap();
                listed.retain(|endpoint| there.iter().any(|there| endpoint == there.as_str()));
            }
        }
    }
}
