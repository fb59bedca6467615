use std::fmt::{Debug, Display};
use std::str::FromStr;

use privlink_core::{
    AwsAccountId, AwsPrincipal, AzurePrivateEndpointId, AzurePrivateLinkServiceId, AzureResourceId, CloudProvider,
    DnsName, EndpointServiceId, ForwardingRuleName, HostedZoneId, IdError, LinkName, NetworkInterfaceId,
    PrivateDnsHostname, PrivateEndpointId, PrivateLinkServiceAlias, ProjectId, PscConnectionId, Region, ResourceGuid,
    SecurityGroupId, ServiceAttachment, SubnetId, SubscriptionId, VpcEndpointId, VpcEndpointServiceId,
    VpcEndpointServiceName, VpcId, ZoneId,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Check = fn(&str);

const CHECKS: [Check; 27] = [
    check::<AwsAccountId>,
    principal,
    check::<AzurePrivateEndpointId>,
    check::<AzurePrivateLinkServiceId>,
    resource,
    name,
    service,
    check::<ForwardingRuleName>,
    check::<HostedZoneId>,
    check::<LinkName>,
    check::<NetworkInterfaceId>,
    host,
    endpoint,
    alias,
    check::<ProjectId>,
    check::<PscConnectionId>,
    region,
    check::<ResourceGuid>,
    check::<SecurityGroupId>,
    attachment,
    check::<SubnetId>,
    check::<SubscriptionId>,
    check::<VpcEndpointId>,
    check::<VpcEndpointServiceId>,
    service_name,
    check::<VpcId>,
    check::<ZoneId>,
];

/// The first byte picks the type, the rest is the text.
pub fn ids(input: &[u8]) {
    let Some((which, text)) = input.split_first() else { return };
    let text = String::from_utf8_lossy(text);
    CHECKS[usize::from(*which) % CHECKS.len()](&text);
}

fn check<T>(text: &str)
where
    T: FromStr<Err = IdError> + Display + Debug + Eq + Serialize + DeserializeOwned,
{
    match text.parse::<T>() {
        Ok(id) => {
            let shown = id.to_string();
            assert_eq!(shown.parse::<T>().as_ref(), Ok(&id), "{text:?}");
            let json = serde_json::to_string(&id).expect("an id is a string");
            assert_eq!(json.len(), shown.len() + 2, "an id needs no escapes in JSON");
            assert_eq!(serde_json::from_str::<T>(&json).expect("it was written a line ago"), id);
            assert!(shown.bytes().all(|b| b.is_ascii_graphic() && !b"%?#\\\"<>&`".contains(&b)), "{shown:?}");
            assert!(!shown.split('/').any(|part| part == "." || part == ".."), "{shown:?}");
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.chars().any(char::is_control), "{line:?}");
            assert!(line.len() < 4_000, "{line:?}");
            assert_ne!(error.looks_like(), Some(error.wanted()));
        }
    }
}

fn principal(text: &str) {
    check::<AwsPrincipal>(text);
    if let Ok(id) = text.parse::<AwsPrincipal>() {
        assert_eq!(id.account().is_none(), id.as_str() == "*");
        let _ = id.is_whole_account();
    }
}

fn resource(text: &str) {
    check::<AzureResourceId>(text);
    if let Ok(id) = text.parse::<AzureResourceId>() {
        let _ = (id.subscription(), id.resource_group(), id.name());
        let upper: AzureResourceId = text.to_ascii_uppercase().parse().expect("case makes no difference");
        assert_eq!(id, upper);
        assert_eq!(id.is_private_endpoint(), upper.is_private_endpoint());
        assert_eq!(id.is_private_endpoint(), AzurePrivateEndpointId::try_from(id.clone()).is_ok());
        assert_eq!(id.is_private_link_service(), AzurePrivateLinkServiceId::try_from(id.clone()).is_ok());
        if let Some(parent) = id.parent() {
            assert!(!id.is_private_endpoint());
            assert_eq!(parent.as_str().parse::<AzureResourceId>(), Ok(parent));
        }
    }
}

fn name(text: &str) {
    check::<DnsName>(text);
    if let Ok(name) = text.parse::<DnsName>() {
        assert!(name.is_within(&name));
        if let Some(parent) = name.parent() {
            assert!(name.is_within(&parent) && !parent.is_within(&name));
            assert_eq!(parent.as_str().parse::<DnsName>(), Ok(parent));
        }
    }
}

fn host(text: &str) {
    check::<PrivateDnsHostname>(text);
    if let Ok(host) = text.parse::<PrivateDnsHostname>() {
        assert_eq!(host.zone().as_str().parse::<DnsName>(), Ok(host.zone()));
        assert_eq!(host.name().as_str().parse::<DnsName>(), Ok(host.name()));
    }
}

fn region(text: &str) {
    check::<Region>(text);
    if let Ok(region) = text.parse::<Region>() {
        let clouds = [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp];
        let fitting = clouds.into_iter().filter(|cloud| region.check_for(*cloud).is_ok()).count();
        assert_eq!(fitting, if region.cloud_by_form().is_some() { 1 } else { 3 });
        assert!(region.as_str().parse::<ZoneId>().is_err());
    }
}

fn alias(text: &str) {
    check::<PrivateLinkServiceAlias>(text);
    if let Ok(alias) = text.parse::<PrivateLinkServiceAlias>() {
        let _ = alias.region();
    }
}

fn attachment(text: &str) {
    check::<ServiceAttachment>(text);
    if let Ok(attachment) = text.parse::<ServiceAttachment>() {
        let rebuilt = format!(
            "projects/{}/regions/{}/serviceAttachments/{}",
            attachment.project(),
            attachment.region(),
            attachment.name()
        );
        assert_eq!(rebuilt, attachment.as_str());
    }
}

fn service_name(text: &str) {
    check::<VpcEndpointServiceName>(text);
    if let Ok(name) = text.parse::<VpcEndpointServiceName>() {
        let rebuilt = VpcEndpointServiceName::of(&name.region(), &name.service_id());
        assert_eq!(rebuilt.as_str().trim_start_matches("cn."), name.as_str().trim_start_matches("cn."));
    }
}

fn endpoint(text: &str) {
    check::<PrivateEndpointId>(text);
    let clouds = [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp];
    let taken = clouds.into_iter().filter(|cloud| PrivateEndpointId::parse_for(*cloud, text).is_ok()).count();
    assert_eq!(taken, usize::from(text.parse::<PrivateEndpointId>().is_ok()), "the form tells the cloud");
}

fn service(text: &str) {
    check::<EndpointServiceId>(text);
    let clouds = [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp];
    let taken = clouds.into_iter().filter(|cloud| EndpointServiceId::parse_for(*cloud, text).is_ok()).count();
    assert_eq!(taken, usize::from(text.parse::<EndpointServiceId>().is_ok()), "the form tells the cloud");
    if let Ok(id) = text.parse::<EndpointServiceId>() {
        let _ = (id.region(), id.cloud());
    }
}
