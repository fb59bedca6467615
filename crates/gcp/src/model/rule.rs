use std::collections::BTreeMap;
use std::net::IpAddr;

use privlink_core::{Error, ErrorKind, ForwardingRuleName, PscConnectionId, Result, ServiceAttachment};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::PscConnectionStatus;
use crate::ids::{NetworkPath, SubnetworkPath, path_of_link};
use crate::wire::{compute as wire, required, unreadable};

/// A forwarding rule; one whose target is a service attachment is a Private Service Connect
/// endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ForwardingRule {
    /// Its name, unique in the project and region.
    pub name: ForwardingRuleName,
    /// Its description, set once.
    pub description: String,
    /// Its address, once there is one.
    pub ip_address: Option<IpAddr>,
    /// What it leads to, as a link or a path.
    pub target: Option<String>,
    /// The network it is in.
    pub network: Option<NetworkPath>,
    /// The subnetwork it is in, where it was made with one.
    pub subnetwork: Option<SubnetworkPath>,
    /// The connection's number, exact; only endpoints have one.
    pub psc_connection_id: Option<PscConnectionId>,
    /// Where the connection stands; absent counts as not known yet.
    pub psc_connection_status: PscConnectionStatus,
    /// Whether clients of other regions may use it.
    pub allow_psc_global_access: bool,
    /// Whether Google was told to make no zone of its own.
    pub no_automate_dns_zone: bool,
    /// The Service Directory namespaces it is registered in.
    pub namespaces: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What a change of labels must name.
    pub label_fingerprint: Option<String>,
    /// What any other change must name.
    pub fingerprint: Option<String>,
    /// Its link by name.
    pub self_link: Option<String>,
    /// Its link by number, by which some producers accept it.
    pub self_link_with_id: Option<String>,
    /// When it was made, as the API says it: RFC 3339.
    pub created: Option<String>,
}

impl ForwardingRule {
    pub(crate) fn read(wire: wire::ForwardingRule) -> Result<Self> {
        const OF: &str = "forwarding rule";
        let name = required(OF, "name", wire.name)?;
        let registrations = wire.service_directory_registrations.unwrap_or_default();
        Ok(Self {
            name: name.parse().map_err(|error| unreadable(OF, "name", error))?,
            description: wire.description.unwrap_or_default(),
            ip_address: wire.ip_address.and_then(|text| text.parse().ok()),
            target: wire.target,
            network: wire.network.and_then(|link| link.parse().ok()),
            subnetwork: wire.subnetwork.and_then(|link| link.parse().ok()),
            psc_connection_id: connection(wire.psc_connection_id)?,
            psc_connection_status: match wire.psc_connection_status.as_deref() {
                Some(word) => PscConnectionStatus::from(word),
                None => PscConnectionStatus::Unspecified,
            },
            allow_psc_global_access: wire.allow_psc_global_access.unwrap_or(false),
            no_automate_dns_zone: wire.no_automate_dns_zone.unwrap_or(false),
            namespaces: registrations.into_iter().filter_map(|registration| registration.namespace).collect(),
            labels: wire.labels.unwrap_or_default(),
            label_fingerprint: wire.label_fingerprint,
            fingerprint: wire.fingerprint,
            self_link: wire.self_link,
            self_link_with_id: wire.self_link_with_id,
            created: wire.creation_timestamp,
        })
    }

    /// The service attachment it leads to; `None` when it leads to something else.
    #[must_use]
    pub fn service_attachment(&self) -> Option<ServiceAttachment> {
        path_of_link(self.target.as_deref()?).parse().ok()
    }
}

/// The number as text alone: a JSON number may have been rounded on the way, and an id that
/// cannot be read must not pass for one that is not there yet.
fn connection(value: Option<Value>) -> Result<Option<PscConnectionId>> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            text.parse().map(Some).map_err(|error| unreadable("forwarding rule", "pscConnectionId", error))
        }
        Some(other) => Err(Error::new(
            ErrorKind::UnexpectedResponse,
            format!("the `pscConnectionId` of the forwarding rule is {other}, not the text of a whole number"),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn read(connection: &str) -> Result<ForwardingRule> {
        let json = format!(r#"{{"name":"orders","pscConnectionId":{connection},"pscConnectionStatus":"ACCEPTED"}}"#);
        ForwardingRule::read(serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn a_connection_number_is_exact_or_refused() {
        for number in ["0", "9007199254740993", "102600141743718403", "18446744073709551615"] {
            let rule = read(&format!("\"{number}\"")).unwrap();
            assert_eq!(rule.psc_connection_id.unwrap().to_string(), number);
        }
        let ninety = "9".repeat(90);
        for bad in [
            format!("\"{ninety}\""),
            ninety,
            "\"-1\"".into(),
            "-1".into(),
            "\"1.0\"".into(),
            "1.5".into(),
            "1e17".into(),
            "102600141743718403".into(),
            "\"\"".into(),
            "\"18446744073709551616\"".into(),
            "true".into(),
            "[]".into(),
        ] {
            assert_eq!(read(&bad).unwrap_err().kind(), ErrorKind::UnexpectedResponse, "{bad}");
        }
        assert_eq!(read("null").unwrap().psc_connection_id, None);
    }

    #[test]
    fn the_target_is_known_by_its_path_whatever_the_link() {
        const PATH: &str = "projects/producer/regions/us-central1/serviceAttachments/clickhouse";
        for front in ["", "https://www.googleapis.com/compute/v1/", "http://127.0.0.1:8080/compute/v1/"] {
            let json = format!(r#"{{"name":"orders","target":"{front}{PATH}"}}"#);
            let rule = ForwardingRule::read(serde_json::from_str(&json).unwrap()).unwrap();
            assert_eq!(rule.service_attachment().unwrap().as_str(), PATH);
        }
    }

    #[test]
    fn unknown_words_and_fields_break_nothing() {
        let json = r#"{"name":"orders","pscConnectionStatus":"THAWING","somethingNew":{"a":[1]},"kind":"compute#x"}"#;
        let rule = ForwardingRule::read(serde_json::from_str(json).unwrap()).unwrap();
        assert_eq!(rule.psc_connection_status.as_str(), "THAWING");
        assert!(ForwardingRule::read(serde_json::from_str("{}").unwrap()).unwrap_err().to_string().contains("`name`"));
    }
}
