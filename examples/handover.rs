//! One plan as files, for people who set links up with tools of their own.
//!
//! ```sh
//! cargo run --example handover                # says what there is
//! cargo run --example handover -- hand-over   # writes it into a directory, one folder a format
//! ```
//!
//! The link is of the simulated world. Somebody else then does what the files say, which is told by planning again;
//! and when the link breaks, a picture shows where.

use std::error::Error;
use std::path::PathBuf;

use privlink::core::ErrorKind;
use privlink::{Format, Link, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let into = std::env::args_os().nth(1).map(PathBuf::from);
    let world = World::new();
    let link = link(&world)?;

    let plan = link.plan().await?;
    for &format in Format::ALL {
        let files = match link.render(&plan, format) {
            // Bicep is of Azure alone.
            Err(error) if error.kind() == ErrorKind::Unsupported => {
                println!("{format:15} {error}");
                continue;
            }
            files => files?,
        };
        let names: Vec<&str> = files.iter().map(|(name, _)| name).collect();
        println!("{format:15} {}", names.join(", "));
        if let Some(into) = &into {
            files.write_to(into.join(format.to_string()))?;
        }
    }

    // Whoever runs the files leaves the marks that `apply` leaves: the link knows its own again.
    link.apply(&plan).await?;
    println!("\nleft to do once it is done: {}", link.plan().await?.pending().count());

    // Somebody takes the endpoint off the service's list: the picture marks what is broken.
    let endpoint = &world.aws().endpoints()[0];
    world.clickhouse().detach(world.clickhouse().service_id(), &endpoint.id.clone().into());
    let diagnosis = link.diagnose().await?;
    let chart = link.picture(&link.plan().await?, &diagnosis, Format::Mermaid)?;
    println!("\n{diagnosis}\n");
    for (name, text) in chart.iter() {
        println!("{name}:\n{text}");
    }
    Ok(())
}

fn link(world: &World) -> Result<Link, Box<dyn Error>> {
    let (vendor, cloud) = (world.clickhouse(), world.aws());
    let database = clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()?
        .service(vendor.service_id().into());
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
        .clock(world.clock())
        .build()?
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());
    Ok(Link::builder("orders-prod".parse()?, database, network)
        .clock(world.clock())
        .vantage(world.vantage(&cloud.subnet_ids()[0]))
        .build()?)
}
