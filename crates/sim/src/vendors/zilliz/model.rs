//! What exists in the simulated Zilliz Cloud.

use std::collections::BTreeSet;

use privlink_core::{CloudProvider, EndpointServiceId, Region, ZoneId};

use super::switches::Switches;

/// What kind of deployment a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ZillizDeployment {
    /// Free.
    Free,
    /// Paid by use.
    Serverless,
    /// Of its own; the only one with private endpoints.
    Dedicated,
}

impl ZillizDeployment {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Free => "Free",
            Self::Serverless => "Serverless",
            Self::Dedicated => "Dedicated",
        }
    }

    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Free => "in03",
            Self::Serverless => "in05",
            Self::Dedicated => "in01",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Project {
    pub(super) id: String,
    /// Its place in the order of making.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) registrations: Vec<Registration>,
    /// Accounts that may see an endpoint service, with the region.
    pub(super) whitelist: BTreeSet<(String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(super) id: String,
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) project: String,
    /// The vendor's name of its region.
    pub(super) region: String,
    pub(super) deployment: ZillizDeployment,
    pub(super) plan: String,
    pub(super) status: String,
    pub(super) public_port: u16,
    pub(super) private_port: u16,
    /// How often it was looked at since an endpoint of its region serves; `None` while none does.
    pub(super) link_looks: Option<u32>,
    /// Whether it has its private address.
    pub(super) linked: bool,
    /// Whether the public address is on.
    pub(super) public: bool,
    /// How many looks still show the public address being switched.
    pub(super) switching: u32,
    pub(super) global: bool,
    /// What the vendor says in place of the private address.
    pub(super) odd_address: Option<String>,
}

impl Cluster {
    pub(crate) fn public_host(&self) -> String {
        format!("{}.{}.vectordb.zillizcloud.com", self.id, self.region)
    }

    pub(crate) fn private_host(&self, switches: &Switches) -> String {
        let suffix = if switches.old_hosts { "" } else { "-privatelink" };
        format!("{}{suffix}.{}.vectordb.zillizcloud.com", self.id, self.region)
    }

    /// The private address as it is told; empty until there is one.
    pub(super) fn private_address(&self, switches: &Switches) -> String {
        match &self.odd_address {
            Some(odd) if self.linked => odd.clone(),
            _ if self.linked => format!("https://{}:{}", self.private_host(switches), self.private_port),
            _ => String::new(),
        }
    }

    pub(super) fn told_status<'a>(&'a self, switches: &'a Switches) -> &'a str {
        match switches.unknown_status {
            Some(status) => status,
            None if self.switching > 0 => "MODIFYING",
            None if self.link_looks.is_some() && !self.linked && self.status == "RUNNING" => "SET_PRIVATE_LINK",
            None => &self.status,
        }
    }
}

/// Where endpoints of a region point.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// The vendor's name of the region.
    pub(super) region: String,
    pub(super) cloud: CloudProvider,
    pub(crate) id: EndpointServiceId,
    pub(crate) zones: Vec<ZoneId>,
    pub(super) whitelist_required: bool,
    /// Whether the vendor allows endpoints in other regions of AWS.
    pub(crate) cross_region: bool,
}

/// An endpoint on a project's list.
#[derive(Clone, Debug)]
pub(super) struct Registration {
    pub(super) region: String,
    pub(super) endpoint: String,
    pub(super) gcp_project: Option<String>,
    pub(super) service: EndpointServiceId,
    /// How often the list was read since.
    pub(super) lists: u32,
    /// A status that it stays in.
    pub(super) stuck: Option<String>,
    /// By what its cloud knows it.
    pub(super) cloud_id: String,
    /// Who owns it, where the cloud tells.
    pub(super) account: Option<String>,
    /// Since when it is registered.
    pub(super) since: std::time::SystemTime,
}

/// The cloud and its own region in a region's name.
pub(super) fn split(region: &str) -> Option<(CloudProvider, Region)> {
    let (cloud, name) = region.split_once('-')?;
    let cloud = match cloud {
        "aws" => CloudProvider::Aws,
        "gcp" => CloudProvider::Gcp,
        "az" => CloudProvider::Azure,
        _ => return None,
    };
    Some((cloud, name.parse().ok()?))
}

/// The vendor's name of a region.
pub(super) fn joined(cloud: CloudProvider, region: &Region) -> String {
    let cloud = match cloud {
        CloudProvider::Azure => "az",
        other => other.as_str(),
    };
    format!("{cloud}-{region}")
}
