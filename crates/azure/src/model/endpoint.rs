use std::fmt;
use std::net::Ipv4Addr;

use privlink_core::{
    AzurePrivateEndpointId, EndpointServiceId, Error, ErrorKind, IdError, Region, ResourceGuid, Result,
};
use serde::{Deserialize, Serialize};

use super::{Connection, ConnectionKind, ProvisioningState, Tags, location};
use crate::facts;
use crate::ids::{ApplicationSecurityGroupId, NetworkInterfaceId, SubnetId};
use crate::wire::{self, SubResource, network};

/// A private endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PrivateEndpoint {
    /// Its resource id: the identity most vendors list it by.
    pub id: AzurePrivateEndpointId,
    /// The region it lives in: its network's.
    pub location: Option<Region>,
    /// Its tags.
    pub tags: Tags,
    /// Changes with every change of it.
    pub etag: Option<String>,
    /// How far Azure is with it.
    pub provisioning: Option<ProvisioningState>,
    /// `properties.resourceGuid`, which no published document has and Azure answers all the same.
    /// [`PrivateEndpoint::resource_guid`] explains when it is missing.
    pub guid: Option<ResourceGuid>,
    /// The subnet it takes its address from.
    #[serde(with = "super::readable::one")]
    pub subnet: Option<Result<SubnetId, IdError>>,
    /// Its network interfaces; one as a rule.
    #[serde(with = "super::readable::many")]
    pub interfaces: Vec<Result<NetworkInterfaceId, IdError>>,
    /// Its connections, manual ones first; one as a rule.
    pub connections: Vec<Connection>,
    /// The application security groups it is in.
    #[serde(with = "super::readable::many")]
    pub security_groups: Vec<Result<ApplicationSecurityGroupId, IdError>>,
    api_version: String,
    wire: Box<network::PrivateEndpoint>,
}

impl PrivateEndpoint {
    pub(crate) fn read(wire: network::PrivateEndpoint, api_version: &str) -> Result<Self> {
        let id = wire::id("private endpoint", "id", wire.id.as_deref())?;
        let properties = wire.properties.clone().unwrap_or_default();
        let of = |list: Option<&Vec<network::Connection>>, kind| -> Vec<Connection> {
            list.into_iter().flatten().filter_map(|one| Connection::read(one, kind)).collect()
        };
        let mut connections = of(properties.manual_private_link_service_connections.as_ref(), ConnectionKind::Manual);
        connections.extend(of(properties.private_link_service_connections.as_ref(), ConnectionKind::Automatic));
        let guid = match properties.resource_guid.as_deref().filter(|text| !text.is_empty()) {
            Some(text) => Some(wire::id("private endpoint", "properties.resourceGuid", Some(text))?),
            None => None,
        };
        Ok(Self {
            id,
            location: wire.location.as_deref().and_then(location),
            tags: wire.tags.clone().unwrap_or_default(),
            etag: wire.etag.clone(),
            provisioning: properties.provisioning_state.as_deref().map(Into::into),
            guid,
            subnet: properties.subnet.as_ref().and_then(|subnet| subnet.id.as_deref()).map(str::parse),
            interfaces: wire::references(properties.network_interfaces.as_ref()),
            connections,
            security_groups: wire::references(properties.application_security_groups.as_ref()),
            api_version: api_version.to_owned(),
            wire: Box::new(wire),
        })
    }

    /// Its connection: a private endpoint has one.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        self.connections.first()
    }

    /// Its GUID, the older form of its identity at some vendors. Never its interface's.
    ///
    /// # Errors
    /// [`MissingResourceGuid`] when Azure left it out.
    pub fn resource_guid(&self) -> Result<ResourceGuid, MissingResourceGuid> {
        self.guid
            .ok_or_else(|| MissingResourceGuid { endpoint: self.id.clone(), api_version: self.api_version.clone() })
    }

    /// What to send so that the endpoint stays as it is: a PUT replaces the whole of it, and what
    /// it does not name is lost. Change what is to change, and send it.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when the answer lacks what a request needs.
    pub fn as_request(&self) -> Result<CreatePrivateEndpoint> {
        let properties = self.wire.properties.clone().unwrap_or_default();
        let lacks = |field| wire::missing("private endpoint", field).with_resource(self.id.as_str());
        let connections = |list: Option<Vec<network::Connection>>| -> Result<Vec<network::PutConnection>> {
            list.into_iter().flatten().map(|one| put(one, &lacks)).collect()
        };
        let subnet =
            properties.subnet.filter(|subnet| subnet.id.is_some()).ok_or_else(|| lacks("properties.subnet"))?;
        let body = network::PutPrivateEndpoint {
            location: self.wire.location.clone().ok_or_else(|| lacks("location"))?,
            tags: self.tags.clone(),
            properties: network::PutProperties {
                subnet,
                ip_version_type: properties.ip_version_type,
                private_link_service_connections: connections(properties.private_link_service_connections)?,
                manual_private_link_service_connections: connections(
                    properties.manual_private_link_service_connections,
                )?,
                application_security_groups: properties.application_security_groups.unwrap_or_default(),
                ip_configurations: properties.ip_configurations.unwrap_or_default(),
                custom_network_interface_name: properties.custom_network_interface_name.filter(|name| !name.is_empty()),
            },
        };
        Ok(CreatePrivateEndpoint { id: self.id.clone(), body, change: true })
    }
}

fn put(connection: network::Connection, lacks: &impl Fn(&'static str) -> Error) -> Result<network::PutConnection> {
    // Some answers leave the name out and have it in the id alone.
    let from_id = connection.id.as_deref().and_then(|id| id.rsplit('/').next()).map(str::to_owned);
    let properties = connection.properties.unwrap_or_default();
    Ok(network::PutConnection {
        name: connection.name.or(from_id).ok_or_else(|| lacks("connection's name"))?,
        properties: network::PutConnectionProperties {
            private_link_service_id: properties
                .private_link_service_id
                .ok_or_else(|| lacks("connection's privateLinkServiceId"))?,
            group_ids: properties.group_ids.unwrap_or_default(),
            request_message: properties.request_message.filter(|text| !text.is_empty()),
        },
    })
}

/// An endpoint's GUID was asked for, and Azure had left it out of its answer.
///
/// It is in no published document of the API, so that a version may lack it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer for {endpoint} in api-version {api_version} has no properties.resourceGuid")]
#[non_exhaustive]
pub struct MissingResourceGuid {
    /// The endpoint.
    pub endpoint: AzurePrivateEndpointId,
    /// The version of the API that left it out.
    pub api_version: String,
}

impl From<MissingResourceGuid> for Error {
    fn from(error: MissingResourceGuid) -> Self {
        Self::new(ErrorKind::UnexpectedResponse, error.to_string()).with_resource(error.endpoint.as_str()).with_help(
            "name another version with `ClientBuilder::network_api_version`, or use the resource id where it is taken",
        )
    }
}

/// A private endpoint to be made, or an existing one with changes.
///
/// Subnet, location, connection and addresses can never change: another endpoint is needed then.
///
/// ```
/// use privlink_azure::CreatePrivateEndpoint;
///
/// let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";
/// let request = CreatePrivateEndpoint::new(
///     format!("{group}/privateEndpoints/orders").parse()?,
///     "westeurope".parse()?,
///     format!("{group}/virtualNetworks/main/subnets/data").parse()?,
///     &"production-westus3-0-0.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice".parse()?,
/// )?
/// .request_message("orders, by the data team")?
/// .interface_name("orders-nic")
/// .tag("team", "data");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct CreatePrivateEndpoint {
    id: AzurePrivateEndpointId,
    body: network::PutPrivateEndpoint,
    /// Whether it says what was read of an endpoint that is there.
    change: bool,
}

/// A fixed address for an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StaticAddress {
    /// The name of the configuration.
    pub name: String,
    /// The address, inside the subnet.
    pub address: Ipv4Addr,
}

impl StaticAddress {
    /// A fixed address under a name of its own.
    #[must_use]
    pub fn new(name: impl Into<String>, address: Ipv4Addr) -> Self {
        Self { name: name.into(), address }
    }
}

/// What the name of an endpoint's connection ends with, after the endpoint's own.
pub(crate) const CONNECTION_SUFFIX: &str = "-conn";

impl CreatePrivateEndpoint {
    /// An endpoint in `subnet` that asks `service` for a connection; its owner approves it. Its
    /// location is that of the subnet's network.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the service is in another cloud.
    pub fn new(
        id: AzurePrivateEndpointId,
        location: Region,
        subnet: SubnetId,
        service: &EndpointServiceId,
    ) -> Result<Self> {
        if service.cloud() != privlink_core::CloudProvider::Azure {
            return Err(Error::invalid(format!("{service} is no Azure Private Link service")));
        }
        let name = id.resource().name().to_owned();
        let connection = network::PutConnection {
            name: format!("{name}{CONNECTION_SUFFIX}"),
            properties: network::PutConnectionProperties {
                private_link_service_id: service.as_str().to_owned(),
                group_ids: Vec::new(),
                // An owner who approves by hand wants to know what it is for; Terraform insists on it.
                request_message: Some(shortened(&name)),
            },
        };
        let properties = network::PutProperties {
            subnet: SubResource::of(&subnet),
            ip_version_type: None,
            private_link_service_connections: Vec::new(),
            manual_private_link_service_connections: vec![connection],
            application_security_groups: Vec::new(),
            ip_configurations: Vec::new(),
            custom_network_interface_name: None,
        };
        let location = location.as_str().to_owned();
        let body = network::PutPrivateEndpoint { location, tags: Tags::new(), properties };
        Ok(Self { id, body, change: false })
    }

    /// Sets what the owner of the service is shown: 1 to 140 characters; the endpoint's name unless set.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is empty or longer.
    pub fn request_message(mut self, text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.trim().is_empty() || text.chars().count() > facts::REQUEST_MESSAGE {
            return Err(Error::invalid("a request message has 1 to 140 characters"));
        }
        for connection in &mut self.body.properties.manual_private_link_service_connections {
            connection.properties.request_message = Some(text.clone());
        }
        Ok(self)
    }

    /// Sets the name of the network interface, which is random otherwise and can never change.
    pub fn interface_name(mut self, name: impl Into<String>) -> Self {
        self.body.properties.custom_network_interface_name = Some(name.into());
        self
    }

    /// Sets fixed addresses.
    pub fn static_addresses(mut self, addresses: impl IntoIterator<Item = StaticAddress>) -> Self {
        let configuration = |fixed: StaticAddress| network::IpConfiguration {
            name: Some(fixed.name),
            properties: Some(network::IpConfigurationProperties {
                group_id: None,
                member_name: None,
                private_ip_address: Some(fixed.address.to_string()),
            }),
        };
        self.body.properties.ip_configurations = addresses.into_iter().map(configuration).collect();
        self
    }

    /// Sets the application security groups, replacing those there are.
    pub fn security_groups(mut self, groups: impl IntoIterator<Item = ApplicationSecurityGroupId>) -> Self {
        self.body.properties.application_security_groups =
            groups.into_iter().map(|group| SubResource::of(&group)).collect();
        self
    }

    /// Adds a tag, or replaces the one of this name.
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        self.body.tags.retain(|known, _| !known.eq_ignore_ascii_case(&name));
        self.body.tags.insert(name, value.into());
        self
    }

    /// Adds tags.
    pub fn tags(self, tags: impl IntoIterator<Item = (String, String)>) -> Self {
        tags.into_iter().fold(self, |request, (name, value)| request.tag(name, value))
    }

    /// Takes a tag away.
    pub fn without_tag(mut self, name: &str) -> Self {
        self.body.tags.retain(|known, _| !known.eq_ignore_ascii_case(name));
        self
    }

    /// The endpoint it is about.
    #[must_use]
    pub fn id(&self) -> &AzurePrivateEndpointId {
        &self.id
    }

    pub(crate) fn is_change(&self) -> bool {
        self.change
    }

    pub(crate) fn body(&self) -> &network::PutPrivateEndpoint {
        &self.body
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(facts::REQUEST_MESSAGE).collect()
}

impl fmt::Display for StaticAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as {}", self.address, self.name)
    }
}
