use std::collections::BTreeMap;

use http::Method;
use privlink_core::{DnsName, Error, Pages, Result};

use super::Dns;
use super::operations::{ZONES_CREATE, ZONES_DELETE, ZONES_GET, ZONES_LIST, ZONES_PATCH};
use crate::Problem;
use crate::api::{Call, page};
use crate::ids::{ManagedZoneName, NetworkPath};
use crate::model::ManagedZone;
use crate::wire::dns as wire;

/// A private zone to make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateManagedZone {
    /// Its name as a resource, unique in the project.
    pub name: ManagedZoneName,
    /// The DNS name it answers for.
    pub dns_name: DnsName,
    /// The description; Cloud DNS requires one.
    pub description: String,
    /// The networks that see it; no two zones of one DNS name may be seen by the same network.
    pub networks: Vec<NetworkPath>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

impl CreateManagedZone {
    /// A private zone that `networks` see.
    #[must_use]
    pub fn new(
        name: ManagedZoneName,
        dns_name: DnsName,
        description: impl Into<String>,
        networks: Vec<NetworkPath>,
    ) -> Self {
        Self { name, dns_name, description: description.into(), networks, labels: BTreeMap::new() }
    }
}

impl Dns {
    /// The zones of the project, public ones too.
    pub fn managed_zones(&self) -> Pages<ManagedZone> {
        self.zones(None, ManagedZone::read)
    }

    /// The same without those that answer for no name of a host, such as the root: they are
    /// somebody else's.
    pub(crate) fn named_zones(&self) -> Pages<Option<ManagedZone>> {
        self.zones(None, |wire| match wire.dns_name.as_deref() {
            Some(".") => Ok(None),
            _ => ManagedZone::read(wire).map(Some),
        })
    }

    /// The zones of the project for exactly this DNS name.
    pub fn managed_zones_named(&self, dns_name: &DnsName) -> Pages<ManagedZone> {
        self.zones(Some(format!("{dns_name}.")), ManagedZone::read)
    }

    fn zones<T: Send + 'static>(&self, dns_name: Option<String>, read: fn(wire::ManagedZone) -> Result<T>) -> Pages<T> {
        let dns = self.clone();
        Pages::new(move |token| {
            let (dns, dns_name) = (dns.clone(), dns_name.clone());
            async move {
                let mut call = Call::new(&ZONES_LIST, Method::GET, dns.resource(""), dns.path(&[])).page(token);
                if let Some(dns_name) = dns_name {
                    call = call.query("dnsName", dns_name);
                }
                let list: wire::Zones = dns.api.read(&call).await?;
                Ok(page(list.managed_zones, list.next_page_token, |wire| dns.api.told(&call, read(wire))))
            }
        })
    }

    /// One zone, or `None` when there is none of this name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn managed_zone(&self, name: &ManagedZoneName) -> Result<Option<ManagedZone>> {
        let path = self.path(&[name.as_str()]);
        let call = Call::new(&ZONES_GET, Method::GET, self.resource(name.as_str()), path);
        self.api.find(call, ManagedZone::read).await
    }

    /// Makes a private zone; it is there when the answer is.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) before any request without a
    /// description or a network; [`Problem::Exists`] when the resource's name is taken;
    /// [`Problem::ZoneNameTaken`] when a network sees another zone of the DNS name.
    pub async fn create_managed_zone(&self, zone: &CreateManagedZone) -> Result<ManagedZone> {
        if zone.description.trim().is_empty() {
            return Err(Error::invalid("Cloud DNS wants a description of every zone"));
        }
        if zone.networks.is_empty() {
            return Err(Error::invalid("a private zone that no network sees answers nobody"));
        }
        let body = wire::CreateZone {
            name: zone.name.as_str(),
            dns_name: format!("{}.", zone.dns_name),
            description: &zone.description,
            visibility: "private",
            private_visibility_config: visible(zone.networks.iter().map(NetworkPath::link), Vec::new()),
            labels: (!zone.labels.is_empty()).then_some(&zone.labels),
        };
        let call = Call::new(&ZONES_CREATE, Method::POST, self.resource(zone.name.as_str()), self.path(&[]));
        self.api.send(&call, &body, ManagedZone::read).await
    }

    /// Lets further networks see a private zone. `zone` is as it was read just before: Cloud DNS
    /// replaces the whole list, and knows no fingerprint.
    ///
    /// Nothing is sent when all of them see it already; whether something was.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) for a public zone;
    /// [`Problem::ZoneNameTaken`] when a network sees another zone of the DNS name.
    pub async fn show_to(&self, zone: &ManagedZone, networks: &[NetworkPath]) -> Result<bool> {
        if !zone.private {
            return Err(Error::invalid(format!("the zone {} is public: everybody sees it", zone.name)));
        }
        let missing: Vec<&NetworkPath> = networks.iter().filter(|network| !zone.networks.contains(network)).collect();
        if missing.is_empty() {
            return Ok(false);
        }
        let links = zone.network_links.iter().cloned().chain(missing.into_iter().map(NetworkPath::link));
        let body = wire::PatchZone { private_visibility_config: visible(links, zone.clusters.clone()) };
        let name = zone.name.as_str();
        let call = Call::new(&ZONES_PATCH, Method::PATCH, self.resource(name), self.path(&[name]));
        self.api.send(&call, &body, |_: serde::de::IgnoredAny| Ok(true)).await
    }

    /// Deletes a zone; one that is gone is no error.
    ///
    /// # Errors
    /// [`Problem::NotEmpty`] while it holds records of its own.
    pub async fn delete_managed_zone(&self, name: &ManagedZoneName) -> Result<()> {
        let path = self.path(&[name.as_str()]);
        let call = Call::new(&ZONES_DELETE, Method::DELETE, self.resource(name.as_str()), path);
        match self.api.tell(call).await {
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(()),
            answer => answer,
        }
    }
}

fn visible(links: impl Iterator<Item = String>, clusters: Vec<serde_json::Value>) -> wire::Visibility {
    wire::Visibility {
        networks: Some(links.map(|link| wire::VisibleNetwork { network_url: Some(link) }).collect()),
        gke_clusters: (!clusters.is_empty()).then_some(clusters),
    }
}
