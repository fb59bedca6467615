use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::side::SideId;
use privlink_core::{DnsName, EndpointServiceId};

use crate::aws::AwsSeeded;
use crate::clouds::aws::{self, AwsState, EndpointServiceDef};
use crate::vendors::clickhouse::{self, ClickHouseState};

/// Everything that exists in a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) clickhouse: ClickHouseState,
    pub(crate) aws: AwsState,
    /// The ids of what AWS was seeded with.
    pub(crate) aws_seeded: Option<AwsSeeded>,
    /// The endpoint services that have shown up in their cloud.
    offered: BTreeSet<EndpointServiceId>,
    /// Public DNS, besides the vendors' own names.
    pub(crate) public_names: BTreeMap<DnsName, Vec<IpAddr>>,
}

/// A side of the world that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    ClickHouse,
    Aws,
}

impl Party {
    /// Whose request it is, told by its path; clouds share `POST /`.
    pub(crate) fn of(request: &http::Request<Bytes>) -> Self {
        let path = request.uri().path();
        if path == "/v1" || path.starts_with("/v1/") || path == "/static-ips.json" {
            Self::ClickHouse
        } else {
            Self::Aws
        }
    }

    pub(crate) fn id(self) -> SideId {
        match self {
            Self::ClickHouse => SideId::new("clickhouse"),
            Self::Aws => SideId::new("aws"),
        }
    }

    /// The API's own name of the operation, and whether it writes.
    pub(crate) fn operation(self, request: &http::Request<Bytes>) -> (String, bool) {
        match self {
            Self::ClickHouse => clickhouse::operation(request),
            Self::Aws => AwsState::operation(request),
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
                response
            }
            Party::Aws => aws::handle(&mut self.aws, now, request),
        }
    }

    /// Makes the vendor's new endpoint services appear in their cloud.
    pub(crate) fn offer_services(&mut self) {
        for cell in &self.clickhouse.cells {
            let EndpointServiceId::Aws(name) = &cell.service else { continue };
            if !self.offered.insert(cell.service.clone()) {
                continue;
            }
            let private_dns_name = format!("*.{}.vpce.aws.clickhouse.cloud", cell.region).parse().ok();
            self.aws.offer_service(EndpointServiceDef {
                name: name.clone(),
                region: cell.region.clone(),
                zones: cell.zones.clone(),
                private_dns_name: private_dns_name.filter(|_| cell.private_dns),
                acceptance_required: cell.acceptance_required,
                cross_region: cell.cross_region,
                ..EndpointServiceDef::new(name.clone(), Vec::new())
            });
        }
        for infrastructure in self.clickhouse.infrastructures.values().filter(|known| known.private_link) {
            let EndpointServiceId::Aws(name) = &infrastructure.service else { continue };
            if !self.offered.insert(infrastructure.service.clone()) {
                continue;
            }
            let (label, region) = (&infrastructure.label, &infrastructure.region);
            self.aws.offer_service(EndpointServiceDef {
                name: name.clone(),
                region: region.clone(),
                zones: clickhouse::region_zones(region),
                private_dns_name: format!("*.vpce.{label}.{region}.aws.clickhouse-byoc.com").parse().ok(),
                acceptance_required: true,
                cross_region: false,
                ..EndpointServiceDef::new(name.clone(), Vec::new())
            });
        }
    }

    pub(crate) fn snapshot(&self, now: SystemTime) -> serde_json::Value {
        serde_json::json!({ "clickhouse": self.clickhouse.snapshot(), "aws": self.aws.snapshot(now) })
    }
}
