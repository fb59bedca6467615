//! Who does what, in as few turns as the facts allow.

use std::collections::BTreeSet;

use privlink_core::side::{Direction, SideId, Step, StepState};

use super::Rendered;
use crate::plan::{follows, is_early};

/// A turn of one side: the steps it can do before another side has to.
pub(super) struct Part<'r, 'p> {
    pub(super) side: &'p SideId,
    pub(super) steps: Vec<&'r Rendered<'p>>,
}

/// The steps in turns. Each side goes on until what is left of its steps waits for another side.
pub(super) fn parts<'r, 'p>(direction: Direction, rendered: &'r [Rendered<'p>]) -> Vec<Part<'r, 'p>> {
    let mut left: Vec<&Rendered<'p>> = rendered.iter().collect();
    let mut parts: Vec<Part<'r, 'p>> = Vec::new();
    while !left.is_empty() {
        let ready = |step: &Step| !left.iter().any(|(other, _)| follows(direction, other, step));
        let current = parts.last().map(|part| part.side);
        let early = |step: &Step| is_early(step, left.iter().map(|(other, _)| *other).filter(|other| ready(other)));
        let fits = |step: &Step| ready(step) && !early(step);
        let own = left.iter().position(|(step, _)| Some(&step.side) == current && fits(step));
        // Steps that wait for each other in a circle block a plan, so that there is always one.
        let place = own.or_else(|| left.iter().position(|(step, _)| fits(step))).unwrap_or_default();
        let next = left.remove(place);
        match parts.last_mut() {
            Some(part) if *part.side == next.0.side => part.steps.push(next),
            _ => parts.push(Part { side: &next.0.side, steps: vec![next] }),
        }
    }
    parts
}

/// Whether others have something to do between what the step's own side does first and the step: what is deployed as one
/// has to wait for them in the middle.
pub(super) fn is_after_others(direction: Direction, rendered: &[Rendered<'_>], step: &Step) -> bool {
    let mut others = rendered.iter().map(|(other, _)| *other).filter(|other| other.side != step.side);
    others.any(|other| follows(direction, other, step) && comes_after(direction, rendered, other, &step.side))
}

/// What is left to do elsewhere than in `ours`, in order: what others do before that side does anything, and the rest.
pub(super) fn elsewhere<'p>(
    direction: Direction,
    rendered: &[Rendered<'p>],
    ours: &[&Step],
) -> (Vec<&'p Step>, Vec<&'p Step>) {
    let all = rendered.iter().map(|(step, _)| *step).filter(|step| step.state != StepState::AlreadyDone);
    let others = all.filter(|step| !ours.iter().any(|own| own.id == step.id));
    others.partition(|step| {
        ours.first().is_some_and(|own| step.side != own.side && !comes_after(direction, rendered, step, &own.side))
    })
}

/// Whether a step waits, however far away, for one of a side.
fn comes_after(direction: Direction, rendered: &[Rendered<'_>], step: &Step, side: &SideId) -> bool {
    let mut seen = BTreeSet::new();
    let mut left = vec![step];
    while let Some(after) = left.pop() {
        for (before, _) in rendered.iter().filter(|(before, _)| follows(direction, before, after)) {
            if before.side == *side {
                return true;
            }
            if seen.insert(&before.id) {
                left.push(before);
            }
        }
    }
    false
}
