// The first definition of a link counts: here the page links into this very version of itself,
// elsewhere by the definitions at the end of the README.
//! [`ConsumerIdentity`]: core::side::ConsumerIdentity
//! [`EndpointServiceId`]: core::EndpointServiceId
//! [`PrivateEndpointId`]: core::PrivateEndpointId
//! [`Ownership`]: core::side::Ownership
//! [`core::side`]: core::side
//! [`TROUBLESHOOTING.md`]: troubleshooting
//! [examples]: guide
//! [`Event`]: Event
//! [`Finding`]: Finding
//! [`Link`]: Link
//! [`Links`]: Links
//! [`Naming`]: Naming
//! [`Plan`]: Plan
//! [`Run`]: Run
#![doc = ""]
#![doc = include_str!("../README.md")]

mod apply;
mod diagnose;
mod explain;
pub mod guide;
mod inbound;
mod inventory;
mod link;
mod links;
pub mod manual;
mod plan;
mod public_access;
#[cfg(feature = "render")]
mod render;
mod run;
#[doc = include_str!("../TROUBLESHOOTING.md")]
pub mod troubleshooting {}
mod verify;

pub use apply::{Applied, Apply, ApplyError, Event, EventKind, Events, Interrupt, Progress, Record};
pub use diagnose::{Declared, DeclaredState, Diagnosis};
pub use inbound::{Inbound, InboundRule, IpProtocol};
pub use inventory::{Inventory, Thing};
pub use link::{Link, LinkBuilder};
pub use links::{LinkResult, Links, LinksPlan};
#[cfg(feature = "aiven")]
pub use privlink_aiven as aiven;
#[cfg(feature = "aws")]
pub use privlink_aws as aws;
#[cfg(feature = "azure")]
pub use privlink_azure as azure;
#[cfg(feature = "clickhouse")]
pub use privlink_clickhouse as clickhouse;
#[cfg(feature = "cockroach")]
pub use privlink_cockroach as cockroach;
pub use privlink_core as core;
pub use privlink_dns as dns;
#[cfg(feature = "gcp")]
pub use privlink_gcp as gcp;
#[cfg(feature = "probe")]
pub use privlink_probe as probe;
#[cfg(feature = "zilliz")]
pub use privlink_zilliz as zilliz;
// What nearly every program names; everything else is in `core` and `core::side`.
#[cfg(feature = "render")]
pub use privlink_core::render::Format;
pub use privlink_core::side::{
    Direction, Expectation, Naming, Plan, Proof, Receipt, RecordShape, Step, StepId, Vantage,
};
pub use privlink_core::{
    Clock, CloudProvider, EndpointServiceId, Error, ErrorKind, Finding, LinkName, Patch, PrivateEndpointId, Region,
    Result, Retry, Severity, SystemClock, Turn,
};
pub use public_access::Closing;
#[cfg(feature = "render")]
pub use render::Files;
pub use run::{Due, Run, Tick};
pub use verify::{MAX_PROOF_AGE, Verdict};

/// `1 step`, `3 steps`.
fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
