use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::Result;
use privlink_core::transport::Object;
use serde::Serialize;
use serde_json::Value;

/// A VPC of a project, in which its services are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProjectVpc {
    /// Its id, a UUID as text.
    pub id: String,
    /// Aiven's name of its cloud.
    pub cloud_name: String,
    /// Its range, which may overlap with those of the networks that connect.
    pub range: Option<IpNet>,
    /// The vendor's word for its state: `ACTIVE`.
    pub state: String,
}

impl ProjectVpc {
    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let vpc = Object::read("project VPC", value)?;
        Ok(Self {
            id: vpc.required("project_vpc_id")?.to_owned(),
            cloud_name: vpc.required("cloud_name")?.to_owned(),
            range: vpc.text("network_cidr").and_then(|range| range.parse().ok()),
            state: vpc.required("state")?.to_owned(),
        })
    }
}

/// A static address of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StaticIp {
    /// Its id.
    pub id: String,
    /// The service it belongs to; `None` while to none.
    pub service: Option<String>,
    /// The vendor's word for its state: `available`, `assigned`.
    pub state: String,
    /// The address itself, once it is made.
    pub address: Option<IpAddr>,
}

impl StaticIp {
    /// Whether the service has it, or may take it any time.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(&*self.state, "available" | "assigned")
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let address = Object::read("static address", value)?;
        Ok(Self {
            id: address.required("static_ip_address_id")?.to_owned(),
            service: address.text("service_name").map(str::to_owned),
            address: address.text("ip_address").and_then(|text| text.parse().ok()),
            state: address.required("state")?.to_owned(),
        })
    }
}
