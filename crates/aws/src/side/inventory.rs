//! What here carries a mark, and taking in what does not.

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, Evidence, Exchange, Mark, Ownership, TouchKey};
use privlink_core::{Error, ErrorKind, PrivateEndpointId, Result, VpcEndpointServiceName};

use super::mark::{self, Keys};
use super::{Network, facts, read};
use crate::ec2::Filter;
use crate::model::{Tag, ZoneVpc};

/// Everything in the VPC that carries the mark's key or was made for its database.
pub(super) async fn owned(network: &Network, wanted: &Mark, _: &Cx) -> Result<Vec<(TouchKey, Ownership)>> {
    let client = &network.client;
    let account = client.sts().caller_identity().await?.account;
    let keys = Keys { account: &account, vpc: &network.vpc, instance: &wanted.instance };
    let of_vpc = || Filter::new().vpc(&network.vpc);
    let here = ZoneVpc::new(network.vpc.clone(), client.region().clone());
    let (endpoints, groups, zones) = future::try_join3(
        client.ec2().vpc_endpoints(of_vpc()).all(),
        client.ec2().security_groups(of_vpc()).all(),
        client.route53().zones_of_vpc(&here).all(),
    )
    .await?;
    let concerns = |tags: &[Tag]| {
        Tag::find(tags, mark::KEY) == Some(wanted.key.digest().as_str())
            || (Tag::find(tags, mark::KEY).is_some() && mark::is_of_database(tags, wanted))
    };
    let mut found = Vec::new();
    for endpoint in endpoints.iter().filter(|endpoint| !endpoint.state.is_gone()) {
        let service = endpoint.service_name.as_str();
        // One that a user's link made, or took: the step that did is told by the user too.
        let taken = mark::other_users(&endpoint.tags, None).any(|user| keys.taken(service, Some(user)) == wanted.key);
        if taken {
            found.push((wanted.key.clone(), whose(&endpoint.tags)));
        } else if concerns(&endpoint.tags) {
            found.push((keys.endpoint(service), whose(&endpoint.tags)));
        }
    }
    for group in groups.iter().filter(|group| concerns(&group.tags)) {
        let service = group.description.split_whitespace().find_map(|word| word.parse::<VpcEndpointServiceName>().ok());
        let key = match service {
            Some(service) => keys.group(&service),
            None => TouchKey::new("aws.group", [network.vpc.as_str(), group.id.as_str()]),
        };
        found.push((key, whose(&group.tags)));
    }
    for summary in zones.iter().filter(|zone| zone.owning_service.is_none()) {
        // A zone shared by another account cannot be read, and is not ours.
        let zone = match client.route53().hosted_zone(&summary.id).await {
            Ok(Some(zone)) => zone,
            Ok(None) => continue,
            Err(error) if error.kind() == ErrorKind::PermissionDenied => continue,
            Err(error) => return Err(error),
        };
        let key = mark::zone_key(&network.vpc, &zone.name);
        let ownership = mark::of_zone(&zone, &network.vpc);
        if ownership.is_ours() && (mark::zone_is_of_database(&zone, wanted) || key == wanted.key) {
            found.push((key, ownership));
        }
    }
    Ok(found)
}

fn whose(tags: &[Tag]) -> Ownership {
    if mark::adopted_tags(tags).next().is_some() {
        Ownership::Adopted(Evidence::Tag)
    } else if Tag::find(tags, mark::MANAGED_BY) == Some(Mark::MANAGED_BY) {
        Ownership::Ours(Evidence::Tag)
    } else {
        Ownership::Unattributable
    }
}

/// Marks an endpoint that is there, so that later plans find and use it.
pub(super) async fn adopt(
    network: &Network,
    id: &PrivateEndpointId,
    known: &Exchange,
    cx: &Cx,
) -> Result<EndpointFacts> {
    let PrivateEndpointId::Aws(id) = id else {
        return Err(Error::invalid("only a VPC endpoint can be adopted into a VPC"));
    };
    let client = &network.client;
    let named = |error: Error| error.with_operation("adopt").with_resource(id.as_str());
    let endpoint = client
        .ec2()
        .vpc_endpoint(id)
        .await?
        .ok_or_else(|| named(Error::new(ErrorKind::NotFound, "there is no such VPC endpoint")))?;
    let conflict = |why: String| Err(named(Error::new(ErrorKind::Conflict, why)));
    if endpoint.vpc.as_ref() != Some(&network.vpc) {
        return conflict(format!("it is not in {}", network.vpc));
    }
    if !endpoint.is_interface() || endpoint.requester_managed {
        return conflict("it is not an interface endpoint of this account's own".to_owned());
    }
    if endpoint.state.is_dead() {
        return conflict(format!("it is {}", endpoint.state));
    }
    if let Some(why) = elsewhere(&endpoint.service_name, known) {
        return conflict(why);
    }
    let account = client.sts().caller_identity().await?.account;
    let keys = Keys { account: &account, vpc: &network.vpc, instance: cx.instance() };
    let mark = cx.mark(keys.endpoint(&endpoint.service_name));
    let digest = mark.key.digest();
    let whose = match mark::by_tags(&endpoint.tags, &mark.key) {
        Ownership::Foreign if Tag::find(&endpoint.tags, mark::KEY).is_some_and(|key| key != digest) => {
            return conflict("it carries the mark of another link".to_owned());
        }
        Ownership::Foreign | Ownership::Adopted(_) => {
            // `managed-by` may be somebody's; ours is not needed to find it again.
            let mut tags = vec![
                Tag::new(mark::KEY, digest),
                Tag::new(mark::LINK, cx.link().as_str()),
                Tag::new(mark::adopted_tag(&mark), "true"),
            ];
            tags.retain(|tag| Tag::find(&endpoint.tags, &tag.key).is_none());
            if !tags.is_empty() {
                client.ec2().create_tags(std::slice::from_ref(id), &tags).await?;
            }
            Ownership::Adopted(Evidence::Tag)
        }
        known => known,
    };
    let interfaces = read::interfaces(client, &endpoint.interfaces).await?;
    let subnets = client.ec2().subnets(Filter::new().vpc(&network.vpc)).all().await?;
    Ok(facts::of(&endpoint, &interfaces, &subnets, &account, whose))
}

/// Why an endpoint to `service` is of no use to the database, unless it is.
fn elsewhere(service: &str, known: &Exchange) -> Option<String> {
    let wanted: Vec<&str> = known.services.values().map(|service| service.id.as_str()).collect();
    if wanted.is_empty() {
        return Some(format!("it leads to {service}, and the database's endpoint service is not known yet"));
    }
    (!wanted.contains(&service))
        .then(|| format!("it leads to {service}, and the database is behind {}", wanted.join(", ")))
}
