//! Whether a plan may be performed, here and now, by this link.

use privlink_core::side::{Direction, Plan};
use privlink_core::{Finding, Severity};

use crate::Link;
use crate::verify::{MAX_PROOF_AGE, SKEW};

/// Why nothing of `plan` may be performed by `link`: what the plan itself says, and what does not
/// fit. None when it may.
pub(crate) fn objections(link: &Link, plan: &Plan) -> Vec<Finding> {
    let mut findings: Vec<Finding> = plan.blockers().cloned().collect();
    findings.extend(unfit(link, plan).or_else(|| too_old(link, plan)));
    findings
}

/// What keeps a plan to close public access from being performed any more. Asked before each look
/// at a step too: a run may be taken up again long after it began.
pub(super) fn too_old(link: &Link, plan: &Plan) -> Option<Finding> {
    if plan.direction != Direction::Closing {
        return None;
    }
    let now = link.inner.clock.now();
    let age = now.duration_since(plan.taken_at).unwrap_or_default();
    let ahead = plan.taken_at.duration_since(now).unwrap_or_default();
    (age > MAX_PROOF_AGE || ahead > SKEW).then(|| {
        Finding::new(
            "PROOF-005",
            Severity::Blocks,
            "the plan to close public access is too old, or of the future: the proof behind it may no longer hold",
            "prove the link again and plan again",
        )
        .evidence(match ahead.as_secs() {
            0 => format!("planned {} s ago, at most {} s are allowed", age.as_secs(), MAX_PROOF_AGE.as_secs()),
            ahead => format!("planned {ahead} s in the future: the clocks differ"),
        })
    })
}

/// A plan that is not this link's, or not of a form that this library knows.
fn unfit(link: &Link, plan: &Plan) -> Option<Finding> {
    if plan.version != 1 {
        return Some(
            Finding::new(
                "LINK-007",
                Severity::Blocks,
                "the plan is of a version that this library does not know",
                "plan again with this version of the library",
            )
            .evidence(format!("version {}", plan.version)),
        );
    }
    let sides = [link.inner.database.id(), link.inner.network.id()];
    let ours = plan.subject == link.subject() && plan.steps.iter().all(|step| sides.contains(&step.side));
    (!ours).then(|| other_link(link, plan))
}

/// A plan made for other sides is not performed at all: half of it might fit.
fn other_link(link: &Link, plan: &Plan) -> Finding {
    Finding::new(
        "LINK-006",
        Severity::Blocks,
        "the plan was made for another link",
        "apply it with the link it was made for, or plan this one",
    )
    .evidence(format!("the plan of {} joins {}", plan.link, plan.subject))
    .evidence(format!("{} joins {}", link.name(), link.subject()))
}
