use privlink_core::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Address, ClusterStatus, DeploymentOption};
use crate::wire::{self, held, lacking, parsed};
use crate::{ClusterId, ProjectId, RegionId};

/// A cluster as the vendor describes it, as far as private connectivity goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ClusterDetails {
    /// Its id.
    pub id: ClusterId,
    /// Its name.
    pub name: String,
    /// The project it is in, where the vendor tells.
    pub project: Option<ProjectId>,
    /// The region it is in.
    pub region: RegionId,
    /// Its state.
    pub status: ClusterStatus,
    /// What kind of deployment it is, where the vendor tells.
    pub deployment: Option<DeploymentOption>,
    /// What it is paid for, verbatim: `Enterprise`, `Standard`.
    pub plan: Option<String>,
    /// The public address, verbatim.
    pub connect_address: Option<String>,
    /// The private address, verbatim; `None` until there is one.
    pub private_link_address: Option<String>,
    /// Whether the public address is on; `None` where the deployment cannot switch it off by the API, or does not tell.
    pub connect_address_enabled: Option<bool>,
    /// Whether it is part of a global cluster.
    pub is_global: bool,
}

impl ClusterDetails {
    /// A cluster of which no more is known: what a test or another implementation starts from.
    #[must_use]
    pub fn new(id: ClusterId, name: impl Into<String>, region: RegionId, status: ClusterStatus) -> Self {
        Self {
            id,
            name: name.into(),
            project: None,
            region,
            status,
            deployment: None,
            plan: None,
            connect_address: None,
            private_link_address: None,
            connect_address_enabled: None,
            is_global: false,
        }
    }

    /// Whether it can have a private address: by its deployment, or, where that is untold, by its id.
    #[must_use]
    pub fn is_dedicated(&self) -> bool {
        match &self.deployment {
            Some(deployment) => *deployment == DeploymentOption::Dedicated,
            None => self.id.may_be_dedicated(),
        }
    }

    /// The private host and port; `None` until there is one.
    ///
    /// # Errors
    /// [`UnexpectedResponse`](privlink_core::ErrorKind::UnexpectedResponse) when the vendor's word is no address.
    pub fn private_address(&self) -> Result<Option<Address>> {
        self.private_link_address.as_deref().map(str::parse).transpose()
    }

    /// The public host and port, where it has one that can be read.
    #[must_use]
    pub fn public_address(&self) -> Option<Address> {
        self.connect_address.as_deref()?.parse().ok()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default, deserialize_with = "wire::lenient")]
    cluster_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    cluster_name: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    project_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    region_id: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    status: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    deployment_option: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    plan: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    connect_address: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    private_link_address: Option<String>,
    #[serde(default, deserialize_with = "wire::lenient")]
    connect_address_enabled: Option<bool>,
    #[serde(default, deserialize_with = "wire::lenient")]
    global_cluster_meta: Option<Value>,
}

impl wire::Read for ClusterDetails {
    fn read(value: &Value) -> Result<Self> {
        const WHAT: &str = "cluster";
        let fields: Fields = wire::fields(WHAT, value)?;
        let owned = |text: &Option<String>| held(text.as_deref()).map(str::to_owned);
        let project = held(fields.project_id.as_deref());
        let global = fields.global_cluster_meta.as_ref().and_then(|meta| meta.get("globalClusterId")?.as_str());
        Ok(Self {
            id: parsed(WHAT, "clusterId", fields.cluster_id.as_deref())?,
            name: fields.cluster_name.ok_or_else(|| lacking(WHAT, "clusterName"))?,
            project: project.and_then(|project| project.parse().ok()),
            region: parsed(WHAT, "regionId", fields.region_id.as_deref())?,
            status: held(fields.status.as_deref()).ok_or_else(|| lacking(WHAT, "status"))?.into(),
            deployment: held(fields.deployment_option.as_deref()).map(DeploymentOption::from),
            plan: owned(&fields.plan),
            connect_address: owned(&fields.connect_address),
            private_link_address: owned(&fields.private_link_address),
            connect_address_enabled: fields.connect_address_enabled,
            is_global: held(global).is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::Read;

    #[test]
    fn an_empty_private_address_is_none_yet() {
        let cluster = json!({"clusterId": "in01-0a1b2c", "clusterName": "", "regionId": "aws-us-west-2",
            "status": "RUNNING", "privateLinkAddress": "", "globalClusterMeta": null, "plan": "Enterprise",
            "deploymentOption": "Dedicated", "aFieldOfTomorrow": {"x": 1}});
        let read = ClusterDetails::read(&cluster).unwrap();
        assert_eq!(read.private_address().unwrap(), None);
        assert!(read.is_dedicated() && !read.is_global && read.connect_address_enabled.is_none());
    }

    #[test]
    fn what_is_missing_or_unreadable_is_named_as_the_vendor_spells_it() {
        let mut cluster = json!({"clusterId": "in01-0a1b2c", "clusterName": "docs", "regionId": "aws-us-west-2",
            "status": "RUNNING"});
        for (field, spoilt) in [("clusterId", json!("orders")), ("regionId", json!("")), ("status", json!(null))] {
            let kept = std::mem::replace(&mut cluster[field], spoilt);
            let error = ClusterDetails::read(&cluster).unwrap_err();
            assert!(error.to_string().contains(&format!("`{field}`")), "{error}");
            cluster[field] = kept;
        }
        assert!(ClusterDetails::read(&json!([1])).is_err());
        assert!(ClusterDetails::read(&cluster).unwrap().is_dedicated(), "by its id, where nothing else is told");
    }
}
