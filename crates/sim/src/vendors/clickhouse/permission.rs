use std::fmt;

/// What an API key may do; the ids are those of the API document's `security` entries
/// (document as shipped in autumn 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// `control-plane:organization:view`
    OrganizationView,
    /// `control-plane:organization:manage`
    OrganizationManage,
    /// `control-plane:organization:create-service`
    OrganizationCreateService,
    /// `control-plane:organization:view-activities`
    OrganizationViewActivities,
    /// `control-plane:service:view`
    ServiceView,
    /// `control-plane:service:manage`
    ServiceManage,
    /// `control-plane:service:delete`
    ServiceDelete,
    /// `control-plane:service:view-private-endpoints`
    ServiceViewPrivateEndpoints,
    /// `control-plane:service:manage-private-endpoints`
    ServiceManagePrivateEndpoints,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 9] = [
        Self::OrganizationView,
        Self::OrganizationManage,
        Self::OrganizationCreateService,
        Self::OrganizationViewActivities,
        Self::ServiceView,
        Self::ServiceManage,
        Self::ServiceDelete,
        Self::ServiceViewPrivateEndpoints,
        Self::ServiceManagePrivateEndpoints,
    ];
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OrganizationView => "control-plane:organization:view",
            Self::OrganizationManage => "control-plane:organization:manage",
            Self::OrganizationCreateService => "control-plane:organization:create-service",
            Self::OrganizationViewActivities => "control-plane:organization:view-activities",
            Self::ServiceView => "control-plane:service:view",
            Self::ServiceManage => "control-plane:service:manage",
            Self::ServiceDelete => "control-plane:service:delete",
            Self::ServiceViewPrivateEndpoints => "control-plane:service:view-private-endpoints",
            Self::ServiceManagePrivateEndpoints => "control-plane:service:manage-private-endpoints",
        })
    }
}

/// The plan an organization is on; private endpoints need Scale or Enterprise (vendor guides,
/// mid 2026).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tier {
    /// Without private endpoints.
    Basic,
    /// With private endpoints.
    Scale,
    /// With private endpoints.
    Enterprise,
}
