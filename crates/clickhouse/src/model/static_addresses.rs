use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::{CloudProvider, Error, ErrorKind, Region, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Provider;

/// The vendor's public addresses, for the other direction: a ClickHouse service that reaches
/// out to a database of yours.
///
/// Private endpoints are one-way, so a source that ClickHouse pulls from must let these in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticAddresses {
    /// One entry a region, or several where the vendor runs several cells there.
    pub entries: Vec<StaticAddressEntry>,
    /// How many entries could not be read.
    pub unreadable: usize,
}

impl StaticAddresses {
    /// The entries of one region.
    pub fn of<'a>(&'a self, cloud: CloudProvider, region: &'a Region) -> impl Iterator<Item = &'a StaticAddressEntry> {
        self.entries.iter().filter(move |entry| entry.provider.cloud() == Some(cloud) && entry.region == *region)
    }

    /// Reads the vendor's document; entries it cannot read are counted, never an error.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is no JSON object.
    pub fn from_json(document: &[u8]) -> Result<Self> {
        let unexpected = || Error::new(ErrorKind::UnexpectedResponse, "the list of static addresses is no JSON object");
        let document: Value =
            serde_json::from_slice(document).map_err(|error| unexpected().with_source(error).with_body(document))?;
        let clouds = document.as_object().ok_or_else(unexpected)?;
        let mut all = Self::default();
        for (provider, regions) in clouds {
            for entry in regions.as_array().into_iter().flatten() {
                match StaticAddressEntry::read(provider, entry) {
                    Some(entry) => all.entries.push(entry),
                    None => all.unreadable += 1,
                }
            }
        }
        Ok(all)
    }
}

/// The addresses of one region, or of one cell of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StaticAddressEntry {
    /// The cloud.
    pub provider: Provider,
    /// The region.
    pub region: Region,
    /// Where connections **from** ClickHouse come from: let these in.
    pub egress: Vec<IpNet>,
    /// Where connections **to** ClickHouse's public endpoints go.
    pub ingress: Vec<IpNet>,
    /// Addresses of an older form of the document, which did not tell the directions apart.
    pub undirected: Vec<IpNet>,
    /// On AWS: the S3 gateway endpoints (`vpce-…`) that reads from S3 come through.
    pub s3_endpoints: Vec<String>,
}

impl StaticAddressEntry {
    /// An entry without addresses.
    #[must_use]
    pub fn new(provider: Provider, region: Region) -> Self {
        Self {
            provider,
            region,
            egress: Vec::new(),
            ingress: Vec::new(),
            undirected: Vec::new(),
            s3_endpoints: Vec::new(),
        }
    }

    /// The field names have changed over time, so each is taken where it is found.
    fn read(provider: &str, entry: &Value) -> Option<Self> {
        let mut out = Self::new(provider.into(), entry.get("region")?.as_str()?.parse().ok()?);
        out.egress = texts(entry.get("egress_ips")).filter_map(network).collect();
        out.ingress = texts(entry.get("ingress_ips")).filter_map(network).collect();
        out.undirected = texts(entry.get("public_ips")).filter_map(network).collect();
        out.s3_endpoints = ["s3_endpoints", "s3_endpoint"]
            .iter()
            .flat_map(|field| texts(entry.get(field)))
            .map(str::to_owned)
            .collect();
        Some(out)
    }
}

/// The texts in a value that is a text, a list of texts, or an object of named texts.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let all: Vec<&str> = match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        Some(Value::Object(fields)) => fields.values().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    all.into_iter()
}

fn network(text: &str) -> Option<IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_are_read_and_odd_entries_are_counted() {
        let all = StaticAddresses::from_json(
            br#"{"aws":[{"region":"us-east-1","egress_ips":["203.0.113.1","203.0.113.8/29"],"ingress_ips":["198.51.100.7"],
                 "s3_endpoints":"vpce-0a1b2c3d4e5f67890","new":1},
                {"region":"us-east-1","cell":"c1","public_ips":{"a":"203.0.113.2","b":"203.0.113.3","c":"x"}},{"cell":"c2"},5],
                "gcp":{},"moon":[{"region":"tranquility","egress_ips":["192.0.2.1"]}]}"#,
        )
        .unwrap();
        let region: Region = "us-east-1".parse().unwrap();
        let entries: Vec<_> = all.of(CloudProvider::Aws, &region).collect();
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].egress.len(), entries[0].ingress.len()), (2, 1));
        assert_eq!(entries[0].s3_endpoints, ["vpce-0a1b2c3d4e5f67890"]);
        assert_eq!(entries[1].undirected.len(), 2);
        assert_eq!(all.unreadable, 2);
        assert_eq!(all.entries.len(), 3);
    }
}
