use privlink::azure::{Client, Cloud, Network, VirtualNetworkId};
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

/// `az` as `ci/checks/az.py` starts it.
pub(super) const SIDE: Side = Side { name: "azure", needs: None, environment, left: |world| Box::pin(left(world)) };

/// A tag of the caller's that a shell would run, were it not quoted: the check looks for the file.
const HOSTILE: &str = "'; touch canary; \"$(touch canary)\" `touch canary` ${HOME} yes: #\\";

pub(super) fn network(world: &World) -> Outcome<Network> {
    let subnet = world.fact("/azure/subnet_id")?.parse()?;
    Ok(cloud(world)?.network(vnet(world)?).subnet(subnet).tags([("purpose".to_owned(), HOSTILE.to_owned())]))
}

fn vnet(world: &World) -> Outcome<VirtualNetworkId> {
    Ok(world.fact("/azure/vnet_id")?.parse()?)
}

fn cloud(world: &World) -> Outcome<Client> {
    Ok(Client::builder(world.fact("/azure/subscription_id")?.parse()?)
        .cloud(Cloud::custom(world.fact("/azure/url")?)?)
        .token(world.fact("/azure/token")?)
        .clock(world.clock.clone())
        .build()?)
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("PRIVLINK_AZURE_URL", world.fact("/azure/url")?.to_owned()),
        ("PRIVLINK_AZURE_TOKEN", world.fact("/azure/token")?.to_owned()),
        ("PRIVLINK_AZURE_SUBSCRIPTION", world.fact("/azure/subscription_id")?.to_owned()),
        ("AZURE_CONFIG_DIR", world.home.join("azure").to_string_lossy().into_owned()),
        ("AZURE_CORE_COLLECT_TELEMETRY", "false".to_owned()),
    ])
}

/// Everything that is in the subscription, and in its zones.
async fn left(world: &World) -> Outcome<Left> {
    let cloud = cloud(world)?;
    let endpoints = cloud.networking().private_endpoints().all().await?;
    let mut random = Vec::new();
    for endpoint in &endpoints {
        random.extend(endpoint.etag.iter().map(|tag| (tag.trim_matches(['W', '/', '"']).to_owned(), "<etag>".to_owned())));
        random.extend(endpoint.guid.map(|guid| (guid.to_string(), "<guid>".to_owned())));
    }
    let mut zones = Vec::new();
    for zone in cloud.private_dns().zones_of(cloud.subscription()).all().await? {
        let links = cloud.private_dns().links(&zone.id).all().await?;
        let records = cloud.private_dns().a_sets(&zone.id).all().await?;
        let tags = links.iter().map(|link| &link.etag).chain(records.iter().map(|set| &set.etag)).chain([&zone.etag]);
        random.extend(tags.flatten().map(|tag| (tag.clone(), "<etag>".to_owned())));
        zones.push(json!({ "zone": zone, "links": links, "records": records }));
    }
    Ok(Left { things: json!({ "endpoints": endpoints, "zones": zones }), random })
}
