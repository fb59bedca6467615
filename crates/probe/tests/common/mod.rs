//! The world the tests run in: servers on 127/8 addresses, and a private authority.

#![allow(dead_code, unreachable_pub, reason = "each test file uses some of it")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use privlink_core::DnsName;
use privlink_core::side::{
    Expectation, Layer, Nonce, PortRange, PrivateName, Proof, Protocol, Rung, RungResult, Vantage,
};
use privlink_probe::{Local, LocalBuilder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

pub const HOST: &str = "orders.us-east-1.vpce.aws.clickhouse.cloud";

/// A private authority.
pub struct Authority(pub CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        Self::named("Private authority of the test")
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// TLS with a certificate for `host`.
    pub fn acceptor(&self, host: &str) -> TlsAcceptor {
        self.acceptor_of(host, |_| {})
    }

    /// The same with something changed in the certificate.
    pub fn acceptor_of(&self, host: &str, change: impl Fn(&mut CertificateParams)) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut leaf);
        let leaf = leaf.signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// A server that knows a certificate for no name at all.
pub fn without_certificate() -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(rustls::server::ResolvesServerCertUsingSni::new()))
}

pub fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(127, 0, 0, last).into()
}

/// A port that refuses for as long as the socket lives, since it is bound but never listens.
pub fn closed_port(address: IpAddr) -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(address, 0)).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

/// Runs `handler` for each connection; gives the port.
pub async fn serve<F, R>(address: IpAddr, port: u16, handler: F) -> u16
where
    F: Fn(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind((address, port)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handler(stream));
        }
    });
    port
}

/// Shakes hands, then runs `handler`; a client that leaves during the handshake is let go.
pub fn secure<F, R>(
    acceptor: TlsAcceptor,
    handler: F,
) -> impl Fn(TcpStream) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + 'static
where
    F: Fn(TlsStream<TcpStream>) -> R + Send + Clone + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    move |stream| {
        let (acceptor, handler) = (acceptor.clone(), handler.clone());
        Box::pin(async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                handler(stream).await;
            }
        })
    }
}

/// Answers one request.
pub fn http(
    status: &'static str,
    body: &'static str,
) -> impl Fn(TlsStream<TcpStream>) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> + Send + Clone + 'static {
    move |mut stream| {
        Box::pin(async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        })
    }
}

pub fn name(ports: &[(u16, Protocol)]) -> PrivateName {
    let ports = ports.iter().map(|(port, protocol)| PortRange::single(*port).speaking(*protocol)).collect();
    PrivateName::new(HOST.parse().unwrap(), ports, Protocol::Tls)
}

pub fn expectation(names: Vec<PrivateName>, own: &[IpAddr]) -> Expectation {
    Expectation::new(Nonce::fresh(), SystemTime::now(), names, own.to_vec(), Vec::new())
}

pub fn here(ca: &Authority, answers: &[IpAddr]) -> LocalBuilder {
    let host: DnsName = HOST.parse().unwrap();
    Local::builder().resolve(host, answers.to_vec()).extra_roots(ca.0.pem())
}

pub async fn prove(ca: &Authority, own: &[IpAddr], ports: &[(u16, Protocol)]) -> Proof {
    here(ca, own).build().unwrap().prove(&expectation(vec![name(ports)], own)).await.unwrap()
}

pub fn last(proof: &Proof) -> &Rung {
    proof.rungs.last().unwrap()
}

#[track_caller]
pub fn assert_break(proof: &Proof, layer: Layer, result: RungResult, words: &str) {
    let end = last(proof);
    assert_eq!((end.layer, end.result), (layer, result), "{}", end.seen);
    assert!(end.seen.contains(words), "{}", end.seen);
    assert!(proof.rungs[..proof.rungs.len() - 1].iter().all(|rung| rung.result == RungResult::Held));
}
