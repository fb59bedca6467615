use super::text::is_number;
use super::{
    AzurePrivateEndpointId, AzurePrivateLinkServiceId, AzureResourceId, CloudProvider, IdError,
    PrivateLinkServiceAlias, PscConnectionId, Region, ResourceGuid, ServiceAttachment, VpcEndpointId,
    VpcEndpointServiceName,
};

/// What a private endpoint points at: the vendor's end, in the form its cloud uses.
///
/// The form tells the cloud, so that a plain text parses into the right one:
///
/// ```
/// use privlink_core::{CloudProvider, EndpointServiceId};
///
/// let id: EndpointServiceId = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse()?;
/// assert_eq!(id.cloud(), CloudProvider::Aws);
/// assert_eq!(id.region(), Some("us-east-1".parse()?));
///
/// let error = "vpce-0a1b2c3d4e5f67890".parse::<EndpointServiceId>().unwrap_err();
/// assert_eq!(error.looks_like(), Some("VPC endpoint id"));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EndpointServiceId {
    /// AWS: the name of a VPC endpoint service.
    Aws(VpcEndpointServiceName),
    /// Azure: the alias of a Private Link service.
    AzureAlias(PrivateLinkServiceAlias),
    /// Azure: the resource id of a Private Link service.
    AzureResource(AzurePrivateLinkServiceId),
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

    /// Parses the id of a service in `cloud`.
    ///
    /// # Errors
    /// [`IdError`] when the text is not an endpoint service id of that cloud.
    pub fn parse_for(cloud: CloudProvider, text: &str) -> Result<Self, IdError> {
        match cloud {
            CloudProvider::Aws => text.parse().map(Self::Aws),
            CloudProvider::Azure if text.starts_with('/') => text.parse().map(Self::AzureResource),
            CloudProvider::Azure => text.parse().map(Self::AzureAlias),
            CloudProvider::Gcp => text.parse().map(Self::Gcp),
        }
    }
}

impl std::str::FromStr for EndpointServiceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        let cloud = if lower.starts_with("/subscriptions/") || lower.ends_with(".privatelinkservice") {
            CloudProvider::Azure
        } else if text.contains("/serviceAttachments/") {
            CloudProvider::Gcp
        } else if text.contains("amazonaws.vpce.") {
            CloudProvider::Aws
        } else {
            return Err(IdError::new(
                "endpoint service id",
                "it must be an AWS endpoint service name, an Azure alias or resource id, or a GCP service attachment",
                text,
            ));
        };
        Self::parse_for(cloud, text)
    }
}

impl AsRef<str> for EndpointServiceId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

crate::__id_traits!(EndpointServiceId, "endpoint service id", |id, _| id.as_str());

/// A private endpoint as its cloud identifies it and vendors list it.
///
/// The form tells the cloud; [`PrivateEndpointId::parse_for`] says which one is expected, as
/// one should where it is known.
///
/// ```
/// use privlink_core::{CloudProvider, PrivateEndpointId};
///
/// let id: PrivateEndpointId = "vpce-0a1b2c3d4e5f67890".parse()?;
/// assert_eq!(id.cloud(), CloudProvider::Aws);
/// assert_eq!("102600141743718403".parse::<PrivateEndpointId>()?.cloud(), CloudProvider::Gcp);
///
/// let error = PrivateEndpointId::parse_for(CloudProvider::Azure, "vpce-0a1b2c3d4e5f67890").unwrap_err();
/// assert_eq!(error.looks_like(), Some("VPC endpoint id"));
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrivateEndpointId {
    /// AWS: a VPC endpoint.
    Aws(VpcEndpointId),
    /// Azure: the resource id of a private endpoint.
    AzureResource(AzurePrivateEndpointId),
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
            CloudProvider::Azure if text.len() == 36 && !text.starts_with('/') => text.parse().map(Self::AzureGuid),
            CloudProvider::Azure => text.parse().map(Self::AzureResource),
        }
    }

    fn text<'a>(&'a self, scratch: &'a mut [u8; 36]) -> &'a str {
        match self {
            Self::Aws(id) => id.as_str(),
            Self::AzureResource(id) => id.as_str(),
            Self::AzureGuid(id) => id.uuid().hyphenated().encode_lower(scratch),
            Self::Gcp(id) => id.digits(scratch),
        }
    }
}

impl std::str::FromStr for PrivateEndpointId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let cloud = if text.starts_with("vpce-") {
            CloudProvider::Aws
        } else if is_number(text) {
            CloudProvider::Gcp
        } else if text.starts_with('/') || text.len() == 36 {
            CloudProvider::Azure
        } else {
            return Err(IdError::new(
                "private endpoint id",
                "it must be a VPC endpoint id, the resource id or GUID of an Azure private endpoint, \
                 or a PSC connection id",
                text,
            ));
        };
        Self::parse_for(cloud, text)
    }
}

crate::__id_traits!(PrivateEndpointId, "private endpoint id", |id, scratch| id.text(scratch));

/// Between one cloud's id and the id of any cloud.
macro_rules! variant {
    ($any:ident::$variant:ident($one:ty), $wanted:literal) => {
        impl From<$one> for $any {
            fn from(id: $one) -> Self {
                Self::$variant(id)
            }
        }

        impl TryFrom<$any> for $one {
            type Error = IdError;

            fn try_from(id: $any) -> Result<Self, Self::Error> {
                match id {
                    $any::$variant(id) => Ok(id),
                    other => Err(IdError::new($wanted, concat!("it must be a ", $wanted), &other.to_string())),
                }
            }
        }
    };
}

variant!(EndpointServiceId::Aws(VpcEndpointServiceName), "VPC endpoint service name");
variant!(EndpointServiceId::AzureAlias(PrivateLinkServiceAlias), "Private Link service alias");
variant!(EndpointServiceId::AzureResource(AzurePrivateLinkServiceId), "Private Link service resource id");
variant!(EndpointServiceId::Gcp(ServiceAttachment), "GCP service attachment");
variant!(PrivateEndpointId::Aws(VpcEndpointId), "VPC endpoint id");
variant!(PrivateEndpointId::AzureResource(AzurePrivateEndpointId), "private endpoint resource id");
variant!(PrivateEndpointId::AzureGuid(ResourceGuid), "private endpoint GUID");
variant!(PrivateEndpointId::Gcp(PscConnectionId), "PSC connection id");

impl TryFrom<AzureResourceId> for EndpointServiceId {
    type Error = IdError;

    fn try_from(id: AzureResourceId) -> Result<Self, Self::Error> {
        AzurePrivateLinkServiceId::try_from(id).map(Self::AzureResource)
    }
}

impl TryFrom<AzureResourceId> for PrivateEndpointId {
    type Error = IdError;

    fn try_from(id: AzureResourceId) -> Result<Self, Self::Error> {
        AzurePrivateEndpointId::try_from(id).map(Self::AzureResource)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60";
    const NETWORK: &str =
        "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/app/providers/Microsoft.Network";

    #[test]
    fn an_endpoint_is_told_by_its_form() {
        let arm = format!("{NETWORK}/privateEndpoints/orders");
        for (text, cloud) in [
            ("vpce-0a1b2c3d4e5f67890", CloudProvider::Aws),
            (arm.as_str(), CloudProvider::Azure),
            (GUID, CloudProvider::Azure),
            ("102600141743718403", CloudProvider::Gcp),
        ] {
            let id: PrivateEndpointId = text.parse().unwrap();
            assert_eq!((id.cloud(), id.to_string().as_str()), (cloud, text));
            assert_eq!(PrivateEndpointId::parse_for(cloud, text), Ok(id.clone()));
            let json = serde_json::to_string(&id).unwrap();
            assert_eq!(serde_json::from_str::<PrivateEndpointId>(&json).unwrap(), id);
            for other in [CloudProvider::Aws, CloudProvider::Azure, CloudProvider::Gcp] {
                assert_eq!(PrivateEndpointId::parse_for(other, text).is_ok(), other == cloud, "{text} in {other}");
            }
        }
    }

    #[test]
    fn the_error_names_what_was_found_and_what_was_wanted() {
        let service = format!("{NETWORK}/privateLinkServices/pls");
        for (text, found) in [
            ("vpce-svc-0a1b2c3d4e5f67890", "VPC endpoint service id"),
            (service.as_str(), "Azure Private Link service id"),
            ("arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/vpce-0a1b2c3d4e5f67890", "ARN of a VPC endpoint"),
            ("projects/orders-prod/regions/us-central1/forwardingRules/orders", "GCP forwarding rule"),
            ("orders.0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60", "name and GUID of an Azure private endpoint"),
        ] {
            let error = text.parse::<PrivateEndpointId>().unwrap_err();
            assert_eq!(error.looks_like(), Some(found), "{error}");
        }
    }

    #[test]
    fn a_service_is_told_by_its_form() {
        let (alias, resource) =
            (format!("prod.{GUID}.westus3.azure.privatelinkservice"), format!("{NETWORK}/privateLinkServices/pls"));
        for (text, cloud, region) in [
            ("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890", CloudProvider::Aws, Some("us-east-1")),
            (&alias, CloudProvider::Azure, Some("westus3")),
            (&resource, CloudProvider::Azure, None),
            ("projects/producer/regions/us-central1/serviceAttachments/a", CloudProvider::Gcp, Some("us-central1")),
        ] {
            let id: EndpointServiceId = text.parse().unwrap();
            assert_eq!((id.cloud(), id.as_str()), (cloud, text));
            assert_eq!(id.region().as_ref().map(Region::as_str), region);
        }
        for bad in
            ["", "vpce-0a1b2c3d4e5f67890", "com.amazonaws.us-east-1.s3", &format!("{NETWORK}/privateEndpoints/x")]
        {
            assert!(bad.parse::<EndpointServiceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_of_one_cloud_and_of_any_cloud_turn_into_each_other() {
        let one: VpcEndpointId = "vpce-0a1b2c3d4e5f67890".parse().unwrap();
        let any = PrivateEndpointId::from(one.clone());
        assert_eq!(VpcEndpointId::try_from(any.clone()), Ok(one));
        let error = PscConnectionId::try_from(any).unwrap_err();
        assert_eq!((error.wanted(), error.looks_like()), ("PSC connection id", Some("VPC endpoint id")));

        let nic: AzureResourceId = format!("{NETWORK}/networkInterfaces/nic").parse().unwrap();
        assert!(PrivateEndpointId::try_from(nic.clone()).is_err() && EndpointServiceId::try_from(nic).is_err());
    }
}
