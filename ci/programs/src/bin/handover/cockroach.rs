use privlink::cockroach::{Client, Cluster};
use serde_json::json;

use super::world::World;
use super::{Left, Outcome, Side};

pub(super) const SIDE: Side = Side { name: "cockroach", needs: None, environment, left: |world| Box::pin(left(world)) };

/// The simulated vendor's first cluster, in AWS.
pub(super) fn cluster(world: &World) -> Outcome<Cluster> {
    let client = Client::builder()
        .base_url(world.fact("/cockroach/url")?)
        .api_key(world.fact("/cockroach/api_key")?)
        .clock(world.clock.clone())
        .build()?;
    Ok(client.cluster(world.fact("/cockroach/cluster_ids/0")?.parse()?))
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("COCKROACH_SERVER", world.fact("/cockroach/url")?.to_owned()),
        ("COCKROACH_API_KEY", world.fact("/cockroach/api_key")?.to_owned()),
    ])
}

/// The endpoint services and the list of endpoints.
async fn left(world: &World) -> Outcome<Left> {
    let cluster = cluster(world)?;
    let services = cluster.private_endpoint_services().await?.into_iter().collect::<Result<Vec<_>, _>>()?;
    let connections = cluster.private_endpoint_connections().await?.into_iter().collect::<Result<Vec<_>, _>>()?;
    // The list shows an endpoint that was let go on, though its cloud has it no more.
    let ids = connections.iter().enumerate();
    let random = ids.map(|(n, one)| (one.endpoint_id.clone(), format!("<endpoint {n}>"))).collect();
    Ok(Left { things: json!({ "services": services, "connections": connections }), random })
}
