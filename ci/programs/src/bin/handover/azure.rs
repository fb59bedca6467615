use privlink::azure::{Client, Cloud, Network};

use super::Outcome;
use super::world::World;

pub(super) fn network(world: &World) -> Outcome<Network> {
    let client = Client::builder(world.fact("/azure/subscription_id")?.parse()?)
        .cloud(Cloud::custom(world.fact("/azure/url")?)?)
        .token(world.fact("/azure/token")?)
        .clock(world.clock.clone())
        .build()?;
    let subnet = world.fact("/azure/subnet_id")?.parse()?;
    Ok(client.network(world.fact("/azure/vnet_id")?.parse()?).subnet(subnet))
}
