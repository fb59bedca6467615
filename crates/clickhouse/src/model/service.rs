use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use ipnet::Ipv4Net;
use privlink_core::{DnsName, Error, IdError, PrivateEndpointId, Region, Result};
use serde::{Deserialize, Serialize};

use super::{EndpointProtocol, ListedEndpoint, Provider, ServiceState, lacking, readable, required};
use crate::delta::Listed;
use crate::{InfrastructureId, ServiceId, wire};

/// A service as the vendor describes it, as far as private connectivity goes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ServiceDetails {
    /// Its id.
    pub id: ServiceId,
    /// Its name, 1 to 50 characters; not unique.
    pub name: String,
    /// The cloud it runs in.
    pub provider: Provider,
    /// The region it runs in.
    pub region: Region,
    /// Its state.
    pub state: ServiceState,
    /// The version of ClickHouse it runs.
    pub version: Option<String>,
    /// Its **public** endpoints; those that cannot be read are left out.
    pub endpoints: Vec<ServiceEndpoint>,
    /// The warehouse it belongs to.
    pub warehouse: Option<String>,
    /// Whether it is the primary service of its warehouse.
    pub is_primary: Option<bool>,
    /// Whether it only reads.
    pub is_readonly: Option<bool>,
    /// The BYOC infrastructure it runs on, in the customer's own cloud account.
    #[serde(serialize_with = "readable::told")]
    pub infrastructure: Option<Result<InfrastructureId, IdError>>,
    private_endpoints: Option<Vec<Option<ListedEndpoint>>>,
    #[serde(rename = "available_private_endpoints")]
    available: Option<Vec<Option<ListedEndpoint>>>,
    ip_access_list: Option<Vec<IpAccessEntry>>,
}

impl ServiceDetails {
    /// A service without endpoints, allow list or IP access list: what a test or another
    /// implementation starts from.
    #[must_use]
    pub fn new(
        id: ServiceId,
        name: impl Into<String>,
        provider: Provider,
        region: Region,
        state: ServiceState,
    ) -> Self {
        Self {
            id,
            name: name.into(),
            provider,
            region,
            state,
            version: None,
            endpoints: Vec::new(),
            warehouse: None,
            is_primary: None,
            is_readonly: None,
            infrastructure: None,
            private_endpoints: Some(Vec::new()),
            available: Some(Vec::new()),
            ip_access_list: Some(Vec::new()),
        }
    }

    /// The allow list: the endpoints through which this service answers, in no particular
    /// order. Items that were no text at all are left out; see [`ServiceDetails::unreadable`].
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](privlink_core::ErrorKind::UnexpectedResponse) when the
    /// answer did not hold the list: unknown is not empty.
    pub fn private_endpoints(&self) -> Result<impl Iterator<Item = &ListedEndpoint>> {
        let listed = self.private_endpoints.as_ref().ok_or_else(|| lacking("service", &["privateEndpointIds"]))?;
        Ok(listed.iter().flatten())
    }

    /// The endpoints the organization knows and this service could allow.
    ///
    /// # Errors
    /// As for [`ServiceDetails::private_endpoints`].
    pub fn available_private_endpoints(&self) -> Result<impl Iterator<Item = &ListedEndpoint>> {
        let listed = self.available.as_ref().ok_or_else(|| lacking("service", &["availablePrivateEndpointIds"]))?;
        Ok(listed.iter().flatten())
    }

    /// How many items of the allow list were neither text nor an exact number.
    #[must_use]
    pub fn unreadable(&self) -> usize {
        self.private_endpoints.iter().flatten().filter(|item| item.is_none()).count()
    }

    /// Whether the service answers through the endpoint `id`.
    ///
    /// # Errors
    /// As for [`ServiceDetails::private_endpoints`].
    pub fn allows(&self, id: &PrivateEndpointId) -> Result<bool> {
        Ok(self.private_endpoints()?.any(|listed| listed.names(id)))
    }

    /// The sources that may use the **public** endpoints; empty means nobody.
    ///
    /// Private endpoints pass by this list.
    ///
    /// # Errors
    /// As for [`ServiceDetails::private_endpoints`].
    pub fn ip_access_list(&self) -> Result<&[IpAccessEntry]> {
        self.ip_access_list.as_deref().ok_or_else(|| lacking("service", &["ipAccessList"]))
    }

    /// The public endpoint for `protocol`, if it is enabled.
    #[must_use]
    pub fn endpoint(&self, protocol: &EndpointProtocol) -> Option<&ServiceEndpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.protocol == *protocol)
    }

    /// Whether the MySQL interface is enabled.
    #[must_use]
    pub fn has_mysql(&self) -> bool {
        self.endpoint(&EndpointProtocol::Mysql).is_some()
    }
}

impl TryFrom<wire::Service> for ServiceDetails {
    type Error = Error;

    fn try_from(mut wire: wire::Service) -> Result<Self> {
        let (id, name, provider, region, state) = required!("service", wire:
            id as "id", name as "name", provider as "provider", region as "region", state as "state");
        let provider = Provider::from(provider);
        let cloud = provider.cloud();
        let listed = |items: Vec<Option<String>>| {
            items.iter().map(|item| item.as_deref().map(|text| ListedEndpoint::from_wire(text, cloud))).collect()
        };
        Ok(Self {
            id: id.parse().map_err(|error| lacking("service", &["id"]).with_source(error))?,
            name,
            provider,
            region: region.parse().map_err(|error| lacking("service", &["region"]).with_source(error))?,
            state: ServiceState::from(state),
            version: wire.clickhouse_version,
            endpoints: wire.endpoints.into_iter().flatten().filter_map(ServiceEndpoint::from_wire).collect(),
            warehouse: wire.data_warehouse_id,
            is_primary: wire.is_primary,
            is_readonly: wire.is_readonly,
            infrastructure: wire.byoc_id.filter(|id| !id.is_empty()).map(|id| id.parse()),
            private_endpoints: wire.private_endpoint_ids.map(listed),
            available: wire.available_private_endpoint_ids.map(listed),
            // An entry without a source could not be put back: then the list is unknown.
            ip_access_list: wire
                .ip_access_list
                .and_then(|entries| entries.into_iter().map(IpAccessEntry::from_wire).collect()),
        })
    }
}

/// One public endpoint of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceEndpoint {
    /// What is spoken there.
    pub protocol: EndpointProtocol,
    /// The public host.
    pub host: DnsName,
    /// The port.
    pub port: u16,
}

impl ServiceEndpoint {
    /// A public endpoint.
    #[must_use]
    pub fn new(protocol: EndpointProtocol, host: DnsName, port: u16) -> Self {
        Self { protocol, host, port }
    }

    fn from_wire(wire: wire::ServiceEndpoint) -> Option<Self> {
        let port = wire.port?;
        // The vendor declares a `number`; `as` saturates, so the check is what rejects.
        let whole = port as u16;
        if f64::from(whole) != port {
            return None;
        }
        Some(Self::new(wire.protocol?.into(), wire.host?.parse().ok()?, whole))
    }
}

/// A source that may use the public endpoints: an IPv4 address or range.
///
/// ```
/// use privlink_clickhouse::IpAccessEntry;
///
/// let office: IpAccessEntry = "203.0.113.0/24".parse()?;
/// assert!(!office.is_everybody());
/// assert!("2001:db8::/32".parse::<IpAccessEntry>().is_err(), "IPv6 is not supported by the vendor");
/// # Ok::<_, privlink_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct IpAccessEntry {
    source: String,
    /// What it is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl IpAccessEntry {
    /// The same entry with a description.
    #[must_use]
    pub fn described(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// The address or range, to the letter.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The range; `None` when the vendor lists something else.
    #[must_use]
    pub fn range(&self) -> Option<Ipv4Net> {
        parse_range(&self.source)
    }

    /// Whether it lets everybody in.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        // The vendor writes `0.0.0.0/0`, and takes a bare `0.0.0.0` for the same.
        self.source == "0.0.0.0" || self.range().is_some_and(|range| range.prefix_len() == 0)
    }

    /// Whether a list of the vendor's could hold it: besides addresses it may hold names some day.
    pub(crate) fn could_be_listed(&self) -> bool {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"./:-_".contains(&b);
        (1..=100).contains(&self.source.len()) && self.source.bytes().all(fits)
    }

    pub(crate) fn from_wire(wire: wire::IpAccessEntry) -> Option<Self> {
        Some(Self { source: wire.source?, description: wire.description.filter(|text| !text.is_empty()) })
    }

    pub(crate) fn to_wire(&self) -> wire::IpAccessEntry {
        wire::IpAccessEntry { source: Some(self.source.clone()), description: self.description.clone() }
    }
}

/// Entries are the same when their source is, however it is written; descriptions do not count.
impl Listed for IpAccessEntry {
    type Key = Result<Ipv4Net, String>;

    fn key(&self) -> Self::Key {
        self.range().ok_or_else(|| self.source.clone())
    }
}

impl FromStr for IpAccessEntry {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match parse_range(text) {
            Some(_) => Ok(Self { source: text.to_owned(), description: None }),
            None => Err(Error::invalid(format!(
                "`{}` is not an IPv4 address or range such as 203.0.113.0/24",
                text.escape_debug().take(80).collect::<String>()
            ))),
        }
    }
}

impl fmt::Display for IpAccessEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.description {
            Some(description) => write!(f, "{} ({description})", self.source),
            None => f.pad(&self.source),
        }
    }
}

fn parse_range(text: &str) -> Option<Ipv4Net> {
    text.parse().ok().or_else(|| text.parse::<Ipv4Addr>().ok().map(Ipv4Net::from)).map(|net: Ipv4Net| net.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<ServiceDetails> {
        serde_json::from_value::<wire::Service>(json).unwrap().try_into()
    }

    fn minimal() -> serde_json::Value {
        serde_json::json!({"id": "9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10", "name": "orders", "provider": "aws",
            "region": "us-east-1", "state": "running"})
    }

    #[test]
    fn missing_fields_are_named_as_the_vendor_spells_them() {
        let error = read(serde_json::json!({"id": "9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10", "name": "x"})).unwrap_err();
        assert_eq!(error.to_string(), "the service lacks a readable `provider`, `region`, `state`");
    }

    #[test]
    fn a_list_that_was_not_sent_is_unknown_and_not_empty() {
        let details = read(minimal()).unwrap();
        let error = details.private_endpoints().map(Iterator::count).unwrap_err();
        assert!(error.to_string().contains("privateEndpointIds"), "{error}");
        assert!(details.ip_access_list().is_err());
    }

    #[test]
    fn junk_in_the_allow_list_is_kept_beside_the_good_ids() {
        let mut json = minimal();
        json["privateEndpointIds"] = serde_json::json!(["vpce-0a1b2c3d4e5f67890", "oops", 7.5]);
        let details = read(json).unwrap();
        let listed: Vec<_> = details.private_endpoints().unwrap().map(|l| (l.as_str(), l.id().is_ok())).collect();
        assert_eq!(listed, [("vpce-0a1b2c3d4e5f67890", true), ("oops", false)]);
        assert_eq!(details.unreadable(), 1);
    }

    #[test]
    fn a_connection_id_sent_as_a_number_stays_exact() {
        let mut json = minimal();
        json["provider"] = "gcp".into();
        json["privateEndpointIds"] = serde_json::json!([18_446_744_073_709_551_615_u64]);
        let details = read(json).unwrap();
        assert_eq!(details.private_endpoints().unwrap().next().unwrap().as_str(), "18446744073709551615");
    }

    #[test]
    fn ports_may_be_floats_but_must_be_whole() {
        let mut json = minimal();
        json["endpoints"] = serde_json::json!([
            {"protocol": "https", "host": "a.us-east-1.aws.clickhouse.cloud", "port": 8443.0},
            {"protocol": "mysql", "host": "a.us-east-1.aws.clickhouse.cloud", "port": 3306.5},
            {"protocol": "quic", "host": "a.us-east-1.aws.clickhouse.cloud", "port": 70000}]);
        let details = read(json).unwrap();
        assert_eq!(details.endpoints.len(), 1);
        assert_eq!(details.endpoints[0].port, 8443);
        assert!(!details.has_mysql());
    }

    #[test]
    fn everybody_is_recognised_however_it_is_written() {
        for text in ["0.0.0.0/0", "0.0.0.0"] {
            assert!(text.parse::<IpAccessEntry>().unwrap().is_everybody(), "{text}");
        }
        let one: IpAccessEntry = "203.0.113.7".parse().unwrap();
        assert_eq!(one.key(), "203.0.113.7/32".parse::<IpAccessEntry>().unwrap().key());
    }
}
