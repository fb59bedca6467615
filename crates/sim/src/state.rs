use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::side::SideId;
use privlink_core::{CloudProvider, DnsName, EndpointServiceId};

use crate::aws::AwsSeeded;
use crate::azure::AzureSeeded;
use crate::clouds::aws::{self, AwsState, EndpointServiceDef};
use crate::clouds::azure::{self, AzureState};
use crate::clouds::gcp::{self, Acceptance, GcpState};
use crate::door::Doors;
use crate::gcp::GcpSeeded;
use crate::resolver::Resolvers;
use crate::vendors::aiven::{self, AivenState, Seen};
use crate::vendors::clickhouse::{self, ClickHouseState};
use crate::vendors::cockroach::{self, CockroachState};
use crate::vendors::zilliz::{self, Found, Wanted, ZillizState};
use crate::wire::Wire;

/// Everything that exists in a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) clickhouse: ClickHouseState,
    pub(crate) cockroach: CockroachState,
    pub(crate) aiven: AivenState,
    pub(crate) zilliz: ZillizState,
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
    /// What happens to connections on the way.
    pub(crate) wire: Wire,
    pub(crate) resolvers: Resolvers,
    /// Public DNS, besides the vendors' own names.
    pub(crate) public_names: BTreeMap<DnsName, Vec<IpAddr>>,
}

/// A side of the world that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    ClickHouse,
    Cockroach,
    Aiven,
    Zilliz,
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
            // Both have `/v1`: the one's things are in a project, the other's in an organization.
            ["v1", "project" | "tenants" | "clouds", ..] => Self::Aiven,
            ["static-ips.json"] | ["v1", ..] => Self::ClickHouse,
            ["api", "v1", ..] => Self::Cockroach,
            ["v2", ..] => Self::Zilliz,
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
            Self::Cockroach => SideId::new("cockroach"),
            Self::Aiven => SideId::new("aiven"),
            Self::Zilliz => SideId::new("zilliz"),
            Self::Aws => SideId::new("aws"),
            Self::Azure => SideId::new("azure"),
            Self::Gcp => SideId::new("gcp"),
        }
    }

    /// The API's own name of the operation, and whether it writes.
    pub(crate) fn operation(self, request: &http::Request<Bytes>) -> (String, bool) {
        match self {
            Self::ClickHouse => clickhouse::operation(request),
            Self::Cockroach => cockroach::operation(request),
            Self::Aiven => aiven::operation(request),
            Self::Zilliz => zilliz::operation(request),
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
                self.offer_services(now);
                self.approve_connections(now);
                response
            }
            Party::Cockroach => {
                let Self { cockroach, aws, azure, gcp, .. } = self;
                let find = |id: &str| find_endpoint(aws, azure, gcp, now, id);
                let response = cockroach::handle(cockroach, now, request, &find);
                self.offer_services(now);
                self.approve_connections(now);
                response
            }
            Party::Aiven => {
                let seen = self.seen(now);
                let response = aiven::handle(&mut self.aiven, now, request, &seen);
                self.offer_aiven(now);
                response
            }
            Party::Zilliz => {
                let Self { zilliz, aws, azure, gcp, .. } = self;
                let find = |wanted: &Wanted<'_>| find_named(aws, azure, gcp, now, wanted);
                let response = zilliz::handle(zilliz, now, request, &find);
                self.offer_services(now);
                self.approve_connections(now);
                response
            }
            Party::Aws => {
                self.accept_on_aws(now);
                aws::handle(&mut self.aws, now, request)
            }
            Party::Azure => {
                let response = azure::handle(&mut self.azure, now, request);
                self.approve_connections(now);
                response
            }
            Party::Gcp => {
                let response = gcp::handle(&mut self.gcp, now, request);
                self.accept_listed(now);
                response
            }
        }
    }

    /// Makes the vendor's new endpoint services appear in their cloud, and endpoints that it waits
    /// for no longer come in.
    pub(crate) fn offer_services(&mut self, now: SystemTime) {
        self.accept_listed(now);
        self.offer_cockroach();
        self.offer_zilliz();
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

    /// Makes the endpoint services of CockroachDB Cloud that are available appear in their cloud.
    fn offer_cockroach(&mut self) {
        for (service, private_name) in self.cockroach.offered() {
            if !self.offered.insert(service.id.clone()) {
                continue;
            }
            match (&service.id, service.alias) {
                (EndpointServiceId::Aws(name), _) => self.aws.offer_service(EndpointServiceDef {
                    private_dns_name: private_name.and_then(|name| name.parse().ok()),
                    acceptance_required: true,
                    ..EndpointServiceDef::new(name.clone(), service.zones)
                }),
                (EndpointServiceId::AzureResource(id), Some(alias)) => {
                    self.azure.offer_service_as(alias, id.resource().clone());
                }
                (EndpointServiceId::Gcp(attachment), _) => {
                    self.gcp.offer_attachment(attachment, Some(Acceptance::WhenListed), true);
                }
                // The vendor hands out nothing else.
                _ => {}
            }
        }
    }

    /// Lets Aiven see what is in the clouds by now, and the clouds what Aiven offers.
    pub(crate) fn settle_aiven(&mut self, now: SystemTime) {
        let seen = self.seen(now);
        self.aiven.settle(now, &seen);
        self.offer_aiven(now);
    }

    /// Makes Aiven's privatelinks appear in their cloud, and those that are gone disappear.
    fn offer_aiven(&mut self, now: SystemTime) {
        for gone in self.aiven.take_withdrawn() {
            self.offered.remove(&gone);
            match gone {
                EndpointServiceId::Aws(name) => self.aws.withdraw_service(now, &name),
                EndpointServiceId::AzureAlias(alias) => self.azure.withdraw_service(now, &alias),
                EndpointServiceId::Gcp(attachment) => {
                    // One that was never active was never there.
                    let _absent = self.gcp.withdraw_attachment(now, &attachment);
                }
                // The vendor has nothing else.
                _ => {}
            }
        }
        for offer in self.aiven.offered(now) {
            let new = self.offered.insert(offer.alias.clone().map_or_else(|| offer.service.clone(), Into::into));
            match (&offer.service, offer.alias) {
                // Whom it lets in may have changed.
                (EndpointServiceId::Aws(name), _) => self.aws.offer_service(EndpointServiceDef {
                    principals: Some(offer.allowed),
                    cross_region: !offer.regions.is_empty(),
                    remote_regions: Some(offer.regions.iter().filter_map(|region| region.parse().ok()).collect()),
                    ..EndpointServiceDef::new(name.clone(), clickhouse::region_zones(&name.region()))
                }),
                (EndpointServiceId::AzureResource(id), Some(alias)) if new => {
                    self.azure.offer_service_as(alias, id.resource().clone());
                }
                (EndpointServiceId::Gcp(attachment), _) if new => {
                    self.gcp.offer_attachment(attachment, Some(Acceptance::WhenListed), true);
                }
                _ => {}
            }
        }
        self.accept_listed(now);
        self.approve_connections(now);
    }

    /// Makes the endpoint services of Zilliz Cloud appear in their cloud, for whom it lets see them.
    fn offer_zilliz(&mut self) {
        for service in self.zilliz.services.clone() {
            let is_new = self.offered.insert(service.id.clone());
            match &service.id {
                EndpointServiceId::Aws(name) if is_new || service.cross_region => {
                    self.aws.offer_service(EndpointServiceDef {
                        acceptance_required: true,
                        cross_region: service.cross_region,
                        ..EndpointServiceDef::new(name.clone(), service.zones)
                    });
                }
                EndpointServiceId::AzureAlias(alias) if is_new => self.azure.offer_service(alias.clone()),
                EndpointServiceId::Gcp(attachment) if is_new => {
                    self.gcp.offer_attachment(attachment, Some(Acceptance::WhenListed), true);
                }
                _ => {}
            }
        }
        for (service, subscriptions) in self.zilliz.visible_on_azure() {
            if let EndpointServiceId::AzureAlias(alias) = service {
                // One that was taken away is nothing to show.
                let _absent = self.azure.show_service(&alias, Some(subscriptions));
            }
        }
    }

    /// The endpoints of all clouds, as they show them to a vendor.
    fn seen(&self, now: SystemTime) -> Vec<Seen> {
        let aws = self.aws.endpoints_at(now).into_iter().map(|endpoint| Seen {
            ids: vec![endpoint.id.to_string()],
            service: endpoint.service.into(),
            owner: Some(endpoint.account.to_string()),
            ready: endpoint.state == aws::EndpointState::Available,
            dns_name: Some(endpoint.dns_name),
        });
        let azure = self.azure.endpoints_at(now).into_iter().map(|endpoint| Seen {
            ids: vec![endpoint.id.to_string(), endpoint.guid.to_string()],
            service: endpoint.service.into(),
            owner: Some(endpoint.id.subscription().to_string()),
            ready: endpoint.status == azure::Status::Approved,
            dns_name: None,
        });
        let gcp = self.gcp.endpoints_at(now).into_iter().map(|endpoint| Seen {
            ids: vec![endpoint.connection.to_string()],
            service: endpoint.target.into(),
            owner: Some(endpoint.project.to_string()),
            ready: endpoint.status == Some(gcp::PscStatus::Accepted),
            dns_name: None,
        });
        aws.chain(azure).chain(gcp).collect()
    }

    /// Lets the vendor accept the connections of its consumers, where that takes its allow lists.
    fn accept_listed(&mut self, now: SystemTime) {
        for (connection, attachment) in self.gcp.waiting() {
            let id = connection.to_string();
            let at = self.clickhouse.listed_from(attachment.as_str(), &id);
            let service = EndpointServiceId::Gcp(attachment);
            let at = at.or_else(|| self.cockroach.listed_from(&service, &id));
            let beside = || self.gcp.beside(now, connection).into_iter().map(|id| id.to_string()).collect::<Vec<_>>();
            let at = at.or_else(|| self.cockroach.let_in_with(&service, &beside()));
            let at = at.or_else(|| self.zilliz.listed_from(&service, &id));
            if let Some(at) = at.or_else(|| self.aiven.approved_from(&service, &[id])) {
                self.gcp.listed(at, connection);
            }
        }
    }

    /// Makes the vendors that accept endpoints in AWS accept those that they let in by now.
    fn accept_on_aws(&mut self, now: SystemTime) {
        let let_in = self.cockroach.accepted(now).chain(self.zilliz.accepted_ids());
        for id in let_in.filter_map(|id| id.parse().ok()) {
            // One that is gone, or of somebody else's world, is nothing to accept.
            let _absent = self.aws.accept_endpoint(now, &id);
        }
    }

    /// Makes the vendor approve the Azure connections whose endpoint a vendor lets in.
    pub(crate) fn approve_connections(&mut self, now: SystemTime) {
        let (clickhouse, doors) = (&self.clickhouse, &self.doors);
        let (cockroach, aiven, zilliz) = (&self.cockroach, &self.aiven, &self.zilliz);
        self.azure.approve(now, |alias, ids| {
            clickhouse.knows(alias.as_str(), ids)
                || doors.knows(alias.as_str(), ids)
                || cockroach.knows(now, &alias.clone().into(), ids)
                || zilliz.knows(&alias.clone().into(), ids)
                || aiven.approved_from(&alias.clone().into(), ids).is_some_and(|at| at <= now)
        });
        // Whoever is not on the list is turned away without being asked.
        for endpoint in self.azure.endpoints_at(now) {
            let subscription = endpoint.id.subscription().to_string();
            if endpoint.status == azure::Status::Pending && self.aiven.refuses(&endpoint.service.into(), &subscription)
            {
                let why = "the subscription is not allowed to connect";
                // It was listed a moment ago.
                let _gone = self.azure.decide(now, &endpoint.id, azure::Status::Rejected, why);
            }
        }
    }

    pub(crate) fn snapshot(&self, now: SystemTime) -> serde_json::Value {
        serde_json::json!({
            "clickhouse": self.clickhouse.snapshot(),
            "cockroach": self.cockroach.snapshot(),
            "aiven": self.aiven.snapshot(),
            "zilliz": self.zilliz.snapshot(),
            "aws": self.aws.snapshot(now),
            "azure": self.azure.snapshot(now),
            "gcp": self.gcp.snapshot(now),
        })
    }
}

/// Who owns an endpoint, as far as AWS tells it, and where it leads.
fn find_endpoint(
    aws: &AwsState,
    azure: &AzureState,
    gcp: &GcpState,
    now: SystemTime,
    id: &str,
) -> Option<(Option<String>, EndpointServiceId)> {
    if let Some(found) = aws.endpoints_at(now).into_iter().find(|endpoint| endpoint.id.as_str() == id) {
        return Some((Some(found.account.to_string()), found.service.into()));
    }
    if let Some(found) = azure.endpoints_at(now).into_iter().find(|known| known.id.as_str().eq_ignore_ascii_case(id)) {
        let service = azure.service_id(&found.service).ok()?;
        return Some((None, service.try_into().ok()?));
    }
    let found = gcp.endpoints_at(now).into_iter().find(|endpoint| endpoint.connection.to_string() == id)?;
    Some((None, found.target.into()))
}

/// What the clouds know of an endpoint that is named as Zilliz Cloud does.
fn find_named(
    aws: &AwsState,
    azure: &AzureState,
    gcp: &GcpState,
    now: SystemTime,
    wanted: &Wanted<'_>,
) -> Option<Found> {
    match wanted.cloud {
        CloudProvider::Aws => {
            let found = aws.endpoints_at(now).into_iter().find(|endpoint| endpoint.id.as_str() == wanted.id)?;
            let account = Some(found.account.to_string());
            Some(Found { cloud_id: found.id.to_string(), account, service: found.service.into() })
        }
        CloudProvider::Azure => {
            let (name, guid) = wanted.id.split_once('.')?;
            let found = azure.endpoints_at(now).into_iter().find(|found| {
                found.guid.to_string().eq_ignore_ascii_case(guid) && found.id.name().eq_ignore_ascii_case(name)
            })?;
            let account = Some(found.id.subscription().to_string());
            Some(Found { cloud_id: found.id.to_string(), account, service: found.service.into() })
        }
        _ => {
            let found = gcp.endpoints_at(now).into_iter().find(|endpoint| {
                endpoint.name.as_str() == wanted.id
                    && endpoint.region == *wanted.region
                    && Some(endpoint.project.as_str()) == wanted.gcp_project
            })?;
            let account = Some(found.project.to_string());
            Some(Found { cloud_id: found.connection.to_string(), account, service: found.target.into() })
        }
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
            ("/api/v1/clusters", Party::Cockroach),
            ("/v2/clusters", Party::Zilliz),
            ("/v1/project/example-project/service/orders-pg", Party::Aiven),
            ("/v1/clouds", Party::Aiven),
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
