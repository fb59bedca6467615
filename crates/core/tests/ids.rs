//! What holds for every identifier, whatever text it is made of.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::fmt::{Debug, Display};
use std::str::FromStr;

use privlink_core::{
    AwsAccountId, AwsPrincipal, AzurePrivateEndpointId, AzurePrivateLinkServiceId, AzureResourceId, CloudProvider,
    DnsName, EndpointServiceId, ForwardingRuleName, HostedZoneId, IdError, LinkName, NetworkInterfaceId,
    PrivateDnsHostname, PrivateEndpointId, PrivateLinkServiceAlias, ProjectId, PscConnectionId, Region, ResourceGuid,
    SecurityGroupId, ServiceAttachment, SubnetId, SubscriptionId, VpcEndpointId, VpcEndpointServiceId,
    VpcEndpointServiceName, VpcId, ZoneId,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

const UUID: &str = "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60";
const ENDPOINT: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/App/providers/Microsoft.Network/privateEndpoints/orders";
const SERVICE: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/App/providers/Microsoft.Network/privateLinkServices/pls";
const ALIAS: &str = "prod.0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60.westus3.azure.privatelinkservice";
const ATTACHMENT: &str = "projects/producer/regions/us-central1/serviceAttachments/clickhouse";

/// One good text of every kind.
const GOOD: [&str; 26] = [
    "123456789012",
    "vpc-0a1b2c3d4e5f67890",
    "subnet-0a1b2c3d4e5f67890",
    "sg-0a1b2c3d4e5f67890",
    "eni-0a1b2c3d4e5f67890",
    "vpce-0a1b2c3d4e5f67890",
    "vpce-svc-0a1b2c3d4e5f67890",
    "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890",
    "cn.com.amazonaws.vpce.cn-north-1.vpce-svc-0a1b2c3d4e5f67890",
    "Z0123456789ABCDEFGHIJ",
    "/hostedzone/Z0123456789ABCDEFGHIJ",
    "arn:aws:iam::123456789012:role/path/deployer",
    "*",
    UUID,
    ENDPOINT,
    SERVICE,
    ALIAS,
    "orders-prod-123",
    "example.com:orders-prod",
    ATTACHMENT,
    "102600141743718403",
    "us-east-1",
    "use1-az6",
    "abc123defg.us-east-1.vpce.aws.clickhouse.cloud",
    "*.us-east-1.vpce.aws.clickhouse.cloud",
    "Example.COM.",
];

/// What is promised of an identifier made of `text`, if it can be made.
fn check<T>(text: &str)
where
    T: FromStr<Err = IdError> + Display + Debug + Eq + Serialize + DeserializeOwned,
{
    match text.parse::<T>() {
        Ok(id) => {
            let shown = id.to_string();
            assert_eq!(shown.parse::<T>().as_ref(), Ok(&id), "{text:?} does not survive being printed");
            assert_eq!(shown.parse::<T>().unwrap().to_string(), shown, "{text:?} is printed in two forms");
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(json, format!("\"{shown}\""), "an id needs no escapes in JSON");
            assert_eq!(serde_json::from_str::<T>(&json).unwrap(), id);
            assert_eq!(format!("{shown:>300}"), format!("{id:>300}"));
            // Nothing that turns one path into another, breaks a header or hides from the eye.
            assert!(shown.bytes().all(|b| b.is_ascii_graphic()), "{shown:?}");
            assert!(!shown.contains(['%', '?', '#', '\\', '"', '<', '>', '&', '`']), "{shown:?}");
            assert!(!shown.split('/').any(|part| part == "." || part == ".."), "{shown:?}");
        }
        Err(error) => {
            assert_ne!(error.looks_like(), Some(error.wanted()));
            let line = error.to_string();
            assert_eq!(line.lines().count(), 1);
            assert!(!line.chars().any(char::is_control), "{line:?}");
            assert!(line.chars().count() < 1_500, "{line:?}");
        }
    }
}

fn check_all(text: &str) {
    check::<AwsAccountId>(text);
    check::<AwsPrincipal>(text);
    check::<AzurePrivateEndpointId>(text);
    check::<AzurePrivateLinkServiceId>(text);
    check::<AzureResourceId>(text);
    check::<DnsName>(text);
    check::<EndpointServiceId>(text);
    check::<ForwardingRuleName>(text);
    check::<HostedZoneId>(text);
    check::<LinkName>(text);
    check::<NetworkInterfaceId>(text);
    check::<PrivateDnsHostname>(text);
    check::<PrivateEndpointId>(text);
    check::<PrivateLinkServiceAlias>(text);
    check::<ProjectId>(text);
    check::<PscConnectionId>(text);
    check::<Region>(text);
    check::<ResourceGuid>(text);
    check::<SecurityGroupId>(text);
    check::<ServiceAttachment>(text);
    check::<SubnetId>(text);
    check::<SubscriptionId>(text);
    check::<VpcEndpointId>(text);
    check::<VpcEndpointServiceId>(text);
    check::<VpcEndpointServiceName>(text);
    check::<VpcId>(text);
    check::<ZoneId>(text);
    for cloud in [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp] {
        if let Ok(id) = PrivateEndpointId::parse_for(cloud, text) {
            assert_eq!(id.cloud(), cloud);
            assert_eq!(id.to_string().parse::<PrivateEndpointId>(), Ok(id), "the form tells the cloud");
        }
        if let Ok(id) = EndpointServiceId::parse_for(cloud, text) {
            assert_eq!(id.cloud(), cloud);
            assert_eq!(id.to_string().parse::<EndpointServiceId>(), Ok(id), "the form tells the cloud");
        }
    }
}

/// Whether `text` is taken by a type whose text goes into one segment of a path.
fn is_segment(text: &str) -> bool {
    fn shown<T: FromStr + Display>(text: &str) -> Option<String> {
        text.parse::<T>().ok().map(|id| id.to_string())
    }
    [
        shown::<AwsAccountId>(text),
        shown::<DnsName>(text),
        shown::<ForwardingRuleName>(text),
        shown::<HostedZoneId>(text),
        shown::<LinkName>(text),
        shown::<PscConnectionId>(text),
        shown::<Region>(text),
        shown::<ResourceGuid>(text),
        shown::<SubscriptionId>(text),
        shown::<VpcEndpointId>(text),
        shown::<ZoneId>(text),
    ]
    .iter()
    .flatten()
    .any(|id| text.contains('/') && *id == text || id.contains('/'))
}

#[test]
fn every_good_text_is_taken_by_some_type() {
    for text in GOOD {
        check_all(text);
        let taken = [
            text.parse::<AwsAccountId>().is_ok(),
            text.parse::<AwsPrincipal>().is_ok(),
            text.parse::<AzureResourceId>().is_ok(),
            text.parse::<DnsName>().is_ok(),
            text.parse::<EndpointServiceId>().is_ok(),
            text.parse::<HostedZoneId>().is_ok(),
            text.parse::<NetworkInterfaceId>().is_ok(),
            text.parse::<PrivateEndpointId>().is_ok(),
            text.parse::<ProjectId>().is_ok(),
            text.parse::<Region>().is_ok(),
            text.parse::<SecurityGroupId>().is_ok(),
            text.parse::<SubnetId>().is_ok(),
            text.parse::<VpcEndpointServiceId>().is_ok(),
            text.parse::<VpcId>().is_ok(),
            text.parse::<ZoneId>().is_ok(),
        ];
        assert!(taken.contains(&true), "{text}");
    }
}

#[test]
fn one_foreign_character_anywhere_spoils_every_id() {
    // Space, tab, newline, NUL, escape, percent, question mark, hash, backslash, Cyrillic `е`,
    // full-width `／` and `．`, combining acute, zero-width space, right-to-left override.
    const FOREIGN: &str = " \t\n\0\u{1b}%?#\\е／．\u{301}\u{200b}\u{202e}";
    for text in GOOD {
        for foreign in FOREIGN.chars() {
            for place in (0..=text.len()).step_by(5).chain([text.len()]) {
                let mut spoiled = text.to_owned();
                spoiled.insert(place, foreign);
                check_all(&spoiled);
                assert!(spoiled.parse::<PrivateEndpointId>().is_err(), "{spoiled:?}");
                assert!(spoiled.parse::<EndpointServiceId>().is_err(), "{spoiled:?}");
                assert!(spoiled.parse::<DnsName>().is_err(), "{spoiled:?}");
                assert!(spoiled.parse::<AzureResourceId>().is_err(), "{spoiled:?}");
                assert!(spoiled.parse::<AwsPrincipal>().is_err(), "{spoiled:?}");
            }
        }
    }
}

#[test]
fn numbers_and_other_json_are_no_ids() {
    for json in ["12345678", "123456789012", "1.5", "null", "true", "[]", "{}", "[\"vpc-0a1b2c3d\"]"] {
        assert!(serde_json::from_str::<AwsAccountId>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<PrivateEndpointId>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<SubscriptionId>(json).is_err(), "{json}");
    }
    let error = serde_json::from_str::<VpcEndpointId>("5").unwrap_err().to_string();
    assert!(error.contains("expected a string with the VPC endpoint id"), "{error}");
}

proptest! {
    #[test]
    fn no_text_breaks_a_promise(text in "\\PC{0,40}|[ -~]{0,60}|[a-z0-9./*:_-]{0,80}") {
        check_all(&text);
        prop_assert!(!is_segment(&text));
    }

    #[test]
    fn no_change_of_a_good_text_breaks_a_promise(
        which in 0..GOOD.len(), place in any::<prop::sample::Index>(), cut in 0_usize..4, put in "\\PC{0,3}|[./a-z0-9-]{0,4}",
    ) {
        let chars: Vec<char> = GOOD[which].chars().collect();
        let at = place.index(chars.len() + 1);
        let text: String =
            chars[..at].iter().copied().chain(put.chars()).chain(chars[at..].iter().skip(cut).copied()).collect();
        check_all(&text);
        prop_assert!(!is_segment(&text));
    }
}
