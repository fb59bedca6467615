//! Private names of managed databases: derived, laid into zones and records, and checked for
//! collisions. Pure: nothing here resolves, sends or waits.
//!
//! ```
//! use privlink_core::side::RecordShape;
//! use privlink_dns::{Host, HostPattern, RecordPlan, Zone, collide};
//!
//! // What is known of a vendor's names, as its own crate keeps it.
//! let pattern = HostPattern::inserting("vpce", "{service}.{region}", "aws.clickhouse.cloud")?;
//!
//! // The vendor's answer wins over what the pattern says.
//! let public = "abc123defg.us-east-1.aws.clickhouse.cloud".parse()?;
//! let answer = Some("abc123defg.us-east-1.vpce.aws.clickhouse.cloud".parse()?);
//! let host = Host::choose(answer, || pattern.private_host(&public)).expect("one of the two is there");
//!
//! // A zone named exactly the host hides no other name.
//! let plan = RecordPlan::of(host.name(), RecordShape::Apex, "vpce-0a1b2c3d4e5f67890").expect("a record");
//! assert_eq!(plan.zone.as_str(), "abc123defg.us-east-1.vpce.aws.clickhouse.cloud");
//!
//! // What would it break in this network?
//! let zones = [Zone::new("example.internal".parse()?, "Z0123456789ABCDEFGHIJ")];
//! assert!(collide(&[plan], &zones, &[public]).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Concepts
//!
//! - A [`NamePattern`] is the form of a name as data: labels with parts in braces. A
//!   [`HostPattern`] pairs the forms of public and private names. Vendors' patterns live in the
//!   vendors' crates, as [`Dated`](privlink_core::Dated) facts that callers can replace.
//! - A [`Host`] says on whose word a private name stands: published by the vendor, or derived.
//!   A name is read wherever it can be read.
//! - A [`RecordPlan`] is one record in one zone, of one of the shapes of
//!   [`RecordShape`](privlink_core::side::RecordShape): at the apex of a zone of its own, exact
//!   in the shared zone of the vendor, or a wildcard there.
//! - A [`Zone`] is one that is there already; [`answering`] tells which of several answers.
//! - [`collide`] finds what records would break, as [`Collision`]s that turn into findings.
//!
//! # Where next
//!
//! `privlink-clickhouse` and its siblings hold the vendors' facts; `privlink-aws` and its
//! siblings write zones and records; `privlink-probe` asks whether the names resolve.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod collide;
mod derive;
mod name;
mod record;
mod zone;

pub use collide::{Collision, collide};
pub use derive::{Host, HostPattern};
pub use name::{NamePattern, Parts, PatternError};
pub use record::RecordPlan;
pub use zone::{Zone, answering};
