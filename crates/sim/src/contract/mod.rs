//! What every vendor's side and every cloud's side has to do, as suites that run against the
//! world: the same functions for all of them, in the tree and outside it.
//!
//! A suite is given a side whose clients talk to a [`World`] through [`World::transport`] and
//! sleep on [`World::clock`], and a [`Counterpart`] that plays the other side. It panics where
//! the side breaks the contract, saying which rule and what was seen; call it in a test with
//! paused time. It leaves the world as it found it, but for the things it takes away at its end.
//!
//! For a side made over the world's transport and clock that is the whole test:
//!
//! ```
//! # use privlink_core::side::DatabaseSide;
//! use privlink_sim::World;
//! use privlink_sim::contract::{self, AwsConsumer};
//!
//! async fn keeps_the_contract(world: &World, side: &dyn DatabaseSide) {
//!     let service = world.clickhouse().service_id();
//!     contract::database(side, &AwsConsumer::of(world, service)).await;
//! }
//! ```
//!
//! # The rules
//!
//! | rule | database | network |
//! | --- | --- | --- |
//! | a survey and a removal only read, and a second one says the same | ✓ | ✓ |
//! | a question asked twice in one run costs one request | ✓ | ✓ |
//! | steps are the side's own, and survive JSON | ✓ | ✓ |
//! | all steps can be performed in the order of their facts, and then nothing is left to do | ✓ | ✓ |
//! | performing a step again is `AlreadyDone` and writes nothing | ✓ | ✓ |
//! | a step of another side, or with spoilt parameters, is refused before any request | ✓ | ✓ |
//! | an endpoint of another cloud is refused without a write | ✓ | |
//! | adopting an endpoint of another service is a `Conflict` without a write | | ✓ |
//! | an endpoint carries the mark of each vendor's account before its databases rely on it, and stays until the last mark is off | | ✓ |
//! | a write whose answer was lost is found again, not repeated | ✓ | ✓ |
//! | removal leaves nothing of the link and everything of others, and a second one has nothing to do | ✓ | ✓ |
//! | removal works when the other side answers nothing | ✓ | ✓ |
//! | what is gone behind the side's back is an error or a finding, never a panic | ✓ | ✓ |
//! | all futures are `Send` | ✓ | ✓ |
//!
//! # A vendor or cloud that the simulator does not have
//!
//! The suites ask nothing of the world but its clock; all else they ask of the [`Counterpart`]. For
//! a database side of another vendor, bring along:
//!
//! | what | how |
//! | --- | --- |
//! | the vendor | a stand-in in memory, behind the client's transport or in place of the client; with an entry of somebody else's, which has to survive |
//! | the other half | [`AwsConsumer::anywhere`] or its like in Azure and Google Cloud: hand its [`tell`](Counterpart::tell) on |
//! | [`Counterpart::take_away`] | deletes the database at the stand-in |
//! | [`Counterpart::seen`] | the stand-in's count of requests and of writes |
//! | [`Counterpart::snapshot`] | all that the side could change at the stand-in |
//! | [`Counterpart::lose_answers`] | the stand-in does what a write says, then fails as a broken connection does |
//!
//! `examples/bring_your_own_vendor.rs` of the crate `privlink` does all of it, in some fifty lines.
//!
//! A network side takes the ready-made [`ClickHouseVendor`]; one that speaks to a simulated cloud,
//! whatever its client, needs no more. One whose client cannot take a transport goes to
//! [`World::serve`]: then the world's time is real, so build the world with
//! [`time_scale`](crate::WorldBuilder::time_scale) and do not pause tokio's. One that speaks to
//! anything else brings a stand-in of it, as above.
//!
//! For tests of one's own, [`Driver`] plans and performs a side's steps against a counterpart.
//! [`Echo`] is the other side that repeats every secret it is sent, and
//! [`renderings`] is all that an error may show of it.

mod case;
mod counterpart;
mod database;
mod driver;
mod echo;
mod network;
mod rules;

pub use counterpart::{
    AwsConsumer, AzureConsumer, ClickHouseVendor, Counterpart, GcpConsumer, LostAnswers, delete_endpoints,
};
pub use database::database;
pub use driver::{Driver, End, Finished, codes, pending};
pub use echo::{Echo, renderings};
pub use network::network;

use std::sync::Arc;

use privlink_core::LinkName;
use privlink_core::side::Cx;

use crate::World;

/// A run of a link that only the suites use.
fn run(world: &World) -> Cx {
    let link: LinkName = "contract".parse().expect("a constant that is well-formed");
    Cx::new(link, "", Arc::new(world.sim_clock())).between("contract database", "contract network")
}
