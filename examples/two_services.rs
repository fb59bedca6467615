//! Many databases, one network: what they share is made once.
//!
//! ```sh
//! cargo run --example two_services
//! ```
//!
//! The first two services that the simulated world has on AWS sit behind the same endpoint service, so one
//! endpoint serves both; the third sits behind another and gets its own. The plan says why.

use std::error::Error;

use privlink::core::CloudProvider;
use privlink::{Event, Link, Links, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    let (vendor, cloud) = (world.clickhouse(), world.aws());
    let client = clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()?;
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
        .clock(world.clock())
        .build()?
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());

    let mut set = Vec::new();
    for (number, id) in vendor.services_in(CloudProvider::Aws).iter().enumerate() {
        let name = format!("database-{number}").parse()?;
        let service = client.service((*id).into());
        set.push(Link::builder(name, service, network.clone()).clock(world.clock()).build()?);
    }
    let links = Links::new(set);

    let plan = links.plan().await;
    println!("{plan}\n");
    for end in links.apply(&plan).observe(tell).await {
        match &end.result {
            Ok(applied) => {
                let endpoint = applied.exchange.endpoints.values().next().and_then(|endpoint| endpoint.ids.primary());
                let endpoint = endpoint.map(|id| id.to_string()).unwrap_or_default();
                for name in applied.names() {
                    println!("{}: {} through {endpoint}", end.link, name.host);
                }
            }
            Err(error) => println!("{}: {error}", end.link),
        }
    }

    // One of them goes: the endpoint stays, because another service still uses it.
    let leaving = &links.links()[0];
    let removal = leaving.removal_plan().await?;
    println!("\n{removal}");
    leaving.apply(&removal).await?;
    Ok(())
}

/// Prints what is new, and not that a wait goes on.
fn tell(event: &Event) {
    if !event.repeats {
        println!("{event}");
    }
}
