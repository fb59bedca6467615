//! The reads of a survey: each asked once a run, whoever asks.

use std::sync::Arc;

use futures_util::future;
use privlink_core::side::{Cx, Memo};
use privlink_core::{ErrorKind, Region, Result};

use super::Network;
use super::mark::{self, Keys};
use super::naming::Addresses;
use crate::Client;
use crate::compute::Compute;
use crate::dns::Dns;
use crate::ids::{ManagedZoneName, NetworkPath};
use crate::model::{Address, Firewall, ForwardingRule, ManagedZone, Network as VpcNetwork, RecordSet, Subnetwork};
use privlink_core::side::Ownership;

/// What one network looks like, before anything is known of the database.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) network: Option<VpcNetwork>,
    /// Of the endpoint's region, and of the regions where clients are.
    pub(super) subnetworks: Vec<Subnetwork>,
    /// Endpoints of the network in the region; other rules are left out.
    pub(super) rules: Vec<ForwardingRule>,
    pub(super) addresses: Arc<Vec<Address>>,
    /// Private zones that the network sees, and those of ours that it does not see any more.
    pub(super) zones: Vec<ManagedZone>,
    /// The firewall rules of the network's project, or why they could not be read.
    pub(super) firewalls: Result<Arc<Vec<Firewall>>>,
}

impl World {
    /// The subnetworks of one region.
    pub(super) fn subnetworks_in(&self, region: &Region) -> Vec<Subnetwork> {
        self.subnetworks.iter().filter(|subnetwork| subnetwork.region() == *region).cloned().collect()
    }

    /// Whose addresses are whose.
    pub(super) fn owners(&self, keys: &Keys<'_>) -> Addresses {
        owners(&self.rules, &self.addresses, keys)
    }
}

/// Whose addresses are whose among rules and reservations.
pub(super) fn owners(rules: &[ForwardingRule], addresses: &[Address], keys: &Keys<'_>) -> Addresses {
    let mut owners = Addresses::default();
    let mut put = |address, ours: bool| match ours {
        true => owners.ours.push(address),
        false => owners.others.push(address),
    };
    for rule in rules {
        if let Some(address) = rule.ip_address {
            put(address, !matches!(mark::of_rule(rule, keys), Ownership::Foreign));
        }
    }
    for reserved in addresses {
        let service = mark::word(&reserved.description, "service").and_then(|service| service.parse().ok());
        let ours = service.is_some_and(|service| mark::of_address(reserved, &keys.address(&service)).is_ours());
        if let Some(address) = reserved.address {
            put(address, ours);
        }
    }
    // A reservation that an endpoint of ours uses is told by the endpoint.
    let Addresses { ours, others } = &mut owners;
    others.retain(|address| !ours.contains(address));
    owners
}

/// Memoised reads with one client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reads<'a> {
    network: &'a Network,
    memo: &'a Memo,
}

impl<'a> Reads<'a> {
    pub(super) fn new(network: &'a Network, cx: &'a Cx) -> Self {
        Self { network, memo: cx.memo() }
    }

    async fn once<T, F>(&self, operation: &str, resource: &str, read: impl FnOnce(Client) -> F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let client = &self.network.client;
        let key = format!("{}|{operation}|{resource}", client.scope());
        self.memo.read(key, || read(client.clone())).await
    }

    /// Everything about a network that needs no other answer first, all at once.
    pub(super) async fn world(&self) -> Result<World> {
        let network = &self.network.network;
        let mut regions = vec![&self.network.region];
        regions.extend(self.network.client_regions.iter().filter(|region| **region != self.network.region));
        let subnetworks = future::try_join_all(regions.into_iter().map(|region| Box::pin(self.subnetworks(region))));
        // Without the network the other reads fail or are empty: only that it is missing is then said.
        let (found, rest) = future::join(
            self.the_network(),
            future::try_join5(subnetworks, self.rules(), self.addresses(), self.zones(), self.firewalls()),
        )
        .await;
        let Some(found) = found? else {
            return Ok(World {
                network: None,
                subnetworks: Vec::new(),
                rules: Vec::new(),
                addresses: Arc::default(),
                zones: Vec::new(),
                firewalls: Ok(Arc::default()),
            });
        };
        let (subnetworks, rules, addresses, zones, firewalls) = rest?;
        let rules = endpoints_in(network, &subnetworks.concat(), &rules);
        let seen =
            |zone: &&ManagedZone| zone.private && (zone.is_seen_by(network) || mark::of_zone(zone, network).is_ours());
        let zones = zones.iter().filter(seen).cloned().collect();
        Ok(World { network: Some(found), subnetworks: subnetworks.concat(), rules, addresses, zones, firewalls })
    }

    async fn the_network(&self) -> Result<Option<VpcNetwork>> {
        let path = &self.network.network;
        self.once("networks.get", path.as_str(), |client| {
            let path = path.clone();
            async move { client.compute().of(&path.project()).network(&path.name()).await }
        })
        .await
    }

    async fn subnetworks(&self, region: &Region) -> Result<Vec<Subnetwork>> {
        let project = self.network.network.project();
        let resource = format!("{project}|{region}");
        let all: Arc<Vec<Subnetwork>> = self
            .once("subnetworks.list", &resource, |client| {
                let region = region.clone();
                async move { client.compute().of(&project).subnetworks(&region).all().await.map(Arc::new) }
            })
            .await?;
        Ok(all
            .iter()
            .filter(|one| one.network.as_ref() == Some(&self.network.network) || one.region() == self.network.region)
            .cloned()
            .collect())
    }

    async fn rules(&self) -> Result<Arc<Vec<ForwardingRule>>> {
        let region = &self.network.region;
        self.once("forwardingRules.list", region.as_str(), |client| {
            let region = region.clone();
            async move { client.compute().forwarding_rules(&region).all().await.map(Arc::new) }
        })
        .await
    }

    async fn addresses(&self) -> Result<Arc<Vec<Address>>> {
        let region = &self.network.region;
        self.once("addresses.list", region.as_str(), |client| {
            let region = region.clone();
            async move { client.compute().addresses(&region).all().await.map(Arc::new) }
        })
        .await
    }

    async fn zones(&self) -> Result<Arc<Vec<ManagedZone>>> {
        let dns = self.network.dns();
        let project = dns.project().clone();
        self.once("managedZones.list", project.as_str(), |_| async move {
            Ok(Arc::new(dns.named_zones().all().await?.into_iter().flatten().collect()))
        })
        .await
    }

    /// A help only: without the right to look, nothing is said of firewalls but that.
    async fn firewalls(&self) -> Result<Result<Arc<Vec<Firewall>>>> {
        let project = self.network.network.project();
        let resource = project.to_string();
        let read = self
            .once("firewalls.list", &resource, |client| async move {
                client.compute().of(&project).firewalls().all().await.map(Arc::new)
            })
            .await;
        let unreadable = |kind| {
            matches!(
                kind,
                ErrorKind::PermissionDenied
                    | ErrorKind::NotFound
                    | ErrorKind::Unsupported
                    | ErrorKind::UnexpectedResponse
            )
        };
        match read {
            Err(error) if !unreadable(error.kind()) => Err(error),
            answer => Ok(answer),
        }
    }

    /// The records of a zone; a zone that is gone has none.
    pub(super) async fn records(&self, zone: &ManagedZoneName) -> Result<Arc<Vec<RecordSet>>> {
        let dns = self.network.dns();
        let resource = format!("{}|{zone}", dns.project());
        self.once("resourceRecordSets.list", &resource, |_| {
            let zone = zone.clone();
            async move { records(&dns, &zone).await.map(Arc::new) }
        })
        .await
    }
}

/// The records of a zone; a zone that is gone has none.
pub(super) async fn records(dns: &Dns, zone: &ManagedZoneName) -> Result<Vec<RecordSet>> {
    match dns.record_sets(zone).all().await {
        Err(error) if crate::Problem::of(&error) == crate::Problem::NotFound => Ok(Vec::new()),
        answer => answer,
    }
}

/// The endpoints of a network among the rules of a region: a rule made with a subnetwork may not
/// say its network.
fn endpoints_in(network: &NetworkPath, subnetworks: &[Subnetwork], rules: &[ForwardingRule]) -> Vec<ForwardingRule> {
    let of_network = |rule: &&ForwardingRule| {
        rule.service_attachment().is_some()
            && match (&rule.network, &rule.subnetwork) {
                (Some(of), _) => of == network,
                (None, Some(path)) => subnetworks
                    .iter()
                    .any(|subnetwork| subnetwork.path == *path && subnetwork.network.as_ref() == Some(network)),
                (None, None) => false,
            }
    };
    rules.iter().filter(of_network).cloned().collect()
}

/// The endpoints of the network as they are now.
pub(super) async fn endpoints(network: &Network) -> Result<Vec<ForwardingRule>> {
    let compute: &Compute = network.client.compute();
    let rules = compute.forwarding_rules(&network.region).all().await?;
    if rules.iter().all(|rule| rule.network.is_some() || rule.service_attachment().is_none()) {
        return Ok(endpoints_in(&network.network, &[], &rules));
    }
    let host = compute.of(&network.network.project());
    let subnetworks = host.subnetworks(&network.region).all().await?;
    Ok(endpoints_in(&network.network, &subnetworks, &rules))
}
