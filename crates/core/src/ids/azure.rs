use std::hash::{Hash, Hasher};

use uuid::Uuid;

use super::{IdError, Region};

/// An Azure Resource Manager id that keeps its parts:
/// `/subscriptions/<guid>/resourceGroups/<group>/providers/<namespace>/<type>/<name>…`.
///
/// Sent as it was given; compared without case, as ARM does.
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

    /// The provider namespace and types: `Microsoft.Network/privateEndpoints`.
    #[must_use]
    pub fn resource_type(&self) -> String {
        let mut parts = self.0.split('/').skip(6);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (place, part) in parts.enumerate() {
            if place % 2 == 0 {
                out.push('/');
                out.push_str(part);
            }
        }
        out
    }

    /// The name of the resource: the last part.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Whether this is a `Microsoft.Network/privateEndpoints` resource.
    #[must_use]
    pub fn is_private_endpoint(&self) -> bool {
        self.resource_type().eq_ignore_ascii_case("Microsoft.Network/privateEndpoints")
    }

    fn segment(&self, place: usize) -> &str {
        self.0.split('/').nth(place + 1).unwrap_or_default()
    }
}

impl std::str::FromStr for AzureResourceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |rule: &'static str| Err(IdError::new("Azure resource id", rule, text));
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '?' | '#' | '%')) {
            return refuse("it must not hold white space, `?`, `#` or `%`");
        }
        let parts: Vec<&str> = text.split('/').collect();
        let ["", subscriptions, subscription, groups, _, providers, _, rest @ ..] = parts.as_slice() else {
            return refuse("it must look like `/subscriptions/<guid>/resourceGroups/<group>/providers/…`");
        };
        if !subscriptions.eq_ignore_ascii_case("subscriptions")
            || !groups.eq_ignore_ascii_case("resourceGroups")
            || !providers.eq_ignore_ascii_case("providers")
        {
            return refuse("it must look like `/subscriptions/<guid>/resourceGroups/<group>/providers/…`");
        }
        if Uuid::try_parse(subscription).is_err() {
            return refuse("its subscription must be a GUID");
        }
        if rest.is_empty() || rest.len() % 2 != 0 || parts[1..].iter().any(|p| p.is_empty() || matches!(*p, "." | ".."))
        {
            return refuse("type and name must follow the provider namespace, without empty parts");
        }
        Ok(Self(text.into()))
    }
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
        self.0.to_ascii_lowercase().cmp(&other.0.to_ascii_lowercase())
    }
}

impl Hash for AzureResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

uuid_id! {
    /// An Azure subscription.
    pub struct SubscriptionId: "Azure subscription id";
}

uuid_id! {
    /// `properties.resourceGuid` of an Azure private endpoint: the older form of its identity
    /// at some vendors, and not the GUID of its network interface.
    pub struct ResourceGuid: "Azure resource GUID";
}

text_id! {
    /// The alias of an Azure Private Link service:
    /// `<prefix>.<guid>.<region>.azure.privatelinkservice`.
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
    if prefix.is_empty() || !prefix.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return Err("its prefix must be letters, digits, dashes and underscores".into());
    }
    if guid.len() != 36 || Uuid::try_parse(guid).is_err() {
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
