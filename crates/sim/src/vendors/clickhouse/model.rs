//! What exists in the simulated ClickHouse Cloud.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use privlink_core::{CloudProvider, EndpointServiceId, Region, ZoneId};
use serde_json::Value;
use uuid::Uuid;

use super::state::Admission;
use super::{Permission, Tier};

#[derive(Clone, Debug)]
pub(crate) struct Organization {
    pub(crate) name: String,
    pub(crate) tier: Tier,
    pub(crate) created_at: SystemTime,
    pub(crate) core_dumps: bool,
    /// Known private endpoints, unique by id, in the order they were registered.
    pub(crate) registrations: Vec<Registration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Registration {
    pub(crate) id: String,
    pub(crate) description: String,
    pub(crate) provider: CloudProvider,
    pub(crate) region: Region,
}

/// An API key, or with `user` a person's bearer token.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    pub(crate) organization: Uuid,
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) enabled: bool,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) window: Option<Window>,
}

/// The rate limit's current window of one credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) started: SystemTime,
    pub(crate) used: u32,
}

/// A producer environment: one endpoint service for many services of a region.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) name: String,
    pub(crate) provider: CloudProvider,
    pub(crate) region: Region,
    pub(crate) service: EndpointServiceId,
    pub(crate) zones: Vec<ZoneId>,
    pub(crate) acceptance_required: bool,
    pub(crate) private_dns: bool,
    pub(crate) cross_region: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) id: Uuid,
    /// Its place in the order of making.
    pub(crate) number: u64,
    pub(crate) organization: Uuid,
    pub(crate) name: String,
    pub(crate) provider: CloudProvider,
    pub(crate) region: Region,
    /// The first label of its hosts.
    pub(crate) label: String,
    /// The name of its cell; unused by services in a customer's own account.
    pub(crate) cell: String,
    pub(crate) infrastructure: Option<Uuid>,
    pub(crate) state: String,
    /// The state it moves to by itself, and when.
    pub(crate) then: Option<(SystemTime, String)>,
    /// Since when the state is what it is.
    pub(crate) since: SystemTime,
    pub(crate) created_at: SystemTime,
    pub(crate) endpoints: Vec<Attachment>,
    pub(crate) ip_access_list: Vec<IpEntry>,
    pub(crate) mysql: bool,
    pub(crate) release_channel: String,
    pub(crate) core_dumps: bool,
    pub(crate) tags: BTreeMap<String, Option<String>>,
    /// What reads still show while a change is not visible yet.
    pub(crate) lag: Option<Lag>,
    /// Further fields as they were given when the service was made.
    pub(crate) settings: BTreeMap<String, Value>,
}

/// An endpoint id on a service's allow list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) id: String,
    /// When the data path lets it through.
    pub(crate) effective: SystemTime,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IpEntry {
    pub(crate) source: String,
    pub(crate) description: Option<String>,
}

/// The lists as reads show them for a while.
#[derive(Clone, Debug)]
pub(crate) struct Lag {
    pub(crate) reads_left: u32,
    pub(crate) endpoints: Vec<String>,
    pub(crate) ip_access_list: Vec<IpEntry>,
}

/// A deployment in a customer's own cloud account.
#[derive(Clone, Debug)]
pub(crate) struct Infrastructure {
    pub(crate) organization: Uuid,
    pub(crate) provider: CloudProvider,
    pub(crate) region: Region,
    pub(crate) account: String,
    pub(crate) display_name: String,
    pub(crate) state: String,
    pub(crate) private_link: bool,
    pub(crate) private_load_balancer: bool,
    pub(crate) public_load_balancer: bool,
    pub(crate) psc_subnet: Option<String>,
    pub(crate) tags: Value,
    /// The first label of its zone.
    pub(crate) label: String,
    pub(crate) service: EndpointServiceId,
    /// When the endpoint service is there to be read.
    pub(crate) ready: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct Activity {
    pub(crate) id: Uuid,
    pub(crate) at: SystemTime,
    pub(crate) kind: &'static str,
    pub(crate) actor: String,
    pub(crate) organization: Uuid,
    pub(crate) service: Option<Uuid>,
}

impl Service {
    /// What a client meets that is let in. One that is idle wakes up for it; one that does not run has no server that
    /// the shared load balancer could pass it on to.
    pub(crate) fn answers(&self) -> Admission {
        let gone = ["stopping", "stopped", "terminating", "terminated", "softdeleting", "softdeleted"];
        match gone.contains(&self.state.as_str()) {
            true => Admission::Reset(format!("the service is {}", self.state)),
            false => Admission::Served,
        }
    }

    pub(crate) fn attached(&self, id: &str, insensitive: bool) -> bool {
        self.endpoints.iter().any(|known| same_id(&known.id, id, insensitive))
    }

    pub(crate) fn private_host(&self, infrastructure: Option<&Infrastructure>) -> String {
        let Self { label, region, .. } = self;
        if let Some(infrastructure) = infrastructure {
            let infra = &infrastructure.label;
            return match self.provider {
                CloudProvider::Aws => format!("{label}.vpce.{infra}.{region}.aws.clickhouse-byoc.com"),
                CloudProvider::Gcp => format!("{label}.p.{infra}.{region}.gcp.clickhouse-byoc.com"),
                _ => format!("{label}.privatelink.{infra}.{region}.azure.clickhouse-byoc.com"),
            };
        }
        match self.provider {
            CloudProvider::Aws => format!("{label}.{region}.vpce.aws.clickhouse.cloud"),
            CloudProvider::Gcp => format!("{label}.{region}.p.gcp.clickhouse.cloud"),
            _ => format!("{label}.{region}.privatelink.azure.clickhouse.cloud"),
        }
    }

    pub(crate) fn public_host(&self, infrastructure: Option<&Infrastructure>) -> String {
        let Self { label, region, provider, .. } = self;
        match infrastructure {
            Some(infrastructure) => {
                format!("{label}.{}.{region}.{provider}.clickhouse-byoc.com", infrastructure.label)
            }
            None => format!("{label}.{region}.{provider}.clickhouse.cloud"),
        }
    }
}

pub(crate) fn same_id(left: &str, right: &str, insensitive: bool) -> bool {
    if insensitive { left.eq_ignore_ascii_case(right) } else { left == right }
}
