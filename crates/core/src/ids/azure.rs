use std::hash::{Hash, Hasher};

use super::make::private::parse_uuid;
use super::{IdError, Region};

const FORM: &str = "it must look like `/subscriptions/<guid>/resourceGroups/<group>/providers/…`";

/// An Azure Resource Manager id that keeps its parts:
/// `/subscriptions/<guid>/resourceGroups/<group>/providers/<namespace>/<type>/<name>…`.
///
/// - Sent as it was given; compared without case, as ARM does.
/// - After the namespace come pairs of type and name, no part empty, `.` or `..`, each at most
///   260 characters, 2,048 in all.
/// - Parts hold letters, digits and `-_.()@*` of ASCII. Azure would let a resource group have
///   other letters too; those are refused here, because lookalikes cannot be told apart.
///
/// ```
/// use privlink_core::AzureResourceId;
///
/// let id: AzureResourceId = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/App\
///                            /providers/Microsoft.Network/virtualNetworks/main/subnets/data".parse()?;
/// assert_eq!(id.resource_group(), "App");
/// assert_eq!(id.resource_type(), "Microsoft.Network/virtualNetworks/subnets");
/// assert_eq!(id.name(), "data");
/// assert_eq!(id.parent().unwrap().name(), "main");
///
/// let error = "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60".parse::<AzureResourceId>().unwrap_err();
/// assert_eq!(error.looks_like(), Some("UUID"));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone)]
pub struct AzureResourceId(Box<str>);

impl AzureResourceId {
    /// The text, spelled as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The subscription.
    #[must_use]
    pub fn subscription(&self) -> SubscriptionId {
        self.segment(1).parse().expect("checked when the id was parsed")
    }

    /// The resource group.
    #[must_use]
    pub fn resource_group(&self) -> &str {
        self.segment(3)
    }

    /// The provider namespace and types: `Microsoft.Network/privateEndpoints`; of a nested
    /// resource all types from the outermost on.
    #[must_use]
    pub fn resource_type(&self) -> String {
        let mut parts = self.0.split('/').skip(6);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts.step_by(2) {
            out.push('/');
            out.push_str(part);
        }
        out
    }

    /// The name of the resource: the last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The resource this one is nested in; `None` for one at the top level.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.0.split('/').count() <= 9 {
            return None;
        }
        let (front, _name) = self.0.rsplit_once('/')?;
        let (front, _type) = front.rsplit_once('/')?;
        Some(Self(front.into()))
    }

    /// Whether this is a `Microsoft.Network/privateEndpoints` resource, and not one nested in
    /// such a resource.
    #[must_use]
    pub fn is_private_endpoint(&self) -> bool {
        self.is(AzurePrivateEndpointId::TYPE)
    }

    /// Whether this is a `Microsoft.Network/privateLinkServices` resource.
    #[must_use]
    pub fn is_private_link_service(&self) -> bool {
        self.is(AzurePrivateLinkServiceId::TYPE)
    }

    fn is(&self, resource_type: &str) -> bool {
        self.resource_type().eq_ignore_ascii_case(resource_type)
    }

    fn segment(&self, place: usize) -> &str {
        self.0.split('/').nth(place + 1).unwrap_or_default()
    }

    /// The bytes in one case, for comparing.
    fn folded(&self) -> impl Iterator<Item = u8> {
        self.0.bytes().map(|b| b.to_ascii_lowercase())
    }
}

impl std::str::FromStr for AzureResourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        check_resource(text).map_err(|rule| IdError::new("Azure resource id", rule, text))?;
        Ok(Self(text.into()))
    }
}

fn check_resource(text: &str) -> Result<(), &'static str> {
    if text.len() > 2_048 {
        return Err("it must have at most 2,048 characters");
    }
    let parts: Vec<&str> = text.split('/').collect();
    let ["", subscriptions, subscription, groups, _, providers, _, rest @ ..] = parts.as_slice() else {
        return Err(FORM);
    };
    if !subscriptions.eq_ignore_ascii_case("subscriptions")
        || !groups.eq_ignore_ascii_case("resourceGroups")
        || !providers.eq_ignore_ascii_case("providers")
    {
        return Err(FORM);
    }
    if parse_uuid(subscription).is_err() {
        return Err("its subscription must be a GUID");
    }
    if rest.is_empty() || rest.len() % 2 != 0 || parts[1..].iter().any(|part| part.is_empty()) {
        return Err("type and name must follow the provider namespace, without empty parts");
    }
    for part in &parts[1..] {
        if matches!(*part, "." | "..") || part.len() > 260 {
            return Err("no part may be `.`, `..` or longer than 260 characters");
        }
        if !part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.()@*".contains(&b)) {
            return Err("its parts may hold letters, digits and `-_.()@*` only");
        }
    }
    Ok(())
}

impl AsRef<str> for AzureResourceId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

crate::__id_traits!(AzureResourceId, "Azure resource id", |id, _| id.as_str());

impl PartialEq for AzureResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for AzureResourceId {}

impl PartialOrd for AzureResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for AzureResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(other.folded())
    }
}

impl Hash for AzureResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().for_each(|b| state.write_u8(b));
        state.write_u8(0xff);
    }
}

/// Makes the id of one type of Azure resource, at the top level.
macro_rules! resource_of_type {
    ($(#[$meta:meta])* $name:ident: $wanted:literal, $type:literal) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(AzureResourceId);

        impl $name {
            const TYPE: &str = $type;

            /// The text, spelled as given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }

            /// The id with its parts: subscription, resource group, name.
            #[must_use]
            pub fn resource(&self) -> &AzureResourceId {
                &self.0
            }
        }

        impl TryFrom<AzureResourceId> for $name {
            type Error = IdError;

            fn try_from(id: AzureResourceId) -> Result<Self, Self::Error> {
                if id.is(Self::TYPE) {
                    return Ok(Self(id));
                }
                let found = id.resource_type();
                let nested = found.get(..Self::TYPE.len()).is_some_and(|front| front.eq_ignore_ascii_case(Self::TYPE))
                    && found.as_bytes().get(Self::TYPE.len()) == Some(&b'/');
                let rule = if nested {
                    concat!("it names something inside a `", $type, "`; give the id of that itself").into()
                } else {
                    format!(concat!("it must be a `", $type, "`, but is a `{}`"), found)
                };
                Err(IdError::new($wanted, rule, id.as_str()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                check_resource(text).map_err(|rule| IdError::new($wanted, rule, text))?;
                AzureResourceId(text.into()).try_into()
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

        crate::__id_traits!($name, $wanted, |id, _| id.as_str());
    };
}

resource_of_type! {
    /// An Azure private endpoint by its ARM resource id: an [`AzureResourceId`] of the type
    /// `Microsoft.Network/privateEndpoints`, at the top level.
    ///
    /// The ids nested in the endpoint (its interface, its connections) are refused, and so is
    /// the id of the service it leads to:
    ///
    /// ```
    /// use privlink_core::AzurePrivateEndpointId;
    ///
    /// let endpoint = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/app\
    ///                 /providers/Microsoft.Network/privateEndpoints/orders";
    /// assert!(endpoint.parse::<AzurePrivateEndpointId>().is_ok());
    ///
    /// let nested = format!("{endpoint}/manualPrivateLinkServiceConnections/orders-conn");
    /// let error = nested.parse::<AzurePrivateEndpointId>().unwrap_err();
    /// assert_eq!(
    ///     error.rule(),
    ///     "it names something inside a `Microsoft.Network/privateEndpoints`; give the id of that itself",
    /// );
    /// ```
    AzurePrivateEndpointId: "Azure private endpoint id", "Microsoft.Network/privateEndpoints"
}

resource_of_type! {
    /// An Azure Private Link service by its ARM resource id: an [`AzureResourceId`] of the type
    /// `Microsoft.Network/privateLinkServices`, at the top level.
    ///
    /// ```
    /// use privlink_core::AzurePrivateLinkServiceId;
    ///
    /// let group = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/app";
    /// let service = format!("{group}/providers/Microsoft.Network/privateLinkServices/pls");
    /// assert!(service.parse::<AzurePrivateLinkServiceId>().is_ok());
    ///
    /// let endpoint = format!("{group}/providers/Microsoft.Network/privateEndpoints/orders");
    /// let error = endpoint.parse::<AzurePrivateLinkServiceId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("Azure private endpoint id"));
    /// ```
    AzurePrivateLinkServiceId: "Azure Private Link service id", "Microsoft.Network/privateLinkServices"
}

uuid_id! {
    /// An Azure subscription: a GUID of 36 characters.
    ///
    /// ```
    /// use privlink_core::SubscriptionId;
    ///
    /// assert!("0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60".parse::<SubscriptionId>().is_ok());
    /// assert!("Pay-As-You-Go".parse::<SubscriptionId>().is_err());
    /// ```
    pub struct SubscriptionId: "Azure subscription id";
}

uuid_id! {
    /// `properties.resourceGuid` of an Azure private endpoint: the older form of its identity
    /// at some vendors, and not the GUID of its network interface.
    ///
    /// ```
    /// use privlink_core::ResourceGuid;
    ///
    /// assert!("d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf".parse::<ResourceGuid>().is_ok());
    /// let error = "orders.d73e9b55-7b9c-4f8d-8f0a-40e737f1ccbf".parse::<ResourceGuid>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("name and GUID of an Azure private endpoint"));
    /// ```
    pub struct ResourceGuid: "Azure resource GUID";
}

text_id! {
    /// The alias of an Azure Private Link service:
    /// `<prefix>.<guid>.<region>.azure.privatelinkservice`.
    ///
    /// - The prefix holds 1 to 80 letters, digits, dashes and underscores.
    /// - An endpoint that uses an alias must connect manually.
    ///
    /// ```
    /// use privlink_core::PrivateLinkServiceAlias;
    ///
    /// let alias: PrivateLinkServiceAlias =
    ///     "production-westus3-0-0.0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60.westus3.azure.privatelinkservice".parse()?;
    /// assert_eq!(alias.region().as_str(), "westus3");
    /// assert!("production-westus3-0-0.westus3.azure.privatelinkservice".parse::<PrivateLinkServiceAlias>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct PrivateLinkServiceAlias: "Azure Private Link service alias", check_alias;
}

fn check_alias(text: &str) -> super::text::Check {
    let parts: Vec<&str> = text.split('.').collect();
    let [prefix, guid, region, azure, suffix] = parts.as_slice() else {
        return Err("it must look like `<prefix>.<guid>.<region>.azure.privatelinkservice`".into());
    };
    if !azure.eq_ignore_ascii_case("azure") || !suffix.eq_ignore_ascii_case("privatelinkservice") {
        return Err("it must end in `.azure.privatelinkservice`".into());
    }
    if !(1..=80).contains(&prefix.len())
        || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    {
        return Err("its prefix must be 1 to 80 letters, digits, dashes and underscores".into());
    }
    if parse_uuid(guid).is_err() {
        return Err("its second part must be a GUID".into());
    }
    region.parse::<Region>().map(drop).map_err(|error| format!("its region is wrong: {}", error.rule()).into())
}

impl PrivateLinkServiceAlias {
    /// The region the service lives in.
    #[must_use]
    pub fn region(&self) -> Region {
        self.0.split('.').nth(2).unwrap_or_default().parse().expect("checked when the alias was parsed")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const GROUP: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/App";

    fn endpoint() -> String {
        format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/orders")
    }

    #[test]
    fn ids_are_compared_without_case_and_kept_as_given() {
        let text = endpoint();
        let (one, other): (AzureResourceId, AzureResourceId) =
            (text.parse().unwrap(), text.to_uppercase().parse().unwrap());
        assert_eq!(one, other);
        assert_eq!(one.cmp(&other), std::cmp::Ordering::Equal);
        assert_eq!(HashSet::from([one.clone(), other.clone()]).len(), 1);
        assert_eq!((one.as_str(), other.as_str()), (text.as_str(), text.to_uppercase().as_str()));
        assert!(other.is_private_endpoint() && other.to_string().parse::<AzurePrivateEndpointId>().is_ok());
    }

    #[test]
    fn nested_resources_are_told_from_their_parent() {
        let nested: AzureResourceId = format!("{}/privateLinkServiceConnections/x", endpoint()).parse().unwrap();
        assert!(!nested.is_private_endpoint());
        assert_eq!(nested.resource_type(), "Microsoft.Network/privateEndpoints/privateLinkServiceConnections");
        assert!(nested.parent().unwrap().is_private_endpoint());
        assert_eq!(nested.parent().unwrap().parent(), None);
        assert!(AzurePrivateEndpointId::try_from(nested.clone()).is_err());
        assert!(AzurePrivateEndpointId::try_from(nested.parent().unwrap()).is_ok());
    }

    #[test]
    fn the_resources_an_endpoint_is_made_of_are_refused_by_name_of_their_type() {
        let interface = format!("{GROUP}/providers/Microsoft.Network/networkInterfaces/orders.nic.0");
        let error = interface.parse::<AzurePrivateEndpointId>().unwrap_err();
        assert_eq!(
            error.rule(),
            "it must be a `Microsoft.Network/privateEndpoints`, but is a `Microsoft.Network/networkInterfaces`",
        );
    }

    #[test]
    fn nothing_that_could_reach_another_path_is_an_id() {
        for bad in [
            String::new(),
            "/".into(),
            GROUP.into(),
            format!("{GROUP}/providers/Microsoft.Network"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints"),
            format!("{}/", endpoint()),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/.."),
            format!("{GROUP}/providers/Microsoft.Network/../orders"),
            format!("{GROUP}/providers/Microsoft.Network//orders"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a%2fb"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a?b"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a#b"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a b"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a\\b"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/a\0"),
            // Cyrillic, full-width and zero-width lookalikes.
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/оrders"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/．．"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/or\u{200b}ders"),
            format!("{GROUP}/providers/Microsoft.Network/privateEndpoints/{}", "x".repeat(261)),
            endpoint().replace("0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60", "0b5a6c1e7a2d4c3f9e8b1d2c3b4a5f60"),
            endpoint().replace("resourceGroups", "resourceGroup"),
            format!("https://management.azure.com{}", endpoint()),
        ] {
            assert!(bad.parse::<AzureResourceId>().is_err(), "{bad:?}");
            assert!(bad.parse::<AzurePrivateEndpointId>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_alias_names_its_region() {
        const GUID: &str = "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60";
        let alias = format!("prod-0_1.{GUID}.eastus2.azure.privatelinkservice");
        assert_eq!(alias.parse::<PrivateLinkServiceAlias>().unwrap().region().as_str(), "eastus2");
        for bad in [
            format!("prod.{GUID}.eastus2.azure.privatelinkservices"),
            format!("prod.{GUID}.azure.privatelinkservice"),
            format!(".{GUID}.eastus2.azure.privatelinkservice"),
            format!("pr/od.{GUID}.eastus2.azure.privatelinkservice"),
            format!("prod.{{{}}}.eastus2.azure.privatelinkservice", &GUID[1..35]),
            format!("prod.{GUID}.East US 2.azure.privatelinkservice"),
            format!("{}.{GUID}.eastus2.azure.privatelinkservice", "p".repeat(81)),
        ] {
            assert!(bad.parse::<PrivateLinkServiceAlias>().is_err(), "{bad}");
        }
    }
}
