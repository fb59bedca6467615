//! So many reads of one service, by the library: `overhead-privlink PORT TIMES`.

use std::error::Error;

use privlink_ci::overhead::{KEY, ORGANIZATION, SECRET, SERVICE, arguments};
use privlink_clickhouse::Client;
use privlink_clickhouse::facts::Facts;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (port, times) = arguments()?;
    let mut facts = Facts::default();
    // The vendor's budget would make the loop wait; the limiter itself stays in place.
    facts.rate.requests = 1_000_000;
    let client = Client::builder()
        .api_key(KEY, SECRET)
        .base_url(format!("http://127.0.0.1:{port}"))
        .organization(ORGANIZATION.parse()?)
        .facts(facts)
        .build()?;
    let service = client.service(SERVICE.parse()?);
    let mut endpoints = 0;
    for _ in 0..times {
        endpoints += service.details().await?.private_endpoints()?.count();
    }
    println!("{endpoints}");
    Ok(())
}
