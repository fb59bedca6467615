//! privlink

pub mod apply;
mod link;
mod links;
mod plan;
mod public_access;
mod verify;

pub use apply::{Applied, Apply, ApplyError, Event, EventKind};
pub use link::{Link, LinkBuilder};
pub use links::{LinkEnd, Links, LinksPlan};
pub use privlink_core as core;
pub use public_access::Closing;
pub use verify::{FRESH, Verdict};
