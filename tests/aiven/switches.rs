//! The vendor's switches in pairwise combinations.

use std::num::NonZeroU32;
use std::time::Duration;

use privlink::core::CloudProvider;
use privlink_sim::{AivenUnset, World};

use super::common::rows::{assert_pairs, rows};
use super::common::{set_up, take_down};
use super::{ALL, left, whole};

#[test]
fn the_rows_hold_every_pair_of_settings() {
    assert_pairs();
}

#[tokio::test(start_paused = true)]
async fn whatever_no_public_source_says_a_link_comes_up_and_goes() {
    for (n, (unset, row)) in rows().enumerate() {
        let [slow, lags, connected, access, own, late, unseen, without, refused, status, unknown, busy] = row;
        for (pair, service) in ALL {
            let at = format!("{service}, row {n}");
            let world = World::new();
            pair.hurry(&world);
            let seconds = |long, on: bool| Duration::from_secs(if on { long } else { 0 });
            world.aiven().switch(|switches| {
                switches.unset = [AivenUnset::Null, AivenUnset::Missing, AivenUnset::Empty, AivenUnset::Null][unset];
                (switches.creating, switches.deleting) = (seconds(300, slow), seconds(120, slow));
                switches.updating = seconds(60, slow);
                switches.refresh_lag = seconds(30, lags);
                // Each is of one cloud alone, and so are those of the next line.
                (switches.google_connected, switches.azure_connected) = (connected, connected);
                switches.aws_connected = seconds(30, connected);
                (switches.kafka_port_outside, switches.google_wants_body) = (own, own);
                switches.azure_rebuild = seconds(60, own);
                switches.access_takes = seconds(120, access);
                switches.unknown_to_writes = if late { 2 } else { 0 };
                switches.lists_empty = if unseen { 2 } else { 0 };
                // Elsewhere a connection is approved by its id.
                switches.without_connection_ids = without && pair.cloud() == CloudProvider::Aws;
                switches.deletions_refused = (if refused { 2 } else { 0 }, if status { 417 } else { 409 });
                switches.unknown_fields = unknown;
                switches.throttle_every = if busy { NonZeroU32::new(6) } else { None };
            });
            let before = left(pair, &world, service);
            let link = whole(pair, &world, service);
            // Twice: a privatelink that is made again has other ids.
            for _ in 0..2 {
                set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
                world.clock().sleep(Duration::from_secs(180)).await;
                let verdict = link.verify().await.unwrap();
                assert!(verdict.proved, "{at}: {verdict}");
                world.clear_requests();
                set_up(&link).await.unwrap();
                assert_eq!(world.writes().len(), 0, "{at}: a second run wrote");
                take_down(&link).await;
                world.clock().sleep(Duration::from_secs(180)).await;
                assert_eq!(left(pair, &world, service), before, "{at}");
            }
        }
    }
}
