use privlink::gcp::{Client, Network, NetworkPath, SubnetworkPath};
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

pub(super) const SIDE: Side =
    Side { name: "gcp", needs: Some("gcloud"), environment, left: |world| Box::pin(left(world)) };

pub(super) fn network(world: &World) -> Outcome<Network> {
    let network: NetworkPath = world.fact("/gcp/network")?.parse()?;
    let subnetwork: SubnetworkPath = world.fact("/gcp/subnetwork")?.parse()?;
    Ok(cloud(world)?.network(network.name()).region(subnetwork.region()).subnetwork(subnetwork.name()))
}

fn cloud(world: &World) -> Outcome<Client> {
    let url = world.fact("/gcp/url")?;
    Ok(Client::builder(world.fact("/gcp/project")?.parse()?)
        .compute_endpoint(format!("{url}/compute/v1/"))
        .dns_endpoint(url)
        .token(world.fact("/gcp/token")?)
        .clock(world.clock.clone())
        .build()?)
}

/// As `ci/checks/gcloud.py` points it at the simulator; the token goes in by a file.
fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    let url = world.fact("/gcp/url")?;
    let home = world.home.join("gcloud");
    std::fs::create_dir_all(&home)?;
    let token = home.join("token");
    std::fs::write(&token, world.fact("/gcp/token")?)?;
    let set = |name, value: &str| (name, value.to_owned());
    Ok(vec![
        set("CLOUDSDK_CONFIG", &home.join("config").to_string_lossy()),
        set("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", &token.to_string_lossy()),
        set("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", &format!("{url}/compute/v1/")),
        set("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS", &format!("{url}/")),
        set("CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
        set("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "true"),
        set("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "true"),
    ])
}

/// Everything that is in the project, and in its zones.
async fn left(world: &World) -> Outcome<Left> {
    let (cloud, region) = (cloud(world)?, world.fact("/gcp/region")?.parse()?);
    let rules = cloud.compute().forwarding_rules(&region).all().await?;
    let addresses = cloud.compute().addresses(&region).all().await?;
    let mut zones = Vec::new();
    for zone in cloud.dns().managed_zones().all().await? {
        let records = cloud.dns().record_sets(&zone.name).all().await?;
        zones.push(json!({ "zone": zone, "records": records }));
    }
    let mut random = Vec::new();
    for rule in &rules {
        random.extend(rule.psc_connection_id.map(|id| (id.to_string(), "<connection>".to_owned())));
        // A link by number ends in nothing but a number.
        random.extend(rule.self_link_with_id.iter().map(|link| (link.clone(), "<link>".to_owned())));
        random.extend(rule.created.iter().map(|time| (time.clone(), "<time>".to_owned())));
    }
    // Each simulator is served at a place of its own.
    random.push((world.fact("/gcp/url")?.to_owned(), "<simulator>".to_owned()));
    Ok(Left { things: json!({ "addresses": addresses, "rules": rules, "zones": zones }), random })
}
