//! The vendors whose ports are handed out: listeners stand where the simulated state says, and speak what it says.

use privlink::core::CloudProvider;
use privlink::core::side::{DatabaseSide, Layer, RungResult};
use privlink::probe::Local;
use privlink::{Expectation, Link, Proof, aiven, zilliz};
use privlink_sim::AivenServiceSpec;

use super::broken;
use super::lab::{DEADLINES, Lab};

fn link(lab: &Lab, database: impl DatabaseSide + 'static, here: &Local) -> Link {
    Link::builder("orders-prod".parse().unwrap(), database, lab.network())
        .clock(lab.world.clock())
        .vantage(here.clone())
        .build()
        .unwrap()
}

fn service(lab: &Lab, kind: &str) -> aiven::Service {
    let handle = lab.world.aiven();
    handle.add_service(AivenServiceSpec::new("orders", kind, CloudProvider::Aws, lab.world.aws().region()));
    let client = aiven::Client::builder()
        .base_url(lab.server.url())
        .token(handle.token())
        .deadlines(DEADLINES)
        .clock(lab.world.clock())
        .build()
        .unwrap();
    client.project(handle.project().parse().unwrap()).service("orders".parse().unwrap())
}

/// Sets the link up, in as many plans as it takes, and proves it once the listeners have followed.
async fn proved(link: &Link, here: &Local) -> (Expectation, Proof) {
    loop {
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{plan}");
        if !link.apply(&plan).await.unwrap().plan_again {
            break;
        }
    }
    let expectation = link.expectation().await.unwrap();
    for _ in 0..200 {
        let proof = privlink::Vantage::prove(here, &expectation).await.unwrap();
        if link.judge(&expectation, &proof).proved {
            return (expectation, proof);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{}", link.verify().await.unwrap());
}

/// The ports that were proved at a layer.
fn held(proof: &Proof, layer: Layer) -> Vec<u16> {
    let held = proof.rungs.iter().filter(|rung| rung.layer == layer && rung.result == RungResult::Held);
    held.filter_map(|rung| rung.port).collect()
}

#[tokio::test]
async fn aivens_postgres_is_asked_for_tls_on_the_port_of_its_component() {
    let lab = Lab::new().await;
    // The project's own authority comes with the expectation.
    let here = lab.stranger().build().unwrap();
    let link = link(&lab, service(&lab, "pg"), &here);
    let (expectation, proof) = proved(&link, &here).await;
    let ignorant = expectation.clone().signed_by([]);
    let proof_without = privlink::Vantage::prove(&here, &ignorant).await.unwrap();
    broken(&link.judge(&ignorant, &proof_without), "TLS-004", Layer::Tls, RungResult::BadCertificate);
    let ports = held(&proof, Layer::Tls);
    assert!(ports.iter().all(|port| (10_000..=31_000).contains(port)) && !ports.is_empty(), "{proof:?}");
    assert_eq!(held(&proof, Layer::Protocol), ports, "PostgreSQL answered on each: {proof:?}");
    assert!(link.diagnose().await.unwrap().is_proved());

    // Its load balancer is its own, and has nobody behind it.
    lab.world.aiven().set_state("orders", "POWEROFF");
    let silent = |rung: &privlink::core::side::Rung| rung.layer == Layer::Tcp && rung.result == RungResult::TimedOut;
    let proof = lab.until(&expectation, silent).await;
    broken(&link.judge(&expectation, &proof), "NET-001", Layer::Tcp, RungResult::TimedOut);
}

#[tokio::test]
async fn aivens_kafka_is_proved_by_its_bootstrap_port_and_the_range_of_its_brokers_is_silent() {
    let lab = Lab::new().await;
    let here = lab.stranger().build().unwrap();
    let link = link(&lab, service(&lab, "kafka"), &here);
    let (_, proof) = proved(&link, &here).await;
    assert!(!held(&proof, Layer::Tls).is_empty(), "{proof:?}");
    let verdict = link.verify().await.unwrap();
    let codes: Vec<&str> = verdict.findings.iter().map(|finding| &*finding.code).collect();
    assert!(verdict.proved && codes.iter().all(|code| *code == "NET-003") && !codes.is_empty(), "{verdict}");
}

#[tokio::test]
async fn a_cluster_of_zillizs_is_proved_on_the_port_of_its_private_address() {
    let lab = Lab::new().await;
    let handle = lab.world.zilliz();
    let client = zilliz::Client::builder()
        .base_url(lab.server.url())
        .api_key(handle.api_key())
        .deadlines(DEADLINES)
        .clock(lab.world.clock())
        .build()
        .unwrap();
    let region = handle.region_in(CloudProvider::Aws).parse().unwrap();
    let here = lab.vantage().build().unwrap();
    let link = link(&lab, client.project(handle.project_id().parse().unwrap()).region(region), &here);
    let (expectation, proof) = proved(&link, &here).await;
    let ports: Vec<u16> = expectation.names.iter().flat_map(|name| &name.ports).map(|ports| ports.first).collect();
    assert_eq!(held(&proof, Layer::Protocol), ports, "{proof:?}");
    assert!(ports.contains(&19_531), "{ports:?}");

    let project = handle.project_id();
    for endpoint in handle.registered(&project) {
        handle.deregister(&project, &endpoint);
    }
    let proof = lab.until(&expectation, |rung| rung.layer == Layer::Tls && rung.result == RungResult::Reset).await;
    broken(&link.judge(&expectation, &proof), "TLS-001", Layer::Tls, RungResult::Reset);
}
