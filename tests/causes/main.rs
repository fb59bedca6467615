//! Each cause that either control plane can declare, staged for each pair of a vendor and a cloud: a diagnosis gives
//! its code and names whose turn it is. Where a cause cannot be for a pair, the reason is written down.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod clouds;
#[path = "../common/mod.rs"]
mod common;
mod turns;
mod vendors;

use std::fmt::Write as _;
use std::time::Duration;

use common::pair::{AWS, AZURE, GCP, Pair};
use privlink::core::Severity;
use privlink::core::side::DatabaseSide;
use privlink::{Diagnosis, Link, Turn};
use privlink_sim::World;

use self::vendors::{VENDORS, Vendor};

/// What stands in the way of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    PendingAcceptance,
    NotListed,
    NotTrusted,
    WrongKindListed,
    OtherService,
    PrivateDnsOff,
    NetworkDnsOff,
    ZoneNotLinked,
    GroupClosed,
    ClientsKeptIn,
    ZonesDoNotMeet,
    ComponentOff,
    Rejected,
    Closed,
    PlanTier,
    Stopped,
}

const CAUSES: [Cause; 16] = [
    Cause::PendingAcceptance,
    Cause::NotListed,
    Cause::NotTrusted,
    Cause::WrongKindListed,
    Cause::OtherService,
    Cause::PrivateDnsOff,
    Cause::NetworkDnsOff,
    Cause::ZoneNotLinked,
    Cause::GroupClosed,
    Cause::ClientsKeptIn,
    Cause::ZonesDoNotMeet,
    Cause::ComponentOff,
    Cause::Rejected,
    Cause::Closed,
    Cause::PlanTier,
    Cause::Stopped,
];

/// What brings a cause about.
type Act = fn(&'static Pair, &World);

/// How a cause comes about for a pair.
enum Staging {
    /// Before the link is set up, which then does not come to its end.
    Before { act: Act, code: &'static str, turn: Turn },
    /// After the link was set up and proved.
    After { act: Act, code: &'static str, turn: Turn },
    /// It cannot be, for this reason.
    Never(&'static str),
}

fn before(act: Act, code: &'static str, turn: Turn) -> Staging {
    Staging::Before { act, code, turn }
}

fn after(act: Act, code: &'static str, turn: Turn) -> Staging {
    Staging::After { act, code, turn }
}

/// What the vendor has to say of a cause comes first; the rest is the cloud's.
fn staging(vendor: &dyn Vendor, pair: &'static Pair, cause: Cause) -> Staging {
    vendor.stage(cause, pair.cloud()).unwrap_or_else(|| clouds::stage(cause, pair.cloud()))
}

/// A link of a database, in the way that the cause takes.
fn link_to(pair: &'static Pair, world: &World, cause: Cause, database: impl DatabaseSide + 'static) -> Link {
    match cause {
        Cause::ClientsKeptIn => pair.link_of_clients(world, "orders-prod", database),
        _ => pair.link_to(world, "orders-prod", database),
    }
    .build()
    .unwrap()
}

/// Plans and applies until there is nothing more to plan or it goes no further, for an hour at most.
async fn set_up_as_far_as_it_goes(link: &Link) {
    for _ in 0..4 {
        let Ok(plan) = link.plan().await else { return };
        match tokio::time::timeout(Duration::from_secs(3600), link.apply(&plan)).await {
            Ok(Ok(applied)) if applied.plan_again => {}
            Ok(Err(error)) => return println!("set up as far as: {}", error.report()),
            _ => return,
        }
    }
}

async fn diagnose(vendor: &dyn Vendor, pair: &'static Pair, cause: Cause, staging: &Staging) -> Diagnosis {
    let world = pair.brisk_world();
    vendor.prepare(&world);
    let link = vendor.link(pair, &world, cause);
    match staging {
        Staging::Before { act, .. } => {
            act(pair, &world);
            set_up_as_far_as_it_goes(&link).await;
        }
        Staging::After { act, .. } => {
            set_up_as_far_as_it_goes(&link).await;
            world.clock().sleep(Duration::from_secs(600)).await;
            let verdict = link.verify().await.unwrap();
            assert!(verdict.proved, "{}, {}: {verdict}", vendor.name(), pair.name());
            act(pair, &world);
        }
        Staging::Never(_) => {}
    }
    let writes = world.writes().len();
    let diagnosis = link.diagnose().await.unwrap();
    assert_eq!(world.writes().len(), writes, "a diagnosis only reads");
    diagnosis
}

/// All causes of one pair, told together.
async fn each_cause_is_named(vendor: &'static dyn Vendor, pair: &'static Pair) {
    let mut wrong = String::new();
    for cause in CAUSES {
        let staging = staging(vendor, pair, cause);
        let (code, turn) = match &staging {
            Staging::Never(reason) => {
                println!("{} on {}: no {cause:?}: {reason}", vendor.name(), pair.name());
                assert!(!reason.is_empty());
                continue;
            }
            Staging::Before { code, turn, .. } | Staging::After { code, turn, .. } => (*code, *turn),
        };
        let diagnosis = diagnose(vendor, pair, cause, &staging).await;
        let named = diagnosis.cause.as_ref().map(|cause| (&*cause.code, cause.turn));
        if named != Some((code, turn)) {
            writeln!(wrong, "── {cause:?}: {named:?}, not {:?}\n{diagnosis}", (code, turn)).unwrap();
        }
        // What is told can be kept, and says what to do.
        let stored: Diagnosis = serde_json::from_str(&serde_json::to_string(&diagnosis).unwrap()).unwrap();
        assert_eq!(stored, diagnosis);
        if let Some(cause) = &diagnosis.cause {
            assert!(!cause.next_step.is_empty() && !cause.evidence.is_empty(), "{diagnosis}");
            assert_eq!(cause.severity, Severity::Blocks, "what breaks a link is more than a warning: {diagnosis}");
        }
    }
    assert!(wrong.is_empty(), "{} on {}:\n{wrong}", vendor.name(), pair.name());
}

#[test]
fn each_cause_can_be_for_some_pair() {
    for cause in CAUSES {
        let can_be =
            |vendor: &&dyn Vendor, pair: &'static Pair| !matches!(staging(*vendor, pair, cause), Staging::Never(_));
        assert!(VENDORS.iter().any(|vendor| [AWS, AZURE, GCP].iter().any(|pair| can_be(vendor, pair))), "{cause:?}");
    }
}

/// Makes a test of each vendor for each cloud.
macro_rules! pairs {
    ($($vendor:ident),+) => {
        $(mod $vendor {
            use crate::common::pair::{AWS, AZURE, GCP};
            use crate::vendors::$vendor::VENDOR;

            #[tokio::test(start_paused = true)]
            async fn on_aws() {
                crate::each_cause_is_named(VENDOR, AWS).await;
            }

            #[tokio::test(start_paused = true)]
            async fn on_azure() {
                crate::each_cause_is_named(VENDOR, AZURE).await;
            }

            #[tokio::test(start_paused = true)]
            async fn on_gcp() {
                crate::each_cause_is_named(VENDOR, GCP).await;
            }
        })+
    };
}
pairs!(clickhouse, cockroach, aiven, zilliz);
