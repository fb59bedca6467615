//! A whole link to the service `orders` of a served simulator, planned and applied:
//! `link FACTS SCALE`, with the file of the simulator's first line and its time scale.
//!
//! The client's clock runs as fast as the simulator's, as if the waiting were done beside it.

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use privlink::{Link, aws, clickhouse};
use privlink_core::side::StepState;
use privlink_core::{BoxFuture, Clock, CloudProvider, SubnetId};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let [_, facts, scale] = <[String; 3]>::try_from(env::args().collect::<Vec<_>>())
        .map_err(|_| "give the file of the simulator's line and its time scale")?;
    let facts: Value = serde_json::from_str(&std::fs::read_to_string(facts)?)?;
    let fact = |path: &str| facts.pointer(path).and_then(Value::as_str).ok_or_else(|| format!("no {path}"));
    let clock: Arc<dyn Clock> = Arc::new(Faster { began: SystemTime::now(), scale: scale.parse()? });

    let client = clickhouse::Client::builder()
        .base_url(fact("/clickhouse/url")?)
        .api_key(fact("/clickhouse/key_id")?, fact("/clickhouse/key_secret")?)
        .clock(clock.clone())
        .build()?;
    let region = fact("/aws/region")?.parse()?;
    let database = client
        .organization(fact("/clickhouse/organization_id")?.parse()?)
        .find_service(CloudProvider::Aws, &region, "orders")
        .await?;
    let subnets: Vec<SubnetId> = serde_json::from_value(facts["aws"]["subnet_ids"].clone())?;
    let network = aws::Client::builder(region)
        .endpoint_url(fact("/aws/url")?)
        .credentials(aws::Credentials::new(fact("/aws/access_key_id")?, fact("/aws/secret_access_key")?))
        .clock(clock.clone())
        .build()?
        .vpc(fact("/aws/vpc_id")?.parse()?)
        .subnets(subnets.into_iter().take(2));

    let link = Link::builder("orders-prod".parse()?, database, network).clock(clock).build()?;
    let plan = link.plan().await?;
    let to_do = plan.steps.iter().filter(|step| step.state != StepState::AlreadyDone).count();
    let done = link.apply(&plan).await?;
    let name = done.names().first().ok_or("the link gave no name")?;
    println!("{to_do} steps to do, connect to {name}");
    Ok(())
}

/// The machine's clock, so many times as fast.
#[derive(Debug)]
struct Faster {
    began: SystemTime,
    scale: u32,
}

impl Clock for Faster {
    fn now(&self) -> SystemTime {
        let passed = self.began.elapsed().unwrap_or_default();
        self.began + passed * self.scale
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / self.scale))
    }
}
