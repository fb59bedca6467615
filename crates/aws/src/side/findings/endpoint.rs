//! The endpoint and the service it leads to.

use privlink_core::side::Fact;
use privlink_core::{Error, Finding, Severity, SubnetId, Turn, VpcEndpointId};

use super::joined;
use crate::model::VpcEndpoint;
use crate::problem::Problem;

pub(in super::super) fn service_not_visible(service: &str, cross_region: bool) -> Finding {
    let finding = Finding::new(
        "AWS-004",
        Severity::Blocks,
        "the endpoint service cannot be seen from this account and region",
        "check in this order: the name for a typo; the region; for a service of another region that the vendor \
         supports this one and the caller has vpce:AllowMultiRegion; that the vendor has allowed this account or \
         principal; that the vendor's service is ready",
    )
    .evidence(format!("{service} is not visible (InvalidServiceName)"));
    if cross_region { finding.evidence("it was asked for with its own region") } else { finding }
}

pub(in super::super) fn foreign_endpoint(endpoint: &VpcEndpoint) -> Finding {
    Finding::new(
        "AWS-014",
        Severity::Info,
        "an endpoint of somebody else to the same service is in the VPC; it is left alone and another one is made",
        format!("to use it instead, adopt {}", endpoint.id),
    )
    .evidence(format!("{} is {}", endpoint.id, endpoint.state))
}

pub(in super::super) fn dead_endpoint(endpoint: &VpcEndpoint) -> Finding {
    let finding = Finding::new(
        "AWS-015",
        Severity::Warning,
        format!("an earlier endpoint of ours is {} and cannot be used again; a new one is made", endpoint.state),
        "let the vendor say why, or wait for the new one; the old one goes with the link's removal",
    )
    .about(Fact::Endpoint)
    .evidence(format!("{} is {}", endpoint.id, endpoint.state));
    match endpoint.trouble() {
        Some(text) => finding.evidence(text),
        None => finding,
    }
}

pub(in super::super) fn two_endpoints(used: &VpcEndpointId, others: &[VpcEndpointId]) -> Finding {
    Finding::new(
        "AWS-016",
        Severity::Warning,
        format!("several endpoints of ours lead to the same service; {used} is used"),
        "remove the link and set it up again, or delete the others by hand once nobody lists them",
    )
    .evidence(joined(others))
}

pub(in super::super) fn endpoint_differs(endpoint: &VpcEndpoint, wanted: &[SubnetId]) -> Finding {
    Finding::new(
        "AWS-017",
        Severity::Warning,
        format!("the endpoint {} is in other subnets than asked for; it is used as it is", endpoint.id),
        "change its subnets by hand, or remove the link and set it up again",
    )
    .evidence(format!("it is in {}", joined(&endpoint.subnets)))
    .evidence(format!("asked for: {}", joined(wanted)))
}

pub(in super::super) fn acceptance_needed() -> Finding {
    Finding::new(
        "AWS-018",
        Severity::Warning,
        "the endpoint service wants every endpoint accepted by hand, and nothing in this plan does that",
        "ask the vendor to accept the endpoint once it is made",
    )
    .about(Fact::Connected)
    .turn(Turn::Vendor)
    .evidence("DescribeVpcEndpointServices says acceptanceRequired=true")
}

pub(in super::super) fn ip_type_unsupported(wanted: &str, offered: &str) -> Finding {
    Finding::new(
        "AWS-019",
        Severity::Blocks,
        format!("the endpoint service does not offer the IP address type {wanted}"),
        "leave the type out, or choose one that the service offers",
    )
    .evidence(format!("it offers {offered}"))
}

/// Why an endpoint in this state will not become usable.
pub(in super::super) fn endpoint_dead(endpoint: &VpcEndpoint) -> Finding {
    let (summary, next, turn) = match endpoint.state.as_str() {
        "rejected" => (
            "the vendor refused the endpoint",
            "mend the vendor's side (allow list, acceptance), delete the endpoint and plan again",
            Turn::Vendor,
        ),
        "expired" => (
            "the endpoint was not accepted in time",
            "plan again: a new endpoint is made; have the vendor accept it sooner",
            Turn::You,
        ),
        _ => ("AWS could not build the endpoint", "mend what AWS says, then plan again: a new one is made", Turn::You),
    };
    let finding = Finding::new("AWS-020", Severity::Blocks, summary, next)
        .turn(turn)
        .evidence(format!("{} is {}", endpoint.id, endpoint.state));
    match endpoint.trouble() {
        Some(text) => finding.evidence(text),
        None => finding,
    }
}

pub(in super::super) fn endpoint_gone(id: &VpcEndpointId) -> Finding {
    Finding::new(
        "AWS-021",
        Severity::Blocks,
        format!("the endpoint {id} is gone"),
        "plan again; a new endpoint is made",
    )
    .evidence("it was there when the plan was made, and DescribeVpcEndpoints no longer finds it alive")
}

/// Why AWS refused to make or change an endpoint.
pub(in super::super) fn refused(error: &Error) -> Finding {
    let problem = Problem::of(error);
    let (summary, next, turn) = match problem {
        Problem::ServiceNotVisible => return service_not_visible(error.resource().unwrap_or("the service"), false),
        Problem::ZoneMismatch => (
            "a subnet's zone does not fit the endpoint service",
            "give subnets in the zones the message names",
            Turn::You,
        ),
        Problem::Limit => {
            ("a quota of the account is used up", "raise the quota the code names, or free a place", Turn::You)
        }
        Problem::PrivateDnsNeedsVpcDns => {
            ("private DNS needs both DNS attributes of the VPC", "switch them on, then plan again", Turn::You)
        }
        Problem::PrivateDnsConflict => (
            "another endpoint or zone of this VPC already serves the private DNS name",
            "use a zone of your own for the exact host instead",
            Turn::You,
        ),
        Problem::PrivateDnsNotOffered => (
            "the endpoint service has no private DNS name",
            "use a zone of your own for the exact host instead",
            Turn::You,
        ),
        Problem::PrivateDnsNotVerified => (
            "the vendor has not verified its private DNS name",
            "ask the vendor, or use a zone of your own for the exact host instead",
            Turn::Vendor,
        ),
        _ => ("AWS refused", "mend what AWS says, then plan again", Turn::You),
    };
    Finding::new("AWS-022", Severity::Blocks, summary, next).turn(turn).evidence(error.to_string())
}

/// Whether a failed write is worth a finding rather than an error.
pub(in super::super) fn is_refusal(error: &Error) -> bool {
    matches!(
        Problem::of(error),
        Problem::ServiceNotVisible
            | Problem::ZoneMismatch
            | Problem::Limit
            | Problem::PrivateDnsNeedsVpcDns
            | Problem::PrivateDnsConflict
            | Problem::PrivateDnsNotOffered
            | Problem::PrivateDnsNotVerified
    )
}

pub(in super::super) fn used_by_others(id: &VpcEndpointId, users: &[&str]) -> Finding {
    Finding::new(
        "AWS-048",
        Severity::Blocks,
        format!("{id} carries the mark of others who use it by now, so it stays"),
        "plan the removal again; it keeps what others use",
    )
    .evidence(format!("used by {}", users.join(", ")))
}

pub(in super::super) fn not_to_be_taken(id: &VpcEndpointId, error: &Error) -> Finding {
    Finding::new(
        "AWS-049",
        Severity::Blocks,
        format!("our user's mark cannot be put on {id}, so that others would delete it while it is in use"),
        "allow ec2:CreateTags on the endpoint; it takes one tag for each organization that uses it",
    )
    .evidence(error.to_string())
}
