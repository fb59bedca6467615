//! Each rung against real sockets on 127/8 addresses, with a private authority.

// Elsewhere only 127.0.0.1 is there without setting it up, and full queues behave otherwise.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // The helpers of tests are tests, too.

mod common;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use common::{
    Authority, HOST, address, assert_break, closed_port, expectation, here, http, last, name, prove, secure, serve,
    without_certificate,
};
use privlink_core::ErrorKind;
use privlink_core::side::{Cause, Layer, PortRange, PrivateName, Protocol, RungResult, Tries, Vantage};
use privlink_probe::Local;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

#[tokio::test]
async fn a_whole_link_holds_on_every_address() {
    let ca = Authority::new();
    // No other test uses these, so that one port can be had on both.
    let (first, second) = (address(8), address(9));
    let port = serve(first, 0, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
    serve(second, port, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;

    let proof = prove(&ca, &[first, second], &[(port, Protocol::ClickHouseHttps)]).await;

    let layers: Vec<_> = proof.rungs.iter().map(|rung| (rung.layer, rung.port, rung.result)).collect();
    assert_eq!(
        layers,
        [
            (Layer::Name, None, RungResult::Held),
            (Layer::Address, None, RungResult::Held),
            (Layer::Tcp, Some(port), RungResult::Held),
            (Layer::Tls, Some(port), RungResult::Held),
            (Layer::Protocol, Some(port), RungResult::Held),
        ]
    );
    assert_eq!(last(&proof).seen, "GET /ping answered 200, `Ok.`");
    assert!(proof.rungs.iter().all(|rung| rung.addresses == [first, second] && rung.host.as_str() == HOST));
    assert_eq!(proof.local, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
    assert!(proof.resolver.ends_with("1 name answered by the caller"), "{}", proof.resolver);
}

#[tokio::test]
async fn a_public_or_foreign_answer_ends_the_climb_before_any_connection() {
    let name = name(&[(8443, Protocol::ClickHouseHttps)]);
    for (answer, own, result) in
        [("203.0.113.7", "10.0.1.5", RungResult::PublicAddress), ("10.0.9.9", "10.0.1.5", RungResult::ForeignAddress)]
    {
        let here = Local::builder().resolve(name.host.clone(), [answer.parse().unwrap()]).build().unwrap();
        let proof = here.prove(&expectation(vec![name.clone()], &[own.parse().unwrap()])).await.unwrap();
        assert_eq!(proof.rungs.len(), 2);
        assert_eq!((last(&proof).layer, last(&proof).result), (Layer::Address, result));
        assert!(last(&proof).seen.contains(answer) && last(&proof).seen.contains(own), "{}", last(&proof).seen);
    }
}

#[tokio::test]
async fn a_closed_port_is_refused() {
    let ca = Authority::new();
    let (_socket, port) = closed_port(address(2));
    let proof = prove(&ca, &[address(2)], &[(port, Protocol::Tls)]).await;
    assert_break(&proof, Layer::Tcp, RungResult::Refused, "refused");
}

#[tokio::test]
async fn a_port_that_swallows_packets_times_out() {
    // A queue of waiting connections that is full drops the next ones, as a filter does.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address(4), 0)).unwrap();
    let listener = socket.listen(1).unwrap();
    let full = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(full)).await {
        waiting.push(stream.unwrap());
    }

    let ca = Authority::new();
    let here = here(&ca, &[full.ip()]).connect_timeout(Duration::from_millis(300)).build().unwrap();
    let names = vec![name(&[(full.port(), Protocol::Tls)])];
    let proof = here.prove(&expectation(names, &[full.ip()])).await.unwrap();
    assert_break(&proof, Layer::Tcp, RungResult::TimedOut, "no answer in 0.3 s");
}

#[tokio::test]
async fn an_endpoint_that_is_not_admitted_resets_the_handshake() {
    let ca = Authority::new();
    let reset = serve(address(2), 0, |mut stream: TcpStream| async move {
        // What was sent is left unread, so closing resets the connection.
        let mut byte = [0];
        stream.read_exact(&mut byte).await.unwrap();
    })
    .await;
    let proof = prove(&ca, &[address(2)], &[(reset, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Tls, RungResult::Reset, "reset by peer");

    let closed = serve(address(2), 0, |mut stream: TcpStream| async move {
        let mut hello = [0; 4096];
        assert!(stream.read(&mut hello).await.unwrap() > 0);
        stream.shutdown().await.unwrap();
        // Held open for reading, so that nothing but the goodbye is sent.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let proof = prove(&ca, &[address(2)], &[(closed, Protocol::Tls)]).await;
    assert_break(&proof, Layer::Tls, RungResult::Reset, "closed by peer without an answer");
}

#[tokio::test]
async fn a_certificate_of_another_name_or_authority_is_no_proof() {
    let ca = Authority::new();
    let other = serve(address(2), 0, secure(ca.acceptor("other.example.com"), http("200 OK", "Ok.\n"))).await;
    let proof = prove(&ca, &[address(2)], &[(other, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Tls, RungResult::BadCertificate, "other.example.com");
    assert_eq!(last(&proof).cause, Some(Cause::WrongName));

    let stranger = Authority::named("Somebody else");
    let untrusted = serve(address(2), 0, secure(stranger.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
    let proof = prove(&ca, &[address(2)], &[(untrusted, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Tls, RungResult::BadCertificate, "UnknownIssuer");
    assert_eq!(last(&proof).cause, Some(Cause::UnknownAuthority));

    for (from, to) in [(2020, 2021), (2120, 2121)] {
        let off = ca.acceptor_of(HOST, |leaf| {
            leaf.not_before = rcgen::date_time_ymd(from, 1, 1);
            leaf.not_after = rcgen::date_time_ymd(to, 1, 1);
        });
        let off = serve(address(2), 0, secure(off, http("200 OK", "Ok.\n"))).await;
        let proof = prove(&ca, &[address(2)], &[(off, Protocol::ClickHouseHttps)]).await;
        assert_break(&proof, Layer::Tls, RungResult::BadCertificate, "certificate");
        assert_eq!(last(&proof).cause, Some(Cause::Expired), "{from} to {to}");
    }

    // A server that has nothing to show for the name says so and ends.
    let nothing: TlsAcceptor = Arc::new(without_certificate()).into();
    let nothing = serve(address(2), 0, secure(nothing, http("200 OK", "Ok.\n"))).await;
    let proof = prove(&ca, &[address(2)], &[(nothing, Protocol::ClickHouseHttps)]).await;
    assert_eq!((last(&proof).result, last(&proof).cause), (RungResult::BadCertificate, Some(Cause::NoCertificate)));
}

#[tokio::test]
async fn something_that_speaks_no_tls_is_unexpected() {
    let ca = Authority::new();
    let port = serve(address(2), 0, |mut stream: TcpStream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let proof = prove(&ca, &[address(2)], &[(port, Protocol::Tls)]).await;
    assert_break(&proof, Layer::Tls, RungResult::Unexpected, "TLS handshake");
}

#[tokio::test]
async fn silence_after_connecting_or_after_tls_times_out_on_its_own_rung() {
    let ca = Authority::new();
    let mute = serve(address(2), 0, |mut stream: TcpStream| async move {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let dumb = serve(
        address(2),
        0,
        secure(ca.acceptor(HOST), |mut stream| async move {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }),
    )
    .await;
    let here = here(&ca, &[address(2)])
        .tls_timeout(Duration::from_millis(400))
        .answer_timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    for (port, protocol, layer) in [
        (mute, Protocol::Tls, Layer::Tls),
        (mute, Protocol::Mysql, Layer::Tls),
        (dumb, Protocol::ClickHouseHttps, Layer::Protocol),
    ] {
        let proof = here.prove(&expectation(vec![name(&[(port, protocol)])], &[address(2)])).await.unwrap();
        assert_break(&proof, layer, RungResult::TimedOut, "no answer in");
    }
}

#[tokio::test]
async fn any_http_status_is_reach_and_anything_else_is_not() {
    let ca = Authority::new();
    let denied = serve(address(2), 0, secure(ca.acceptor(HOST), http("403 Forbidden", "no"))).await;
    let proof = prove(&ca, &[address(2)], &[(denied, Protocol::ClickHouseHttps)]).await;
    assert_eq!((last(&proof).result, &*last(&proof).seen), (RungResult::Held, "GET /ping answered 403"));

    let moved = serve(address(2), 0, secure(ca.acceptor(HOST), http("301 Moved", ""))).await;
    let proof = prove(&ca, &[address(2)], &[(moved, Protocol::Https)]).await;
    assert_eq!((last(&proof).result, &*last(&proof).seen), (RungResult::Held, "GET / answered 301"));

    let native = secure(ca.acceptor(HOST), |mut stream| async move {
        stream.write_all(b"\x02native protocol").await.unwrap();
        let _ = stream.shutdown().await;
    });
    let native = serve(address(2), 0, native).await;
    let proof = prove(&ca, &[address(2)], &[(native, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Protocol, RungResult::Unexpected, "is no HTTP");

    let hangs_up = serve(
        address(2),
        0,
        secure(ca.acceptor(HOST), |mut stream| async move {
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.shutdown().await;
        }),
    )
    .await;
    let proof = prove(&ca, &[address(2)], &[(hangs_up, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Protocol, RungResult::Reset, "closed by peer");
}

#[tokio::test]
async fn mysql_and_postgres_are_asked_in_their_own_words() {
    let ca = Authority::new();
    let acceptor = ca.acceptor(HOST);
    let mysql = serve(address(2), 0, move |mut stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut greeting = b"\x3c\0\0\0\x0a8.0.36\0\x01\0\0\0saltsalt\0\xff\xff".to_vec();
            greeting.resize(4 + 0x3c, 0);
            stream.write_all(&greeting).await.unwrap();
            let mut request = [0; 36];
            stream.read_exact(&mut request).await.unwrap();
            let _ = acceptor.accept(stream).await.unwrap().read(&mut [0]).await;
        }
    })
    .await;
    let acceptor = ca.acceptor(HOST);
    let postgres = serve(address(2), 0, move |mut stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut request = [0; 8];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(b"S").await.unwrap();
            let _ = acceptor.accept(stream).await.unwrap().read(&mut [0]).await;
        }
    })
    .await;
    let no_tls = serve(address(2), 0, |mut stream: TcpStream| async move {
        let mut request = [0; 8];
        stream.read_exact(&mut request).await.unwrap();
        stream.write_all(b"N").await.unwrap();
        let _ = stream.read(&mut [0]).await;
    })
    .await;

    let proof = prove(&ca, &[address(2)], &[(mysql, Protocol::Mysql)]).await;
    assert_eq!((last(&proof).layer, last(&proof).result), (Layer::Protocol, RungResult::Held));
    assert_eq!(last(&proof).seen, "MySQL greeted as version `8.0.36`");
    let proof = prove(&ca, &[address(2)], &[(postgres, Protocol::Postgres)]).await;
    assert_eq!((last(&proof).layer, last(&proof).result), (Layer::Protocol, RungResult::Held));
    let proof = prove(&ca, &[address(2)], &[(no_tls, Protocol::Postgres)]).await;
    assert_break(&proof, Layer::Tls, RungResult::Unexpected, "does not offer TLS");
}

#[tokio::test]
async fn one_broken_address_breaks_the_port_and_is_named() {
    let ca = Authority::new();
    let (good, bad) = (address(6), address(7));
    let port = serve(good, 0, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
    let proof = prove(&ca, &[good, bad], &[(port, Protocol::ClickHouseHttps)]).await;
    assert_break(&proof, Layer::Tcp, RungResult::Refused, "127.0.0.7: TCP connection: refused");
    assert_eq!((&*last(&proof).addresses, &*last(&proof).held_on), (&[bad][..], &[good][..]));
}

#[tokio::test]
async fn what_holds_at_times_is_told_with_how_often() {
    let ca = Authority::new();
    let acceptor = ca.acceptor(HOST);
    let times = Arc::new(AtomicU32::new(0));
    let port = serve(address(2), 0, move |stream: TcpStream| {
        let (acceptor, time) = (acceptor.clone(), times.fetch_add(1, Ordering::SeqCst));
        async move {
            // The second connection of three is cut.
            if time != 1
                && let Ok(stream) = acceptor.accept(stream).await
            {
                http("200 OK", "Ok.\n")(stream).await;
            }
        }
    })
    .await;
    let here = here(&ca, &[address(2)]).tries(3).build().unwrap();
    let name = name(&[(port, Protocol::ClickHouseHttps)]);
    let proof = here.prove(&expectation(vec![name], &[address(2)])).await.unwrap();
    assert_eq!((last(&proof).layer, last(&proof).result), (Layer::Tls, RungResult::Reset));
    assert_eq!(last(&proof).tries, Some(Tries::new(3, 2)));
    assert!(last(&proof).tries.unwrap().is_unsteady() && last(&proof).held_on.is_empty());
    let tcp = &proof.rungs[proof.rungs.len() - 2];
    assert_eq!((tcp.layer, tcp.result, tcp.tries), (Layer::Tcp, RungResult::Held, Some(Tries::new(3, 3))));
}

#[tokio::test]
async fn a_handshake_without_the_name_is_told_from_one_with_it() {
    let ca = Authority::new();
    let acceptor = ca.acceptor(HOST);
    // As the vendors' load balancers do, which find the database by the name alone.
    let port = serve(address(2), 0, move |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream).await;
            if let Ok(start) = hello
                && start.client_hello().server_name().is_some()
            {
                http("200 OK", "Ok.\n")(start.into_stream(Arc::clone(acceptor.config())).await.unwrap()).await;
            }
        }
    })
    .await;
    let expectation = expectation(vec![name(&[(port, Protocol::ClickHouseHttps)])], &[address(2)]);
    let proof = here(&ca, &[address(2)]).build().unwrap().prove(&expectation).await.unwrap();
    assert_eq!((last(&proof).layer, last(&proof).result), (Layer::Protocol, RungResult::Held));
    let here = here(&ca, &[address(2)]).without_server_name().build().unwrap();
    let proof = here.prove(&expectation).await.unwrap();
    assert_break(&proof, Layer::Tls, RungResult::Reset, "the handshake named no host");
    assert_eq!(last(&proof).cause, Some(Cause::NoServerName));
}

#[tokio::test]
async fn each_port_keeps_its_own_rungs_however_many_are_tried_at_once() {
    let ca = Authority::new();
    let pings = serve(address(2), 0, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
    let other = serve(address(2), 0, secure(ca.acceptor("other.example.com"), http("200 OK", ""))).await;
    let (_socket, closed) = closed_port(address(2));
    let ports = [(closed, Protocol::Tls), (pings, Protocol::ClickHouseHttps), (other, Protocol::Tls)];
    let wanted = [
        (closed, Layer::Tcp, RungResult::Refused),
        (pings, Layer::Protocol, RungResult::Held),
        (other, Layer::Tls, RungResult::BadCertificate),
    ];
    for at_once in [0, 1, 2, 32] {
        let here = here(&ca, &[address(2)]).at_once(at_once).build().unwrap();
        let proof = here.prove(&expectation(vec![name(&ports)], &[address(2)])).await.unwrap();
        for (port, layer, result) in wanted {
            let end = proof.rungs.iter().rfind(|rung| rung.port == Some(port)).unwrap();
            assert_eq!((end.layer, end.result), (layer, result), "port {port} with {at_once} at once");
        }
        let order: Vec<u16> = proof.rungs.iter().filter_map(|rung| rung.port).collect();
        assert_eq!(order, [closed, pings, pings, pings, other, other]);
    }
}

#[tokio::test]
async fn a_large_range_is_sampled_and_says_so() {
    let ca = Authority::new();
    let first = serve(address(5), 0, |_| async {}).await;
    let mut name = name(&[]);
    name.ports = vec![PortRange::range(first.min(65_000), 65_535)];
    let here = here(&ca, &[address(5)]).build().unwrap();
    let proof = here.prove(&expectation(vec![name], &[address(5)])).await.unwrap();
    let ports: Vec<_> = proof.rungs.iter().filter_map(|rung| Some((rung.port?, rung.layer, rung.result))).collect();
    assert_eq!(ports, [(first, Layer::Tcp, RungResult::Held), (65_535, Layer::Tcp, RungResult::Refused)]);
    assert!(last(&proof).seen.contains("stands for a range"), "{}", last(&proof).seen);
}

#[tokio::test]
async fn a_wildcard_is_not_resolved() {
    let name = PrivateName::new("*.example.com".parse().unwrap(), Vec::new(), Protocol::Tls);
    let proof = privlink_probe::prove(&expectation(vec![name], &[])).await.unwrap();
    assert_break(&proof, Layer::Name, RungResult::Unexpected, "wildcard");
}

#[tokio::test]
async fn an_expectation_without_names_or_of_another_version_is_refused() {
    let error = privlink_probe::prove(&expectation(Vec::new(), &[])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut later = expectation(vec![name(&[])], &[]);
    later.version = 2;
    assert_eq!(privlink_probe::prove(&later).await.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn dropping_the_future_closes_its_connections() {
    let ca = Authority::new();
    let (closed, mut was_closed) = tokio::sync::mpsc::unbounded_channel();
    let port = serve(address(2), 0, move |mut stream: TcpStream| {
        let closed = closed.clone();
        async move {
            let _ = stream.read_to_end(&mut Vec::new()).await;
            let _ = closed.send(());
        }
    })
    .await;
    let here = here(&ca, &[address(2)]).build().unwrap();
    let expectation = expectation(vec![name(&[(port, Protocol::Tls)])], &[address(2)]);
    let started = tokio::time::timeout(Duration::from_millis(200), here.prove(&expectation)).await;
    assert!(started.is_err(), "a silent server cannot have been proved");
    let ended = tokio::time::timeout(Duration::from_secs(5), was_closed.recv()).await;
    assert!(matches!(ended, Ok(Some(()))));
}

#[tokio::test]
async fn an_authority_that_the_expectation_names_is_trusted_for_it_alone() {
    let ca = Authority::new();
    let port = serve(address(231), 0, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
    let bare = expectation(vec![name(&[(port, Protocol::ClickHouseHttps)])], &[address(231)]);
    let probe = Local::builder().resolve(HOST.parse().unwrap(), vec![address(231)]).build().unwrap();
    let proof = probe.prove(&bare).await.unwrap();
    assert_eq!(last(&proof).cause, Some(Cause::UnknownAuthority), "{}", last(&proof).seen);

    let trusting = bare.clone().signed_by([ca.0.pem().into()]);
    let proof = probe.prove(&trusting).await.unwrap();
    assert!(proof.rungs.iter().all(|rung| rung.result == RungResult::Held), "{}", last(&proof).seen);
    // A name is checked by it like by any other.
    let stranger = Authority::named("Another private authority");
    let proof = probe.prove(&bare.clone().signed_by([stranger.0.pem().into()])).await.unwrap();
    assert_eq!(last(&proof).cause, Some(Cause::UnknownAuthority), "{}", last(&proof).seen);
    // It was trusted for that proof alone.
    assert_eq!(last(&probe.prove(&bare).await.unwrap()).cause, Some(Cause::UnknownAuthority));

    for none in ["", "not a certificate", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
        let error = probe.prove(&bare.clone().signed_by([none.into()])).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
        assert!(error.to_string().contains("the expectation's authorities"), "{error}");
    }
}

#[test]
fn roots_that_are_no_certificates_are_refused() {
    let error = Local::builder().extra_roots("not a certificate").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn the_future_may_move_between_threads() {
    fn sent<T: Send>(_: &T) {}
    let expectation = expectation(Vec::new(), &[]);
    sent(&privlink_probe::prove(&expectation));
}
