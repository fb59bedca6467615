use std::collections::BTreeSet;

use privlink_core::transport::Object;
use privlink_core::{EndpointServiceId, Error, ErrorKind, Region, Result, ZoneId};
use serde::Serialize;
use serde_json::Value;

use super::{Provider, ServiceStatus};
use crate::wire::brief;

/// Where private endpoints of one region of a cluster point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PrivateEndpointService {
    /// The cloud's name of the region.
    pub region: Region,
    /// The cloud.
    pub provider: Provider,
    /// Its state.
    pub status: ServiceStatus,
    /// What the vendor calls its name, verbatim; on Google Cloud maybe only the last part.
    pub name: String,
    /// What the vendor calls its id, verbatim.
    pub service_id: String,
    /// The zones it is in; `None` when the vendor names none, as off AWS.
    pub zones: Option<BTreeSet<ZoneId>>,
}

impl PrivateEndpointService {
    /// The id that the cloud takes, out of the two texts: which of them holds it differs by cloud
    /// and by account. `account` is the vendor's project, which a short name on Google Cloud needs.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when neither text holds one.
    pub fn endpoint_service_id(&self, account: Option<&str>) -> Result<EndpointServiceId> {
        let unreadable = || {
            Error::new(
                ErrorKind::UnexpectedResponse,
                format!(
                    "neither `name` (`{}`) nor `endpoint_service_id` (`{}`) is an endpoint service of {}",
                    brief(&self.name),
                    brief(&self.service_id),
                    brief(self.provider.as_str())
                ),
            )
        };
        let cloud = self.provider.cloud().ok_or_else(unreadable)?;
        let texts = [&self.name, &self.service_id];
        if let Some(id) = texts.into_iter().find_map(|text| EndpointServiceId::parse_for(cloud, text).ok()) {
            return Ok(id);
        }
        match (&self.provider, account) {
            (Provider::Gcp, Some(account)) if !self.name.contains('/') => {
                let text = format!("projects/{account}/regions/{}/serviceAttachments/{}", self.region, self.name);
                EndpointServiceId::parse_for(cloud, &text).map_err(|error| unreadable().with_source(error))
            }
            _ => Err(unreadable()),
        }
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let service = Object::read("private endpoint service", value)?;
        let zones = service.list("availability_zone_ids").unwrap_or_default();
        // A zone that cannot be read makes the set unknown, not smaller.
        let zones: Option<BTreeSet<ZoneId>> = zones.iter().map(|zone| zone.as_str()?.parse().ok()).collect();
        Ok(Self {
            region: service.parsed("region_name")?,
            provider: Provider::from(service.required("cloud_provider")?),
            status: ServiceStatus::from(service.required("status")?),
            name: service.text("name").unwrap_or_default().to_owned(),
            service_id: service.text("endpoint_service_id").unwrap_or_default().to_owned(),
            zones: zones.filter(|zones| !zones.is_empty()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(provider: &str, region: &str, name: &str, id: &str) -> PrivateEndpointService {
        let json = serde_json::json!({"region_name": region, "cloud_provider": provider, "status": "AVAILABLE",
            "name": name, "endpoint_service_id": id, "availability_zone_ids": []});
        PrivateEndpointService::from_json(&json).unwrap()
    }

    #[test]
    fn the_id_is_found_in_whichever_field_holds_it() {
        let aws = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890";
        let arm = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mc_crl-prod-abc/providers/\
                   Microsoft.Network/privateLinkServices/pls-0a1b2c3d4e5f67890a1b2c3d4e5f6789";
        let alias = "pls-0a1b.00000000-0000-0000-0000-000000000000.eastus2.azure.privatelinkservice";
        let full = "projects/crl-prod-abc/regions/us-central1/serviceAttachments/sa-1";
        for (provider, region, name, id, wanted) in [
            ("AWS", "us-east-1", aws, "vpce-svc-0a1b2c3d4e5f67890", aws),
            ("AWS", "us-east-1", "orders", aws, aws),
            ("AZURE", "eastus2", "pls-0a1b", arm, arm),
            ("AZURE", "eastus2", alias, arm, alias),
            ("GCP", "us-central1", full, "4711", full),
            ("GCP", "us-central1", "sa-1", "4711", full),
        ] {
            let found = read(provider, region, name, id).endpoint_service_id(Some("crl-prod-abc")).unwrap();
            assert_eq!(found.as_str(), wanted);
        }
    }

    #[test]
    fn what_is_no_id_is_an_error_that_shows_both_texts() {
        let error = read("GCP", "us-central1", "sa-1", "4711").endpoint_service_id(None).unwrap_err();
        assert!(error.to_string().contains("sa-1") && error.to_string().contains("4711"), "{error}");
        assert!(read("MOON", "crater", "a", "b").endpoint_service_id(None).is_err());
    }
}
