//! The same reads written with `reqwest` and `serde_json` alone: `overhead-bare PORT TIMES`.
//!
//! What a careful person writes by hand: one client, basic authentication, a time limit, the
//! status checked, the same fields read into a struct.

use std::error::Error;
use std::time::Duration;

use privlink_ci::overhead::{KEY, ORGANIZATION, SECRET, SERVICE, arguments};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)] // Read, as by the library, whether used or not.
struct Envelope {
    request_id: String,
    result: Service,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)]
struct Service {
    id: String,
    name: String,
    provider: String,
    region: String,
    state: String,
    clickhouse_version: Option<String>,
    endpoints: Vec<Endpoint>,
    ip_access_list: Vec<Source>,
    private_endpoint_ids: Vec<String>,
    available_private_endpoint_ids: Option<Vec<String>>,
    data_warehouse_id: Option<String>,
    is_primary: Option<bool>,
    is_readonly: Option<bool>,
    byoc_id: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Endpoint {
    protocol: String,
    host: Option<String>,
    port: Option<f64>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Source {
    source: String,
    description: Option<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (port, times) = arguments()?;
    let client = privlink_ci::overhead::client()?;
    let url = format!("http://127.0.0.1:{port}/v1/organizations/{ORGANIZATION}/services/{SERVICE}");
    let mut endpoints = 0;
    for _ in 0..times {
        let answer = client
            .get(&url)
            .basic_auth(KEY, Some(SECRET))
            .header("accept", "application/json")
            .timeout(Duration::from_secs(30))
            .send()
            .await?
            .error_for_status()?
            .bytes()
            .await?;
        let envelope: Envelope = serde_json::from_slice(&answer)?;
        endpoints += envelope.result.private_endpoint_ids.len();
    }
    println!("{endpoints}");
    Ok(())
}
