use privlink::aws::{Client, Credentials, Filter, Network, Tag, VpcEndpointState, ZoneVpc};
use privlink_core::SubnetId;
use serde_json::{Value, json};

use super::world::World;
use super::{Left, Outcome, Side};

pub(super) const SIDE: Side = Side { name: "aws", needs: None, environment, left: |world| Box::pin(left(world)) };

/// A tag of the caller's that a shell would run, were it not quoted: the check looks for the file.
const HOSTILE: &str = "'; touch canary; \"$(touch canary)\" `touch canary` ${HOME} %{ if true } yes: #\\";

pub(super) fn network(world: &World) -> Outcome<Network> {
    let subnets: Vec<SubnetId> = serde_json::from_value(world.facts["aws"]["subnet_ids"].clone())?;
    let network = cloud(world)?.vpc(world.fact("/aws/vpc_id")?.parse()?).subnets(subnets.into_iter().take(2));
    Ok(network.tags([Tag::new("purpose", HOSTILE)]))
}

fn cloud(world: &World) -> Outcome<Client> {
    let (id, secret) = (world.fact("/aws/access_key_id")?, world.fact("/aws/secret_access_key")?);
    Ok(Client::builder(world.fact("/aws/region")?.parse()?)
        .endpoint_url(world.fact("/aws/url")?)
        .credentials(Credentials::new(id, secret))
        .clock(world.clock.clone())
        .build()?)
}

fn environment(world: &World) -> Outcome<Vec<(&'static str, String)>> {
    Ok(vec![
        ("AWS_ENDPOINT_URL", world.fact("/aws/url")?.to_owned()),
        ("AWS_ACCESS_KEY_ID", world.fact("/aws/access_key_id")?.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", world.fact("/aws/secret_access_key")?.to_owned()),
    ])
}

/// Everything that is in the network.
async fn left(world: &World) -> Outcome<Left> {
    let (cloud, vpc) = (cloud(world)?, world.fact("/aws/vpc_id")?.parse()?);
    let of_vpc = || Filter::new().vpc(&vpc);
    let mut endpoints = cloud.ec2().vpc_endpoints(of_vpc()).all().await?;
    // AWS lists one for a while after it is gone.
    endpoints.retain(|endpoint| endpoint.state != VpcEndpointState::Deleted);
    let groups = cloud.ec2().security_groups(of_vpc()).all().await?;
    let mut zones = Vec::new();
    let mut random = Vec::new();
    for zone in cloud.route53().zones_of_vpc(&ZoneVpc::new(vpc.clone(), cloud.region().clone())).all().await? {
        random.push((zone.id.to_string(), "<zone>".to_owned()));
        if zone.owning_service.is_some() {
            // The private DNS of an endpoint: nobody but AWS can look into it.
            zones.push(json!({ "zone": zone.name, "of": zone.owning_service }));
            continue;
        }
        let records = cloud.route53().record_sets(&zone.id).all().await?;
        zones.push(json!({ "zone": cloud.route53().hosted_zone(&zone.id).await?, "records": records }));
    }
    // They are listed by their ids, which are of chance.
    let name = |zone: &Value| zone["zone"]["name"].as_str().or(zone["zone"].as_str()).map(str::to_owned);
    zones.sort_by_key(name);
    for (n, endpoint) in endpoints.iter().enumerate() {
        // AWS's names for an endpoint hold a part made of nothing.
        let label = endpoint.regional_dns().and_then(|dns| dns.name.as_str().split('.').next()).map(str::to_owned);
        let word = format!("<endpoint {n}>");
        random.extend(label.map(|label| (label, word.clone())));
        random.push((endpoint.id.to_string(), word));
        random.extend(endpoint.interfaces.iter().map(|id| (id.to_string(), "<interface>".to_owned())));
        random.extend(endpoint.created.iter().map(|time| (time.to_string(), "<time>".to_owned())));
    }
    random.extend(groups.iter().enumerate().map(|(n, group)| (group.id.to_string(), format!("<group {n}>"))));
    Ok(Left { things: json!({ "endpoints": endpoints, "groups": groups, "zones": zones }), random })
}
