//! What a thing of ours touches, how it is marked, and whether a thing found is ours.

use privlink_core::side::{Evidence, Mark, Ownership, TouchKey};
use privlink_core::{AwsAccountId, DnsName, VpcEndpointId, VpcEndpointServiceName, VpcId};

use crate::model::{HostedZone, SecurityGroup, Tag, VpcEndpoint};

/// The tag every tool of the family sets.
pub(super) const MANAGED_BY: &str = "managed-by";
/// The digest of what the thing touches: its identity.
pub(super) const KEY: &str = "privlink:key";
/// The link that made it: a label.
pub(super) const LINK: &str = "privlink:link";
/// The digest of the database it was first made for: finds it when that database is gone.
pub(super) const DATABASE: &str = "privlink:database";
/// Set on a thing that was there before and was taken in on request, once for each database:
/// each link takes off its own. Tags are set and deleted one by one, so that no link overwrites
/// another one's.
pub(super) const ADOPTED: &str = "privlink:adopted";
/// Set on an endpoint of ours once for each account of a vendor's that uses it, by the first link
/// that does: no vendor tells of the databases of another account.
pub(super) const USER: &str = "privlink:user:";

/// The keys of what one endpoint service needs in one VPC.
#[derive(Clone, Debug)]
pub(super) struct Keys<'a> {
    pub(super) account: &'a AwsAccountId,
    pub(super) vpc: &'a VpcId,
    pub(super) instance: &'a str,
}

impl Keys<'_> {
    fn of_service(&self, kind: &str, service: &str) -> TouchKey {
        TouchKey::new(kind, [self.account.as_str(), self.vpc.as_str(), service, self.instance])
    }

    pub(super) fn endpoint(&self, service: &str) -> TouchKey {
        self.of_service("aws.endpoint", service)
    }

    /// The endpoint as one user has it made, or takes it: links of one user are one step.
    pub(super) fn taken(&self, service: &str, user: Option<&str>) -> TouchKey {
        match user {
            Some(user) => self.of_user("aws.endpoint", service, user),
            None => self.endpoint(service),
        }
    }

    /// The tag of one user on an endpoint of ours.
    pub(super) fn user(&self, service: &str, user: &str) -> TouchKey {
        self.of_user("aws.user", service, user)
    }

    fn of_user(&self, kind: &str, service: &str, user: &str) -> TouchKey {
        TouchKey::new(kind, [self.account.as_str(), self.vpc.as_str(), service, self.instance, user])
    }

    /// The tag of one database on one adopted endpoint: each of several is released by a step of
    /// its own.
    pub(super) fn adopted(&self, service: &str, endpoint: &VpcEndpointId, tag: &str) -> TouchKey {
        let parts = [self.account.as_str(), self.vpc.as_str(), service, self.instance, endpoint.as_str(), tag];
        TouchKey::new("aws.adopted", parts)
    }

    pub(super) fn connection(&self, service: &str) -> TouchKey {
        self.of_service("aws.connection", service)
    }

    pub(super) fn group(&self, service: &VpcEndpointServiceName) -> TouchKey {
        self.of_service("aws.group", service.as_str())
    }

    /// Rules differ by ports and sources, so that links which share an endpoint and open
    /// different ports do not overrule each other.
    pub(super) fn rules(&self, service: &VpcEndpointServiceName, rules: &str) -> TouchKey {
        TouchKey::new("aws.rules", [self.account.as_str(), self.vpc.as_str(), service.as_str(), self.instance, rules])
    }

    pub(super) fn private_dns(&self, service: &VpcEndpointServiceName) -> TouchKey {
        self.of_service("aws.private_dns", service.as_str())
    }

    pub(super) fn vpc_dns(&self) -> TouchKey {
        TouchKey::new("aws.vpc_dns", [self.vpc.as_str()])
    }
}

pub(super) fn zone_key(vpc: &VpcId, zone: &DnsName) -> TouchKey {
    TouchKey::new("aws.zone", [vpc.as_str(), zone.as_str()])
}

pub(super) fn record_key(vpc: &VpcId, zone: &DnsName, name: &DnsName) -> TouchKey {
    TouchKey::new("aws.record", [vpc.as_str(), zone.as_str(), name.as_str()])
}

pub(super) fn association_key(vpc: &VpcId, zone: &DnsName, other: &VpcId) -> TouchKey {
    TouchKey::new("aws.association", [vpc.as_str(), zone.as_str(), other.as_str()])
}

/// The tags that make a thing ours, with the caller's own: nothing that differs between the links
/// of one user, so that racing runs ask for the same. The marks are not the caller's to change.
pub(super) fn identity(key: &TouchKey, own: &[Tag]) -> Vec<Tag> {
    let mut tags = vec![Tag::new(MANAGED_BY, Mark::MANAGED_BY), Tag::new(KEY, key.digest())];
    tags.extend(own.iter().filter(|tag| !is_mark(&tag.key)).cloned());
    tags
}

/// The tags that say for which link and which database a thing was first made: those that
/// `known`, the tags it carries, lack.
pub(super) fn label(mark: &Mark, known: &[Tag]) -> Vec<Tag> {
    let name = Tag::new("Name", format!("privlink-{}", mark.link));
    let database = mark.database_digest().map(|digest| Tag::new(DATABASE, digest));
    let all = [name, Tag::new(LINK, mark.link.as_str())].into_iter().chain(database);
    all.filter(|tag| Tag::find(known, &tag.key).is_none()).collect()
}

fn is_mark(key: &str) -> bool {
    [MANAGED_BY, KEY, LINK, DATABASE].contains(&key) || key.starts_with(ADOPTED) || key.starts_with(USER)
}

/// The tag that a user leaves on an endpoint.
pub(super) fn user_tag(user: &str) -> Tag {
    Tag::new(format!("{USER}{user}"), "true")
}

/// The users that have left their tag, but for `own`.
pub(super) fn other_users<'t>(tags: &'t [Tag], own: Option<&str>) -> impl Iterator<Item = &'t str> {
    let own = own.map(str::to_owned);
    tags.iter().filter_map(|tag| tag.key.strip_prefix(USER)).filter(move |user| own.as_deref() != Some(*user))
}

/// Whether a user may rely on the endpoint: its tag is on it, or nothing of ours ever deletes it.
pub(super) fn is_taken_by(endpoint: &VpcEndpoint, user: Option<&str>, keys: &Keys<'_>) -> bool {
    user.is_none_or(|user| Tag::find(&endpoint.tags, &user_tag(user).key).is_some())
        || !of_endpoint(endpoint, keys).is_ours()
}

/// Whether the tags say that the thing was first made, or taken in, for this database.
pub(super) fn is_of_database(tags: &[Tag], mark: &Mark) -> bool {
    mark.database_digest().is_some_and(|digest| {
        Tag::find(tags, DATABASE) == Some(digest.as_str()) || Tag::find(tags, &adopted_tag(mark)).is_some()
    })
}

/// The tag that says that this mark's database took the thing in.
pub(super) fn adopted_tag(mark: &Mark) -> String {
    match mark.database_digest() {
        Some(digest) => format!("{ADOPTED}:{digest}"),
        None => ADOPTED.to_owned(),
    }
}

/// The databases' tags on an adopted thing.
pub(super) fn adopted_tags(tags: &[Tag]) -> impl Iterator<Item = &str> {
    tags.iter().map(|tag| tag.key.as_str()).filter(|key| key.starts_with(ADOPTED))
}

/// Whose a tagged thing is, given the key it would have if it were ours.
pub(super) fn by_tags(tags: &[Tag], key: &TouchKey) -> Ownership {
    if Tag::find(tags, KEY) != Some(key.digest().as_str()) {
        Ownership::Foreign
    } else if adopted_tags(tags).next().is_some() {
        Ownership::Adopted(Evidence::Tag)
    } else if Tag::find(tags, MANAGED_BY) == Some(Mark::MANAGED_BY) {
        Ownership::Ours(Evidence::Tag)
    } else {
        Ownership::Foreign
    }
}

/// What a group of ours is called: unique in the VPC, so that two racing runs cannot make two.
pub(super) fn group_name(key: &TouchKey) -> String {
    format!("privlink-{}", key.digest())
}

/// What a group of ours says of itself.
pub(super) fn group_description(service: &VpcEndpointServiceName) -> String {
    format!("privlink: clients of {service}")
}

/// The client token of the `n`-th endpoint made for `key`.
pub(super) fn client_token(key: &TouchKey, n: u32) -> String {
    format!("privlink-{}", key.incarnation(n))
}

/// Whose a group is. Tags can be copied onto another one; a group's name never changes.
pub(super) fn of_group(group: &SecurityGroup, key: &TouchKey) -> Ownership {
    if group.name == group_name(key) { by_tags(&group.tags, key) } else { Ownership::Foreign }
}

/// Whose an endpoint is.
pub(super) fn of_endpoint(endpoint: &VpcEndpoint, keys: &Keys<'_>) -> Ownership {
    by_tags(&endpoint.tags, &keys.endpoint(&endpoint.service_name))
}

/// A zone carries its mark in the two texts that are set when it is made; tags would come by a
/// second call, which a crash can lose.
pub(super) fn zone_comment(mark: &Mark) -> String {
    let mut comment = format!("{MANAGED_BY}={} key={} link={}", Mark::MANAGED_BY, mark.key.digest(), mark.link);
    if let Some(database) = mark.database_digest() {
        comment.push_str(&format!(" database={database}"));
    }
    comment
}

/// The reference of the `n`-th zone made for `key`: unique for ever, so `n` grows with each.
pub(super) fn zone_reference(key: &TouchKey, n: u32) -> String {
    format!("{}{}", zone_references(key), key.incarnation(n))
}

/// What the references of all zones made for `key` begin with.
pub(super) fn zone_references(key: &TouchKey) -> String {
    format!("privlink-{}-", key.digest())
}

/// Whose a zone is.
pub(super) fn of_zone(zone: &HostedZone, vpc: &VpcId) -> Ownership {
    if zone.caller_reference.starts_with(&zone_references(&zone_key(vpc, &zone.name))) {
        Ownership::Ours(Evidence::CallerReference)
    } else {
        Ownership::Foreign
    }
}

/// Whether a zone was first made for this mark's database.
pub(super) fn zone_is_of_database(zone: &HostedZone, mark: &Mark) -> bool {
    let named = zone.comment.split_whitespace().find_map(|word| word.strip_prefix("database="));
    named.is_some() && named == mark.database_digest().as_deref()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TouchKey {
        TouchKey::new("aws.endpoint", ["123456789012", "vpc-0a1b2c3d4e5f67890", "service", ""])
    }

    #[test]
    fn a_thing_is_ours_by_its_key_whatever_link_made_it() {
        let ours = identity(&key(), &[Tag::new("team", "data"), Tag::new(MANAGED_BY, "terraform")]);
        assert_eq!(by_tags(&ours, &key()), Ownership::Ours(Evidence::Tag));
        assert_eq!(Tag::find(&ours, "team"), Some("data"));
        let other = TouchKey::new("aws.endpoint", ["123456789012", "vpc-0a1b2c3d4e5f67890", "another", ""]);
        assert_eq!(by_tags(&ours, &other), Ownership::Foreign);
        assert_eq!(by_tags(&[Tag::new(MANAGED_BY, "privlink")], &key()), Ownership::Foreign);
        let adopter = adopted_tag(&Mark::new(key(), "", "orders".parse().unwrap()).of("database"));
        let adopted = [Tag::new(KEY, key().digest()), Tag::new(adopter, "true"), Tag::new(MANAGED_BY, "terraform")];
        assert_eq!(by_tags(&adopted, &key()), Ownership::Adopted(Evidence::Tag));
    }

    #[test]
    fn the_label_is_put_on_once_and_only_where_it_lacks() {
        let mark = Mark::new(key(), "", "orders".parse().unwrap()).of("database");
        let mut tags = identity(&key(), &[Tag::new("Name", "theirs"), Tag::new(DATABASE, "spoilt")]);
        assert!(!is_of_database(&tags, &mark));
        tags.extend(label(&mark, &tags));
        assert_eq!((Tag::find(&tags, "Name"), Tag::find(&tags, LINK)), (Some("theirs"), Some("orders")));
        assert!(is_of_database(&tags, &mark) && !is_of_database(&tags, &mark.clone().of("another")));
        assert!(!is_of_database(&tags, &mark.clone().of("")));
        let other = Mark::new(key(), "", "billing".parse().unwrap()).of("another");
        assert_eq!(label(&other, &tags), []);
    }
}
