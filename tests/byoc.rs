//! A ClickHouse service in the customer's own AWS account (BYOC): refused until private link is
//! enabled there, then set up with somebody accepting the connection, proved, and taken down.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use common::{endpoints, network, take_down, vendor};
use privlink::core::side::{Fact, Naming, Slot};
use privlink::core::{CloudProvider, Turn};
use privlink::{ApplyError, EventKind, Link};
use privlink_sim::{ServiceSpec, World};

/// A world with a BYOC infrastructure, whose private link is off, and a service on it.
fn world() -> (World, String) {
    let world = World::new();
    let region = world.aws().region();
    let infrastructure = world.clickhouse().add_byoc(CloudProvider::Aws, &region, "123456789012");
    let spec = ServiceSpec::new("own", CloudProvider::Aws, region).byoc(infrastructure);
    world.clickhouse().add_service(spec);
    let path = format!("/organizations/{}/byocInfrastructure/{infrastructure}", world.clickhouse().organization_id());
    (world, path)
}

fn link(world: &World) -> Link {
    let database = vendor(world).service(world.clickhouse().find_service("own").unwrap().into());
    Link::builder("own-prod".parse().unwrap(), database, network(world).naming(Naming::EndpointPrivateDns))
        .clock(world.clock())
        .vantage(world.vantage(&world.aws().subnet_ids()[0]))
        .build()
        .unwrap()
}

/// Changes the infrastructure, as its owner does.
async fn set(world: &World, path: &str, switch: &str, on: bool) -> privlink::Result<()> {
    let body = serde_json::json!({ switch: on });
    vendor(world).request("PATCH".parse().unwrap(), path)?.json(&body).send().await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_made_before_private_link_is_enabled() {
    let (world, _) = world();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().any(|finding| finding.code == "CH-019"), "{plan}");
    assert!(matches!(link.apply(&plan).await.unwrap_err(), ApplyError::Blocked { .. }));
    assert!(world.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_enabled_infrastructure_is_linked_once_its_owner_accepts() {
    let (world, path) = world();
    let service = world.clickhouse().find_service("own").unwrap();
    // Enabling in the other order is refused by the vendor.
    set(&world, &path, "enablePrivateLink", true).await.unwrap_err();
    for switch in ["enablePrivateLoadBalancer", "enablePrivateLink"] {
        set(&world, &path, switch, true).await.unwrap();
    }
    let before = world.snapshot();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    let told = plan.findings.iter().find(|finding| finding.code == "CH-009").unwrap();
    assert_eq!(told.turn, Turn::Approver);

    let mut turns = Vec::new();
    let applied = link
        .apply(&plan)
        .observe(|event| {
            let EventKind::Waiting { turn, .. } = &event.kind else { return };
            turns.push(*turn);
            // Whoever owns the account accepts on the third time of asking.
            if turns.iter().filter(|turn| **turn == Turn::Approver).count() == 3 {
                world.aws().accept_endpoint(&endpoints(&world)[0]);
            }
        })
        .await
        .unwrap_or_else(|error| panic!("{}", error.report()));
    assert!(turns.contains(&Turn::Approver), "{turns:?}");
    assert!(applied.exchange.holds(Some(&Slot::main()), &Fact::Connected));
    let host = world.clickhouse().private_host(service).unwrap();
    assert_eq!(applied.names()[0].host.as_str(), host.as_str());
    assert!(host.as_str().contains(".vpce.") && host.as_str().ends_with(".aws.clickhouse-byoc.com"));
    let endpoint = endpoints(&world)[0].to_string();
    assert_eq!(world.clickhouse().attached(service), [endpoint]);
    let verdict = link.verify().await.unwrap();
    assert!(verdict.proved, "{verdict}");

    assert!(link.plan().await.unwrap().is_done());
    let refused = set(&world, &path, "enablePrivateLink", false).await.unwrap_err();
    assert_eq!(refused.http_status(), Some(400), "it is in use: {refused}");
    take_down(&link).await;
    assert_eq!(world.snapshot(), before);
    set(&world, &path, "enablePrivateLink", false).await.unwrap();
}
