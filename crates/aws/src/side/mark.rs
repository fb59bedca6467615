//! What a thing of ours touches, how it is marked, and whether a thing found is ours.

use privlink_core::side::{Cx, Evidence, Mark, Ownership, TouchKey};
use privlink_core::{AwsAccountId, DnsName, VpcEndpointId, VpcEndpointServiceName, VpcId};

use crate::model::{HostedZone, Tag, VpcEndpoint};

/// The tag every tool of the family sets.
pub(super) const MANAGED_BY: &str = "managed-by";
/// The digest of what the thing touches: its identity.
pub(super) const KEY: &str = "privlink:key";
/// The link that made it: a label.
pub(super) const LINK: &str = "privlink:link";
/// Set on a thing that was there before and was taken in on request.
pub(super) const ADOPTED: &str = "privlink:adopted";

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

    /// The marks on one adopted endpoint: each of several is released by a step of its own.
    pub(super) fn adopted(&self, service: &str, endpoint: &VpcEndpointId) -> TouchKey {
        let parts = [self.account.as_str(), self.vpc.as_str(), service, self.instance, endpoint.as_str()];
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

/// The tags a thing of ours is born with, the caller's own after ours.
pub(super) fn tags(mark: &Mark, own: &[Tag]) -> Vec<Tag> {
    let mut tags = vec![
        Tag::new("Name", format!("privlink-{}", mark.link)),
        Tag::new(MANAGED_BY, Mark::MANAGED_BY),
        Tag::new(KEY, mark.key.digest()),
        Tag::new(LINK, mark.link.as_str()),
    ];
    for tag in own {
        match tags.iter_mut().find(|known| known.key == tag.key) {
            // A name of the caller's own is welcome; the marks are not the caller's to change.
            Some(name) if name.key == "Name" => name.value.clone_from(&tag.value),
            Some(_) => {}
            None => tags.push(tag.clone()),
        }
    }
    tags
}

/// Whose a tagged thing is, given the key it would have if it were ours.
pub(super) fn by_tags(tags: &[Tag], key: &TouchKey) -> Ownership {
    if Tag::find(tags, KEY) != Some(key.digest().as_str()) {
        Ownership::Foreign
    } else if Tag::find(tags, ADOPTED).is_some() {
        Ownership::Adopted(Evidence::Tag)
    } else if Tag::find(tags, MANAGED_BY) == Some(Mark::MANAGED_BY) {
        Ownership::Ours(Evidence::Tag)
    } else {
        Ownership::Foreign
    }
}

/// Whose an endpoint is.
pub(super) fn of_endpoint(endpoint: &VpcEndpoint, keys: &Keys<'_>) -> Ownership {
    by_tags(&endpoint.tags, &keys.endpoint(&endpoint.service_name))
}

/// A zone carries its mark in the two texts that are set when it is made; tags would come by a
/// second call, which a crash can lose.
pub(super) fn zone_comment(mark: &Mark) -> String {
    format!("{MANAGED_BY}={} key={} link={}", Mark::MANAGED_BY, mark.key.digest(), mark.link)
}

/// The reference of the `n`-th zone made for `key`: unique for ever, so `n` grows with each.
pub(super) fn zone_reference(key: &TouchKey, n: u32) -> String {
    format!("privlink-{}-{}", key.digest(), key.incarnation(n))
}

/// Whose a zone is.
pub(super) fn of_zone(zone: &HostedZone, vpc: &VpcId) -> Ownership {
    let digest = zone_key(vpc, &zone.name).digest();
    if zone.caller_reference.starts_with(&format!("privlink-{digest}-")) {
        Ownership::Ours(Evidence::CallerReference)
    } else {
        Ownership::Foreign
    }
}

/// The link a zone's comment names.
pub(super) fn zone_link(comment: &str) -> Option<&str> {
    comment.split_whitespace().find_map(|word| word.strip_prefix("link="))
}

/// The tags of `cx`'s link on a thing with this key.
pub(super) fn born_with(cx: &Cx, key: TouchKey, own: &[Tag]) -> Vec<Tag> {
    tags(&cx.mark(key), own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> TouchKey {
        TouchKey::new("aws.endpoint", ["123456789012", "vpc-0a1b2c3d4e5f67890", "service", ""])
    }

    #[test]
    fn a_thing_is_ours_by_its_key_whatever_link_made_it() {
        let mark = Mark::new(key(), "", "orders".parse().unwrap());
        let ours = tags(&mark, &[Tag::new("team", "data"), Tag::new(MANAGED_BY, "terraform")]);
        assert_eq!(by_tags(&ours, &key()), Ownership::Ours(Evidence::Tag));
        assert_eq!(Tag::find(&ours, "team"), Some("data"));
        let other = TouchKey::new("aws.endpoint", ["123456789012", "vpc-0a1b2c3d4e5f67890", "another", ""]);
        assert_eq!(by_tags(&ours, &other), Ownership::Foreign);
        assert_eq!(by_tags(&[Tag::new(MANAGED_BY, "privlink")], &key()), Ownership::Foreign);
        let adopted = [Tag::new(KEY, key().digest()), Tag::new(ADOPTED, "true"), Tag::new(MANAGED_BY, "terraform")];
        assert_eq!(by_tags(&adopted, &key()), Ownership::Adopted(Evidence::Tag));
    }
}
