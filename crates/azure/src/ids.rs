//! Ids of Azure's resources, one type for each thing that can be taken for another.
//!
//! The ids that cross the seam are in `privlink-core`: `AzureResourceId`,
//! `AzurePrivateEndpointId`, `AzurePrivateLinkServiceId`, `PrivateLinkServiceAlias`,
//! `ResourceGuid`, `SubscriptionId`.

use privlink_core::{AzurePrivateEndpointId, AzureResourceId, DnsName, IdError, SubscriptionId};

/// Makes the id of one type of resource.
macro_rules! resource_id {
    ($(#[$meta:meta])* $name:ident: $wanted:literal, $type:literal) => {
        resource_id! { $(#[$meta])* $name: $wanted, $type, |_| Ok(()) }
    };
    ($(#[$meta:meta])* $name:ident: $wanted:literal, $type:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(AzureResourceId);

        impl $name {
            /// The resource type: the provider namespace and all types from the outermost on.
            pub const TYPE: &'static str = $type;

            /// The text, spelled as given; ids are compared without case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The id with its parts: subscription, resource group, name.
            #[must_use]
            pub fn resource(&self) -> &AzureResourceId {
                &self.0
            }

            /// The name of the resource itself.
            #[must_use]
            pub fn name(&self) -> &str {
                self.0.name()
            }
        }

        impl TryFrom<AzureResourceId> for $name {
            type Error = IdError;

            fn try_from(id: AzureResourceId) -> Result<Self, Self::Error> {
                let found = id.resource_type();
                if !found.eq_ignore_ascii_case(Self::TYPE) {
                    let rule = format!(concat!("it must be a `", $type, "`, but is a `{}`"), found);
                    return Err(IdError::new($wanted, rule, id.as_str()));
                }
                let check: fn(&AzureResourceId) -> Result<(), String> = $check;
                match check(&id) {
                    Ok(()) => Ok(Self(id)),
                    Err(rule) => Err(IdError::new($wanted, rule, id.as_str())),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text.parse::<AzureResourceId>() {
                    Ok(id) => id.try_into(),
                    Err(error) => Err(IdError::new($wanted, error.rule().to_owned(), text)),
                }
            }
        }

        impl From<$name> for AzureResourceId {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        privlink_core::__id_traits!($name, $wanted, |id, _| id.as_str());
    };
}

resource_id! {
    /// A virtual network by its ARM resource id.
    ///
    /// ```
    /// use privlink_azure::VirtualNetworkId;
    ///
    /// let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";
    /// let vnet: VirtualNetworkId = format!("{group}/virtualNetworks/main").parse()?;
    /// assert_eq!(vnet.name(), "main");
    ///
    /// let error = format!("{group}/virtualNetworks/main/subnets/data").parse::<VirtualNetworkId>().unwrap_err();
    /// assert!(error.rule().ends_with("but is a `Microsoft.Network/virtualNetworks/subnets`"));
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    VirtualNetworkId: "Azure virtual network id", "Microsoft.Network/virtualNetworks"
}

resource_id! {
    /// A subnet by its ARM resource id; it is nested in its virtual network.
    ///
    /// ```
    /// use privlink_azure::SubnetId;
    ///
    /// let vnet = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app\
    ///             /providers/Microsoft.Network/virtualNetworks/main";
    /// let subnet: SubnetId = format!("{vnet}/subnets/data").parse()?;
    /// assert_eq!(subnet.virtual_network().as_str(), vnet);
    /// assert!(vnet.parse::<SubnetId>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    SubnetId: "Azure subnet id", "Microsoft.Network/virtualNetworks/subnets"
}

resource_id! {
    /// A network interface by its ARM resource id. An endpoint's interface is not the endpoint.
    ///
    /// ```
    /// use privlink_azure::NetworkInterfaceId;
    /// use privlink_core::AzurePrivateEndpointId;
    ///
    /// let nic = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app\
    ///            /providers/Microsoft.Network/networkInterfaces/orders.nic.0";
    /// assert!(nic.parse::<NetworkInterfaceId>().is_ok());
    /// assert!(nic.parse::<AzurePrivateEndpointId>().is_err());
    /// ```
    NetworkInterfaceId: "Azure network interface id", "Microsoft.Network/networkInterfaces"
}

resource_id! {
    /// A network security group by its ARM resource id.
    ///
    /// ```
    /// use privlink_azure::NetworkSecurityGroupId;
    ///
    /// assert!("allow-all".parse::<NetworkSecurityGroupId>().is_err());
    /// ```
    NetworkSecurityGroupId: "Azure network security group id", "Microsoft.Network/networkSecurityGroups"
}

resource_id! {
    /// An application security group by its ARM resource id.
    ///
    /// ```
    /// use privlink_azure::ApplicationSecurityGroupId;
    ///
    /// let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";
    /// assert!(format!("{group}/applicationSecurityGroups/db").parse::<ApplicationSecurityGroupId>().is_ok());
    /// assert!(format!("{group}/networkSecurityGroups/db").parse::<ApplicationSecurityGroupId>().is_err());
    /// ```
    ApplicationSecurityGroupId: "Azure application security group id", "Microsoft.Network/applicationSecurityGroups"
}

resource_id! {
    /// A private DNS zone by its ARM resource id; the name of the resource is the name of the zone.
    ///
    /// ```
    /// use privlink_azure::PrivateDnsZoneId;
    ///
    /// let group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub/providers/Microsoft.Network";
    /// let zone: PrivateDnsZoneId = format!("{group}/privateDnsZones/Orders.Example.com").parse()?;
    /// assert_eq!(zone.zone().as_str(), "orders.example.com");
    /// // The public kind is something else.
    /// assert!(format!("{group}/dnsZones/orders.example.com").parse::<PrivateDnsZoneId>().is_err());
    /// assert!(format!("{group}/privateDnsZones/-").parse::<PrivateDnsZoneId>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    PrivateDnsZoneId: "Azure private DNS zone id", "Microsoft.Network/privateDnsZones", |id| {
        id.name().parse::<DnsName>().map(drop).map_err(|error| format!("its name is no zone name: {}", error.rule()))
    }
}

resource_id! {
    /// A link of a private DNS zone to a virtual network by its ARM resource id.
    ///
    /// ```
    /// use privlink_azure::VirtualNetworkLinkId;
    ///
    /// let zone = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/hub\
    ///             /providers/Microsoft.Network/privateDnsZones/orders.example.com";
    /// let link: VirtualNetworkLinkId = format!("{zone}/virtualNetworkLinks/main").parse()?;
    /// assert_eq!(link.name(), "main");
    /// assert!(zone.parse::<VirtualNetworkLinkId>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    VirtualNetworkLinkId: "Azure virtual network link id", "Microsoft.Network/privateDnsZones/virtualNetworkLinks"
}

impl SubnetId {
    /// The network the subnet is in.
    #[must_use]
    pub fn virtual_network(&self) -> VirtualNetworkId {
        VirtualNetworkId(self.0.parent().expect("a subnet is nested in its network"))
    }
}

impl VirtualNetworkId {
    /// The subnet `name` of the network.
    ///
    /// # Errors
    /// [`IdError`] when that is no name.
    pub fn subnet(&self, name: &str) -> Result<SubnetId, IdError> {
        format!("{self}/subnets/{name}").parse()
    }
}

impl PrivateDnsZoneId {
    /// The zone `name` in a resource group.
    ///
    /// # Errors
    /// [`IdError`] when the group has no name that can stand in an id.
    pub fn of(subscription: SubscriptionId, group: &str, name: &DnsName) -> Result<Self, IdError> {
        in_group(subscription, group, "privateDnsZones", name.as_str()).parse()
    }

    /// The name of the zone.
    #[must_use]
    pub fn zone(&self) -> DnsName {
        self.name().parse().expect("checked when the id was parsed")
    }

    /// The link `name` of the zone.
    ///
    /// # Errors
    /// [`IdError`] when that is no name.
    pub fn link(&self, name: &str) -> Result<VirtualNetworkLinkId, IdError> {
        format!("{self}/virtualNetworkLinks/{name}").parse()
    }
}

impl VirtualNetworkLinkId {
    /// The zone the link belongs to.
    #[must_use]
    pub fn zone(&self) -> PrivateDnsZoneId {
        PrivateDnsZoneId(self.0.parent().expect("a link is nested in its zone"))
    }
}

/// A resource group with its subscription; names are compared without case.
///
/// ```
/// use privlink_azure::ResourceGroup;
///
/// let group = ResourceGroup::new("00000000-0000-0000-0000-000000000000".parse()?, "app")?;
/// assert_eq!(group.to_string(), "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app");
/// assert!(ResourceGroup::new(group.subscription(), "a/b").is_err());
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ResourceGroup {
    subscription: SubscriptionId,
    name: String,
}

impl ResourceGroup {
    /// The group `name` of a subscription.
    ///
    /// # Errors
    /// [`IdError`] when that is no name.
    pub fn new(subscription: SubscriptionId, name: &str) -> Result<Self, IdError> {
        match in_group(subscription, name, "privateEndpoints", "x").parse::<AzureResourceId>() {
            Ok(id) if id.resource_group() == name => Ok(Self { subscription, name: name.to_owned() }),
            Ok(_) => Err(IdError::new("Azure resource group", "it must be a plain name", name)),
            Err(error) => Err(IdError::new("Azure resource group", error.rule().to_owned(), name)),
        }
    }

    /// The group a resource is in.
    #[must_use]
    pub fn of(id: &AzureResourceId) -> Self {
        Self { subscription: id.subscription(), name: id.resource_group().to_owned() }
    }

    /// The subscription.
    #[must_use]
    pub fn subscription(&self) -> SubscriptionId {
        self.subscription
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl std::fmt::Display for ResourceGroup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "/subscriptions/{}/resourceGroups/{}", self.subscription, self.name)
    }
}

impl PartialEq for ResourceGroup {
    fn eq(&self, other: &Self) -> bool {
        self.subscription == other.subscription && self.name.eq_ignore_ascii_case(&other.name)
    }
}

impl Eq for ResourceGroup {}

/// The id of the private endpoint `name` in a resource group.
pub(crate) fn private_endpoint(
    subscription: SubscriptionId,
    group: &str,
    name: &str,
) -> Result<AzurePrivateEndpointId, IdError> {
    in_group(subscription, group, "privateEndpoints", name).parse()
}

fn in_group(subscription: SubscriptionId, group: &str, kind: &str, name: &str) -> String {
    format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const GROUP: &str =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";

    #[test]
    fn the_resources_around_an_endpoint_are_told_apart() {
        let nic = format!("{GROUP}/networkInterfaces/orders.nic.0");
        let vnet = format!("{GROUP}/virtualNetworks/main");
        let endpoint = format!("{GROUP}/privateEndpoints/orders");
        assert!(nic.parse::<NetworkInterfaceId>().is_ok() && vnet.parse::<VirtualNetworkId>().is_ok());
        for (text, rule) in [
            (&nic, "it must be a `Microsoft.Network/privateEndpoints`, but is a `Microsoft.Network/networkInterfaces`"),
            (&vnet, "it must be a `Microsoft.Network/privateEndpoints`, but is a `Microsoft.Network/virtualNetworks`"),
        ] {
            assert_eq!(text.parse::<AzurePrivateEndpointId>().unwrap_err().rule(), rule);
        }
        let error = endpoint.parse::<NetworkInterfaceId>().unwrap_err();
        assert_eq!(
            error.rule(),
            "it must be a `Microsoft.Network/networkInterfaces`, but is a `Microsoft.Network/privateEndpoints`"
        );
    }

    #[test]
    fn a_name_never_reaches_another_resource() {
        let vnet: VirtualNetworkId = format!("{GROUP}/virtualNetworks/main").parse().unwrap();
        for bad in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b"] {
            assert!(vnet.subnet(bad).is_err(), "{bad:?}");
            let subscription = vnet.resource().subscription();
            assert!(private_endpoint(subscription, "app", bad).is_err(), "{bad:?}");
            assert!(private_endpoint(subscription, bad, "orders").is_err(), "{bad:?}");
        }
        assert_eq!(vnet.subnet("data").unwrap().virtual_network(), vnet);
    }
}
