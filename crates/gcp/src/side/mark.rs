//! What a thing of ours touches, how it is marked, and whether a thing found is ours.
//!
//! Addresses, rules and zones are born with a description that never changes: the mark. An
//! endpoint that was there before cannot get one, so adoption writes labels.

use std::collections::BTreeMap;

use privlink_core::side::{Evidence, Mark, Ownership, TouchKey};
use privlink_core::{DnsName, ForwardingRuleName, ProjectId, ServiceAttachment};

use crate::ids::{AddressName, ManagedZoneName, NetworkPath};
use crate::model::{Address, ForwardingRule, ManagedZone};

/// The label with the digest of what an adopted endpoint touches.
pub(super) const KEY: &str = "privlink-key";
/// The label with the link that took it in.
pub(super) const LINK: &str = "privlink-link";
/// The label of what was there before and was taken in on request, once for each database: each
/// link takes off its own.
const ADOPTED: &str = "privlink-adopted";
/// The label on an endpoint of ours, once for each account of a vendor's that uses it: no vendor
/// tells of the databases of another account.
pub(super) const USER: &str = "privlink-user-";

/// The keys of what one service attachment needs in one network.
#[derive(Clone, Debug)]
pub(super) struct Keys<'a> {
    pub(super) project: &'a ProjectId,
    pub(super) network: &'a NetworkPath,
    pub(super) instance: &'a str,
}

impl Keys<'_> {
    fn of_service(&self, kind: &str, service: &ServiceAttachment) -> TouchKey {
        TouchKey::new(kind, [self.project.as_str(), self.network.as_str(), service.as_str(), self.instance])
    }

    pub(super) fn endpoint(&self, service: &ServiceAttachment) -> TouchKey {
        self.of_service("gcp.endpoint", service)
    }

    /// The endpoint as one user has it made, or takes it: links of one user are one step.
    pub(super) fn taken(&self, service: &ServiceAttachment, user: Option<&str>) -> TouchKey {
        match user {
            Some(user) => self.of_user("gcp.endpoint", service, user),
            None => self.endpoint(service),
        }
    }

    /// The label of one user on an endpoint of ours.
    pub(super) fn user(&self, service: &ServiceAttachment, user: &str) -> TouchKey {
        self.of_user("gcp.user", service, user)
    }

    fn of_user(&self, kind: &str, service: &ServiceAttachment, user: &str) -> TouchKey {
        let (project, network) = (self.project.as_str(), self.network.as_str());
        TouchKey::new(kind, [project, network, service.as_str(), self.instance, user])
    }

    pub(super) fn address(&self, service: &ServiceAttachment) -> TouchKey {
        self.of_service("gcp.address", service)
    }

    pub(super) fn closed(&self, service: &ServiceAttachment) -> TouchKey {
        self.of_service("gcp.closed", service)
    }

    pub(super) fn connection(&self, service: &ServiceAttachment) -> TouchKey {
        self.of_service("gcp.connection", service)
    }

    pub(super) fn global_access(&self, service: &ServiceAttachment) -> TouchKey {
        self.of_service("gcp.global_access", service)
    }

    /// The label of one database on one adopted endpoint: each of several is released by a step of
    /// its own.
    pub(super) fn adopted(&self, service: &ServiceAttachment, rule: &ForwardingRuleName, label: &str) -> TouchKey {
        let (project, network) = (self.project.as_str(), self.network.as_str());
        TouchKey::new("gcp.adopted", [project, network, service.as_str(), self.instance, rule.as_str(), label])
    }

    /// The name of the endpoint of ours: the same in every run.
    pub(super) fn rule_name(&self, service: &ServiceAttachment) -> ForwardingRuleName {
        named(&self.endpoint(service)).parse().expect("a word and hex digits are a name")
    }

    /// The name of the address of ours: that of its endpoint, in another collection.
    pub(super) fn address_name(&self, service: &ServiceAttachment) -> AddressName {
        named(&self.endpoint(service)).parse().expect("a word and hex digits are a name")
    }
}

fn named(key: &TouchKey) -> String {
    format!("privlink-{}", key.digest())
}

pub(super) fn zone_key(network: &NetworkPath, zone: &DnsName) -> TouchKey {
    TouchKey::new("gcp.zone", [network.as_str(), zone.as_str()])
}

/// The name of the zone of ours: the same in every run.
pub(super) fn zone_name(network: &NetworkPath, zone: &DnsName) -> ManagedZoneName {
    named(&zone_key(network, zone)).parse().expect("a word and hex digits are a name")
}

pub(super) fn record_key(network: &NetworkPath, zone: &DnsName, name: &DnsName) -> TouchKey {
    TouchKey::new("gcp.record", [network.as_str(), zone.as_str(), name.as_str()])
}

pub(super) fn showing_key(network: &NetworkPath, zone: &DnsName, other: &NetworkPath) -> TouchKey {
    TouchKey::new("gcp.showing", [network.as_str(), zone.as_str(), other.as_str()])
}

/// The description a thing of ours is born with. `service` stands in it, so that an address
/// tells what it was for when its endpoint is gone.
pub(super) fn description(mark: &Mark, service: Option<&ServiceAttachment>) -> String {
    let mut text = format!("{} link={}", beginning(&mark.key), mark.link);
    if let Some(database) = mark.database_digest() {
        text = format!("{text} database={database}");
    }
    if let Some(service) = service {
        text = format!("{text} service={service}");
    }
    text
}

/// What the description of a thing of ours begins with, whichever link made it.
pub(super) fn beginning(key: &TouchKey) -> String {
    format!("managed-by={} key={}", Mark::MANAGED_BY, key.digest())
}

/// Whether a description says that the thing was first made for the mark's database.
pub(super) fn is_of_database(description: &str, mark: &Mark) -> bool {
    mark.database_digest().is_some_and(|digest| word(description, "database") == Some(digest.as_str()))
}

/// Whether an endpoint was first made, or taken in, for the mark's database.
pub(super) fn rule_is_of_database(rule: &ForwardingRule, mark: &Mark) -> bool {
    is_of_database(&rule.description, mark)
        || (mark.database_digest().is_some() && rule.labels.contains_key(&adopted_label(mark)))
}

/// A word of a description of ours: `key`, `link`, `service`.
pub(super) fn word<'a>(description: &'a str, name: &str) -> Option<&'a str> {
    let mut words = description.split_whitespace();
    if words.next()?.strip_prefix("managed-by=")? != Mark::MANAGED_BY {
        return None;
    }
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn by_description(description: &str, key: &TouchKey) -> Ownership {
    match word(description, "key") {
        Some(digest) if digest == key.digest() => Ownership::Ours(Evidence::Description),
        _ => Ownership::Foreign,
    }
}

/// Whose an address is, given the key it would have if it were ours.
pub(super) fn of_address(address: &Address, key: &TouchKey) -> Ownership {
    by_description(&address.description, key)
}

/// Whose an endpoint to a service is.
pub(super) fn of_rule(rule: &ForwardingRule, keys: &Keys<'_>) -> Ownership {
    let Some(service) = rule.service_attachment() else { return Ownership::Foreign };
    let key = keys.endpoint(&service);
    match by_description(&rule.description, &key) {
        Ownership::Foreign if is_adopted(rule, &key) => Ownership::Adopted(Evidence::Tag),
        whose => whose,
    }
}

fn is_adopted(rule: &ForwardingRule, key: &TouchKey) -> bool {
    let adopted = rule.labels.keys().any(|label| label.starts_with(ADOPTED));
    adopted && rule.labels.get(KEY).is_some_and(|digest| *digest == key.digest())
}

/// The label that says that the mark's database took the endpoint in.
pub(super) fn adopted_label(mark: &Mark) -> String {
    match mark.database_digest() {
        Some(digest) => format!("{ADOPTED}-{digest}"),
        None => ADOPTED.to_owned(),
    }
}

/// The label that a user leaves on an endpoint.
pub(super) fn user_label(user: &str) -> String {
    format!("{USER}{user}")
}

/// The users that have left their label, but for `own`.
pub(super) fn other_users(rule: &ForwardingRule, own: Option<&str>) -> Vec<String> {
    let users = rule.labels.keys().filter_map(|label| label.strip_prefix(USER));
    users.filter(|user| own != Some(user)).map(str::to_owned).collect()
}

/// Whether a user may rely on the endpoint: its label is on it, or nothing of ours ever deletes it.
pub(super) fn is_taken_by(rule: &ForwardingRule, user: Option<&str>, keys: &Keys<'_>) -> bool {
    user.is_none_or(|user| rule.labels.contains_key(&user_label(user))) || !of_rule(rule, keys).is_ours()
}

/// Whose a zone is.
pub(super) fn of_zone(zone: &ManagedZone, network: &NetworkPath) -> Ownership {
    by_description(&zone.description, &zone_key(network, &zone.dns_name))
}

/// The labels of an endpoint once it is adopted.
pub(super) fn adopted(labels: &BTreeMap<String, String>, mark: &Mark) -> BTreeMap<String, String> {
    let mut labels = labels.clone();
    labels.insert(KEY.to_owned(), mark.key.digest());
    labels.entry(LINK.to_owned()).or_insert_with(|| mark.link.to_string());
    labels.insert(adopted_label(mark), "true".to_owned());
    labels
}

/// The labels of an endpoint once the database of `own` has let go of it: the last one takes the
/// common marks along.
pub(super) fn released(labels: &BTreeMap<String, String>, own: &str) -> BTreeMap<String, String> {
    let last = !labels.keys().any(|label| label.starts_with(ADOPTED) && label != own);
    let goes = |label: &str| label == own || (last && [KEY, LINK].contains(&label));
    labels.iter().filter(|(label, _)| !goes(label)).map(|(label, value)| (label.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_thing_is_ours_by_its_key_whatever_link_made_it() {
        let (project, network) =
            ("example-project".parse().unwrap(), "projects/host-project/global/networks/prod".parse().unwrap());
        let keys = Keys { project: &project, network: &network, instance: "" };
        let service = "projects/producer/regions/us-central1/serviceAttachments/a".parse().unwrap();
        let key = keys.endpoint(&service);
        let text = description(&Mark::new(key.clone(), "", "orders".parse().unwrap()), Some(&service));
        assert_eq!(by_description(&text, &key), Ownership::Ours(Evidence::Description));
        assert_eq!(word(&text, "link"), Some("orders"));
        assert_eq!(word(&text, "service"), Some(service.as_str()));
        assert_eq!(by_description(&text, &keys.address(&service)), Ownership::Foreign);
        let second = Keys { instance: "second", ..keys.clone() };
        assert_eq!(by_description(&text, &second.endpoint(&service)), Ownership::Foreign);
        assert_ne!(keys.rule_name(&service), second.rule_name(&service));
        for text in ["", "managed-by=terraform key=1", "a note: key=1", "orders managed-by=privlink key=1"] {
            assert_eq!(word(text, "key"), None, "{text}");
        }
    }

    #[test]
    fn released_labels_are_those_of_others() {
        let labels = BTreeMap::from([("team".to_owned(), "data".to_owned())]);
        let mark = Mark::new(TouchKey::new("gcp.endpoint", ["a"]), "", "orders".parse().unwrap());
        let marked = adopted(&labels, &mark);
        assert_eq!(marked.len(), 4);
        let second = mark.clone().of("a second database");
        let both = adopted(&marked, &second);
        assert_eq!(both.len(), 5);
        let fits = |text: &String| text.len() <= 63 && !text.contains(char::is_uppercase);
        assert!(both.iter().all(|(label, value)| fits(label) && fits(value)), "{both:?}");
        assert_eq!(released(&both, &adopted_label(&second)), marked, "the first one still holds it");
        assert_eq!(released(&marked, &adopted_label(&mark)), labels);
    }
}
