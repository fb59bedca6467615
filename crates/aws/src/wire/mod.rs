//! What travels: EC2 Query bodies, XML in both directions, and error bodies.

pub(crate) mod error;
pub(crate) mod query;
pub(crate) mod xml;

use crate::model::{
    CallerIdentity, ChangeInfo, HostedZone, HostedZoneListed, HostedZoneSummary, NetworkInterface, RecordSet,
    SecurityGroup, ServiceDetail, Subnet, UnsuccessfulItem, Vpc, VpcEndpoint,
};

/// Hands a body, and every element in it, to every reader there is.
pub(crate) fn read_as_every_answer(body: &[u8]) {
    let _ = error::Said::read(body);
    let Ok(root) = xml::parse(body) else { return };
    let mut left = vec![&root];
    while let Some(element) = left.pop() {
        if let Ok(endpoint) = VpcEndpoint::read(element) {
            let _ = (endpoint.regional_dns(), endpoint.zonal_dns().count(), endpoint.trouble());
        }
        if let Ok(identity) = CallerIdentity::read(element) {
            let _ = identity.principal();
        }
        if let Ok(interface) = NetworkInterface::read(element) {
            let _ = interface.endpoint();
        }
        if let Ok(set) = RecordSet::read(element) {
            let _ = (set.to_string(), set.says_the_same(&set));
        }
        let _ = UnsuccessfulItem::read(element);
        let _ = (Vpc::read(element), Subnet::read(element), SecurityGroup::read(element), ServiceDetail::read(element));
        let _ = (HostedZone::read(element), HostedZoneSummary::read(element), HostedZoneListed::read(element));
        let _ = ChangeInfo::read(element);
        left.extend(element.children());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// Names that readers ask for, so that random documents reach deep into them.
    const NAMES: [&str; 24] = [
        "vpcEndpointId",
        "serviceName",
        "state",
        "dnsEntrySet",
        "item",
        "dnsName",
        "hostedZoneId",
        "tagSet",
        "key",
        "groupId",
        "groupSet",
        "ipPermissions",
        "fromPort",
        "ipRanges",
        "cidrIp",
        "HostedZone",
        "Id",
        "Name",
        "Type",
        "AliasTarget",
        "DNSName",
        "HostedZoneId",
        "ChangeInfo",
        "Account",
    ];
    const TEXTS: [&str; 12] = [
        "",
        "vpce-0a1b2c3d4e5f67890",
        "vpce-0a1b2c3d4e5f67890-x-us-east-1a.a.b",
        "-",
        "\u{e4}-1a",
        "\\052.x.",
        "A",
        "99999999999999999999",
        "10.0.0.0/99",
        "123456789012",
        "/change/",
        "Z123",
    ];

    fn document() -> impl Strategy<Value = String> {
        let leaf = prop::sample::select(&TEXTS[..]).prop_map(str::to_owned);
        leaf.prop_recursive(6, 60, 6, |inner| {
            prop::collection::vec((prop::sample::select(&NAMES[..]), inner), 1..6)
                .prop_map(|children| children.iter().map(|(name, body)| format!("<{name}>{body}</{name}>")).collect())
        })
    }

    proptest! {
        #[test]
        fn no_document_makes_a_reader_panic(body in document()) {
            super::read_as_every_answer(format!("<r>{body}</r>").as_bytes());
        }
    }
}
