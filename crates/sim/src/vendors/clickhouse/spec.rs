use std::time::SystemTime;

use privlink_core::{CloudProvider, Region, ZoneId};
use uuid::Uuid;

/// A service to put into the world with [`ClickHouse::add_service`](super::ClickHouse::add_service).
#[derive(Clone, Debug)]
#[must_use]
pub struct ServiceSpec {
    pub(super) name: String,
    pub(super) provider: CloudProvider,
    pub(super) region: Region,
    pub(super) organization: Option<Uuid>,
    pub(super) cell: Option<String>,
    pub(super) infrastructure: Option<Uuid>,
    pub(super) state: String,
    pub(super) ip_access_list: Vec<String>,
    pub(super) mysql: bool,
    pub(super) tags: Vec<(String, Option<String>)>,
}

impl ServiceSpec {
    /// A running service of the first organization, in the first cell of its region, open to the
    /// public.
    pub fn new(name: impl Into<String>, provider: CloudProvider, region: Region) -> Self {
        Self {
            name: name.into(),
            provider,
            region,
            organization: None,
            cell: None,
            infrastructure: None,
            state: "running".into(),
            ip_access_list: vec!["0.0.0.0/0".into()],
            mysql: false,
            tags: Vec::new(),
        }
    }

    /// Puts it into another organization.
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Puts it into the cell of this name.
    pub fn cell(mut self, name: impl Into<String>) -> Self {
        self.cell = Some(name.into());
        self
    }

    /// Puts it into a deployment in a customer's own account.
    pub fn byoc(mut self, infrastructure: Uuid) -> Self {
        self.infrastructure = Some(infrastructure);
        self
    }

    /// Sets its state, one that the API document does not know included.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    /// Sets the sources that may use its public address; none shuts it.
    pub fn ip_access_list<S: Into<String>>(mut self, sources: impl IntoIterator<Item = S>) -> Self {
        self.ip_access_list = sources.into_iter().map(Into::into).collect();
        self
    }

    /// Turns its MySQL interface on.
    pub fn mysql(mut self) -> Self {
        self.mysql = true;
        self
    }

    /// Adds a tag.
    pub fn tag(mut self, key: impl Into<String>, value: Option<&str>) -> Self {
        self.tags.push((key.into(), value.map(str::to_owned)));
        self
    }
}

/// A producer environment to put into the world with
/// [`ClickHouse::add_cell`](super::ClickHouse::add_cell): one endpoint service for many services.
#[derive(Clone, Debug)]
#[must_use]
pub struct CellSpec {
    pub(super) name: String,
    pub(super) provider: CloudProvider,
    pub(super) region: Region,
    pub(super) zones: Vec<ZoneId>,
    pub(super) acceptance_required: bool,
    pub(super) private_dns: bool,
    pub(super) cross_region: bool,
}

impl CellSpec {
    /// A cell without zones, accepting endpoints by itself, from every region.
    pub fn new(name: impl Into<String>, provider: CloudProvider, region: Region) -> Self {
        Self {
            name: name.into(),
            provider,
            region,
            zones: Vec::new(),
            acceptance_required: false,
            private_dns: true,
            cross_region: true,
        }
    }

    /// Sets the zones its load balancer is in; on AWS an endpoint can have interfaces only there.
    pub fn zones(mut self, zones: impl IntoIterator<Item = ZoneId>) -> Self {
        self.zones = zones.into_iter().collect();
        self
    }

    /// Makes new endpoints wait until the vendor accepts them.
    pub fn acceptance_required(mut self) -> Self {
        self.acceptance_required = true;
        self
    }

    /// Leaves it without a verified private DNS name.
    pub fn without_private_dns(mut self) -> Self {
        self.private_dns = false;
        self
    }

    /// Lets only endpoints of its own region point at it.
    pub fn same_region_only(mut self) -> Self {
        self.cross_region = false;
        self
    }
}

/// An API key to put into the world with [`ClickHouse::add_key`](super::ClickHouse::add_key).
#[derive(Clone, Debug)]
#[must_use]
pub struct KeySpec {
    pub(super) name: String,
    pub(super) organization: Option<Uuid>,
    pub(super) permissions: Vec<super::Permission>,
    pub(super) enabled: bool,
    pub(super) expires: Option<SystemTime>,
}

impl KeySpec {
    /// A key of the first organization with every permission, without an end.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            organization: None,
            permissions: super::Permission::ALL.to_vec(),
            enabled: true,
            expires: None,
        }
    }

    /// Makes it a key of another organization.
    pub fn organization(mut self, organization: Uuid) -> Self {
        self.organization = Some(organization);
        self
    }

    /// Sets what it may do.
    pub fn permissions(mut self, permissions: impl IntoIterator<Item = super::Permission>) -> Self {
        self.permissions = permissions.into_iter().collect();
        self
    }

    /// Makes it inactive.
    pub fn disabled(mut self) -> Self {
        self.enabled = false;
        self
    }

    /// Sets when it ends, by the world's clock.
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }
}
