//! The vendor's switches in pairwise combinations.

use std::num::NonZeroU32;

use privlink_sim::{
    World, ZillizGcpProjectElsewhere as Elsewhere, ZillizOnDuplicate as Duplicate, ZillizOnMissingWhitelist as Missing,
    ZillizOnUnknownDelete as Unknown, ZillizSpelling as Spelling,
};

use super::common::rows::{assert_pairs, rows};
use super::common::take_down;
use super::{ALL, link, proves, set_up, snapshot};

#[test]
fn the_rows_hold_every_pair_of_settings() {
    assert_pairs();
}

#[tokio::test(start_paused = true)]
async fn whatever_no_public_source_says_a_link_comes_up_and_goes() {
    for (n, (project, row)) in rows().enumerate() {
        let [unseen, slow, spelling, in_200, code, duplicate, delete, listed, clear, short, old, busy] = row;
        for pair in ALL {
            let at = format!("{}, row {n}", pair.name());
            let world = World::new();
            pair.hurry(&world);
            world.zilliz().switch(|switches| {
                switches.gcp_project_elsewhere =
                    [Elsewhere::Absent, Elsewhere::Null, Elsewhere::Empty, Elsewhere::Absent][project];
                switches.unseen_lists = if unseen { 3 } else { 0 };
                (switches.ready_lists, switches.link_looks) = if slow { (4, 5) } else { (0, 0) };
                switches.spelling = if spelling { Spelling::Accepted } else { Spelling::Available };
                switches.errors_in_200 = in_200;
                switches.success_code = if code { 200 } else { 0 };
                switches.duplicate = if duplicate { Duplicate::Failure } else { Duplicate::Echo };
                switches.unknown_delete = if delete { Unknown::Success } else { Unknown::Failure };
                switches.missing_whitelist = if listed { Missing::Refused } else { Missing::Pending };
                switches.clear_address = clear;
                switches.short_lists = short;
                switches.old_hosts = old;
                switches.unknown_fields = !busy;
                switches.throttle_every = if busy { NonZeroU32::new(6) } else { None };
                // A page of one: everything takes several.
                switches.largest_page = if busy { 1 } else { 100 };
            });
            world.zilliz().require_whitelist(&world.zilliz().region_in(pair.cloud()), true);
            let before = snapshot(&world);
            let link = link(pair, &world);
            // Twice: on Google Cloud the same name is registered again.
            for _ in 0..2 {
                set_up(&link).await.unwrap_or_else(|error| panic!("{at}: {error}"));
                proves(&link, &world, &at).await;
                world.clear_requests();
                set_up(&link).await.unwrap();
                assert_eq!(world.writes().len(), 0, "{at}: a second run wrote");
                take_down(&link).await;
                assert_eq!(snapshot(&world), before, "{at}");
            }
        }
    }
}
