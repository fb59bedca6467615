//! Databases of several vendors in one network, by one program: each is planned and applied at the same time as the
//! others, and what they share is done once.
//!
//! ```sh
//! cargo run --example multi_vendor --features cockroach,zilliz
//! ```
//!
//! It runs in a simulated world. With real accounts the clients come from `from_env`, and nothing else changes: the
//! workflow knows no vendor. One of them gives names out only once its endpoint is let in, so there are two plans; the
//! others have nothing to do in the second.

use std::error::Error;

use privlink::{Event, Link, Links, aws, clickhouse, cockroach, zilliz};
use privlink_sim::World;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let world = World::new();
    let cloud = world.aws();
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
        .clock(world.clock())
        .build()?
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());

    let orders = clickhouse::Client::over(world.transport())
        .api_key(world.clickhouse().key_id(), world.clickhouse().key_secret())
        .clock(world.clock())
        .build()?
        .service(world.clickhouse().service_id().into());
    let roach =
        cockroach::Client::over(world.transport()).api_key(world.cockroach().api_key()).clock(world.clock()).build()?;
    // Two clusters behind one endpoint service: they share an endpoint.
    let shared = |name| world.cockroach().find_cluster(name).ok_or("a cluster of the seeded world");
    let (carts, wishes) = (roach.cluster(shared("carts")?.into()), roach.cluster(shared("wishes")?.into()));
    let search = zilliz::Client::over(world.transport())
        .api_key(world.zilliz().api_key())
        .clock(world.clock())
        .build()?
        .project(world.zilliz().project_id().parse()?)
        .region("aws-us-east-1".parse()?);

    let here = || world.vantage(&cloud.subnet_ids()[0]);
    let links = Links::new([
        Link::builder("orders".parse()?, orders, network.clone()).clock(world.clock()).vantage(here()).build()?,
        Link::builder("carts".parse()?, carts, network.clone()).clock(world.clock()).vantage(here()).build()?,
        Link::builder("wishes".parse()?, wishes, network.clone()).clock(world.clock()).vantage(here()).build()?,
        Link::builder("search".parse()?, search, network).clock(world.clock()).vantage(here()).build()?,
    ]);

    loop {
        let plan = links.plan().await;
        println!("{plan}\n");
        let mut plan_again = false;
        for end in links.apply(&plan).observe(tell).await {
            // One link that fails does not stop the others.
            match end.result {
                Ok(applied) => plan_again |= applied.plan_again,
                Err(error) => return Err(format!("{}: {}", end.link, error.report()).into()),
            }
        }
        if !plan_again {
            break;
        }
    }

    world.clock().sleep(std::time::Duration::from_secs(60)).await;
    for link in links.links() {
        let verdict = link.verify().await?;
        assert!(verdict.proved, "{}: {verdict}", link.name());
        println!("{} is reached privately", link.name());
    }
    assert_eq!(cloud.endpoints().len(), 3, "one a vendor, and the two clusters share theirs");
    Ok(())
}

/// Prints what is new, and not that a wait goes on.
fn tell(event: &Event) {
    if !event.repeats {
        println!("{event}");
    }
}
