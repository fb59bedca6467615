//! Paths and methods, by the specifications' own operation names.

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;
use privlink_core::{AzureResourceId, SubscriptionId};

use super::error::{Answer, ApiError};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Token,
    Subscription,
    Group,
    Endpoints,
    Endpoint,
    Interface,
    Vnets,
    Vnet,
    Subnets,
    Subnet,
    SecurityGroup,
    ApplicationGroup,
    Zones,
    Zone,
    Links,
    Link,
    Records,
    Record,
    NetworkStatus,
    NetworkResult,
    DnsStatus,
    DnsResult,
}

/// The types of record sets that are kept.
pub(super) const RECORD_TYPES: [&str; 5] = ["A", "AAAA", "CNAME", "SOA", "TXT"];

/// A path that was understood. Types and constant parts are read without regard to case, as
/// Resource Manager does; names are kept as they were sent.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) kind: Kind,
    pub(super) subscription: String,
    /// The resource group; empty for what is asked of a whole subscription.
    pub(super) group: String,
    /// The names of the resource and of its parents, the outermost first; of record sets the type
    /// comes before the name.
    pub(super) names: Vec<String>,
}

impl Route {
    pub(super) fn of(path: &str) -> Option<Self> {
        let segments: Vec<String> = path
            .trim_matches('/')
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
            .collect();
        let lower: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
        let (subscription, group, at) = match lower.as_slice() {
            [_, "oauth2", "v2.0", "token"] => {
                return Some(Self {
                    kind: Kind::Token,
                    subscription: String::new(),
                    group: String::new(),
                    names: vec![segments[0].clone()],
                });
            }
            ["subscriptions", _] => (1, None, 2),
            ["subscriptions", _, "resourcegroups", _] => (1, Some(3), 4),
            ["subscriptions", _, "resourcegroups", _, "providers", "microsoft.network", _, ..] => (1, Some(3), 6),
            ["subscriptions", _, "providers", "microsoft.network", _, ..] => (1, None, 4),
            _ => return None,
        };
        let in_group = group.is_some();
        let (kind, names): (Kind, &[usize]) = match lower.get(at..)? {
            [] if in_group => (Kind::Group, &[]),
            [] => (Kind::Subscription, &[]),
            ["privateendpoints"] => (Kind::Endpoints, &[]),
            ["privateendpoints", _] if in_group => (Kind::Endpoint, &[1]),
            ["networkinterfaces", _] if in_group => (Kind::Interface, &[1]),
            ["virtualnetworks"] => (Kind::Vnets, &[]),
            ["virtualnetworks", _] if in_group => (Kind::Vnet, &[1]),
            ["virtualnetworks", _, "subnets"] if in_group => (Kind::Subnets, &[1]),
            ["virtualnetworks", _, "subnets", _] if in_group => (Kind::Subnet, &[1, 3]),
            ["networksecuritygroups", _] if in_group => (Kind::SecurityGroup, &[1]),
            ["applicationsecuritygroups", _] if in_group => (Kind::ApplicationGroup, &[1]),
            ["privatednszones"] => (Kind::Zones, &[]),
            ["privatednszones", _] if in_group => (Kind::Zone, &[1]),
            ["privatednszones", _, "virtualnetworklinks"] if in_group => (Kind::Links, &[1]),
            ["privatednszones", _, "virtualnetworklinks", _] if in_group => (Kind::Link, &[1, 3]),
            ["privatednszones", _, kind] if in_group && (*kind == "all" || is_record_type(kind)) => {
                (Kind::Records, &[1, 2])
            }
            ["privatednszones", _, kind, _] if in_group && is_record_type(kind) => (Kind::Record, &[1, 2, 3]),
            ["locations", _, "operations", _] => (Kind::NetworkStatus, &[3]),
            ["locations", _, "operationresults", _] => (Kind::NetworkResult, &[3]),
            ["privatednsoperationstatuses", _] if in_group => (Kind::DnsStatus, &[1]),
            ["privatednsoperationresults", _] if in_group => (Kind::DnsResult, &[1]),
            _ => return None,
        };
        Some(Self {
            kind,
            subscription: segments[subscription].clone(),
            group: group.map(|at: usize| segments[at].clone()).unwrap_or_default(),
            names: names.iter().map(|name| segments[at + name].clone()).collect(),
        })
    }

    /// The specification's name for calling it with `method`, if it can be.
    pub(super) fn operation(&self, method: &Method) -> Option<&'static str> {
        use Kind as K;

        let by_subscription = self.group.is_empty();
        Some(match (self.kind, method.as_str()) {
            (K::Token, "POST") => "Token",
            (K::Subscription, "GET") => "Subscriptions_Get",
            (K::Group, "GET") => "ResourceGroups_Get",
            (K::Endpoints, "GET") if by_subscription => "PrivateEndpoints_ListBySubscription",
            (K::Endpoints, "GET") => "PrivateEndpoints_List",
            (K::Endpoint, "GET") => "PrivateEndpoints_Get",
            (K::Endpoint, "PUT") => "PrivateEndpoints_CreateOrUpdate",
            (K::Endpoint, "DELETE") => "PrivateEndpoints_Delete",
            (K::Interface, "GET") => "NetworkInterfaces_Get",
            (K::Vnets, "GET") if by_subscription => "VirtualNetworks_ListAll",
            (K::Vnets, "GET") => "VirtualNetworks_List",
            (K::Vnet, "GET") => "VirtualNetworks_Get",
            (K::Subnets, "GET") => "Subnets_List",
            (K::Subnet, "GET") => "Subnets_Get",
            (K::SecurityGroup, "GET") => "NetworkSecurityGroups_Get",
            (K::ApplicationGroup, "GET") => "ApplicationSecurityGroups_Get",
            (K::Zones, "GET") if by_subscription => "PrivateZones_List",
            (K::Zones, "GET") => "PrivateZones_ListByResourceGroup",
            (K::Zone, "GET") => "PrivateZones_Get",
            (K::Zone, "PUT") => "PrivateZones_CreateOrUpdate",
            (K::Zone, "DELETE") => "PrivateZones_Delete",
            (K::Links, "GET") => "VirtualNetworkLinks_List",
            (K::Link, "GET") => "VirtualNetworkLinks_Get",
            (K::Link, "PUT") => "VirtualNetworkLinks_CreateOrUpdate",
            (K::Link, "DELETE") => "VirtualNetworkLinks_Delete",
            (K::Records, "GET") if self.names[1].eq_ignore_ascii_case("all") => "RecordSets_List",
            (K::Records, "GET") => "RecordSets_ListByType",
            (K::Record, "GET") => "RecordSets_Get",
            (K::Record, "PUT") => "RecordSets_CreateOrUpdate",
            (K::Record, "PATCH") => "RecordSets_Update",
            (K::Record, "DELETE") => "RecordSets_Delete",
            (K::NetworkStatus, "GET") => "AzureAsyncOperation_Get",
            (K::NetworkResult, "GET") => "OperationResults_Get",
            (K::DnsStatus, "GET") => "PrivateDnsOperationStatuses_Get",
            (K::DnsResult, "GET") => "PrivateDnsOperationResults_Get",
            _ => return None,
        })
    }

    /// The resource type, as permissions and errors write it.
    pub(super) fn resource_type(&self) -> String {
        let kind = match self.kind {
            Kind::Token | Kind::Subscription => return "Microsoft.Resources/subscriptions".to_owned(),
            Kind::Group => return "Microsoft.Resources/subscriptions/resourceGroups".to_owned(),
            Kind::Endpoints | Kind::Endpoint => "privateEndpoints",
            Kind::Interface => "networkInterfaces",
            Kind::Vnets | Kind::Vnet => "virtualNetworks",
            Kind::Subnets | Kind::Subnet => "virtualNetworks/subnets",
            Kind::SecurityGroup => "networkSecurityGroups",
            Kind::ApplicationGroup => "applicationSecurityGroups",
            Kind::Zones | Kind::Zone => "privateDnsZones",
            Kind::Links | Kind::Link => "privateDnsZones/virtualNetworkLinks",
            Kind::Records | Kind::Record => return format!("Microsoft.Network/privateDnsZones/{}", self.record_type()),
            Kind::NetworkStatus => "locations/operations",
            Kind::NetworkResult => "locations/operationResults",
            Kind::DnsStatus => "privateDnsOperationStatuses",
            Kind::DnsResult => "privateDnsOperationResults",
        };
        format!("Microsoft.Network/{kind}")
    }

    /// The type of record sets, in the specification's letters.
    pub(super) fn record_type(&self) -> &'static str {
        let named = self.names.get(1).map_or("", String::as_str);
        RECORD_TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(named)).unwrap_or("ALL")
    }

    /// Whether the private DNS provider answers.
    pub(super) fn is_dns(&self) -> bool {
        matches!(
            self.kind,
            Kind::Zones
                | Kind::Zone
                | Kind::Links
                | Kind::Link
                | Kind::Records
                | Kind::Record
                | Kind::DnsStatus
                | Kind::DnsResult
        )
    }

    pub(super) fn subscription_id(&self) -> Answer<SubscriptionId> {
        self.subscription.parse().map_err(|_| {
            ApiError::bad(
                "InvalidSubscriptionId",
                format!("The provided subscription identifier '{}' is malformed or invalid.", self.subscription),
            )
        })
    }

    /// The ARM id of the resource, with constant parts in their usual letters.
    pub(super) fn id(&self) -> Answer<AzureResourceId> {
        let mut text = format!("/subscriptions/{}/resourceGroups/{}/providers", self.subscription, self.group);
        let kind = match self.kind {
            Kind::Record => "Microsoft.Network/privateDnsZones".to_owned(),
            _ => self.resource_type(),
        };
        let mut types = kind.split('/');
        let namespace = types.next().unwrap_or_default();
        text.push_str(&format!("/{namespace}"));
        for (kind, name) in types.zip(&self.names) {
            text.push_str(&format!("/{kind}/{name}"));
        }
        if self.kind == Kind::Record {
            text.push_str(&format!("/{}/{}", self.record_type(), self.name()));
        }
        text.parse()
            .map_err(|_| ApiError::bad("InvalidResourceName", format!("Resource name {} is invalid.", self.name())))
    }

    /// The ARM id of the resource this one is inside of.
    pub(super) fn parent(&self) -> Answer<AzureResourceId> {
        let kind = match self.kind {
            Kind::Subnets | Kind::Subnet => "virtualNetworks",
            _ => "privateDnsZones",
        };
        let name = self.names.first().map_or("", String::as_str);
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/{kind}/{name}",
            self.subscription, self.group
        )
        .parse()
        .map_err(|_| ApiError::bad("InvalidResourceName", format!("Resource name {name} is invalid.")))
    }

    /// The name of the resource itself.
    pub(super) fn name(&self) -> &str {
        self.names.last().map_or("", String::as_str)
    }

    /// The scope that permissions are asked on.
    pub(super) fn scope(&self) -> String {
        match self.id() {
            Ok(id) if !self.names.is_empty() && !self.group.is_empty() => id.to_string(),
            _ if self.group.is_empty() => format!("/subscriptions/{}", self.subscription),
            _ => format!("/subscriptions/{}/resourceGroups/{}", self.subscription, self.group),
        }
    }

    pub(super) fn not_found(&self) -> ApiError {
        let name = match self.kind {
            Kind::Subnet | Kind::Link => self.names.join("/"),
            Kind::Record => format!("{}/{}", self.names[0], self.names[2]),
            _ => self.name().to_owned(),
        };
        ApiError::resource_not_found(&self.resource_type(), &name, &self.group)
    }
}

fn is_record_type(text: &str) -> bool {
    RECORD_TYPES.iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// The specification's name of the operation that `request` asks for, and whether it writes.
pub(super) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    let route = Route::of(request.uri().path());
    let known = route.as_ref().and_then(|route| route.operation(request.method()));
    // Asking for a token changes nothing that anybody could see.
    let write = !matches!(*request.method(), Method::GET | Method::HEAD) && known != Some("Token");
    match known {
        Some(name) => (name.to_owned(), write),
        None => (format!("{} {}", request.method(), request.uri().path()), write),
    }
}
