//! An application that sets its link up when it starts, and shows progress while it waits.
//!
//! ```sh
//! cargo run --example embed_in_service
//! ```
//!
//! The link is set up in the background, the application serves meanwhile, and a failure is
//! told with what to do next. The first start is told to stop half-way, as by Ctrl-C: it ends between two
//! steps and says what is left. The second goes on there; the third finds everything done and waits for nothing.

use std::error::Error;
use std::time::Duration;

use privlink::{ApplyError, Event, EventKind, Link, Progress, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    for (start, interrupted) in [("first start", true), ("second start", false), ("third start", false)] {
        println!("== {start}");
        let link = link(&world)?;
        let database =
            tokio::spawn(async move { connect(&link, interrupted).await.map_err(|error| error.to_string()) });
        serve_while(&database).await;
        match database.await?? {
            Some(database) => println!("database at {database}"),
            None => println!("goes on at the next start"),
        }
    }
    Ok(())
}

/// Sets the link up if it is not, and gives back where the database is; `None` when it was stopped before.
async fn connect(link: &Link, interrupted: bool) -> Result<Option<String>, Box<dyn Error + Send + Sync>> {
    let plan = link.plan().await?;
    // A step that never ends keeps nobody waiting, and Ctrl-C ends between two steps.
    let mut events = link.apply(&plan).deadline(Duration::from_secs(1_800)).stop_when(ctrl_c(interrupted)).events();
    while let Some(progress) = events.next().await {
        match progress {
            Progress::Event(event) => draw(&event),
            Progress::End(Ok(applied)) => {
                let name = applied.names().first().ok_or("the vendor named no host")?;
                return Ok(Some(name.to_string()));
            }
            Progress::End(Err(ApplyError::Interrupted { done, left, .. })) => {
                println!("stopped: {} steps done, {} left", done.len(), left.len());
                return Ok(None);
            }
            Progress::End(Err(error)) => return Err(error.report().to_string().into()),
        }
    }
    Err("the events ended without a result".into())
}

/// Draws progress of its own from the event's data; `serde_json::to_string(event)` makes a line of a log.
fn draw(event: &Event) {
    let bar = "#".repeat(event.done) + &".".repeat(event.total - event.done);
    let step = format!("{}/{} {}", event.number, event.total, event.verb);
    match &event.kind {
        EventKind::Waiting { stage, turn, .. } => println!("[{bar}] {step} ({stage}; turn: {turn})"),
        EventKind::Retrying { error, .. } => println!("[{bar}] {step} ({}, again soon)", error.kind()),
        EventKind::Failed { error } => println!("[{bar}] {step} ({}: {})", error.kind(), error.help()),
        _ => println!("[{bar}] {step}"),
    }
}

/// Stands for `tokio::signal::ctrl_c()`: comes after half a minute, or never.
async fn ctrl_c(comes: bool) {
    if comes {
        tokio::time::sleep(Duration::from_secs(30)).await;
    } else {
        std::future::pending().await
    }
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
