//! One name server, asked directly: what each of its answers is called, over real sockets.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

#[path = "common/dns.rs"]
mod dns;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use dns::{A, reply, serve};
use privlink_core::side::{Cause, Expectation, Layer, Nonce, PrivateName, Protocol, Rung, RungResult, Vantage};
use privlink_probe::Local;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

const HOST: &str = "orders.us-east-1.vpce.aws.clickhouse.cloud";
const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 5);

/// The rungs of a name whose endpoint has the one address [`OWN`], and who answered.
async fn climb(server: SocketAddr, limit: Duration) -> (Vec<Rung>, String) {
    let name = PrivateName::new(HOST.parse().unwrap(), Vec::new(), Protocol::Tls);
    let expectation = Expectation::new(Nonce::fresh(), SystemTime::now(), vec![name], vec![OWN.into()], Vec::new());
    let here = Local::builder().name_server(server).resolve_timeout(limit).build().unwrap();
    let proof = here.prove(&expectation).await.unwrap();
    (proof.rungs, proof.resolver.to_string())
}

#[track_caller]
fn assert_broken(rungs: &[Rung], result: RungResult, words: &str) {
    let [rung] = rungs else { panic!("{rungs:?}") };
    assert_eq!((rung.layer, rung.result), (Layer::Name, result), "{}", rung.seen);
    assert!(rung.seen.contains(words), "{}", rung.seen);
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn the_answer_is_the_proofs_and_the_server_is_named() {
    let server = serve(|_, query| vec![reply(query, 0, &[OWN, OWN])]).await;
    let (rungs, resolver) = climb(server, LONG).await;
    let seen: Vec<_> = rungs.iter().map(|rung| (rung.layer, rung.result, rung.addresses.clone())).collect();
    let own = vec![OWN.into()];
    assert_eq!(seen, [(Layer::Name, RungResult::Held, own.clone()), (Layer::Address, RungResult::Held, own)]);
    assert_eq!(resolver, format!("name server {server}, asked directly"));
}

#[tokio::test]
async fn a_name_that_does_not_exist_says_how_long_that_is_kept() {
    let server = serve(|_, query| {
        let mut reply = reply(query, 3, &[]);
        reply[9] = 1;
        // The zone's own record, kept for 900 s, in which negative answers are for 45 s.
        reply.extend_from_slice(&[0xc0, 12, 0, 6, 0, 1, 0, 0, 3, 132, 0, 22, 0, 0]);
        reply.extend_from_slice(&[0; 16]);
        reply.extend_from_slice(&45_u32.to_be_bytes());
        vec![reply]
    })
    .await;
    let words =
        format!("{server} answers NXDOMAIN in the name of the zone {HOST}; resolvers may keep that answer for 45 s");
    let (rungs, _) = climb(server, LONG).await;
    assert_broken(&rungs, RungResult::NoSuchName, &words);
    let answer = rungs[0].answer.as_ref().unwrap();
    assert_eq!((answer.server, answer.negative_ttl_secs, answer.cached), (Some(server), Some(45), false));
    assert_eq!(answer.zone.as_ref().unwrap().as_str(), HOST);
}

#[tokio::test]
async fn a_kept_no_is_told_from_a_fresh_one() {
    // A cache counts the zone's record down; what nobody asked for before has it whole.
    let server = serve(|_, query| {
        let fresh = query.windows(8).any(|label| label == b"privlink");
        let left: u32 = if fresh { 60 } else { 42 };
        let mut reply = reply(query, 3, &[]);
        reply[9] = 1;
        // The owner is the name's parent in either question, which is one label further on.
        let parent = if fresh { 12 } else { 12 + 1 + query[12] };
        let parent = if fresh { parent + 1 + query[12] } else { parent };
        reply.extend_from_slice(&[0xc0, parent, 0, 6, 0, 1]);
        reply.extend_from_slice(&left.to_be_bytes());
        reply.extend_from_slice(&[0, 22, 0, 0]);
        reply.extend_from_slice(&[0; 16]);
        reply.extend_from_slice(&60_u32.to_be_bytes());
        vec![reply]
    })
    .await;
    let (rungs, _) = climb(server, LONG).await;
    assert_broken(
        &rungs,
        RungResult::NoSuchName,
        "it has kept that answer for 18 s; resolvers may keep that answer for 42 s",
    );
    let answer = rungs[0].answer.as_ref().unwrap();
    assert_eq!((answer.negative_ttl_secs, answer.cached), (Some(42), true));
    assert_eq!(answer.zone.as_ref().unwrap().as_str(), "us-east-1.vpce.aws.clickhouse.cloud");
}

#[tokio::test]
async fn a_no_that_is_kept_for_one_kind_alone_is_told_by_another() {
    // A cache that keeps its "no" for addresses, and asks anew for what nobody asked for before.
    let server = serve(|_, query| {
        let kind = u16::from_be_bytes([query[query.len() - 4], query[query.len() - 3]]);
        let unheard = query.windows(8).any(|label| label == b"privlink");
        vec![reply(query, if kind > 255 && !unheard { 0 } else { 3 }, &[])]
    })
    .await;
    let (rungs, _) = climb(server, LONG).await;
    assert_broken(&rungs, RungResult::NoSuchName, "it knows by now that the name exists");
    assert!(rungs[0].answer.as_ref().unwrap().cached);
}

#[tokio::test]
async fn the_chain_of_aliases_is_kept() {
    let server = serve(|_, query| {
        let mut reply = reply(query, 0, &[]);
        if query[query.len() - 3] != A {
            return vec![reply];
        }
        reply[7] = 2;
        reply.extend_from_slice(&[0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 10]);
        let alias = u8::try_from(reply.len()).unwrap();
        reply.extend_from_slice(b"\x04vpce\x03aws\0");
        reply.extend_from_slice(&[0xc0, alias, 0, A, 0, 1, 0, 0, 0, 60, 0, 4]);
        reply.extend_from_slice(&OWN.octets());
        vec![reply]
    })
    .await;
    let (rungs, _) = climb(server, LONG).await;
    assert_eq!(rungs[1].result, RungResult::Held, "{}", rungs[1].seen);
    assert_eq!(rungs[0].seen, "resolves to vpce.aws, 10.0.1.5");
    assert_eq!(rungs[0].answer.as_ref().unwrap().aliases, ["vpce.aws".parse().unwrap()]);
}

#[tokio::test]
async fn the_next_server_is_asked_where_one_fails_and_the_one_that_answered_is_told() {
    let failing = serve(|_, query| vec![reply(query, 2, &[])]).await;
    let good = serve(|_, query| vec![reply(query, 0, &[OWN])]).await;
    let name = PrivateName::new(HOST.parse().unwrap(), Vec::new(), Protocol::Tls);
    let expectation = Expectation::new(Nonce::fresh(), SystemTime::now(), vec![name], vec![OWN.into()], Vec::new());
    let here = Local::builder().name_server(failing).name_server(good).build().unwrap();
    let proof = here.prove(&expectation).await.unwrap();
    assert_eq!(proof.rungs[0].answer.as_ref().unwrap().server, Some(good), "{:?}", proof.rungs);
    assert_eq!(&*proof.resolver, format!("name servers {failing}, {good}, asked directly"));
}

#[tokio::test]
async fn every_proof_asks_again() {
    let server = serve(|number, query| {
        let address = if number < 2 { OWN } else { Ipv4Addr::new(10, 9, 9, 9) };
        vec![reply(query, 0, &[address])]
    })
    .await;
    let name = PrivateName::new(HOST.parse().unwrap(), Vec::new(), Protocol::Tls);
    let expectation = Expectation::new(Nonce::fresh(), SystemTime::now(), vec![name], vec![OWN.into()], Vec::new());
    let here = Local::builder().name_server(server).build().unwrap();
    let results = [here.prove(&expectation).await.unwrap(), here.prove(&expectation).await.unwrap()];
    assert_eq!(results.map(|proof| proof.rungs[1].result), [RungResult::Held, RungResult::ForeignAddress]);
}

#[tokio::test]
async fn a_name_without_an_address_and_a_failing_server_are_told_apart() {
    let empty = serve(|_, query| vec![reply(query, 0, &[])]).await;
    assert_broken(&climb(empty, LONG).await.0, RungResult::NoData, "without an address");
    let failing = serve(|_, query| vec![reply(query, 2, &[])]).await;
    let (rungs, _) = climb(failing, LONG).await;
    assert_broken(&rungs, RungResult::ResolverFailed, "SERVFAIL");
    assert_eq!(rungs[0].cause, Some(Cause::ResolverError));
    // Half of the answer is none: the other half might lead elsewhere.
    let half = serve(|_, query| {
        let code = if query[query.len() - 3] == A { 0 } else { 5 };
        vec![reply(query, code, &[OWN])]
    })
    .await;
    assert_broken(&climb(half, LONG).await.0, RungResult::ResolverFailed, "REFUSED");
}

#[tokio::test]
async fn a_server_that_is_silent_or_not_there_failed() {
    let silent = serve(|_, _| Vec::new()).await;
    let words = format!("{silent}: no answer in 0.2 s");
    let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let gone_words = format!("{gone}: no answer in 0.2 s");
    for (server, words) in [(silent, words), (gone, gone_words)] {
        let (rungs, _) = climb(server, Duration::from_millis(200)).await;
        assert_broken(&rungs, RungResult::ResolverFailed, &words);
        assert_eq!(rungs[0].cause, Some(Cause::ResolverSilent));
    }
}

#[tokio::test]
async fn a_lost_packet_is_sent_again() {
    let server = serve(|number, query| if number < 2 { Vec::new() } else { vec![reply(query, 0, &[OWN])] }).await;
    let (rungs, _) = climb(server, LONG).await;
    assert_eq!(rungs[0].result, RungResult::Held, "{}", rungs[0].seen);
}

#[tokio::test]
async fn answers_to_other_questions_are_passed_over() {
    let server = serve(|_, query| {
        let mut forged = reply(query, 0, &[Ipv4Addr::new(10, 9, 9, 9)]);
        forged[0] ^= 1;
        vec![forged, b"noise".to_vec(), reply(query, 0, &[OWN])]
    })
    .await;
    assert_eq!(climb(server, LONG).await.0[1].result, RungResult::Held);
}

#[tokio::test]
async fn what_does_not_fit_into_a_packet_is_fetched_over_tcp() {
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = tcp.local_addr().unwrap();
    let udp = UdpSocket::bind(address).await.unwrap();
    tokio::spawn(async move {
        let mut packet = [0; 512];
        loop {
            let (length, from) = udp.recv_from(&mut packet).await.unwrap();
            let mut cut = reply(&packet[..length], 0, &[]);
            cut[2] |= 2;
            udp.send_to(&cut, from).await.unwrap();
        }
    });
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = tcp.accept().await.unwrap();
            let mut query = vec![0; stream.read_u16().await.unwrap().into()];
            stream.read_exact(&mut query).await.unwrap();
            let reply = reply(&query, 0, &[OWN]);
            stream.write_u16(reply.len().try_into().unwrap()).await.unwrap();
            stream.write_all(&reply).await.unwrap();
        }
    });
    let (rungs, _) = climb(address, LONG).await;
    assert_eq!(rungs[0].addresses, [OWN], "{}", rungs[0].seen);
}
