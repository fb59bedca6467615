//! The picture of a link, for each vendor and cloud.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::pair::Pair;
use privlink::core::side::Naming;
use privlink::{Diagnosis, Files, Format, Link};

fn drawn(files: &Files) -> &str {
    let mut all = files.iter();
    let (_, text) = all.next().unwrap();
    assert_eq!(all.next(), None);
    text
}

async fn pictures(link: &Link, diagnosis: Option<&Diagnosis>) -> [String; 2] {
    let plan = link.plan().await.unwrap();
    [Format::Mermaid, Format::Svg].map(|format| {
        let files = match diagnosis {
            Some(diagnosis) => link.picture(&plan, diagnosis, format).unwrap(),
            None => link.render(&plan, format).unwrap(),
        };
        drawn(&files).to_owned()
    })
}

/// What is said to be there and not told, but for the database, which is named.
fn untold(chart: &str) -> Vec<&str> {
    chart.lines().filter(|line| line.ends_with("(there)\"]") && !line.trim_start().starts_with("database[")).collect()
}

/// What is there says where it is; what does not work is marked once.
async fn a_picture_says_where_things_are_and_what_is_broken(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    let [chart, drawing] = pictures(&link, None).await;
    assert!(chart.contains("to do") && drawing.contains("to do"), "{chart}");
    assert_eq!(untold(&chart), [""; 0], "{chart}");

    common::set_up(&link).await.unwrap();
    let [chart, drawing] = pictures(&link, None).await;
    let endpoint = chart.lines().find(|line| line.trim_start().starts_with("endpoint[")).unwrap();
    assert!(endpoint.contains("private endpoint (there)"), "{chart}");
    let place = ["in use1-az1", "in the subnet default", "in the subnetwork clients"];
    assert!(place.iter().any(|place| endpoint.contains(place)), "{endpoint}");
    assert!(!chart.contains(", broken") && !drawing.contains("broken\""), "{chart}");

    pair.turn_away(&world);
    pair.settled(&world).await;
    let diagnosis = link.diagnose().await.unwrap();
    let [chart, drawing] = pictures(&link, Some(&diagnosis)).await;
    assert_eq!(untold(&chart), [""; 0], "{chart}");
    assert_eq!(chart.matches(", broken").count(), 1, "{diagnosis}\n{chart}");
    assert_eq!(drawing.matches("edge broken").count(), 1, "{diagnosis}\n{drawing}");
}

common::pair::for_every_pair![a_picture_says_where_things_are_and_what_is_broken];

/// A zone that is the caller's own is told by the record in it.
async fn names_say_which_zone_they_are_in(pair: &Pair) {
    let world = pair.world();
    for mode in pair.naming_modes() {
        let Naming::PrivateZone(_) = mode else { continue };
        let link = pair.named(&world, "orders-prod", 0, Some(mode)).build().unwrap();
        let [chart, drawing] = pictures(&link, None).await;
        assert!(chart.contains("<br/>in the private zone "), "{chart}");
        assert!(drawing.contains("in the private zone "), "{drawing}");
    }
}

common::pair::for_each_pair![names_say_which_zone_they_are_in];
