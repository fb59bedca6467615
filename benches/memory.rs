//! The most memory that planning many links takes: the real clients over HTTP, one process a size.
//!
//! ```sh
//! cargo bench --bench memory
//! ```
//!
//! The simulated world is served by the parent, so that none of its memory counts.

use std::env;
use std::error::Error;
use std::process::{Command, Stdio};
use std::time::Instant;

use privlink::core::{CloudProvider, SubnetId};
use privlink::{Link, Links, aws, clickhouse};
use privlink_sim::{ServiceSpec, World};
use serde::{Deserialize, Serialize};

/// Where the child finds its task.
const TASK: &str = "PRIVLINK_BENCH_TASK";

/// What a child is to plan.
#[derive(Serialize, Deserialize)]
struct Task {
    url: String,
    key_id: String,
    key_secret: String,
    organization: String,
    services: Vec<String>,
    region: String,
    access_key: String,
    secret_key: String,
    vpc: String,
    subnets: Vec<SubnetId>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match env::var(TASK) {
        Ok(task) => runtime.block_on(plan(serde_json::from_str(&std::fs::read_to_string(task)?)?)),
        Err(_) => runtime.block_on(measure()),
    }
}

async fn measure() -> Result<(), Box<dyn Error>> {
    // Only `cargo bench` asks for all of it; `cargo test --benches` wants to see that it works.
    let sizes: &[usize] = if env::args().any(|arg| arg == "--bench") { &[100, 1_000, 10_000] } else { &[10] };
    println!("{:>7}  {:>10}  {:>10}  {:>12}  {:>8}", "links", "before KiB", "peak KiB", "KiB a link", "seconds");
    for size in sizes {
        let world = World::new();
        world.clickhouse().lift_rate_limit();
        let server = world.serve("127.0.0.1:0").await?;
        let file = env::temp_dir().join(format!("privlink-bench-{}-{size}.json", std::process::id()));
        std::fs::write(&file, serde_json::to_vec(&task(&world, server.url(), *size))?)?;
        let child = Command::new(env::current_exe()?).env(TASK, &file).stdout(Stdio::piped()).spawn()?;
        let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await??;
        std::fs::remove_file(&file)?;
        let told = String::from_utf8(output.stdout)?;
        let [before, peak, seconds] = told.split_whitespace().collect::<Vec<_>>()[..] else {
            return Err(format!("planning {size} links ended with {}: {told}", output.status).into());
        };
        let each = (peak.parse::<f64>()? - before.parse::<f64>()?) / *size as f64;
        println!("{size:>7}  {before:>10}  {peak:>10}  {each:>12.1}  {seconds:>8}");
    }
    Ok(())
}

fn task(world: &World, url: String, size: usize) -> Task {
    let (vendor, cloud) = (world.clickhouse(), world.aws());
    let service = |number| {
        let spec = ServiceSpec::new(format!("database-{number}"), CloudProvider::Aws, cloud.region());
        vendor.add_service(spec).to_string()
    };
    Task {
        url,
        key_id: vendor.key_id(),
        key_secret: vendor.key_secret(),
        organization: vendor.organization_id().to_string(),
        services: (0..size).map(service).collect(),
        region: cloud.region().to_string(),
        access_key: cloud.access_key_id(),
        secret_key: cloud.secret_access_key(),
        vpc: cloud.vpc_id().to_string(),
        subnets: cloud.subnet_ids(),
    }
}

/// Plans a link to each service, and tells the peak before, the peak after and the seconds.
async fn plan(task: Task) -> Result<(), Box<dyn Error>> {
    // The vendor's budget would make it a matter of hours.
    let mut facts = clickhouse::facts::Facts::default();
    facts.rate.requests = 1_000_000;
    let organization = clickhouse::Client::builder()
        .base_url(task.url.clone())
        .api_key(task.key_id, task.key_secret)
        .facts(facts)
        .build()?
        .organization(task.organization.parse()?);
    let network = aws::Client::builder(task.region.parse()?)
        .endpoint_url(task.url)
        .credentials(aws::Credentials::new(task.access_key, task.secret_key))
        .build()?
        .vpc(task.vpc.parse()?)
        .subnets(task.subnets);
    let before = peak()?;
    let mut links = Vec::with_capacity(task.services.len());
    for (number, service) in task.services.iter().enumerate() {
        let service = organization.service(service.parse()?);
        links.push(Link::builder(format!("database-{number}").parse()?, service, network.clone()).build()?);
    }
    let links = Links::new(links);
    let began = Instant::now();
    let plan = links.plan().await;
    let seconds = began.elapsed().as_secs_f64();
    if let Some((link, error)) = plan.unplanned().next() {
        return Err(format!("{link} was not planned: {error}").into());
    }
    println!("{before} {} {seconds:.1}", peak()?);
    Ok(())
}

/// The most memory this process has held at once, in KiB (`VmHWM`, Linux).
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}
