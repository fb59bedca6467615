//! Who does what, in as few turns as the facts allow.

use privlink_core::side::{Direction, SideId, Step};

use super::Rendered;
use crate::plan::follows;

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
        let own = left.iter().position(|(step, _)| Some(&step.side) == current && ready(step));
        // Steps that wait for each other in a circle block a plan, so that there is always one.
        let place = own.or_else(|| left.iter().position(|(step, _)| ready(step))).unwrap_or_default();
        let next = left.remove(place);
        match parts.last_mut() {
            Some(part) if *part.side == next.0.side => part.steps.push(next),
            _ => parts.push(Part { side: &next.0.side, steps: vec![next] }),
        }
    }
    parts
}
