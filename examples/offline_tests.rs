//! How an application tests its own set-up logic offline, faults included.
//!
//! ```sh
//! cargo run --example offline_tests
//! ```
//!
//! The functions below are written like tests of an application: in yours they carry
//! `#[tokio::test(start_paused = true)]`, which takes tokio's feature `test-util`:
//!
//! ```sh
//! cargo add --dev privlink-sim
//! cargo add --dev tokio --features macros,rt,test-util
//! ```
//!
//! Time is virtual, so minutes of waiting cost nothing, and every answer of vendor and cloud can be
//! bent by a script.

use std::error::Error;
use std::time::Duration;

use privlink::{ApplyError, Link, aws, clickhouse};
use privlink_sim::World;

type TestResult = Result<(), Box<dyn Error>>;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> TestResult {
    a_lost_answer_does_not_make_a_second_endpoint().await?;
    throttling_is_waited_out().await?;
    a_key_without_permission_says_so().await?;
    println!("3 passed");
    Ok(())
}

/// The application's own code: what the tests are about.
async fn set_up(link: &Link) -> Result<String, ApplyError> {
    let plan = link.plan().await.expect("both sides can be read in these tests");
    let applied = link.apply(&plan).await?;
    Ok(applied.names().first().map(ToString::to_string).unwrap_or_default())
}

async fn a_lost_answer_does_not_make_a_second_endpoint() -> TestResult {
    let world = World::new();
    world.faults().on("CreateVpcEndpoint").reset_after_commit();
    set_up(&link(&world)?).await?;
    assert_eq!(world.aws().endpoints().len(), 1);
    Ok(())
}

async fn throttling_is_waited_out() -> TestResult {
    let world = World::new();
    world.faults().on("instanceUpdate").throttle(Duration::from_millis(3_500));
    set_up(&link(&world)?).await?;
    Ok(())
}

async fn a_key_without_permission_says_so() -> TestResult {
    let world = World::new();
    let reads = ["ec2:Describe*", "route53:List*", "route53:Get*", "sts:GetCallerIdentity"];
    let key = world.aws().add_key(&world.aws().account(), "reader", Some(&reads));
    let Err(error) = set_up(&link_with(&world, key.id, key.secret)?).await else {
        return Err("a key that may only read made a link".into());
    };
    assert!(error.help().contains("permission"), "{error:?}");
    Ok(())
}

fn link(world: &World) -> Result<Link, Box<dyn Error>> {
    link_with(world, world.aws().access_key_id(), world.aws().secret_access_key())
}

fn link_with(world: &World, key: String, secret: String) -> Result<Link, Box<dyn Error>> {
    let (vendor, cloud) = (world.clickhouse(), world.aws());
    let database = clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()?
        .service(vendor.service_id().into());
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(key, secret))
        .clock(world.clock())
        .build()?
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());
    Ok(Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).build()?)
}
