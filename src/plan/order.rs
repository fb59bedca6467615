//! The order of steps, from facts alone: no vendor and no cloud is known here.

use privlink_core::side::{Direction, Exchange, Fact, Step, StepState};
use privlink_core::{Finding, Severity, Text, Turn};

/// Whether `after` has to wait for `before`.
///
/// Setting up, a step waits for the steps that give what it needs. Taking down, a step waits
/// for the steps whose things were built on what it takes away: the same graph, backwards.
pub(crate) fn follows(direction: Direction, before: &Step, after: &Step) -> bool {
    match direction {
        Direction::Removal => builds_on(before, after),
        _ => builds_on(after, before),
    }
}

/// Whether `upper` needs something that `lower` gives, for the same endpoint service.
fn builds_on(upper: &Step, lower: &Step) -> bool {
    let same_slot = upper.slot.is_none() || lower.slot.is_none() || upper.slot == lower.slot;
    same_slot && upper.id != lower.id && upper.needs.iter().any(|fact| lower.gives.contains(fact))
}

/// Whether a step does nothing but wait for the vendor, while what lets the endpoint in is not done: perhaps the vendor
/// waits for just that, although no fact says so. Whoever does one step after the other leaves it for later.
pub(crate) fn is_early<'a>(step: &Step, mut ready: impl Iterator<Item = &'a Step>) -> bool {
    let lets_in = |step: &Step| step.gives.iter().any(|fact| matches!(fact, Fact::Accepted | Fact::Served));
    step.only_waits && step.turn == Turn::Vendor && ready.any(|other| !other.only_waits && lets_in(other))
}

/// The steps in an order that works, earlier contributions first where the facts leave a
/// choice, and a finding for what cannot be ordered.
pub(crate) fn ordered(direction: Direction, steps: Vec<Step>, known: &Exchange) -> (Vec<Step>, Vec<Finding>) {
    let mut left = steps;
    let mut done: Vec<Step> = Vec::with_capacity(left.len());
    let mut findings = Vec::new();
    while !left.is_empty() {
        let is_ready = |step: &Step| !left.iter().any(|other| follows(direction, other, step));
        let ready = || left.iter().filter(|step| is_ready(step));
        let next = left.iter().position(|step| is_ready(step) && !is_early(step, ready()));
        let Some(next) = next else {
            let stuck: Vec<String> = left.iter().map(|step| step.verb.to_string()).collect();
            findings.push(
                Finding::new(
                    "LINK-003",
                    Severity::Blocks,
                    "some steps wait for each other in a circle, so none of them can start",
                    "report this together with the plan as JSON; a side states its facts wrongly",
                )
                .evidence(format!("steps: {}", stuck.join(", "))),
            );
            done.append(&mut left);
            break;
        };
        done.push(left.remove(next));
    }
    if direction != Direction::Removal {
        findings.extend(unprovided(&done, known));
    }
    (done, findings)
}

/// The steps that can be planned before there is an endpoint service, and in words what is left for
/// a plan afterwards. All of them, and nothing, where there is one, or nobody makes one.
pub(crate) fn first_part(steps: Vec<Step>, known: &Exchange) -> (Vec<Step>, Option<Text>) {
    let makes = |step: &Step| step.state != StepState::AlreadyDone && step.gives.contains(&Fact::Service);
    if !known.services.is_empty() || !steps.iter().any(makes) {
        return (steps, None);
    }
    let (mut first, mut later) = (steps, Vec::new());
    loop {
        let provided = |step: &Step| {
            let given = |fact| first.iter().any(|other| other.id != step.id && other.gives.contains(fact));
            step.needs.iter().all(|fact| known.holds(step.slot.as_ref(), fact) || given(fact))
        };
        match first.iter().position(|step| !provided(step)) {
            Some(place) => later.push(first.remove(place)),
            None => break,
        }
    }
    if later.is_empty() {
        return (first, None);
    }
    let rest: Vec<&str> = later.iter().map(|step| &*step.what).collect();
    let told = format!("there is no endpoint service yet; once there is, the network's steps and: {}", rest.join("; "));
    (first, Some(told.into()))
}

/// A finding for each fact that a step needs and nobody gives.
fn unprovided(steps: &[Step], known: &Exchange) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for step in steps {
        for fact in &step.needs {
            let given = known.holds(step.slot.as_ref(), fact)
                || steps.iter().any(|other| other.id != step.id && other.gives.contains(fact));
            let told = format!("nobody provides \"{fact}\", which other steps need");
            if !given && !findings.iter().any(|finding| finding.summary == told.as_str()) {
                findings.push(
                    Finding::new(
                        "LINK-002",
                        Severity::Blocks,
                        told,
                        "mend what the other findings name, then plan again; without any, the two sides do not fit",
                    )
                    .evidence(format!("needed by: {}", step.verb)),
                );
            }
        }
    }
    findings
}
