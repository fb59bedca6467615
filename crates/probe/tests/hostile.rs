//! Expectations and answers that are made to take long, or much.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant, SystemTime};

use privlink_core::ErrorKind;
use privlink_core::side::{Expectation, Layer, Nonce, PortRange, PrivateName, Protocol, RungResult, Vantage};
use privlink_probe::Local;

fn expectation(names: Vec<PrivateName>) -> Expectation {
    Expectation::new(Nonce::fresh(), SystemTime::now(), names, vec![Ipv4Addr::LOCALHOST.into()], Vec::new())
}

fn name(host: &str, ports: Vec<PortRange>) -> PrivateName {
    PrivateName::new(host.parse().unwrap(), ports, Protocol::Tls)
}

#[tokio::test]
async fn more_ports_than_anybody_has_are_refused_before_anything_is_tried() {
    let ranges =
        |first: u16| (0..700).map(|n| PortRange::range(first + n * 16, first + n * 16 + 15)).collect::<Vec<_>>();
    let hosts = |count: u32| (0..count).map(|n| name(&format!("h{n}.example.com"), Vec::new())).collect::<Vec<_>>();
    for hostile in [vec![name("a.example.com", ranges(1))], hosts(10_001)] {
        let error = Local::new().unwrap().prove(&expectation(hostile)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("at most 10000 are tried"), "{error}");
    }
}

/// As many as are allowed, of one host over and over: what is tried is not more for it.
#[tokio::test]
async fn what_is_named_thousands_of_times_is_tried_once() {
    let again = vec![PortRange::single(1); 5_000];
    let names = vec![name("a.example.com", again.clone()), name("a.example.com", again)];
    let here =
        Local::builder().resolve("a.example.com".parse().unwrap(), [Ipv4Addr::LOCALHOST.into()]).build().unwrap();
    let began = Instant::now();
    let proof = here.prove(&expectation(names)).await.unwrap();
    assert_eq!(proof.rungs.len(), 3, "{:?}", proof.rungs);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_name_of_thousands_of_addresses_is_no_endpoints() {
    let many: Vec<IpAddr> =
        (0..4_000_u16).map(|n| Ipv4Addr::from([127, 9, n.to_be_bytes()[0], n.to_be_bytes()[1]]).into()).collect();
    let host: privlink_core::DnsName = "a.example.com".parse().unwrap();
    for (count, held) in [(4_000, false), (65, false), (64, true)] {
        let here = Local::builder().resolve(host.clone(), many[..count].to_vec()).build().unwrap();
        let proof = here.look(host.clone(), []).await.unwrap();
        let rung = proof.rungs.last().unwrap();
        assert_eq!(rung.layer, Layer::Address);
        assert_eq!(rung.result, if held { RungResult::Held } else { RungResult::Unexpected }, "{count}: {}", rung.seen);
        assert!(rung.seen.len() < 200, "{}", rung.seen);
    }
}
