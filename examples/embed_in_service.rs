//! An application that sets its link up when it starts, and shows progress while it waits.
//!
//! ```sh
//! cargo run --example embed_in_service
//! ```
//!
//! The link is set up in the background, the application serves meanwhile, and a failure is
//! told with what to do next. Starting again finds everything done and waits for nothing.

use std::error::Error;
use std::time::Duration;

use privlink::Progress;
use privlink::{EventKind, Link, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    for start in ["first start", "second start"] {
        println!("== {start}");
        let link = link(&world)?;
        let database = tokio::spawn(async move { connect(&link).await.map_err(|error| error.to_string()) });
        serve_while(&database).await;
        println!("database at {}", database.await??);
    }
    Ok(())
}

/// Sets the link up if it is not, and gives back where the database is.
async fn connect(link: &Link) -> Result<String, Box<dyn Error + Send + Sync>> {
    let plan = link.plan().await?;
    let mut events = link.apply(&plan).events();
    while let Some(progress) = events.next().await {
        match progress {
            Progress::Event(event) => {
                let bar = "#".repeat(event.done) + &".".repeat(event.total - event.done);
                if let EventKind::Waiting { stage, turn, .. } = &event.kind {
                    println!("[{bar}] {} ({stage}; turn: {turn})", event.what);
                } else {
                    println!("[{bar}] {}", event.what);
                }
            }
            Progress::End(end) => {
                let applied = end.map_err(|error| error.report().to_string())?;
                let name = applied.names().first().ok_or("the vendor named no host")?;
                return Ok(name.to_string());
            }
        }
    }
    Err("the events ended without a result".into())
}

/// Stands for whatever the application does until its database is there.
async fn serve_while<T>(database: &tokio::task::JoinHandle<T>) {
    while !database.is_finished() {
        tokio::time::sleep(Duration::from_secs(20)).await;
        println!("   … serving from the cache");
    }
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
    Ok(Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).build()?)
}
