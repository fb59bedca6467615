//! One whole link in a simulated world: plan, set up, prove, run again, take down.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! No account and no credentials: the world below holds a ClickHouse Cloud service and an AWS
//! network in memory, and its clock is virtual, so minutes of waiting pass at once. Against the
//! real thing only the two clients are built differently; see `clickhouse_aws`.

use std::error::Error;

use privlink::{Event, Link, aws, clickhouse};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
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
    let inside = world.vantage(&cloud.subnet_ids()[0]);
    let link = Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).vantage(inside).build()?;

    heading("What has to be done");
    let plan = link.plan().await?;
    println!("{plan}");

    heading("Doing it");
    let applied = link.apply(&plan).observe(tell).await?;
    for name in applied.names() {
        println!("connect to {name}");
    }

    heading("Does it work?");
    println!("{}", link.verify().await?);

    heading("Running again");
    let again = link.plan().await?;
    println!("{again}");
    let writes = world.writes().len();
    link.apply(&again).await?;
    println!("writes of the second run: {}", world.writes().len() - writes);

    heading("What there is");
    println!("{}", link.inventory().await?);

    heading("Taking it down");
    let removal = link.removal_plan().await?;
    println!("{removal}");
    link.apply(&removal).observe(tell).await?;
    println!("{}", link.removal_plan().await?);
    Ok(())
}

/// Prints what is new; a progress bar would also take the events that repeat themselves.
fn tell(event: &Event) {
    if !event.repeats {
        println!("{event}");
    }
}

fn heading(text: &str) {
    println!("\n== {text}");
}
