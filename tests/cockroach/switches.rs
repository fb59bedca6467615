//! The vendor's switches in pairwise combinations.

use std::num::NonZeroU32;
use std::time::Duration;

use privlink_sim::{CockroachClusterSpec, CockroachOnLocked, CockroachOnRepeat, CockroachRegionKey as Key};

use super::common::pair::{AWS, AZURE, GCP};
use super::common::rows::{assert_pairs, rows};
use super::common::{set_up, take_down};
use super::{brisk, link};

#[test]
fn the_rows_hold_every_pair_of_settings() {
    assert_pairs();
}

#[tokio::test(start_paused = true)]
async fn whatever_no_public_source_says_a_link_comes_up_and_goes() {
    for (n, (key, row)) in rows().enumerate() {
        let [slow, waits, stale, unseen, leaves, repeat, full, prefix, foreign, block, busy, text] = row;
        for (pair, region) in [(AWS, "us-east-1"), (AZURE, "westus3"), (GCP, "us-central1")] {
            let at = format!("{pair:?}, row {n}");
            let world = brisk(pair);
            let spec = CockroachClusterSpec::new("brandnew", pair.cloud(), region.parse().unwrap());
            let id = world.cockroach().add_cluster(spec);
            world.cockroach().switch(|switches| {
                (switches.services_unseen, switches.services_creating) = if slow { (3, 4) } else { (0, 0) };
                switches.pending_acceptance = waits;
                switches.stale_rejected = if stale { 3 } else { 0 };
                switches.connection_unseen = if unseen { 2 } else { 0 };
                switches.delete_leaves_entry = leaves;
                switches.repeat = if repeat { CockroachOnRepeat::Conflict409 } else { CockroachOnRepeat::Same };
                switches.gcp_full_name = full;
                switches.region_key = [Key::RegionName, Key::Region, Key::Both, Key::RegionName][key];
                switches.status_prefix = prefix;
                (switches.foreign_service, switches.aws_block) = (foreign, block);
                switches.locked = if busy { 7 } else { 0 };
                switches.throttle_every = if busy { NonZeroU32::new(6) } else { None };
                switches.on_locked = if text { CockroachOnLocked::Text400 } else { CockroachOnLocked::Unavailable503 };
            });
            let link = link(pair, &world, "brandnew");
            // Twice: an id that was rejected before is let in again.
            for _ in 0..2 {
                set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
                world.clock().sleep(Duration::from_secs(60)).await;
                let verdict = link.verify().await.unwrap();
                assert!(verdict.proved, "{at}: {verdict}");
                world.clear_requests();
                set_up(&link).await.unwrap();
                assert_eq!(world.writes().len(), 0, "{at}: a second run wrote");
                take_down(&link).await;
                assert!(pair.endpoints(&world).is_empty() && world.cockroach().connected(id).is_empty(), "{at}");
            }
        }
    }
}
