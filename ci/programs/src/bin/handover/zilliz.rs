use privlink::zilliz::{Client, ProjectRegion};
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

pub(super) const SIDE: Side = Side { name: "zilliz", needs: None, environment, left: |world| Box::pin(left(world)) };

/// The clusters of the simulated vendor in the network's region of AWS.
pub(super) fn region(world: &World) -> Outcome<ProjectRegion> {
    let client = Client::builder()
        .base_url(world.fact("/zilliz/url")?)
        .api_key(world.fact("/zilliz/api_key")?)
        .clock(world.clock.clone())
        .build()?;
    let project = client.project(world.fact("/zilliz/project_id")?.parse()?);
    Ok(project.region(format!("aws-{}", world.fact("/aws/region")?).parse()?))
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("ZILLIZCLOUD_HOST_ADDRESS", world.fact("/zilliz/url")?.to_owned()),
        ("ZILLIZCLOUD_API_KEY", world.fact("/zilliz/api_key")?.to_owned()),
    ])
}

/// The registered endpoints, and the clusters with their private addresses.
async fn left(world: &World) -> Outcome<Left> {
    let region = region(world)?;
    let endpoints = region.project().private_endpoints().all().await?;
    let clusters = region.project().clusters_in(region.region()).all().await?;
    Ok(Left { things: json!({ "endpoints": endpoints, "clusters": clusters }), random: Vec::new() })
}
