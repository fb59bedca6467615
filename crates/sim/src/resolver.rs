//! A network's resolver: what a "no" says of the zone that has it, how long it is kept, and silence.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use privlink_core::{CloudProvider, DnsName};

use crate::World;
use crate::path::{Place, Resolved};
use crate::seat::Subnet;
use crate::state::State;

/// The zone that has the say, as its own record (SOA) names it in a negative answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) zone: DnsName,
    /// For how many seconds its record may be kept, less what a cache has kept it for.
    pub(crate) ttl: u32,
    /// The longest that it lets a "no" be kept (RFC 2308).
    pub(crate) minimum: u32,
    /// For how many seconds a resolver has kept this "no".
    pub(crate) kept: u32,
}

impl World {
    /// Lets the resolvers of all networks fall silent, or answer again.
    pub fn silence_resolvers(&self, silent: bool) {
        self.lock().state.resolvers.silent = silent;
    }

    /// Makes resolvers keep every "no such name" for as long as the zone that said it lets them
    /// (RFC 2308), or forget them all, as they do unless told: a record that is made after
    /// somebody has asked for it is then not seen for a while.
    pub fn keep_negative_answers(&self, keep: bool) {
        self.lock().state.resolvers.kept = keep.then(BTreeMap::new);
    }
}

/// How resolvers are, and what they keep.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolvers {
    pub(crate) silent: bool,
    /// Each "no", by network and name, and since when.
    kept: Option<BTreeMap<(String, DnsName), (SystemTime, Authority)>>,
}

impl State {
    /// Asks the resolver at `place`, which may have kept an answer; `None` while it is silent.
    pub(crate) fn ask(&mut self, now: SystemTime, place: &Place, name: &DnsName) -> Option<Resolved> {
        if self.resolvers.silent {
            return None;
        }
        let network = match place {
            Place::Machine { network, .. } => network.clone(),
            Place::Internet(_) => String::new(),
        };
        let key = (network, name.clone());
        if let Some((since, authority)) = self.resolvers.kept.as_ref().and_then(|kept| kept.get(&key)) {
            let passed = now.duration_since(*since).unwrap_or_default();
            let life = authority.ttl.min(authority.minimum);
            if passed < Duration::from_secs(life.into()) {
                let passed = u32::try_from(passed.as_secs()).unwrap_or(life);
                let authority = Authority { ttl: authority.ttl - passed, kept: passed, ..authority.clone() };
                let why = "the resolver has kept that there is no such name".to_owned();
                return Some(Resolved::NoSuchName(why, Some(authority)));
            }
        }
        let answer = self.look_up(now, place, name);
        if let (Some(kept), Resolved::NoSuchName(_, Some(authority))) = (&mut self.resolvers.kept, &answer) {
            kept.insert(key, (now, authority.clone()));
        }
        Some(answer)
    }

    /// Whose "no" an answer for `name` is: the private zone's that the network sees, or the public one's.
    ///
    /// The times are what zones are born with: Route 53's as its developer guide has them, Azure's and Google
    /// Cloud's as samples of their API documents do.
    pub(crate) fn authority(&self, now: SystemTime, place: &Place, name: &DnsName) -> Option<Authority> {
        let Place::Machine { seat, .. } = place else { return public(name) };
        let (zone, cloud) = match &seat.subnet {
            Subnet::Aws(subnet) => {
                let (vpc, _) = self.aws.locate(subnet)?;
                (self.aws.zone_for(now, &vpc, name), CloudProvider::Aws)
            }
            Subnet::Azure(subnet) => (self.azure.zone_for(now, subnet, name), CloudProvider::Azure),
            Subnet::Gcp(subnetwork) => (self.gcp.zone_for(now, subnetwork, name), CloudProvider::Gcp),
        };
        let Some(zone) = zone else { return public(name) };
        let (ttl, minimum) = match cloud {
            CloudProvider::Azure => (3600, 10),
            CloudProvider::Gcp => (21_600, 300),
            _ => (900, 86_400),
        };
        Some(Authority { zone, ttl, minimum, kept: 0 })
    }
}

/// The zone of a vendor's public names: the one that is registered, since no narrower one is known.
fn public(name: &DnsName) -> Option<Authority> {
    let mut labels = name.as_str().rsplitn(3, '.');
    let (last, next) = (labels.next()?, labels.next()?);
    Some(Authority { zone: format!("{next}.{last}").parse().ok()?, ttl: 900, minimum: 86_400, kept: 0 })
}
