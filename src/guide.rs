//! Whole programs to read.
//!
//! Everything but the six that take real accounts runs against the simulated world:
//! `cargo run --example quickstart`.
//!
//! | example | shows |
//! | --- | --- |
//! | `quickstart` | one link: plan, set up, prove, run again, take down |
//! | `clickhouse_aws`, `clickhouse_azure`, `clickhouse_gcp` | command lines for real accounts, one a cloud |
//! | `cockroach_aws` | the same for another vendor, whose endpoint service may have to be made first |
//! | `aiven_kafka_aws` | the same for an Aiven service: components, principals, several connections |
//! | `zilliz_aws` | the same for the clusters of a Zilliz Cloud project: one endpoint, a record for each |
//! | `multi_vendor` | databases of several vendors in one network, by one program |
//! | `two_services` | several databases planned together, behind one endpoint |
//! | `typed_client` | one vendor's API alone |
//! | `step_by_step` | a plan performed by several processes, one step at a time |
//! | `embed_in_service` | a service that links itself when it starts |
//! | `handover` | a plan as files for other tools, and a picture of what is broken |
//! | `offline_tests` | how a program tests itself against the simulated world |
//! | [`bring_your_own_vendor`] | a vendor of one's own, whole and in one file |
//!
//! Beside them, the crate `privlink-probe` is a command: `privlink-probe prove`, expectation in, proof out, without keys;
//! and `privlink-probe look`, which needs no more than a host and its ports.
//!
//! A vendor without an API needs no program of its own: [`manual`](crate::manual) has one that is whole.
//!
//! How it works is told where the types are: [`Link`](crate::Link) for links,
//! [`core::side`](crate::core::side) for the seam between vendors and clouds.

#[cfg(feature = "aws")]
/// A vendor that nobody here knows, whole and in one file, as the example `bring_your_own_vendor` has it.
///
#[doc = "```no_run"]
#[doc = include_str!("../examples/bring_your_own_vendor.rs")]
#[doc = "```"]
pub mod bring_your_own_vendor {}
