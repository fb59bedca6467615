//! What here carries a mark, and taking in what does not.

use std::time::Duration;

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, Evidence, Exchange, Mark, Ownership, TouchKey};
use privlink_core::{AzurePrivateEndpointId, Error, ErrorKind, PrivateEndpointId, ResourceGuid, Result};

use super::mark::{self, Keys};
use super::{Network, facts, naming, read};
use crate::model::{CreatePrivateEndpoint, PrivateEndpoint, PrivateZone, Tags, tag};
use crate::problem::Problem;

/// How long marking an endpoint may take: nothing but its tags changes.
const MARKING: Duration = Duration::from_secs(300);
/// How often the marks are put on that somebody wipes, or that Azure refuses for a moment.
const TRIES: u32 = 5;
/// The pause after such a refusal, where Azure names none.
const PAUSE: Duration = Duration::from_secs(5);

/// Everything of the subscription that carries the mark's key or its link's label.
pub(super) async fn owned(network: &Network, wanted: &Mark, _: &Cx) -> Result<Vec<(TouchKey, Ownership)>> {
    let client = &network.client;
    let keys = Keys { network: &network.network, instance: &wanted.instance };
    let (endpoints, zones) =
        future::try_join(read::endpoints(client, &network.group), read::zones(client, &network.group)).await?;
    let concerns = |tags: &Tags| {
        tag(tags, mark::KEY) == Some(wanted.key.digest().as_str())
            || (tag(tags, mark::KEY).is_some() && tag(tags, mark::LINK) == Some(wanted.link.as_str()))
    };
    let mut found = Vec::new();
    for endpoint in &endpoints {
        let Some(service) = mark::service_of(endpoint) else { continue };
        // One that was taken in may point at the service's other id, which is not the one its mark is of.
        let whose = match mark::of_endpoint(endpoint, &service, &keys) {
            Ownership::Foreign => mark::by_tags(&endpoint.tags, &wanted.key),
            whose => whose,
        };
        // One that a user's link made, or took: the step that did is told by the user too.
        let users = mark::other_users(&endpoint.tags, None);
        let taken = users.iter().any(|user| keys.taken(&service, Some(user)) == wanted.key);
        if whose != Ownership::Foreign && (taken || concerns(&endpoint.tags)) {
            found.push((if taken { wanted.key.clone() } else { keys.endpoint(&service) }, whose));
        }
    }
    let ours = |zone: &&PrivateZone| mark::of_zone(zone, &network.network).is_ours();
    for zone in zones.iter().filter(ours) {
        if concerns(&zone.tags) {
            found.push((mark::zone_key(&network.network, &zone.id), Ownership::Ours(Evidence::Tag)));
        }
        let (links, sets) =
            future::try_join(client.private_dns().links(&zone.id).all(), client.private_dns().a_sets(&zone.id).all())
                .await?;
        for link in links.iter().filter(|link| concerns(&link.tags)) {
            let Some(Ok(other)) = &link.network else { continue };
            if mark::of_link(link, &network.network, other).is_ours() {
                found.push((mark::link_key(&network.network, &zone.id, other), Ownership::Ours(Evidence::Tag)));
            }
        }
        for set in sets.iter().filter(|set| concerns(&set.metadata)) {
            let Some(name) = naming::full_name(&set.name, &zone.name) else { continue };
            let whose = mark::of_record(set, &network.network, &zone.id, &name);
            if whose.is_ours() {
                found.push((mark::record_key(&network.network, &zone.id, &name), whose));
            }
        }
    }
    Ok(found)
}

/// Marks an endpoint that is there, so that later plans find and use it.
pub(super) async fn adopt(
    network: &Network,
    id: &PrivateEndpointId,
    known: &Exchange,
    cx: &Cx,
) -> Result<EndpointFacts> {
    let named = |error: Error| error.with_operation("adopt").with_resource(id.to_string());
    let endpoint = found(network, id)
        .await?
        .ok_or_else(|| named(Error::new(ErrorKind::NotFound, "there is no such private endpoint")))?;
    let conflict = |why: String| Err(named(Error::new(ErrorKind::Conflict, why)));
    let (theirs, ours) = (endpoint.id.resource().subscription(), network.group.subscription());
    if theirs != ours {
        return conflict(format!("it is in subscription {theirs}, and this network's endpoints in {ours}"));
    }
    match &endpoint.subnet {
        Some(Ok(subnet)) if subnet.virtual_network() == network.network => {}
        _ => return conflict(format!("it is not in {}", network.network)),
    }
    if facts::is_dead(&endpoint) || facts::is_going(&endpoint) {
        let state = endpoint.connection().map_or_else(|| "without a connection".to_owned(), ToString::to_string);
        return conflict(format!("it is {state}"));
    }
    let leads_to = endpoint.connection().map_or("nothing", |connection| connection.service.as_str());
    let wanted: Vec<&str> = known.services.values().map(|service| service.id.as_str()).collect();
    if wanted.is_empty() {
        return conflict(format!("it leads to {leads_to}, and the database's endpoint service is not known yet"));
    }
    let leads = |id| endpoint.connection().is_some_and(|one| one.leads_to(id));
    let Some(service) = known.services.values().find(|service| service.ids().any(leads)) else {
        return conflict(format!("it leads to {leads_to}, and the database is behind {}", wanted.join(", ")));
    };
    let keys = Keys { network: &network.network, instance: cx.instance() };
    let key = keys.endpoint(&service.id);
    let mark = cx.mark(key);
    let whose = match mark::by_tags(&endpoint.tags, &mark.key) {
        Ownership::Foreign if tag(&endpoint.tags, mark::KEY).is_some() => {
            return conflict("it carries the mark of another link".to_owned());
        }
        whose @ Ownership::Ours(_) => whose,
        // `managed-by` may be somebody's; ours is not needed to find it again.
        _ => {
            let unnamed = |error: Error| if error.operation().is_none() { named(error) } else { error };
            take_in(network, &endpoint, &mark).await.map_err(unnamed)?;
            Ownership::Adopted(Evidence::Tag)
        }
    };
    let address = address_of(network, &endpoint).await?;
    Ok(facts::of(&endpoint, address, whose))
}

/// Puts the marks on, and sees that they stay: Azure replaces all tags at once and compares nothing,
/// so that somebody who changes a tag in the same moment may wipe them.
async fn take_in(network: &Network, endpoint: &PrivateEndpoint, mark: &Mark) -> Result<()> {
    let networking = network.client.networking();
    let mut now = endpoint.clone();
    for _ in 0..TRIES {
        let lacking = mark::adopting(mark, &now.tags);
        if lacking.is_empty() {
            return Ok(());
        }
        if let Err(error) = marked(network, &now.as_request()?.tags(lacking)).await {
            let pause = error.retry_after().unwrap_or(PAUSE);
            if !(Problem::of(&error).passes() || error.kind() == ErrorKind::OutcomeUnknown) || pause > MARKING {
                return Err(error);
            }
            network.client.clock().sleep(pause).await;
        }
        let again = networking.private_endpoint(&endpoint.id).await?;
        now = again.ok_or_else(|| Error::new(ErrorKind::NotFound, "it was deleted while it was being marked"))?;
        if tag(&now.tags, mark::KEY).is_some_and(|key| key != mark.key.digest()) {
            return Err(Error::new(ErrorKind::Conflict, "another link took it in at the same time"));
        }
    }
    match mark::adopting(mark, &now.tags).is_empty() {
        true => Ok(()),
        false => Err(Error::new(ErrorKind::Conflict, "somebody else keeps replacing its tags, and ours do not stay")),
    }
}

async fn marked(network: &Network, request: &CreatePrivateEndpoint) -> Result<()> {
    network.client.networking().put_private_endpoint(request).await?.at_most(MARKING).await?;
    Ok(())
}

/// The endpoint of an id: of a GUID, among those of the subscription.
async fn found(network: &Network, id: &PrivateEndpointId) -> Result<Option<PrivateEndpoint>> {
    match id {
        PrivateEndpointId::AzureResource(id) => by_id(network, id).await,
        PrivateEndpointId::AzureGuid(guid) => by_guid(network, *guid).await,
        other => Err(Error::invalid(format!("{other} is no private endpoint of Azure"))),
    }
}

async fn by_id(network: &Network, id: &AzurePrivateEndpointId) -> Result<Option<PrivateEndpoint>> {
    network.client.networking().private_endpoint(id).await
}

async fn by_guid(network: &Network, guid: ResourceGuid) -> Result<Option<PrivateEndpoint>> {
    let all = read::endpoints(&network.client, &network.group).await?;
    Ok(all.into_iter().find(|endpoint| endpoint.guid == Some(guid)))
}

/// The address of an endpoint's interface, read afresh.
pub(super) async fn address_of(network: &Network, endpoint: &PrivateEndpoint) -> Result<Option<std::net::IpAddr>> {
    match endpoint.interfaces.iter().flatten().next() {
        Some(id) => Ok(network.client.networking().network_interface(id).await?.and_then(|one| one.address())),
        None => Ok(None),
    }
}
