//! What a thing of ours touches, how it is marked, and whether a thing found is ours.

use privlink_core::side::{Evidence, Mark, Ownership, TouchKey};
use privlink_core::{DnsName, EndpointServiceId, SubscriptionId};

use crate::ids::{PrivateDnsZoneId, VirtualNetworkId};
use crate::model::{PrivateEndpoint, PrivateZone, RecordSet, Tags, VirtualNetworkLink, tag};

/// The tag every tool of the family sets.
pub(super) const MANAGED_BY: &str = "managed-by";
/// The digest of what the thing touches: its identity. Azure DNS takes letters, digits and dashes alone.
pub(super) const KEY: &str = "privlink-key";
/// The link that made it: a label.
pub(super) const LINK: &str = "privlink-link";
/// The digest of the database it was first made for: finds it when that database is gone.
pub(super) const DATABASE: &str = "privlink-database";
/// Set on a thing that was there before and was taken in on request, once for each database:
/// each link takes off its own.
pub(super) const ADOPTED: &str = "privlink-adopted";
/// Set on an endpoint of ours once for each account of a vendor's that uses it, by the first link
/// that does: no vendor tells of the databases of another account.
pub(super) const USER: &str = "privlink-user-";

/// The keys of what one endpoint service needs in one virtual network.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keys<'a> {
    pub(super) network: &'a VirtualNetworkId,
    pub(super) instance: &'a str,
}

impl Keys<'_> {
    pub(super) fn subscription(&self) -> SubscriptionId {
        self.network.resource().subscription()
    }

    /// Ids that differ in letter case alone are one.
    fn of(&self, kind: &str, rest: &[&str]) -> TouchKey {
        let network = self.network.as_str().to_ascii_lowercase();
        let rest: Vec<String> = rest.iter().map(|part| part.to_ascii_lowercase()).collect();
        let parts = std::iter::once(network.as_str()).chain(rest.iter().map(String::as_str));
        TouchKey::new(kind, parts.chain(std::iter::once(self.instance)))
    }

    pub(super) fn endpoint(&self, service: &EndpointServiceId) -> TouchKey {
        self.of("azure.endpoint", &[service.as_str()])
    }

    /// The endpoint as one user has it made, or takes it: links of one user are one step.
    pub(super) fn taken(&self, service: &EndpointServiceId, user: Option<&str>) -> TouchKey {
        match user {
            Some(user) => self.of("azure.endpoint", &[service.as_str(), user]),
            None => self.endpoint(service),
        }
    }

    /// The tag of one user on an endpoint of ours.
    pub(super) fn user(&self, service: &EndpointServiceId, user: &str) -> TouchKey {
        self.of("azure.user", &[service.as_str(), user])
    }

    /// The tag of one database on one adopted endpoint: each of several is released by a step of
    /// its own.
    pub(super) fn adopted(&self, service: &EndpointServiceId, endpoint: &str, tag: &str) -> TouchKey {
        self.of("azure.adopted", &[service.as_str(), endpoint, tag])
    }

    pub(super) fn address(&self, service: &EndpointServiceId) -> TouchKey {
        self.of("azure.address", &[service.as_str()])
    }

    pub(super) fn connection(&self, service: &EndpointServiceId) -> TouchKey {
        self.of("azure.connection", &[service.as_str()])
    }
}

/// Names are shared by all instances of a link in one network.
fn of_names(kind: &str, network: &VirtualNetworkId, rest: &[&str]) -> TouchKey {
    Keys { network, instance: "" }.of(kind, rest)
}

pub(super) fn zone_key(network: &VirtualNetworkId, zone: &PrivateDnsZoneId) -> TouchKey {
    of_names("azure.zone", network, &[zone.as_str()])
}

pub(super) fn record_key(network: &VirtualNetworkId, zone: &PrivateDnsZoneId, name: &DnsName) -> TouchKey {
    of_names("azure.record", network, &[zone.as_str(), name.as_str()])
}

/// The link of a zone to `other`, planned from `network`.
pub(super) fn link_key(network: &VirtualNetworkId, zone: &PrivateDnsZoneId, other: &VirtualNetworkId) -> TouchKey {
    of_names("azure.zone_link", network, &[zone.as_str(), other.as_str()])
}

/// The tags a thing of ours is born with, the caller's own after ours, which cannot be replaced.
pub(super) fn tags(mark: &Mark, own: &Tags) -> Tags {
    let mut tags: Tags = own.iter().filter(|(name, _)| !is_mark(name)).map(|(k, v)| (k.clone(), v.clone())).collect();
    tags.insert(MANAGED_BY.to_owned(), Mark::MANAGED_BY.to_owned());
    tags.insert(KEY.to_owned(), mark.key.digest());
    tags.insert(LINK.to_owned(), mark.link.to_string());
    tags.extend(mark.database_digest().map(|digest| (DATABASE.to_owned(), digest)));
    tags
}

fn is_mark(name: &str) -> bool {
    [MANAGED_BY, KEY, LINK, DATABASE].iter().any(|mark| mark.eq_ignore_ascii_case(name))
        || is_adopted_tag(name)
        || user_of(name).is_some()
}

fn is_adopted_tag(name: &str) -> bool {
    name.get(..ADOPTED.len()).is_some_and(|front| front.eq_ignore_ascii_case(ADOPTED))
}

/// The tag that says that this mark's database took the thing in.
pub(super) fn adopted_tag(mark: &Mark) -> String {
    match mark.database_digest() {
        Some(digest) => format!("{ADOPTED}-{digest}"),
        None => ADOPTED.to_owned(),
    }
}

/// The tags that take a thing in for the mark's database, of those that it lacks.
pub(super) fn adopting(mark: &Mark, known: &Tags) -> Vec<(String, String)> {
    let all = [
        (KEY.to_owned(), mark.key.digest()),
        (LINK.to_owned(), mark.link.to_string()),
        (adopted_tag(mark), "true".to_owned()),
    ];
    all.into_iter().filter(|(name, _)| tag(known, name).is_none()).collect()
}

/// The tags that go when the mark's database lets go of a thing: the last one takes the common
/// marks along.
pub(super) fn released(mark: &Mark, known: &Tags) -> Vec<String> {
    let own = adopted_tag(mark);
    let last = !known.keys().any(|name| is_adopted_tag(name) && !name.eq_ignore_ascii_case(&own));
    let common = [KEY, LINK].into_iter().filter(|_| last).map(str::to_owned);
    std::iter::once(own).chain(common).collect()
}

/// Whether the tags say that the thing was first made, or taken in, for this database.
pub(super) fn is_of_database(tags: &Tags, mark: &Mark) -> bool {
    mark.database_digest()
        .is_some_and(|digest| tag(tags, DATABASE) == Some(digest.as_str()) || tag(tags, &adopted_tag(mark)).is_some())
}

/// The name of the tag that a user leaves on an endpoint.
pub(super) fn user_tag(user: &str) -> String {
    format!("{USER}{user}")
}

/// The user that a tag of this name is of.
fn user_of(name: &str) -> Option<String> {
    name.to_ascii_lowercase().strip_prefix(USER).map(str::to_owned)
}

/// The users that have left their tag, but for `own`.
pub(super) fn other_users(tags: &Tags, own: Option<&str>) -> Vec<String> {
    tags.keys().filter_map(|name| user_of(name)).filter(|user| own != Some(user)).collect()
}

/// Whether a user may rely on the endpoint: its tag is on it, or nothing of ours ever deletes it.
pub(super) fn is_taken_by(
    endpoint: &PrivateEndpoint,
    user: Option<&str>,
    service: &EndpointServiceId,
    keys: &Keys<'_>,
) -> bool {
    user.is_none_or(|user| tag(&endpoint.tags, &user_tag(user)).is_some())
        || !of_endpoint(endpoint, service, keys).is_ours()
}

/// Whose a tagged thing is, given the key it would have if it were ours.
pub(super) fn by_tags(tags: &Tags, key: &TouchKey) -> Ownership {
    by_marks(tags, key, Evidence::Tag)
}

fn by_marks(tags: &Tags, key: &TouchKey, evidence: Evidence) -> Ownership {
    if tag(tags, KEY) != Some(key.digest().as_str()) {
        Ownership::Foreign
    } else if tags.keys().any(|name| is_adopted_tag(name)) {
        Ownership::Adopted(evidence)
    } else if tag(tags, MANAGED_BY) == Some(Mark::MANAGED_BY) {
        Ownership::Ours(evidence)
    } else {
        Ownership::Foreign
    }
}

/// Whose an endpoint is, that is to lead to `service`.
pub(super) fn of_endpoint(endpoint: &PrivateEndpoint, service: &EndpointServiceId, keys: &Keys<'_>) -> Ownership {
    by_tags(&endpoint.tags, &keys.endpoint(service))
}

/// The service that an endpoint's first connection leads to.
pub(super) fn service_of(endpoint: &PrivateEndpoint) -> Option<EndpointServiceId> {
    endpoint.connection()?.service.parse().ok()
}

pub(super) fn of_zone(zone: &PrivateZone, network: &VirtualNetworkId) -> Ownership {
    by_tags(&zone.tags, &zone_key(network, &zone.id))
}

pub(super) fn of_link(link: &VirtualNetworkLink, network: &VirtualNetworkId, other: &VirtualNetworkId) -> Ownership {
    by_tags(&link.tags, &link_key(network, &link.id.zone(), other))
}

pub(super) fn of_record(
    set: &RecordSet,
    network: &VirtualNetworkId,
    zone: &PrivateDnsZoneId,
    name: &DnsName,
) -> Ownership {
    by_marks(&set.metadata, &record_key(network, zone, name), Evidence::RecordMetadata)
}

/// The name of the `n`-th endpoint of a key: what was refused once keeps its name while it is there.
pub(super) fn endpoint_name(key: &TouchKey, n: u32) -> String {
    match n {
        0 => format!("privlink-{}", key.digest()),
        n => format!("privlink-{}-{n}", key.digest()),
    }
}

/// What the name of an endpoint's interface ends with, after the endpoint's own.
pub(super) const INTERFACE_SUFFIX: &str = "-nic";
/// The same of a fixed address.
pub(super) const ADDRESS_SUFFIX: &str = "-ip";

/// The name of the link with this key.
pub(super) fn link_name(key: &TouchKey) -> String {
    format!("privlink-{}", key.digest())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const VNET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/App\
                        /providers/Microsoft.Network/virtualNetworks/Main";

    #[test]
    fn a_thing_is_ours_by_its_key_whatever_link_made_it_and_however_ids_are_spelled() {
        let (one, other): (VirtualNetworkId, VirtualNetworkId) =
            (VNET.parse().unwrap(), VNET.to_lowercase().parse().unwrap());
        let service: EndpointServiceId =
            "production-westus3-0-0.11111111-1111-1111-1111-111111111111.westus3.azure.privatelinkservice"
                .parse()
                .unwrap();
        let key = Keys { network: &one, instance: "" }.endpoint(&service);
        assert_eq!(key, Keys { network: &other, instance: "" }.endpoint(&service));
        assert_ne!(key, Keys { network: &one, instance: "second" }.endpoint(&service));
        let own =
            Tags::from([("team".to_owned(), "data".to_owned()), ("Managed-By".to_owned(), "terraform".to_owned())]);
        let mut ours = tags(&Mark::new(key.clone(), "", "orders".parse().unwrap()), &own);
        assert_eq!(by_tags(&ours, &key), Ownership::Ours(Evidence::Tag));
        assert_eq!((ours["team"].as_str(), ours.len()), ("data", 4));
        ours.insert(ADOPTED.to_owned(), "true".to_owned());
        assert_eq!(by_tags(&ours, &key), Ownership::Adopted(Evidence::Tag));
        ours.insert(KEY.to_owned(), "0000000000000000".to_owned());
        assert_eq!(by_tags(&ours, &key), Ownership::Foreign);
    }

    #[test]
    fn each_database_takes_its_own_tag_off_an_adopted_thing() {
        let key = TouchKey::new("azure.endpoint", ["vnet", "service", ""]);
        let mark = |database: &str| Mark::new(key.clone(), "", "orders".parse().unwrap()).of(database.to_owned());
        let mut tags = Tags::from([("team".to_owned(), "data".to_owned())]);
        for database in ["one", "two"] {
            assert!(!is_of_database(&tags, &mark(database)));
            let lacking = adopting(&mark(database), &tags);
            tags.extend(lacking);
            assert!(is_of_database(&tags, &mark(database)));
            assert_eq!(by_tags(&tags, &key), Ownership::Adopted(Evidence::Tag));
        }
        assert_eq!(adopting(&mark("one"), &tags), []);
        assert_eq!(released(&mark("one"), &tags), [adopted_tag(&mark("one"))]);
        for database in ["one", "two"] {
            for name in released(&mark(database), &tags) {
                tags.remove(&name);
            }
        }
        assert_eq!(tags, Tags::from([("team".to_owned(), "data".to_owned())]));
    }

    /// Azure refuses `<>%&\\?/` in names of tags, and in a zone's spaces, parentheses and a first
    /// digit too; names have at most 512 characters, values 256 (Azure's documentation of tags,
    /// read 2026-11).
    #[test]
    fn every_mark_is_a_tag_that_azure_takes() {
        let longest = "a".repeat(32).parse().unwrap();
        let mark = Mark::new(TouchKey::new("azure.zone", ["vnet", "zone"]), "", longest).of("database");
        let all = tags(&mark, &Tags::new()).into_iter().chain(adopting(&mark, &Tags::new()));
        for (name, value) in all {
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_hexdigit() || byte == b'-'));
            assert!(name.starts_with(|first: char| first.is_ascii_lowercase()) && name.len() <= 512, "{name}");
            assert!(value.len() <= 256 && value.is_ascii(), "{name}: {value}");
        }
    }
}
