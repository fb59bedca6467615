use super::{
    AzureResourceId, CloudProvider, IdError, PrivateLinkServiceAlias, PscConnectionId, Region, ResourceGuid,
    ServiceAttachment, VpcEndpointId, VpcEndpointServiceName,
};

/// What a private endpoint points at: the vendor's end, in the form its cloud uses.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EndpointServiceId {
    /// AWS: the name of a VPC endpoint service.
    Aws(VpcEndpointServiceName),
    /// Azure: the alias of a Private Link service.
    AzureAlias(PrivateLinkServiceAlias),
    /// Azure: the resource id of a Private Link service.
    AzureResource(AzureResourceId),
    /// Google Cloud: a service attachment.
    Gcp(ServiceAttachment),
}

impl EndpointServiceId {
    /// The cloud the service lives in.
    #[must_use]
    pub fn cloud(&self) -> CloudProvider {
        match self {
            Self::Aws(_) => CloudProvider::Aws,
            Self::AzureAlias(_) | Self::AzureResource(_) => CloudProvider::Azure,
            Self::Gcp(_) => CloudProvider::Gcp,
        }
    }

    /// The region the id names; `None` for an Azure resource id, which names none.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        match self {
            Self::Aws(name) => Some(name.region()),
            Self::AzureAlias(alias) => Some(alias.region()),
            Self::AzureResource(_) => None,
            Self::Gcp(attachment) => Some(attachment.region()),
        }
    }

    /// The text of the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Aws(name) => name.as_str(),
            Self::AzureAlias(alias) => alias.as_str(),
            Self::AzureResource(id) => id.as_str(),
            Self::Gcp(attachment) => attachment.as_str(),
        }
    }
}

impl std::str::FromStr for EndpointServiceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        if lower.starts_with("/subscriptions/") {
            let id: AzureResourceId = text.parse()?;
            return if id.resource_type().eq_ignore_ascii_case("Microsoft.Network/privateLinkServices") {
                Ok(Self::AzureResource(id))
            } else {
                Err(IdError::new("endpoint service id", "the resource must be a Private Link service", text))
            };
        }
        if lower.ends_with(".privatelinkservice") {
            return text.parse().map(Self::AzureAlias);
        }
        if text.contains("/serviceAttachments/") {
            return text.parse().map(Self::Gcp);
        }
        if text.contains("amazonaws.vpce.") {
            return text.parse().map(Self::Aws);
        }
        Err(IdError::new(
            "endpoint service id",
            "it must be an AWS endpoint service name, an Azure alias or resource id, or a GCP service attachment",
            text,
        ))
    }
}

impl AsRef<str> for EndpointServiceId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

crate::__id_traits!(EndpointServiceId, "endpoint service id", |id, _| id.as_str());

/// A private endpoint as its cloud identifies it and vendors list it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrivateEndpointId {
    /// AWS: a VPC endpoint.
    Aws(VpcEndpointId),
    /// Azure: the resource id of a private endpoint.
    AzureResource(AzureResourceId),
    /// Azure: the older form, `properties.resourceGuid`.
    AzureGuid(ResourceGuid),
    /// Google Cloud: a Private Service Connect connection id.
    Gcp(PscConnectionId),
}

impl PrivateEndpointId {
    /// The cloud the endpoint lives in.
    #[must_use]
    pub fn cloud(&self) -> CloudProvider {
        match self {
            Self::Aws(_) => CloudProvider::Aws,
            Self::AzureResource(_) | Self::AzureGuid(_) => CloudProvider::Azure,
            Self::Gcp(_) => CloudProvider::Gcp,
        }
    }

    /// Parses the id of an endpoint in `cloud`, so that a number is not taken for another
    /// cloud's id.
    ///
    /// # Errors
    /// [`IdError`] when the text is not an endpoint id of that cloud.
    pub fn parse_for(cloud: CloudProvider, text: &str) -> Result<Self, IdError> {
        match cloud {
            CloudProvider::Aws => text.parse().map(Self::Aws),
            CloudProvider::Gcp => text.parse().map(Self::Gcp),
            CloudProvider::Azure if text.starts_with('/') => {
                let id: AzureResourceId = text.parse()?;
                if id.is_private_endpoint() {
                    Ok(Self::AzureResource(id))
                } else {
                    Err(IdError::new(
                        "Azure private endpoint id",
                        "the resource must be a `Microsoft.Network/privateEndpoints`, at the top level",
                        text,
                    ))
                }
            }
            CloudProvider::Azure => text.parse().map(Self::AzureGuid),
        }
    }
}

impl std::fmt::Display for PrivateEndpointId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aws(id) => id.fmt(f),
            Self::AzureResource(id) => id.fmt(f),
            Self::AzureGuid(id) => id.fmt(f),
            Self::Gcp(id) => id.fmt(f),
        }
    }
}

impl std::str::FromStr for PrivateEndpointId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cloud = if text.starts_with('/') || (text.len() == 36 && text.contains('-')) && !text.starts_with("vpce-") {
            CloudProvider::Azure
        } else if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            CloudProvider::Gcp
        } else {
            CloudProvider::Aws
        };
        Self::parse_for(cloud, text)
    }
}

impl serde::Serialize for PrivateEndpointId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for PrivateEndpointId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl From<VpcEndpointId> for PrivateEndpointId {
    fn from(id: VpcEndpointId) -> Self {
        Self::Aws(id)
    }
}

impl From<PscConnectionId> for PrivateEndpointId {
    fn from(id: PscConnectionId) -> Self {
        Self::Gcp(id)
    }
}

impl From<ResourceGuid> for PrivateEndpointId {
    fn from(id: ResourceGuid) -> Self {
        Self::AzureGuid(id)
    }
}
