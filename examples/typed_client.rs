//! The vendor's API alone: typed ids, one patch, no workflow.
//!
//! ```sh
//! cargo run --example typed_client
//! ```
//!
//! For tools that only want to read services and keep allow lists. Runs in a simulated world;
//! with credentials in the environment `clickhouse::Client::from_env()?` is all that changes.

use std::error::Error;
use std::fmt::Display;

use privlink::clickhouse;
use privlink::core::{CloudProvider, VpcEndpointId};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    let vendor = world.clickhouse();
    let client = clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()?;

    let organization = client.own_organization().await?;
    for service in organization.services().await? {
        let service = service?;
        println!("{}  {} in {} {}  {}", service.id, service.name, service.provider, service.region, service.state);
    }

    // A name that fits none, or several, is an error that lists the candidates.
    let region = "us-east-1".parse()?;
    if let Err(error) = organization.find_service(CloudProvider::Aws, &region, "no-such-service").await {
        println!("{error}");
    }

    let service = client.service(vendor.service_id().into());
    let config = service.private_endpoint_config().await?;
    println!("point the endpoint at {}", config.endpoint_service_id);
    println!("reach it as {} in zone {}", config.private_dns_hostname, config.private_dns_hostname.zone());

    let endpoint: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
    let outcome = service.private_endpoints().patch().add(endpoint.clone()).send().await?;
    println!("added: {}", listed(&outcome.added));
    let outcome = service.private_endpoints().patch().add(endpoint.clone()).send().await?;
    println!("added again: {}; there already, so nothing was sent", listed(&outcome.added));
    let outcome = service.private_endpoints().patch().remove(endpoint).send().await?;
    println!("removed: {}", listed(&outcome.removed));
    Ok(())
}

fn listed(items: &[impl Display]) -> String {
    if items.is_empty() {
        return "nothing".to_owned();
    }
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
