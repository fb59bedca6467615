//! What is there, and what has to be done.

use futures_util::future;
use privlink_core::side::{
    Acceptance, Capabilities, Cx, EndpointService, Exchange, Fact, Naming, PortRange, PrivateName, Protocol, Reach,
    RecordShape, Sharing, Slot, StepState, Survey, Undo, Users,
};
use privlink_core::{CloudProvider, DnsName, Error, ErrorKind, Finding, Listed, Result, Severity};

use super::endpoint::{self, admission, live};
use super::findings;
use super::read::{Reader, find};
use super::steps::{Maker, told};
use crate::{
    Address, ClusterDetails, ClusterStatus, EndpointId, PrivateEndpoint, PrivateEndpointService, ProjectRegion,
};

pub(super) async fn survey(side: &ProjectRegion, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let mut survey = Survey::new();
    let Some(cloud) = side.region().cloud() else {
        survey.findings.push(findings::unknown_cloud(side));
        return Ok(survey);
    };
    let reader = Reader::new(side, cx);
    let world = reader.world().await.map_err(|error| explained(side, error))?;
    survey.known.vendor_account = Some(format!("Zilliz Cloud project {}", side.project().id()).into());
    survey.known.capabilities = Some(capabilities());
    if let Some(here) = endpoint::consumer_cloud(known).filter(|here| *here != cloud) {
        survey.findings.push(findings::other_cloud(side, cloud, here));
    }
    let look = Look { side, known, maker: Maker { side, of: (cx.network(), cx.instance()) }, cloud };
    let service = look.service(&mut survey, &world.services);
    let entry = look.entry(&mut survey, &world.endpoints);
    if let Some(service) = &service {
        look.publish(&mut survey, service, &entry);
    }
    let clusters = look.covered(&mut survey, &world.clusters);
    let clusters = looked_at(reader, clusters, &entry).await?;
    look.link(&mut survey, &clusters, &entry);
    Ok(survey)
}

/// A refusal to even list says that the key does not see the project.
fn explained(side: &ProjectRegion, error: Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied => error.with_finding(findings::not_there(side)),
        _ => error,
    }
}

fn capabilities() -> Capabilities {
    // Never the shared parent zone: it would hide the public names of every cluster of the region.
    let naming = vec![Naming::PrivateZone(RecordShape::Apex), Naming::SelfManaged];
    Capabilities::new(naming, Undo::Final, Users::Countable)
}

/// How the link's endpoint stands on the project's list.
#[derive(Clone, Copy, Debug)]
struct Entry {
    listed: bool,
    ready: bool,
}

/// What a survey goes by.
struct Look<'a> {
    side: &'a ProjectRegion,
    known: &'a Exchange,
    maker: Maker<'a>,
    cloud: CloudProvider,
}

impl Look<'_> {
    /// The endpoint service of the region.
    fn service(
        &self,
        survey: &mut Survey,
        services: &Listed<PrivateEndpointService>,
    ) -> Option<PrivateEndpointService> {
        let side = self.side;
        let mut here = services.items.iter().filter(|service| service.region == *side.region());
        let Some(found) = here.next() else {
            survey.findings.push(findings::no_service(side, services.unreadable));
            return None;
        };
        if let Some(other) = here.find(|other| other.endpoint_service != found.endpoint_service) {
            survey.findings.push(findings::several_services(side, found, other));
        }
        Some(found.clone())
    }

    /// The link's own entry.
    fn entry(&self, survey: &mut Survey, endpoints: &Listed<PrivateEndpoint>) -> Entry {
        let endpoint = live(self.known);
        let id = endpoint.and_then(|endpoint| EndpointId::of(&endpoint.ids)).filter(|id| id.cloud() == self.cloud);
        let listed = id.as_ref().and_then(|id| find(endpoints, id, self.side.region()));
        if let Some(dead) = listed.filter(|entry| endpoint::is_dead(entry)) {
            survey.findings.push(findings::entry_dead(self.side, dead));
        }
        let entry = Entry {
            listed: listed.is_some_and(|entry| !endpoint::is_dead(entry)),
            ready: listed.is_some_and(endpoint::is_ready),
        };
        survey.steps.push(self.maker.register(id.as_ref(), done(entry.listed)));
        if entry.listed {
            survey.known.hold(Some(Slot::main()), Fact::Accepted);
        }
        if let (Some(endpoint), Some(id)) = (endpoint, &id) {
            let admission = admission(listed, &endpoint.ownership, self.side, id);
            survey.known.admissions.insert(Slot::main(), admission);
        }
        entry
    }

    /// What the network side needs to know, and who may see the service.
    fn publish(&self, survey: &mut Survey, service: &PrivateEndpointService, entry: &Entry) {
        let side = self.side;
        let id = match service.endpoint_service_id() {
            Ok(id) => id,
            Err(error) => {
                survey.findings.push(findings::unreadable_service(side, &error.to_string()));
                return;
            }
        };
        let Some(region) = side.region().region() else {
            survey.findings.push(findings::unreadable_service(side, "the region has no name of the cloud's"));
            return;
        };
        let mut at = EndpointService::new(id, region);
        at.acceptance = Acceptance::ByVendor;
        at.reach = side.client().facts().reach(self.cloud);
        at.shared_by = Sharing::ProjectRegion;
        at.by_invitation = service.whitelist_required;
        if service.whitelist_required {
            // Nothing lists whom the vendor lets see it; an endpoint that is let in proves it.
            // A connected endpoint may have been let in for another project.
            let invited = entry.ready;
            let account = endpoint::account(self.known);
            survey.steps.push(
                self.maker
                    .whitelist(account.as_deref(), if invited { StepState::AlreadyDone } else { StepState::Unseen }),
            );
            if invited {
                survey.known.hold(Some(Slot::main()), Fact::Invited);
            } else {
                survey.findings.push(findings::whitelist_unseen(side, account.as_deref()));
            }
        }
        if let Some(ticket) = side.ticket().filter(|_| self.cloud == CloudProvider::Aws) {
            // An endpoint that is there was allowed, whoever remembers.
            let allowed = ticket.is_given() || live(self.known).is_some();
            let state = if allowed { StepState::AlreadyDone } else { StepState::Manual };
            survey.steps.push(self.maker.cross_region(state));
            if !allowed {
                // The network would look for a service that its account does not see yet.
                survey.findings.push(findings::ticket(side));
                return;
            }
            at.reach = Reach::AnyRegion;
        }
        survey.known.services.insert(Slot::main(), at);
        survey.known.hold(Some(Slot::main()), Fact::Service);
    }

    /// The clusters that get a name: Dedicated, not going, and those that were asked for.
    fn covered<'l>(&self, survey: &mut Survey, clusters: &'l Listed<ClusterDetails>) -> Vec<&'l ClusterDetails> {
        let side = self.side;
        if clusters.unreadable > 0 {
            survey.findings.push(findings::unreadable_clusters(side, clusters.unreadable));
        }
        let here = clusters.items.iter().filter(|cluster| cluster.region == *side.region());
        let mut here: Vec<&ClusterDetails> = here.filter(|cluster| !cluster.status.is_gone()).collect();
        here.sort_by(|one, other| one.id.cmp(&other.id));
        for id in side.named() {
            match here.iter().find(|cluster| cluster.id == *id) {
                Some(cluster) if cluster.is_dedicated() => {}
                found => survey.findings.push(findings::not_covered(side, id, found.copied())),
            }
        }
        here.retain(|cluster| cluster.is_dedicated() && side.covers(&cluster.id));
        if here.is_empty() {
            survey.findings.push(findings::no_cluster(side));
        }
        here
    }

    /// The private names that are known, and waiting for the others.
    fn link(&self, survey: &mut Survey, clusters: &[ClusterDetails], entry: &Entry) {
        let (mut awaited, mut resting): (Vec<String>, Vec<&ClusterDetails>) = (Vec::new(), Vec::new());
        for cluster in clusters {
            survey.known.public_hosts.extend(public_host(cluster));
            let address = match private_address(self.side, cluster) {
                Ok((address, finding)) => {
                    survey.findings.extend(finding);
                    address
                }
                Err(finding) => {
                    survey.findings.push(*finding);
                    continue;
                }
            };
            if address.is_none() && cluster.status.rests() {
                resting.push(cluster);
                continue;
            }
            if cluster.status.rests() {
                survey.findings.push(findings::silent(cluster));
            }
            let linked = address.as_ref().filter(|_| is_linked(cluster));
            survey.steps.push(self.maker.await_link(cluster, done(linked.is_some() && entry.ready)));
            match linked {
                Some(address) => survey.known.names.push(private_name(cluster, address)),
                None => awaited.push(told(cluster)),
            }
        }
        if !survey.known.names.is_empty() {
            survey.known.hold(None, Fact::Names);
            if entry.ready {
                survey.known.hold(Some(Slot::main()), Fact::Served);
            }
        }
        // With nothing else to wait for, nobody would ever tell a name.
        let alone = survey.known.names.is_empty() && awaited.is_empty();
        let severity = if alone { Severity::Blocks } else { Severity::Warning };
        survey.findings.extend(resting.into_iter().map(|cluster| findings::resting(cluster, severity)));
        if !awaited.is_empty() {
            let clusters = awaited.join(", ");
            let text = format!("the private hosts of {clusters} are known once they are linked; then their records");
            survey.later = Some(text.into());
        }
    }
}

/// Looks at those clusters one by one of which the list tells no private address although there should be one: a list
/// may say less.
async fn looked_at(reader: Reader<'_>, clusters: Vec<&ClusterDetails>, entry: &Entry) -> Result<Vec<ClusterDetails>> {
    let looks = clusters.into_iter().map(|cluster| async move {
        if !entry.ready || cluster.private_link_address.is_some() || cluster.status.rests() {
            return Ok(cluster.clone());
        }
        match reader.cluster(&cluster.id).await {
            Ok(details) => Ok((*details).clone()),
            // Deleted in between.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(cluster.clone()),
            Err(error) => Err(error),
        }
    });
    future::try_join_all(looks).await
}

/// Whether a cluster that has a private address is reached by it.
pub(super) fn is_linked(cluster: &ClusterDetails) -> bool {
    cluster.status != ClusterStatus::SetPrivateLink
}

pub(super) fn private_name(cluster: &ClusterDetails, address: &Address) -> PrivateName {
    let ports = vec![PortRange::single(address.port).speaking(Protocol::Https)];
    let mut name = PrivateName::new(address.host.clone(), ports, Protocol::Https);
    name.component = cluster.id.to_string().into();
    name
}

/// The public host, where it is on and is not the private one, as in an older guide.
fn public_host(cluster: &ClusterDetails) -> Option<DnsName> {
    let public = cluster.public_address()?.host;
    let private = cluster.private_address().ok().flatten();
    let is_on = cluster.connect_address_enabled != Some(false);
    (is_on && private.is_none_or(|private| private.host != public)).then_some(public)
}

/// The private address, once it is known to be one of the vendor's: zones are made for what is said here. With it
/// what there is to say of it.
pub(super) fn private_address(
    side: &ProjectRegion,
    cluster: &ClusterDetails,
) -> Result<(Option<Address>, Option<Finding>), Box<Finding>> {
    let address = cluster.private_address().map_err(|error| Box::new(findings::unreadable_address(cluster, &error)))?;
    let Some(address) = address else { return Ok((None, None)) };
    match findings::host(side, cluster, &address) {
        Some(finding) if finding.severity == Severity::Blocks => Err(Box::new(finding)),
        finding => Ok((Some(address), finding)),
    }
}

fn done(done: bool) -> StepState {
    if done { StepState::AlreadyDone } else { StepState::ToDo }
}
