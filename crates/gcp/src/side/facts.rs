//! An endpoint as the other side sees it.

use privlink_core::ProjectId;
use privlink_core::side::{EndpointFacts, EndpointIds, EndpointState, Ownership};

use crate::model::{ForwardingRule, PscConnectionStatus};

/// The facts of `rule`.
pub(super) fn of(rule: &ForwardingRule, project: &ProjectId, ownership: Ownership) -> EndpointFacts {
    let ids = EndpointIds::Gcp { project: project.clone(), rule: rule.name.clone(), psc: rule.psc_connection_id };
    let mut facts = EndpointFacts::new(ids, state(&rule.psc_connection_status), ownership);
    facts.addresses.extend(rule.ip_address.map(|address| (address, None)));
    facts
}

/// Google's state in words common to all clouds.
pub(super) fn state(status: &PscConnectionStatus) -> EndpointState {
    match status {
        PscConnectionStatus::Pending => EndpointState::Requested,
        PscConnectionStatus::Accepted => EndpointState::Ready,
        PscConnectionStatus::NeedsAttention => EndpointState::Building,
        // The producer may put the project onto its list later; a closed connection never returns.
        PscConnectionStatus::Rejected => EndpointState::Dead { text: "REJECTED".into(), revivable: true },
        PscConnectionStatus::Closed => EndpointState::Dead { text: "CLOSED".into(), revivable: false },
        other => EndpointState::Unknown { text: other.as_str().to_owned().into() },
    }
}

/// Whether number and address are there: then the other side can be told.
pub(super) fn complete(rule: &ForwardingRule) -> bool {
    rule.psc_connection_id.is_some() && rule.ip_address.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_common_word() {
        for (word, wanted) in [
            ("PENDING", "requested"),
            ("ACCEPTED", "ready"),
            ("NEEDS_ATTENTION", "building"),
            ("REJECTED", "dead"),
            ("CLOSED", "dead"),
            ("STATUS_UNSPECIFIED", "unknown"),
            ("THAWING", "unknown"),
        ] {
            let json = serde_json::to_value(state(&word.into())).expect("a state is plain data");
            assert_eq!(json["state"], wanted, "{word}");
        }
        let json = serde_json::to_value(state(&PscConnectionStatus::Closed)).expect("a state is plain data");
        assert_eq!(json["revivable"], false);
    }
}
