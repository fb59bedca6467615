//! What here carries a mark, and taking in what does not.

use futures_util::future;
use privlink_core::side::{Cx, EndpointFacts, Evidence, Exchange, Mark, Ownership, TouchKey};
use privlink_core::{Error, ErrorKind, PrivateEndpointId, Result, ServiceAttachment};

use super::{Network, facts, mark, read};
use crate::model::{ForwardingRule, PscConnectionStatus};
use crate::problem::Problem;

/// How often the marks are put on while somebody else changes labels.
const TRIES: u32 = 5;

/// Everything of the network that carries the mark's key or was made for its database.
pub(super) async fn owned(network: &Network, wanted: &Mark, _: &Cx) -> Result<Vec<(TouchKey, Ownership)>> {
    let keys = network.keys(&wanted.instance);
    let (compute, dns) = (network.client.compute(), network.dns());
    let (rules, addresses, zones) =
        future::try_join3(read::endpoints(network), compute.addresses(&network.region).all(), dns.named_zones().all())
            .await?;
    let digest = wanted.key.digest();
    let described = |description: &str| {
        mark::word(description, "key") == Some(digest.as_str()) || mark::is_of_database(description, wanted)
    };
    let mut found = Vec::new();
    for rule in &rules {
        let Some(service) = rule.service_attachment() else { continue };
        let (key, whose) = (keys.endpoint(&service), mark::of_rule(rule, &keys));
        // One that a user's link made, or took: the step that did is told by the user too.
        let users = mark::other_users(rule, None);
        if users.iter().any(|user| keys.taken(&service, Some(user)) == wanted.key) {
            found.push((wanted.key.clone(), whose));
            continue;
        }
        let marked = !matches!(whose, Ownership::Foreign) && key == wanted.key;
        if marked || described(&rule.description) || mark::rule_is_of_database(rule, wanted) {
            found.push((key, whose));
        }
    }
    for address in addresses.iter().filter(|address| described(&address.description)) {
        let service = mark::word(&address.description, "service").and_then(|service| service.parse().ok());
        let Some(service): Option<ServiceAttachment> = service else { continue };
        let key = keys.address(&service);
        let whose = mark::of_address(address, &key);
        found.push((key, whose));
    }
    for zone in zones.iter().flatten().filter(|zone| described(&zone.description)) {
        let whose = mark::of_zone(zone, &network.network);
        if whose.is_ours() {
            found.push((mark::zone_key(&network.network, &zone.dns_name), whose));
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
    let PrivateEndpointId::Gcp(id) = id else {
        return Err(Error::invalid(
            "only a Private Service Connect endpoint can be adopted into a network of Google's",
        ));
    };
    let named = |error: Error| error.with_operation("adopt").with_resource(id.to_string());
    let conflict = |why: String| Err(named(Error::new(ErrorKind::Conflict, why)));
    let compute = network.client.compute();
    let here = read::endpoints(network).await?;
    let Some(rule) = here.iter().find(|rule| rule.psc_connection_id == Some(*id)) else {
        let elsewhere = compute.forwarding_rules(&network.region).all().await?;
        return match elsewhere.iter().find(|rule| rule.psc_connection_id == Some(*id)) {
            Some(rule) => conflict(format!("the forwarding rule {} is not in {}", rule.name, network.network)),
            None => Err(named(Error::new(
                ErrorKind::NotFound,
                format!("no endpoint of {} has this connection id", network.region),
            ))),
        };
    };
    if rule.psc_connection_status == PscConnectionStatus::Closed {
        return conflict(format!("{} is {}", rule.name, rule.psc_connection_status));
    }
    let Some(service) = rule.service_attachment() else {
        return conflict(format!("{} does not lead to a service attachment", rule.name));
    };
    if let Some(why) = elsewhere(&service, known) {
        return conflict(why);
    }
    let keys = network.keys(cx.instance());
    let mark = cx.mark(keys.endpoint(&service));
    let digest = mark.key.digest();
    let other = |key: Option<&str>| key.is_some_and(|key| key != digest);
    let whose = match mark::of_rule(rule, &keys) {
        Ownership::Foreign
            if other(rule.labels.get(mark::KEY).map(String::as_str)) || other(mark::word(&rule.description, "key")) =>
        {
            return conflict("it carries the mark of another link".to_owned());
        }
        Ownership::Foreign | Ownership::Adopted(_) => {
            take_in(network, rule, &mark).await?;
            Ownership::Adopted(Evidence::Tag)
        }
        known => known,
    };
    Ok(facts::of(rule, keys.project, whose))
}

/// Puts the marks on. Whoever changes labels at the same moment makes their fingerprint stale; what is
/// there by then is read again.
async fn take_in(network: &Network, rule: &ForwardingRule, mark: &Mark) -> Result<()> {
    let (compute, region) = (network.client.compute(), &network.region);
    let (mut now, mut tries) = (rule.clone(), 1);
    loop {
        let labels = mark::adopted(&now.labels, mark);
        if labels == now.labels {
            return Ok(());
        }
        let marked = async {
            let operation = compute.set_labels(region, &now.name, &labels, now.label_fingerprint.as_deref()).await?;
            Ok::<_, Error>(compute.finished(region, &operation).await.map(drop)?)
        };
        let Err(error) = marked.await else { return Ok(()) };
        if tries == TRIES || Problem::of(&error) != Problem::Stale {
            return Err(error);
        }
        tries += 1;
        let again = compute.forwarding_rule(region, &now.name).await?;
        let same = |found: &ForwardingRule| {
            found.psc_connection_id == rule.psc_connection_id
                && found.labels.get(mark::KEY).is_none_or(|key| *key == mark.key.digest())
        };
        now = again.filter(same).ok_or(error)?;
    }
}

/// Why an endpoint to `service` is of no use to the database, unless it is.
fn elsewhere(service: &ServiceAttachment, known: &Exchange) -> Option<String> {
    let wanted: Vec<&str> = known.services.values().map(|service| service.id.as_str()).collect();
    if wanted.is_empty() {
        return Some(format!("it leads to {service}, and the database's endpoint service is not known yet"));
    }
    (!wanted.contains(&service.as_str()))
        .then(|| format!("it leads to {service}, and the database is behind {}", wanted.join(", ")))
}
