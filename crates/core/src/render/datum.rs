use std::fmt;

use crate::Text;
use crate::side::{EndpointFacts, EndpointIds, Exchange, Slot};

/// A value that one step brings and another one takes: what the [`Exchange`] will hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Datum {
    /// The endpoint's id, as its cloud and most vendors write it: `vpce-…`, a resource id of Azure, a
    /// Private Service Connect connection id.
    EndpointId,
    /// The name of the endpoint in its cloud, where it has one: that of a forwarding rule in Google Cloud, of a
    /// private endpoint in Azure.
    EndpointName,
    /// The resource GUID of an endpoint in Azure.
    EndpointGuid,
    /// The first address of the endpoint.
    EndpointAddress,
    /// The endpoint's regional DNS name.
    EndpointDnsName,
    /// The id of the zone an alias to that name points at.
    EndpointDnsZone,
    /// The endpoint service that the endpoint leads to.
    ServiceId,
    /// The database's ports, in words with blanks between: `9440`, `10000-31000`.
    Ports,
    /// A value private to one side, such as `aws.security_group`.
    Own(Text),
}

impl Datum {
    /// The value, where `known` holds it already.
    #[must_use]
    pub fn known(&self, slot: &Slot, known: &Exchange) -> Option<String> {
        let endpoint = || known.endpoints.get(slot);
        match self {
            Self::EndpointId => endpoint()?.ids.primary().map(|id| id.to_string()),
            Self::EndpointName => match &endpoint()?.ids {
                EndpointIds::Azure { id, .. } => id.as_str().rsplit('/').next().map(str::to_owned),
                EndpointIds::Gcp { rule, .. } => Some(rule.to_string()),
                _ => None,
            },
            Self::EndpointGuid => match &endpoint()?.ids {
                EndpointIds::Azure { guid, .. } => guid.map(|guid| guid.to_string()),
                _ => None,
            },
            Self::EndpointAddress => endpoint()?.addresses.first().map(|(address, _)| address.to_string()),
            Self::EndpointDnsName => regional(endpoint()?).map(|dns| dns.name.to_string()),
            Self::EndpointDnsZone => regional(endpoint()?).and_then(|dns| dns.alias_zone.as_deref().map(str::to_owned)),
            Self::ServiceId => known.services.get(slot).map(|service| service.id.to_string()),
            Self::Ports => {
                let names = known.names.iter().filter(|name| name.slot == *slot);
                let mut ports: Vec<_> =
                    names.flat_map(|name| &name.ports).map(|ports| (ports.first, ports.last)).collect();
                ports.sort_unstable();
                ports.dedup();
                let words: Vec<_> = ports
                    .iter()
                    .map(|(first, last)| crate::side::PortRange::range(*first, *last).to_string())
                    .collect();
                (!words.is_empty()).then(|| words.join(" "))
            }
            Self::Own(_) => None,
        }
    }

    /// What it is, in words: `the endpoint's id`.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::EndpointId => "the endpoint's id".to_owned(),
            Self::EndpointName => "the endpoint's name".to_owned(),
            Self::EndpointGuid => "the endpoint's resource GUID".to_owned(),
            Self::EndpointAddress => "the endpoint's address".to_owned(),
            Self::EndpointDnsName => "the endpoint's regional DNS name".to_owned(),
            Self::EndpointDnsZone => "the id of the zone of the endpoint's DNS name".to_owned(),
            Self::ServiceId => "the id of the endpoint service".to_owned(),
            Self::Ports => "the database's ports".to_owned(),
            Self::Own(own) => own.replace(['_', '.'], " "),
        }
    }

    /// A name for it that is one word in every language: capitals, digits and `_`.
    ///
    /// ```
    /// use privlink_core::render::Datum;
    /// use privlink_core::side::Slot;
    ///
    /// assert_eq!(Datum::EndpointId.variable(&Slot::main()), "ENDPOINT_ID");
    /// let own = Datum::Own("aws.security_group".into());
    /// assert_eq!(own.variable(&Slot::named("zone_a")), "AWS_SECURITY_GROUP_ZONE_A");
    /// let odd = |name| Datum::Own(String::from(name).into()).variable(&Slot::main());
    /// assert_ne!(odd("aws.zone:a-b"), odd("aws.zone:a.b"));
    /// ```
    #[must_use]
    pub fn variable(&self, slot: &Slot) -> String {
        let mut name = String::new();
        append(&mut name, &self.to_string());
        if *slot != Slot::main() {
            name.push('_');
            append(&mut name, slot.as_str());
        }
        name
    }
}

/// The lower-case name: `endpoint_id`, `aws.security_group`.
impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EndpointId => "endpoint_id",
            Self::EndpointName => "endpoint_name",
            Self::EndpointGuid => "endpoint_guid",
            Self::EndpointAddress => "endpoint_address",
            Self::EndpointDnsName => "endpoint_dns_name",
            Self::EndpointDnsZone => "endpoint_dns_zone",
            Self::ServiceId => "service_id",
            Self::Ports => "ports",
            Self::Own(own) => own,
        })
    }
}

fn regional(endpoint: &EndpointFacts) -> Option<&crate::side::EndpointDns> {
    endpoint.dns.iter().find(|dns| dns.zone.is_none())
}

/// Appends `text` as a word. What had to be replaced leaves a digest, so that two names stay two.
fn append(name: &mut String, text: &str) {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.push_str(&word(text).to_ascii_uppercase());
    // One dot stands between a side and its fact, and tells nothing apart.
    let dots = text.chars().filter(|c| *c == '.').count();
    if dots > 1 || !text.chars().all(|c| plain(c) || c == '.') {
        name.push('_');
        name.push_str(&crate::side::TouchKey::new("datum", [text]).digest()[..8].to_ascii_uppercase());
    }
}

/// `text` as a word that every language takes for a name: small letters and digits as they are, anything
/// else as `_`.
///
/// Two texts may become one word.
///
/// ```
/// assert_eq!(privlink_core::render::word("*.Example.com:8443"), "__example_com_8443");
/// assert_eq!(privlink_core::render::word("10.0.0.0/16"), "_10_0_0_0_16");
/// ```
#[must_use]
pub fn word(text: &str) -> String {
    let mut word: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        word.insert(0, '_');
    }
    word
}
