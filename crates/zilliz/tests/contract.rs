//! The suite that every database side passes, with the switches of the contract in pairs.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use privlink_core::CloudProvider;
use privlink_sim::contract::{self, AwsConsumer, AzureConsumer, GcpConsumer};
use privlink_sim::{
    World, ZillizGcpProjectElsewhere as Elsewhere, ZillizOnDuplicate as Duplicate, ZillizOnMissingWhitelist as Missing,
    ZillizOnUnknownDelete as Unknown, ZillizSpelling as Spelling, ZillizSwitches,
};
use support::*;

/// The two values of each switch that nobody has documented, and the third where there is one: row by row, any two
/// switches meet in every combination (an orthogonal array of strength 2 over eleven columns, in twelve rows).
const ROWS: [u16; 12] = [
    0b000_0000_0000,
    0b111_1111_1111,
    0b110_1110_0010,
    0b101_1100_0101,
    0b011_1000_1011,
    0b111_0001_0110,
    0b110_0010_1101,
    0b100_0101_1011,
    0b000_1011_0111,
    0b001_0110_1110,
    0b010_1101_1100,
    0b101_1011_1000,
];

fn row(bits: u16) -> impl Fn(&mut ZillizSwitches) {
    let on = move |column: u16| bits >> column & 1 == 1;
    move |switches| {
        switches.unseen_lists = if on(0) { 0 } else { 3 };
        switches.link_looks = if on(1) { 0 } else { 4 };
        switches.spelling = if on(2) { Spelling::Accepted } else { Spelling::Available };
        switches.errors_in_200 = on(3);
        switches.success_code = if on(4) { 200 } else { 0 };
        switches.duplicate = if on(5) { Duplicate::Failure } else { Duplicate::Echo };
        switches.unknown_delete = if on(6) { Unknown::Success } else { Unknown::Failure };
        switches.missing_whitelist = if on(7) { Missing::Refused } else { Missing::Pending };
        switches.clear_address = on(8);
        switches.short_lists = on(9);
        switches.old_hosts = on(10);
        switches.gcp_project_elsewhere = match bits % 3 {
            0 => Elsewhere::Absent,
            1 => Elsewhere::Null,
            _ => Elsewhere::Empty,
        };
    }
}

#[test]
fn the_rows_meet_in_pairs() {
    for one in 0..11 {
        for other in 0..one {
            let mut met: Vec<u16> = ROWS.iter().map(|bits| (bits >> one & 1) << 1 | (bits >> other & 1)).collect();
            met.sort_unstable();
            met.dedup();
            assert_eq!(met, [0, 1, 2, 3], "columns {one} and {other}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_region_keeps_the_contract_of_every_database_side_whatever_the_vendor_does() {
    for bits in ROWS {
        let world = World::new();
        world.zilliz().switch(row(bits));
        // Somebody else's endpoint, with which the clusters have their addresses from the start.
        if bits & 1 == 1 {
            let region = world.zilliz().region_in(CloudProvider::Aws);
            world.zilliz().register(&world.zilliz().project_id(), &region, OTHER, None);
        }
        contract::database(&aws(&world), &AwsConsumer::of_zilliz(&world)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_region_keeps_the_contract_with_consumers_of_every_cloud() {
    for bits in [ROWS[0], ROWS[1], ROWS[5]] {
        let world = World::new();
        world.zilliz().switch(row(bits));
        contract::database(&region(&world, CloudProvider::Azure), &AzureConsumer::of_zilliz(&world)).await;
        let world = World::new();
        world.zilliz().switch(row(bits));
        contract::database(&region(&world, CloudProvider::Gcp), &GcpConsumer::of_zilliz(&world)).await;
    }
}
