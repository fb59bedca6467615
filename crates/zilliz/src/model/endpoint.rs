use privlink_core::{CloudProvider, EndpointServiceId, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EndpointStatus;
use crate::wire::{self, held, parsed};
use crate::{EndpointId, RegionId};

/// Where private endpoints of a region point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PrivateEndpointService {
    /// The region.
    pub region: RegionId,
    /// The cloud, as the vendor names it.
    pub cloud: String,
    /// What the cloud's endpoint must point at, verbatim.
    pub endpoint_service: String,
    /// Whether the consumer's account has to be let in before it may make an endpoint.
    pub whitelist_required: bool,
}

impl PrivateEndpointService {
    /// The id in its cloud's form.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`] when it is none of that cloud.
    pub fn endpoint_service_id(&self) -> Result<EndpointServiceId> {
        let unreadable = || {
            let text: String = self.endpoint_service.chars().take(200).flat_map(char::escape_debug).collect();
            let text = format!("`endpointService` (`{text}`) is no endpoint service of {}", self.region);
            Error::new(ErrorKind::UnexpectedResponse, text)
        };
        let cloud: CloudProvider = self.region.cloud().ok_or_else(unreadable)?;
        EndpointServiceId::parse_for(cloud, &self.endpoint_service).map_err(|error| unreadable().with_source(error))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceFields {
    #[serde(default, deserialize_with = "wire::lenient")]
    region_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    cloud_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    endpoint_service: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    whitelist_required: Option<bool>,
}

impl wire::Read for PrivateEndpointService {
    fn read(value: &Value) -> Result<Self> {
        const WHAT: &str = "endpoint service";
        let fields: ServiceFields = wire::fields(WHAT, value)?;
        let service = held(fields.endpoint_service.as_deref()).ok_or_else(|| wire::lacking(WHAT, "endpointService"))?;
        Ok(Self {
            region: parsed(WHAT, "regionId", fields.region_id.as_deref())?,
            cloud: fields.cloud_id.unwrap_or_default(),
            endpoint_service: service.to_owned(),
            whitelist_required: fields.whitelist_required.unwrap_or(false),
        })
    }
}

/// A private endpoint as a project lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PrivateEndpoint {
    /// The region it is registered in.
    pub region: RegionId,
    /// What it is called, verbatim; on Google Cloud a name that only its project and region tell apart.
    pub endpoint_id: String,
    /// The consumer's project, on Google Cloud.
    pub gcp_project: Option<String>,
    /// How it stands; `None` where the vendor says nothing.
    pub status: Option<EndpointStatus>,
    /// What it points at, verbatim.
    pub endpoint_service: Option<String>,
}

impl PrivateEndpoint {
    /// Whether it is about `id` in `region`: ids alone can be the same in two regions.
    #[must_use]
    pub fn names(&self, id: &EndpointId, region: &RegionId) -> bool {
        let text = id.to_string();
        let same_text = match id {
            // Azure tells names and GUIDs apart without case.
            EndpointId::Azure { .. } => self.endpoint_id.eq_ignore_ascii_case(&text),
            _ => self.endpoint_id == text,
        };
        // Where the vendor leaves the project out there is nothing to tell it by.
        let same_project = match (id.gcp_project(), self.gcp_project.as_deref()) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => true,
        };
        self.region == *region && same_text && same_project
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EndpointFields {
    #[serde(default, deserialize_with = "wire::lenient")]
    region_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    endpoint_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    gcp_project_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    endpoint_status: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    endpoint_service: Option<String>,
}

impl wire::Read for PrivateEndpoint {
    fn read(value: &Value) -> Result<Self> {
        const WHAT: &str = "private endpoint";
        let fields: EndpointFields = wire::fields(WHAT, value)?;
        let id = held(fields.endpoint_id.as_deref()).ok_or_else(|| wire::lacking(WHAT, "endpointId"))?;
        Ok(Self {
            region: parsed(WHAT, "regionId", fields.region_id.as_deref())?,
            endpoint_id: id.to_owned(),
            gcp_project: held(fields.gcp_project_id.as_deref()).map(str::to_owned),
            status: held(fields.endpoint_status.as_deref()).map(EndpointStatus::from),
            endpoint_service: held(fields.endpoint_service.as_deref()).map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::Read;

    fn endpoint(region: &str, id: &str, project: Value) -> PrivateEndpoint {
        PrivateEndpoint::read(&json!({"regionId": region, "endpointId": id, "gcpProjectId": project})).unwrap()
    }

    #[test]
    fn google_clouds_names_are_told_apart_by_region_and_project() {
        let ours = EndpointId::Gcp { rule: "orders".parse().unwrap(), project: "example-project".parse().unwrap() };
        let region: RegionId = "gcp-us-west1".parse().unwrap();
        assert!(endpoint("gcp-us-west1", "orders", json!("example-project")).names(&ours, &region));
        assert!(!endpoint("gcp-us-west1", "orders", json!("another-project")).names(&ours, &region));
        assert!(!endpoint("gcp-us-east1", "orders", json!("example-project")).names(&ours, &region));
        for absent in [json!(null), json!(""), json!(7), json!({})] {
            assert_eq!(endpoint("aws-us-west-2", "vpce-0a1b2c3d4e5f67890", absent).gcp_project, None);
        }
    }

    #[test]
    fn a_service_is_read_in_its_clouds_form() {
        let read = |region: &str, service: &str| {
            let json = json!({"regionId": region, "cloudId": "x", "endpointService": service});
            PrivateEndpointService::read(&json).unwrap().endpoint_service_id()
        };
        assert!(read("aws-us-west-2", "com.amazonaws.vpce.us-west-2.vpce-svc-0ecd272cca7aa6d6e").is_ok());
        let alias = "zilliz.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice";
        assert!(read("az-westus3", alias).is_ok());
        assert!(read("gcp-us-west1", "projects/producer/regions/us-west1/serviceAttachments/a").is_ok());
        assert!(read("gcp-us-west1", alias).is_err() && read("ali-cn-hangzhou", "epsrv-1").is_err());
    }
}
