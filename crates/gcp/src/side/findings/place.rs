//! Where the endpoint is to be: network, region, subnetwork and firewall.

use privlink_core::side::Fact;
use privlink_core::{Error, Finding, Region, ServiceAttachment, Severity};

use super::super::place::Stop;
use super::joined;
use crate::ids::{NetworkPath, SubnetworkName};
use crate::model::Subnetwork;

pub(in super::super) fn no_network(network: &NetworkPath) -> Finding {
    Finding::new(
        "GCP-001",
        Severity::Blocks,
        format!("there is no network {network}"),
        "check the network's name and its project; of a Shared VPC give the host project",
    )
    .evidence("compute.networks.get does not find it")
}

pub(in super::super) fn other_region(service: &ServiceAttachment, ours: &Region) -> Finding {
    Finding::new(
        "GCP-002",
        Severity::Blocks,
        format!(
            "the service attachment is in {}, the endpoint would be in {ours}, and Google connects them only within \
             one region",
            service.region()
        ),
        format!(
            "put the endpoint into {}: give that region and a subnetwork there; clients elsewhere reach it by global \
             access",
            service.region()
        ),
    )
    .evidence(format!("service attachment {service}"))
}

pub(in super::super) fn global_access_needed(ours: &Region, elsewhere: &[&Region]) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Blocks,
        format!("clients in {} cannot reach an endpoint in {ours} without global access", joined(elsewhere)),
        "allow global access, or leave those regions out",
    )
    .evidence("global access was refused by the caller")
}

pub(in super::super) fn global_access_not_offered(ours: &Region, service: &ServiceAttachment) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Blocks,
        format!("global access is wanted, and the vendor lets only clients of {ours} in"),
        "put clients into that region, or use a database in theirs",
    )
    .evidence(format!("service attachment {service} is reached from its own region alone"))
}

pub(in super::super) fn global_access_on(ours: &Region) -> Finding {
    Finding::new(
        "GCP-003",
        Severity::Info,
        format!("clients of all regions may use the endpoint in {ours}: traffic between regions is charged"),
        "nothing; the vendor must support it, or making the endpoint fails",
    )
}

pub(in super::super) fn no_subnetwork(name: &SubnetworkName) -> Finding {
    Finding::new(
        "GCP-004",
        Severity::Blocks,
        format!("the region has no subnetwork {name}"),
        "give a subnetwork of the network in the endpoint's region; of a Shared VPC, one of the host project",
    )
    .evidence("compute.subnetworks.list of the region does not name it")
}

pub(in super::super) fn subnetwork_elsewhere(found: &Subnetwork) -> Finding {
    Finding::new(
        "GCP-004",
        Severity::Blocks,
        format!("the subnetwork {} belongs to another network", found.path.name()),
        "give a subnetwork of the network in the endpoint's region",
    )
    .evidence(format!("{} is of {}", found.path, found.network.as_ref().map_or("no network", NetworkPath::as_str)))
}

pub(in super::super) fn subnetwork_unfit(found: &Subnetwork) -> Finding {
    Finding::new(
        "GCP-005",
        Severity::Blocks,
        format!("the subnetwork {} takes no endpoint", found.path.name()),
        "give a subnetwork of the purpose PRIVATE",
    )
    .evidence(format!("its purpose is {}", found.purpose.as_deref().unwrap_or("not said")))
}

pub(in super::super) fn subnetwork_chosen(found: &Subnetwork) -> Finding {
    let finding = Finding::new(
        "GCP-006",
        Severity::Info,
        format!("no subnetwork was given; the address is taken from {}, the widest", found.path.name()),
        "give one to choose yourself",
    );
    match found.range {
        Some(range) => finding.evidence(format!("{} is {range}", found.path)),
        None => finding,
    }
}

pub(in super::super) fn no_subnetwork_fits(network: &NetworkPath) -> Finding {
    Finding::new(
        "GCP-006",
        Severity::Blocks,
        "the network has no subnetwork in the region that takes an endpoint",
        "make a subnetwork of the purpose PRIVATE there",
    )
    .evidence(format!("compute.subnetworks.list names none of {network}"))
}

pub(in super::super) fn firewall_stops(stopping: &[Stop<'_>]) -> Finding {
    let finding = Finding::new(
        "GCP-007",
        Severity::Warning,
        "firewall rules keep clients from the endpoint; they are not ours to change",
        "allow egress to the endpoint's address on the database's ports, with a smaller priority number",
    );
    stopped(finding, stopping)
}

/// The same of the clients that were named.
pub(in super::super) fn clients_kept_in(stopping: &[Stop<'_>]) -> Finding {
    let finding = Finding::new(
        "GCP-009",
        Severity::Warning,
        "firewall rules keep the clients that were named from the endpoint; they are not ours to change",
        "allow egress for the clients' tags or service account to the endpoint's address on the database's ports, with \
         a smaller priority number",
    );
    stopped(finding, stopping)
}

fn stopped(finding: Finding, stopping: &[Stop<'_>]) -> Finding {
    stopping.iter().fold(finding.about(Fact::Opened), |finding, Stop { rule, port, certain }| {
        let whom = match (rule.targeted, certain) {
            (false, _) => "for all machines",
            (true, true) => "for these machines",
            (true, false) => "for some machines",
        };
        finding.evidence(format!("{} (priority {}) stops port {port} {whom}", rule.name, rule.priority))
    })
}

pub(in super::super) fn firewalls_unread(error: &Error) -> Finding {
    Finding::new(
        "GCP-008",
        Severity::Info,
        "whether firewall rules let clients reach the endpoint could not be checked",
        "grant compute.firewalls.list on the network's project, or check the rules yourself",
    )
    .about(Fact::Opened)
    .evidence(error.to_string())
}
