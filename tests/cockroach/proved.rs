//! What a proof says when a layer is broken, and the public door behind a fresh one.

use privlink::core::side::{Naming, Vantage as _};
use privlink::core::{CloudProvider, ErrorKind};
use privlink::{Link, cockroach};
use privlink_sim::World;

use super::common::pair::{AWS, AZURE, GCP};
use super::common::{network, set_up};
use super::{ALL, client, link};

async fn finding(link: &Link) -> String {
    let verdict = link.verify().await.unwrap();
    assert!(!verdict.proved, "{verdict}");
    verdict.findings[0].code.to_string()
}

#[tokio::test(start_paused = true)]
async fn each_broken_layer_is_named() {
    for (pair, cluster) in ALL {
        let world = World::new();
        let link = link(pair, &world, cluster);
        assert_eq!(link.verify().await.unwrap_err().kind(), ErrorKind::NotFound, "nothing is proved before");
        let applied = set_up(&link).await.unwrap();
        world.clock().sleep(std::time::Duration::from_secs(60)).await;
        let endpoint = applied.exchange.endpoints.values().next().unwrap().clone();
        let id = world.cockroach().find_cluster(cluster).unwrap();
        world.cockroach().disconnect(id, &endpoint.ids.primary().unwrap());
        assert_eq!(finding(&link).await, "TLS-001", "{cluster}: off the list");
        world.cockroach().connect(id, &endpoint.ids.primary().unwrap());
        assert!(link.verify().await.unwrap().proved, "{cluster}");
        for (address, _) in endpoint.addresses {
            pair.shut(&world, address);
        }
        assert_eq!(finding(&link).await, "NET-001", "{cluster}: shut");
    }
}

#[tokio::test(start_paused = true)]
async fn names_of_ones_own_are_told_and_not_written() {
    let world = World::new();
    let database = client(&world).cluster(world.cockroach().find_cluster("shopfront").unwrap().into());
    let network = network(&world).naming(Naming::SelfManaged);
    let link = Link::builder("orders-prod".parse().unwrap(), database, network).clock(world.clock());
    let link = link.vantage(AWS.vantage(&world)).build().unwrap();
    let applied = set_up(&link).await.unwrap();
    assert_eq!(applied.records().len(), 1);
    assert_eq!(finding(&link).await, "DNS-009");
}

#[tokio::test(start_paused = true)]
async fn the_zone_is_named_exactly_the_private_host_with_a_record_at_its_apex() {
    for (pair, cluster) in [(AZURE, "invoices"), (GCP, "tracking")] {
        let world = World::new();
        let link = link(pair, &world, cluster);
        let applied = set_up(&link).await.unwrap();
        let host = applied.names()[0].host.to_string();
        let zone = match pair.cloud() {
            CloudProvider::Azure => "PrivateZones_CreateOrUpdate",
            _ => "dns.managedZones.create",
        };
        let made: Vec<_> = world.writes().into_iter().filter(|write| write.operation == zone).collect();
        assert_eq!(made.len(), 1, "{cluster}");
        let said = format!("{} {}", made[0].path, String::from_utf8_lossy(&made[0].body));
        assert!(said.contains(&host), "{said}");
        let records = applied.records();
        assert!(records.len() == 1 && records[0].to_string().starts_with(&host), "{records:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn public_access_closes_only_behind_a_fresh_proof_and_reopens_exactly() {
    for (pair, cluster) in ALL {
        let world = World::new();
        let id = world.cockroach().find_cluster(cluster).unwrap();
        let handle = client(&world).cluster(id.into());
        let office = cockroach::AllowedRange::sql("198.51.100.0/24".parse().unwrap()).with_ui().named("office");
        handle.add_allowed_range(&office).await.unwrap();
        let before = world.snapshot()["cockroach"].clone();
        let link = link(pair, &world, cluster);
        set_up(&link).await.unwrap();
        world.clock().sleep(std::time::Duration::from_secs(60)).await;
        let expectation = link.expectation().await.unwrap();
        let proof = pair.vantage(&world).prove(&expectation).await.unwrap();
        let mut broken = proof.clone();
        broken.rungs.pop();
        assert_eq!(link.closing_plan(&expectation, &broken).await.unwrap_err().kind(), ErrorKind::Conflict);

        let closing = link.closing_plan(&expectation, &proof).await.unwrap();
        assert!(closing.plan.to_string().contains("198.51.100.0/24 (office)"), "{}", closing.plan);
        // The plan as a file, as another process would apply it.
        let plan = serde_json::from_str(&serde_json::to_string(&closing.plan).unwrap()).unwrap();
        link.apply(&plan).await.unwrap();
        assert!(world.cockroach().open_to_sql(id).is_empty(), "{cluster}");
        assert!(link.verify().await.unwrap().proved, "private traffic goes on");
        let error = link.closing_plan(&expectation, &proof).await.unwrap_err();
        assert_eq!(error.finding().map(|finding| &*finding.code), Some("CRDB-019"), "{error:?}");

        let receipt = serde_json::from_str(&serde_json::to_string(&closing.receipt).unwrap()).unwrap();
        link.apply(&link.reopening_plan(&receipt).await.unwrap()).await.unwrap();
        super::common::take_down(&link).await;
        assert_eq!(world.snapshot()["cockroach"], before, "{cluster}");
    }
}
