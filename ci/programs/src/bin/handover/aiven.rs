use privlink::aiven::{Client, Service};
use privlink_core::CloudProvider;
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

/// Kafka, whose brokers have ports of their own.
const SERVICE: &str = "events-kafka";

pub(super) const SIDE: Side = Side { name: "aiven", needs: None, environment, left: |world| Box::pin(left(world)) };

/// A service of the simulated vendor in AWS.
pub(super) fn service(world: &World) -> Outcome<Service> {
    let client = Client::builder()
        .base_url(world.fact("/aiven/url")?)
        .token(world.fact("/aiven/token")?)
        .clock(world.clock.clone())
        .build()?;
    let service = client.project(world.fact("/aiven/project")?.parse()?).service(SERVICE.parse()?);
    // So that the way back has a part of Aiven's, too.
    Ok(service.delete_privatelink_on_removal())
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("AIVEN_WEB_URL", world.fact("/aiven/url")?.to_owned()),
        ("AIVEN_AUTH_TOKEN", world.fact("/aiven/token")?.to_owned()),
        // No saved credentials: they would replace the token.
        ("AIVEN_CONFIG_DIR", std::env::temp_dir().display().to_string()),
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
    ])
}

/// The privatelink, its connections, and what is switched on and reached over it.
async fn left(world: &World) -> Outcome<Left> {
    let service = service(world)?;
    let privatelink = service.privatelink(CloudProvider::Aws);
    let there = privatelink.get().await?;
    let connections = match there {
        Some(_) => privatelink.connections().await?.into_iter().collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let random = connections.iter().flat_map(|one| &one.id).map(|id| (id.to_string(), "<connection>".to_owned()));
    let random = random.collect();
    let things = json!({ "privatelink": there, "connections": connections, "service": service.details().await? });
    Ok(Left { things, random })
}
