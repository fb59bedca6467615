use privlink_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::{self, held, parsed};
use crate::{ProjectId, RegionId};

/// A project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProjectDetails {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: Option<String>,
    /// What it is paid for, verbatim.
    pub plan: Option<String>,
    /// How many clusters it has.
    pub clusters: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectFields {
    #[serde(default, deserialize_with = "wire::lenient")]
    project_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    project_name: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    plan: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    instance_count: Option<u64>,
}

impl wire::Read for ProjectDetails {
    fn read(value: &Value) -> Result<Self> {
        let fields: ProjectFields = wire::fields("project", value)?;
        Ok(Self {
            id: parsed("project", "projectId", fields.project_id.as_deref())?,
            name: held(fields.project_name.as_deref()).map(str::to_owned),
            plan: held(fields.plan.as_deref()).map(str::to_owned),
            clusters: fields.instance_count,
        })
    }
}

/// A cloud that the vendor is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cloud {
    /// `aws`, `gcp`, `azure`, `ali`, `tc` and whatever comes.
    pub id: String,
    /// Its name for people.
    pub description: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CloudFields {
    #[serde(default, deserialize_with = "wire::lenient")]
    cloud_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    description: Option<String>,
}

impl wire::Read for Cloud {
    fn read(value: &Value) -> Result<Self> {
        let fields: CloudFields = wire::fields("cloud", value)?;
        let id = held(fields.cloud_id.as_deref()).ok_or_else(|| wire::lacking("cloud", "cloudId"))?;
        Ok(Self { id: id.to_owned(), description: held(fields.description.as_deref()).map(str::to_owned) })
    }
}

/// A region of the vendor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RegionDetails {
    /// Its id: take ids from here, since their prefixes are not always the cloud's name.
    pub id: RegionId,
    /// The cloud, as the vendor names it.
    pub cloud: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionFields {
    #[serde(default, deserialize_with = "wire::lenient")]
    region_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    cloud_id: Option<String>,
}

impl wire::Read for RegionDetails {
    fn read(value: &Value) -> Result<Self> {
        let fields: RegionFields = wire::fields("region", value)?;
        let cloud = held(fields.cloud_id.as_deref()).ok_or_else(|| wire::lacking("region", "cloudId"))?;
        Ok(Self { id: parsed("region", "regionId", fields.region_id.as_deref())?, cloud: cloud.to_owned() })
    }
}
