use privlink::clickhouse::{Client, Service};
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

pub(super) const SIDE: Side =
    Side { name: "clickhouse", needs: None, environment, left: |world| Box::pin(left(world)) };

/// The service of the simulated vendor in a cloud.
pub(super) fn service(world: &World, cloud: &str) -> Outcome<Service> {
    // The seeded services, in the order they were made.
    let place = match cloud {
        "aws" => 0,
        "azure" => 3,
        "gcp" => 4,
        other => return Err(format!("no service is on {other}").into()),
    };
    let id = world.fact(&format!("/clickhouse/service_ids/{place}"))?.parse()?;
    Ok(client(world)?.service(id))
}

fn client(world: &World) -> Outcome<Client> {
    Ok(Client::builder()
        .base_url(world.fact("/clickhouse/url")?)
        .api_key(world.fact("/clickhouse/key_id")?, world.fact("/clickhouse/key_secret")?)
        .clock(world.clock.clone())
        .build()?)
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("CLICKHOUSE_API_URL", world.fact("/clickhouse/url")?.to_owned()),
        ("CLICKHOUSE_CLOUD_API_KEY", world.fact("/clickhouse/key_id")?.to_owned()),
        ("CLICKHOUSE_CLOUD_API_SECRET", world.fact("/clickhouse/key_secret")?.to_owned()),
    ])
}

/// The allow list of every service.
async fn left(world: &World) -> Outcome<Left> {
    let services: Vec<String> = serde_json::from_value(world.facts["clickhouse"]["service_ids"].clone())?;
    let mut lists = Vec::new();
    for service in services {
        let service = client(world)?.service(service.parse()?);
        let ids: Vec<String> = service.private_endpoints().ids().await?.iter().map(ToString::to_string).collect();
        lists.push(json!({ "service": service.id(), "allowed": ids }));
    }
    Ok(Left { things: json!(lists), random: Vec::new() })
}
