//! The vendor's public list of its addresses: no credentials, no envelope.

use privlink_core::CloudProvider;
use serde_json::{Value, json};

use super::ClickHouseState;
use super::answer::Answer;

pub(super) fn answer(state: &ClickHouseState) -> Answer {
    let of = |provider: CloudProvider| -> Vec<Value> {
        state
            .cells
            .iter()
            .enumerate()
            .filter(|(_, cell)| cell.provider == provider)
            .map(|(n, cell)| {
                let n = n % 64;
                let addresses =
                    |net: &str| -> Vec<String> { (1..=3).map(|host| format!("{net}.{}", 4 * n + host)).collect() };
                let mut entry = json!({
                    "region": cell.region.as_str(),
                    "egress_ips": addresses("203.0.113"),
                    "ingress_ips": addresses("198.51.100"),
                });
                if provider == CloudProvider::Aws {
                    super::render::set(&mut entry, "s3_endpoints", json!([format!("vpce-{n:017x}")]));
                }
                entry
            })
            .collect()
    };
    Answer::Bare(json!({
        "aws": of(CloudProvider::Aws),
        "azure": of(CloudProvider::Azure),
        "gcp": of(CloudProvider::Gcp),
    }))
}
