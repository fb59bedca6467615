use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::side::SideId;
use privlink_core::{DnsName, EndpointServiceId};

use crate::aws::AwsSeeded;
use crate::azure::AzureSeeded;
use crate::clouds::aws::{self, AwsState, EndpointServiceDef};
use crate::clouds::azure::{self, AzureState};
use crate::clouds::gcp::{self, Acceptance, GcpState};
use crate::door::Doors;
use crate::gcp::GcpSeeded;
use crate::vendors::clickhouse::{self, ClickHouseState};

/// Everything that exists in a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) clickhouse: ClickHouseState,
    pub(crate) aws: AwsState,
    pub(crate) azure: AzureState,
    pub(crate) gcp: GcpState,
    /// The ids of what AWS was seeded with.
    pub(crate) aws_seeded: Option<AwsSeeded>,
    /// The ids of what Azure was seeded with.
    pub(crate) azure_seeded: Option<AzureSeeded>,
    /// The names of what Google Cloud was seeded with.
    pub(crate) gcp_seeded: Option<GcpSeeded>,
    /// The endpoint services that have shown up in their cloud.
    offered: BTreeSet<EndpointServiceId>,
    /// The databases of vendors that the world does not know.
    pub(crate) doors: Doors,
    /// Public DNS, besides the vendors' own names.
    pub(crate) public_names: BTreeMap<DnsName, Vec<IpAddr>>,
}

/// A side of the world that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    ClickHouse,
    Aws,
    Azure,
    Gcp,
}

impl Party {
    /// Whose request it is, told by its path alone, since all sides share one origin. AWS has what
    /// nobody else has: most of its calls are `POST /`.
    pub(crate) fn of(request: &http::Request<Bytes>) -> Self {
        let path = request.uri().path();
        let segments: Vec<&str> = path.trim_start_matches('/').splitn(4, '/').collect();
        match segments.as_slice() {
            ["static-ips.json"] | ["v1", ..] => Self::ClickHouse,
            ["compute" | "dns", "v1", ..] | ["token"] => Self::Gcp,
            // Resource Manager reads paths without regard to case.
            [first, ..] if ["subscriptions", "providers"].iter().any(|own| first.eq_ignore_ascii_case(own)) => {
                Self::Azure
            }
            // A tenant's token endpoint.
            [_, "oauth2", ..] => Self::Azure,
            _ => Self::Aws,
        }
    }

    pub(crate) fn id(self) -> SideId {
        match self {
            Self::ClickHouse => SideId::new("clickhouse"),
            Self::Aws => SideId::new("aws"),
            Self::Azure => SideId::new("azure"),
            Self::Gcp => SideId::new("gcp"),
        }
    }

    /// The API's own name of the operation, and whether it writes.
    pub(crate) fn operation(self, request: &http::Request<Bytes>) -> (String, bool) {
        match self {
            Self::ClickHouse => clickhouse::operation(request),
            Self::Aws => AwsState::operation(request),
            Self::Azure => AzureState::operation(request),
            Self::Gcp => GcpState::operation(request),
        }
    }
}

impl State {
    pub(crate) fn handle(
        &mut self,
        party: Party,
        now: SystemTime,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        match party {
            Party::ClickHouse => {
                let response = clickhouse::handle(&mut self.clickhouse, now, request);
                self.offer_services();
                self.approve_connections(now);
                response
            }
            Party::Aws => aws::handle(&mut self.aws, now, request),
            Party::Azure => {
                let response = azure::handle(&mut self.azure, now, request);
                self.approve_connections(now);
                response
            }
            Party::Gcp => {
                let response = gcp::handle(&mut self.gcp, now, request);
                self.accept_listed();
                response
            }
        }
    }

    /// Makes the vendor's new endpoint services appear in their cloud, and endpoints that it waits
    /// for no longer come in.
    pub(crate) fn offer_services(&mut self) {
        self.accept_listed();
        for cell in &self.clickhouse.cells {
            if !self.offered.insert(cell.service.clone()) {
                continue;
            }
            let region = cell.region.clone();
            match &cell.service {
                EndpointServiceId::Aws(name) => {
                    let private_dns_name = format!("*.{region}.vpce.aws.clickhouse.cloud").parse().ok();
                    self.aws.offer_service(EndpointServiceDef {
                        name: name.clone(),
                        region,
                        zones: cell.zones.clone(),
                        private_dns_name: private_dns_name.filter(|_| cell.private_dns),
                        acceptance_required: cell.acceptance_required,
                        cross_region: cell.cross_region,
                        ..EndpointServiceDef::new(name.clone(), Vec::new())
                    });
                }
                EndpointServiceId::AzureAlias(alias) => self.azure.offer_service(alias.clone()),
                EndpointServiceId::Gcp(attachment) => {
                    let manual = cell.acceptance_required.then_some(Acceptance::Manual);
                    self.gcp.offer_attachment(attachment, manual, cell.cross_region);
                }
                // The vendor hands out nothing else.
                _ => {}
            }
        }
        for infrastructure in self.clickhouse.infrastructures.values().filter(|known| known.private_link) {
            if !self.offered.insert(infrastructure.service.clone()) {
                continue;
            }
            let (label, region) = (&infrastructure.label, infrastructure.region.clone());
            match &infrastructure.service {
                EndpointServiceId::Aws(name) => self.aws.offer_service(EndpointServiceDef {
                    name: name.clone(),
                    zones: clickhouse::region_zones(&region),
                    private_dns_name: format!("*.vpce.{label}.{region}.aws.clickhouse-byoc.com").parse().ok(),
                    region,
                    acceptance_required: true,
                    cross_region: false,
                    ..EndpointServiceDef::new(name.clone(), Vec::new())
                }),
                EndpointServiceId::AzureAlias(alias) => self.azure.offer_service(alias.clone()),
                EndpointServiceId::Gcp(attachment) => {
                    self.gcp.offer_attachment(attachment, Some(Acceptance::Manual), true);
                }
                _ => {}
            }
        }
    }

    /// Lets the vendor accept the connections of its consumers, where that takes its allow lists.
    fn accept_listed(&mut self) {
        for (connection, attachment) in self.gcp.waiting() {
            if let Some(at) = self.clickhouse.listed_from(attachment.as_str(), &connection.to_string()) {
                self.gcp.listed(at, connection);
            }
        }
    }

    /// Makes the vendor approve the Azure connections whose endpoint a vendor lets in.
    pub(crate) fn approve_connections(&mut self, now: SystemTime) {
        let (clickhouse, doors) = (&self.clickhouse, &self.doors);
        self.azure.approve(now, |alias, ids| clickhouse.knows(alias.as_str(), ids) || doors.knows(alias.as_str(), ids));
    }

    pub(crate) fn snapshot(&self, now: SystemTime) -> serde_json::Value {
        serde_json::json!({
            "clickhouse": self.clickhouse.snapshot(),
            "aws": self.aws.snapshot(now),
            "azure": self.azure.snapshot(now),
            "gcp": self.gcp.snapshot(now),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_to_their_side_by_path() {
        for (path, party) in [
            ("/", Party::Aws),
            ("/2013-04-01/hostedzone", Party::Aws),
            ("/v1/whoami", Party::ClickHouse),
            ("/static-ips.json", Party::ClickHouse),
            ("/subscriptions/00000000-0000-0000-0000-000000000000/providers/x", Party::Azure),
            ("/SUBSCRIPTIONS/00000000-0000-0000-0000-000000000000", Party::Azure),
            ("/providers/Microsoft.Network/operations", Party::Azure),
            ("/00000000-0000-0000-0000-000000000000/oauth2/v2.0/token", Party::Azure),
            ("/compute/v1/projects/example-project/regions/us-central1/addresses", Party::Gcp),
            ("/dns/v1/projects/example-project/managedZones", Party::Gcp),
            ("/token", Party::Gcp),
        ] {
            let request = http::Request::get(path).body(Bytes::new()).unwrap();
            assert_eq!(Party::of(&request), party, "{path}");
        }
    }
}
