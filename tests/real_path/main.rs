//! The whole job over real sockets: clients over HTTP, the probe over DNS, TCP and TLS on loopback;
//! then one layer after the other broken, and each break named by its layer.

// Elsewhere only 127.0.0.1 is there without setting it up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod lab;
mod scenarios;
mod vendors;

use std::net::IpAddr;
use std::time::Duration;

use privlink::core::PrivateEndpointId;
use privlink::core::side::{Layer, Naming, Rung, RungResult};
use privlink::probe::Local;
use privlink::{Link, Vantage, Verdict, cockroach};
use privlink_sim::{Certificate, Disturbance, WireFault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use self::lab::{DEADLINES, Lab, open};

/// Says that the link is broken at `layer`, nothing below it, and gives the first broken rung.
#[track_caller]
fn broken<'a>(verdict: &'a Verdict, code: &str, layer: Layer, result: RungResult) -> &'a Rung {
    assert!(!verdict.proved, "{verdict}");
    let codes: Vec<&str> = verdict.findings.iter().map(|finding| &*finding.code).collect();
    assert_eq!(codes, [code], "{verdict}");
    let rung = verdict.rungs.iter().find(|rung| rung.result != RungResult::Held).unwrap();
    assert_eq!((rung.layer, rung.result), (layer, result), "{verdict}");
    let below = verdict.rungs.iter().filter(|rung| rung.layer < layer);
    assert!(below.clone().count() > 0 || layer == Layer::Name, "{verdict}");
    assert!(below.into_iter().all(|rung| rung.result == RungResult::Held), "{verdict}");
    let evidence = verdict.findings[0].evidence.iter().any(|told| told.contains(&*rung.seen));
    assert!(evidence, "the finding keeps what was seen: {verdict}");
    rung
}

#[tokio::test]
async fn a_link_is_set_up_over_http_proved_over_tls_and_taken_down() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network());
    lab.set_up(&link).await;
    let (expectation, proof) = link.prove().await.unwrap();
    let verdict = link.judge(&expectation, &proof);
    assert!(verdict.proved && verdict.is_fresh(), "{verdict}");
    assert_eq!(proof.resolver, format!("name server {}, asked directly", lab.path.resolver()));
    assert_eq!(proof.local, [IpAddr::from([127, 0, 0, 1])]);
    let climbed: Vec<_> = proof.rungs.iter().map(|rung| (rung.layer, rung.port)).collect();
    let ports = [(Layer::Tcp, Some(8443)), (Layer::Tls, Some(8443)), (Layer::Protocol, Some(8443))];
    let native = [(Layer::Tcp, Some(9440)), (Layer::Tls, Some(9440))];
    let names = [(Layer::Name, None), (Layer::Address, None)];
    assert_eq!(climbed, [&names[..], &ports, &native].concat());
    let mut answered = proof.rungs[0].addresses.clone();
    answered.sort();
    let mut own = lab.addresses();
    own.sort();
    assert_eq!((answered, own.len()), (own, 2), "the endpoint has an address in each of two zones");
    assert_eq!(proof.rungs[4].seen, "GET /ping answered 200, `Ok.`");
    assert!(link.plan().await.unwrap().is_done());

    let (addresses, removal) = (lab.addresses(), link.removal_plan().await.unwrap());
    link.apply(&removal).await.unwrap();
    assert!(lab.world.aws().endpoints().is_empty());
    assert!(lab.world.clickhouse().attached(lab.world.clickhouse().service_id()).is_empty());
    // What was proved before does not hold any more, and the way is shut where it begins.
    let again = link.judge(&expectation, &lab.vantage().build().unwrap().prove(&expectation).await.unwrap());
    broken(&again, "DNS-009", Layer::Name, RungResult::NoSuchName);
    for address in addresses {
        while open(address, 8443).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test]
async fn postgres_is_asked_for_tls_first_and_cut_off_where_the_cluster_does_not_list_the_endpoint() {
    let lab = Lab::new().await;
    let vendor = lab.world.cockroach();
    let id = vendor.find_cluster("shopfront").unwrap();
    let cluster = cockroach::Client::builder()
        .base_url(lab.server.url())
        .api_key(vendor.api_key())
        .deadlines(DEADLINES)
        .clock(lab.world.clock())
        .build()
        .unwrap()
        .cluster(id.into());
    let link = Link::builder("orders-prod".parse().unwrap(), cluster, lab.network())
        .clock(lab.world.clock())
        .vantage(lab.vantage().build().unwrap())
        .build()
        .unwrap();
    let plan = link.plan().await.unwrap();
    assert!(plan.blockers().next().is_none(), "{plan}");
    link.apply(&plan).await.unwrap();
    lab.listening(&[26257]).await;
    let (expectation, proof) = link.prove().await.unwrap();
    let verdict = link.judge(&expectation, &proof);
    assert!(verdict.proved, "{verdict}");
    let climbed: Vec<_> = proof.rungs.iter().map(|rung| (rung.layer, rung.port)).collect();
    assert!(climbed.contains(&(Layer::Tls, Some(26257))), "{climbed:?}");
    // What does not ask for TLS in PostgreSQL's way is sent away.
    let mut plain = TcpStream::connect((lab.addresses()[0], 26257)).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    assert!(matches!(plain.read_to_end(&mut answer).await, Ok(0) | Err(_)), "{answer:?}");

    vendor.disconnect(id, &lab.endpoint().into());
    let proof = lab.until(&expectation, |rung| rung.layer == Layer::Tls && rung.result == RungResult::Reset).await;
    broken(&link.judge(&expectation, &proof), "TLS-001", Layer::Tls, RungResult::Reset);
}

#[tokio::test]
async fn a_record_or_zone_that_is_gone_breaks_the_name_and_is_written_again() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network());
    lab.set_up(&link).await;
    let zone = lab.network().client().route53().zones_named(&lab.host()).await.unwrap().remove(0).id;
    let aws = lab.world.aws();

    aws.delete_record(&zone, &lab.host(), "A");
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "DNS-002", Layer::Name, RungResult::NoData);
    let kept = "resolvers may keep that answer for 900 s";
    assert_eq!(rung.seen, format!("{} has the name without an address; {kept}", lab.path.resolver()));
    assert_eq!(rung.answer.as_ref().unwrap().zone, Some(lab.host()), "the zone itself says so");
    lab.set_up(&link).await;
    assert!(link.verify().await.unwrap().proved);

    aws.delete_zone(&zone);
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "DNS-009", Layer::Name, RungResult::NoSuchName);
    let whose = "in the name of the zone clickhouse.cloud";
    assert_eq!(rung.seen, format!("{} answers NXDOMAIN {whose}; {kept}", lab.path.resolver()));
    lab.set_up(&link).await;
    assert!(link.verify().await.unwrap().proved);

    aws.set_dns(&aws.vpc_id(), false, false);
    let (expectation, proof) = link.prove().await.unwrap();
    let verdict = link.judge(&expectation, &proof);
    let rung = broken(&verdict, "DNS-003", Layer::Name, RungResult::ResolverFailed);
    assert!(rung.seen.contains("SERVFAIL"), "{verdict}");
}

#[tokio::test]
async fn a_name_that_leads_to_another_endpoint_breaks_the_address() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network().naming(Naming::SelfManaged));
    lab.set_up(&link).await;
    let aws = lab.world.aws();
    let zone = aws.make_zone(&lab.host(), &[aws.vpc_id()]);
    aws.put_address(&zone, &lab.host(), &[[127, 0, 0, 9].into()]);
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "DNS-005", Layer::Address, RungResult::ForeignAddress);
    assert!(rung.seen.starts_with("127.0.0.9 is private, but not this endpoint's; due is "), "{verdict}");
    assert!(lab.addresses().iter().all(|own| rung.seen.contains(&own.to_string())), "{verdict}");

    aws.put_address(&zone, &lab.host(), &[[198, 51, 100, 10].into()]);
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "DNS-004", Layer::Address, RungResult::PublicAddress);
    assert!(rung.seen.starts_with("198.51.100.10 is public"), "{verdict}");

    aws.put_address(&zone, &lab.host(), &lab.addresses());
    assert!(link.verify().await.unwrap().proved);
}

#[tokio::test]
async fn a_closed_group_breaks_tcp() {
    let lab = Lab::new().await;
    let aws = lab.world.aws();
    let group = aws.add_group(&aws.vpc_id(), "database");
    aws.open_ports(&group, 443..=9440, "127.0.0.0/8".parse().unwrap());
    let link = lab.link(lab.network().security_groups([group.clone()]));
    lab.set_up(&link).await;
    assert!(link.verify().await.unwrap().proved);

    aws.close_inbound(&group);
    let expectation = link.expectation().await.unwrap();
    let shut = lab.until(&expectation, |rung| rung.layer == Layer::Tcp && rung.result == RungResult::TimedOut);
    let verdict = link.judge(&expectation, &shut.await);
    let rung = broken(&verdict, "NET-001", Layer::Tcp, RungResult::TimedOut);
    assert!(rung.seen.contains("TCP connection: no answer in 0.5 s"), "{verdict}");
    let ports: Vec<_> = verdict.rungs.iter().filter_map(|rung| rung.port).collect();
    assert_eq!(ports, [8443, 9440], "nothing above the break is climbed");

    aws.open_ports(&group, 8443..=8443, "127.0.0.0/8".parse().unwrap());
    let half = lab.until(&expectation, |rung| rung.layer == Layer::Protocol);
    let verdict = link.judge(&expectation, &half.await);
    let rung = broken(&verdict, "NET-005", Layer::Tcp, RungResult::TimedOut);
    assert_eq!(rung.port, Some(9440));
}

#[tokio::test]
async fn an_endpoint_off_the_allow_list_or_before_another_service_breaks_tls() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network());
    lab.set_up(&link).await;
    let vendor = lab.world.clickhouse();
    vendor.detach(vendor.service_id(), &PrivateEndpointId::from(lab.endpoint()));
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "TLS-001", Layer::Tls, RungResult::Reset);
    assert!(rung.seen.contains("TLS handshake: "), "{verdict}");
    assert_eq!(verdict.findings[0].evidence.len(), 2, "one of each port: {verdict}");
    // Planning finds the same from the other end, and applying mends it.
    lab.set_up(&link).await;
    assert!(link.verify().await.unwrap().proved);

    // The same endpoint, the same name: but the database has moved away from behind it.
    let expectation = link.expectation().await.unwrap();
    vendor.move_to_cell(vendor.service_id(), "us-east-1-c1");
    let verdict = link.judge(&expectation, &lab.vantage().build().unwrap().prove(&expectation).await.unwrap());
    broken(&verdict, "TLS-001", Layer::Tls, RungResult::Reset);
}

#[tokio::test]
async fn another_certificate_breaks_tls() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network());
    lab.set_up(&link).await;
    let other = Certificate::Of("proxy.example.com".parse().unwrap());
    lab.world.disturb(Disturbance::new(WireFault::Show(other)));
    let verdict = link.verify().await.unwrap();
    let rung = broken(&verdict, "TLS-002", Layer::Tls, RungResult::BadCertificate);
    assert!(rung.seen.contains("proxy.example.com") && rung.seen.contains(lab.host().as_str()), "{verdict}");
    lab.world.calm();
    assert!(link.verify().await.unwrap().proved);

    // A machine that does not know the authority.
    let stranger = Local::builder().name_server(lab.path.resolver());
    let verdict = lab.link_of(lab.network(), stranger).verify().await.unwrap();
    let rung = broken(&verdict, "TLS-004", Layer::Tls, RungResult::BadCertificate);
    assert!(rung.seen.contains("UnknownIssuer"), "{verdict}");
}

#[tokio::test]
async fn nobody_or_something_else_behind_the_address_is_told_apart() {
    let lab = Lab::new().await;
    let link = lab.link(lab.network());
    lab.set_up(&link).await;
    let expectation = link.expectation().await.unwrap();
    let (host, address) = (lab.host(), lab.addresses()[0]);
    let here = Local::builder().resolve(host, [address]).build().unwrap();
    drop(lab.path);
    while open(address, 8443).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let verdict = link.judge(&expectation, &here.prove(&expectation).await.unwrap());
    let rung = broken(&verdict, "NET-002", Layer::Tcp, RungResult::Refused);
    assert_eq!(rung.seen, "TCP connection: refused");

    for port in [8443, 9440] {
        let listener = TcpListener::bind((address, port)).await.unwrap();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
                // The client ends it, when it has read what is no TLS.
                let _ended = stream.read_to_end(&mut Vec::new()).await;
            }
        });
    }
    let verdict = link.judge(&expectation, &here.prove(&expectation).await.unwrap());
    broken(&verdict, "TLS-003", Layer::Tls, RungResult::Unexpected);
}
