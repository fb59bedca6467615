//! A plan performed step by step, as a durable workflow engine or an operator does it: after each
//! tick the run is stored as JSON, and a fresh process goes on with it.
//!
//! ```sh
//! cargo run --example step_by_step
//! ```

use std::error::Error;

use privlink::{Due, Link, Run, Tick, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    let mut store = serde_json::to_string(&Run::new(link(&world)?.plan().await?))?;
    while let Some(next) = due(&world, &store)? {
        // Nobody has to stay around meanwhile: a timer starts the next process.
        world.clock().sleep(next.after).await;
        // A process of its own: all it has is the store.
        let link = link(&world)?;
        let mut run: Run = serde_json::from_str(&store)?;
        let what = run.step(&next.step).map(|step| step.what.to_string());
        let tick = link.tick(&mut run, &next.step).await;
        store = serde_json::to_string(&run)?;
        println!("{}: {}", what.unwrap_or_default(), told(&tick?));
    }
    let run: Run = serde_json::from_str(&store)?;
    let applied = run.end().ok_or("the run goes on")??;
    println!("connect to {}", applied.names()[0]);
    println!("{}", link(&world)?.verify().await?);
    Ok(())
}

/// Which step is to be looked at next, and when.
fn due(world: &World, store: &str) -> Result<Option<Due>, serde_json::Error> {
    let run: Run = serde_json::from_str(store)?;
    Ok(run.due(world.clock().now()))
}

fn told(tick: &Tick) -> String {
    match tick {
        Tick::Done => "done".to_owned(),
        Tick::Waiting { stage, turn, poll_after } => {
            format!("{stage}; again in {} s, turn: {turn}", poll_after.as_secs())
        }
        Tick::Retrying { error, after } => format!("{error}; again in {} s", after.as_secs()),
        other => format!("{other:?}"),
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
    let name = "orders-prod".parse()?;
    let link = Link::builder(name, database, network).clock(world.clock());
    Ok(link.vantage(world.vantage(&cloud.subnet_ids()[0])).build()?)
}
