//! How long a proof takes: as long as its slowest probe, and never longer than its limits.

// Elsewhere only 127.0.0.1 is there without setting it up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use common::{Authority, HOST, address, expectation, here, name, serve};
use privlink_core::side::{PortRange, Protocol, RungResult, Vantage};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

const DELAY: Duration = Duration::from_millis(50);

/// A service behind a proxy that holds each thing said for a while, either way.
async fn slow(address: IpAddr, port: u16, ca: &Authority) -> u16 {
    let acceptor = ca.acceptor(HOST);
    serve(address, port, move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let (there, here) = tokio::io::duplex(64 << 10);
            let (from_client, to_client) = tokio::io::split(stream);
            let (from_server, to_server) = tokio::io::split(here);
            let service = async move {
                if let Ok(mut stream) = acceptor.accept(there).await {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nOk.\n").await;
                    let _ = stream.shutdown().await;
                }
            };
            tokio::join!(service, pump(from_client, to_server), pump(from_server, to_client));
        }
    })
    .await
}

async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) {
    let mut chunk = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        tokio::time::sleep(DELAY).await;
        if to.write_all(&chunk[..count]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_link_takes_no_longer_than_its_slowest_probe() {
    let ca = Authority::new();
    // No other test uses these, so that one port can be had on all.
    let addresses = [address(21), address(22), address(23)];
    let mut ports = Vec::new();
    for _ in 0..4 {
        let port = slow(addresses[0], 0, &ca).await;
        for address in &addresses[1..] {
            slow(*address, port, &ca).await;
        }
        ports.push((port, Protocol::ClickHouseHttps));
    }
    let took = async |addresses: &[IpAddr], ports: &[(u16, Protocol)]| {
        let here = here(&ca, addresses).build().unwrap();
        let expectation = expectation(vec![name(ports)], addresses);
        let began = Instant::now();
        let proof = here.prove(&expectation).await.unwrap();
        let took = began.elapsed();
        assert!(proof.rungs.iter().all(|rung| rung.result == RungResult::Held), "{:?}", proof.rungs);
        took
    };
    // The slowest of all single probes, not of some: what else the machine does slows one of twelve down in either
    // way of doing them. The median of some rounds stands for both; one port after the other would take twelve times
    // as long in every round.
    let mut rounds = Vec::new();
    for _ in 0..5 {
        let mut slowest = Duration::ZERO;
        for port in &ports {
            for address in addresses {
                slowest = slowest.max(took(&[address], &[*port]).await);
            }
        }
        rounds.push((took(&addresses, &ports).await, slowest));
    }
    let ratio = |(whole, slowest): &(Duration, Duration)| whole.as_secs_f64() / slowest.as_secs_f64();
    rounds.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    assert!(
        ratio(&rounds[2]) <= 1.2,
        "half of the rounds took longer than the slowest single probe and a fifth: {rounds:?}"
    );
}

#[tokio::test]
async fn what_is_not_reached_ends_within_the_limits() {
    let ca = Authority::new();
    let addresses = [address(24), address(25), address(26)];
    let mut ports = Vec::new();
    for _ in 0..4 {
        // Connects, and never says a word.
        let silent = |mut stream: TcpStream| async move {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        };
        let port = serve(addresses[0], 0, silent).await;
        for address in &addresses[1..] {
            serve(*address, port, silent).await;
        }
        ports.push((port, Protocol::Mysql));
    }
    let limit = Duration::from_millis(250);
    let here = here(&ca, &addresses)
        .resolve_timeout(limit)
        .connect_timeout(limit)
        .tls_timeout(limit)
        .answer_timeout(limit)
        .build()
        .unwrap();
    let began = Instant::now();
    let proof = here.prove(&expectation(vec![name(&ports)], &addresses)).await.unwrap();
    let took = began.elapsed();
    assert!(proof.rungs.iter().filter(|rung| rung.result == RungResult::TimedOut).count() == 4, "{:?}", proof.rungs);
    assert!((limit..limit * 4).contains(&took), "{took:?}");
}

#[tokio::test]
async fn a_look_needs_nothing_but_a_name_and_ports() {
    let ca = Authority::new();
    let port = slow(address(27), 0, &ca).await;
    let here = here(&ca, &[address(27)]).build().unwrap();
    let proof = here
        .look(HOST.parse().unwrap(), [PortRange::single(port), PortRange::single(port).speaking(Protocol::Https)])
        .await
        .unwrap();
    // A port is tried once, by what is said of it first.
    assert_eq!(proof.rungs.len(), 4, "{:?}", proof.rungs);
    assert!(proof.rungs.iter().all(|rung| rung.result == RungResult::Held), "{:?}", proof.rungs);
    assert!(here.look("*.example.com".parse().unwrap(), []).await.is_err());
}
