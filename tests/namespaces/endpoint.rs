//! What runs in the database's namespace: the endpoint's addresses, in one of the ways that they are met.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::LazyConfigAcceptor;

use crate::lab::{HOST, OWN, PORTS};

/// How the database meets its clients.
#[derive(Clone)]
struct Door {
    config: Arc<ServerConfig>,
    /// Resets each connection once it stands.
    resets: bool,
    status: &'static str,
    /// How long a proxy before it holds each thing said.
    delay: Duration,
}

/// Serves until it is killed. `kind` is one of the words below, or `slow:MILLISECONDS`.
pub(crate) fn run(kind: &str, authority: &str) {
    let (ca, stranger) = (Authority::new("The authority"), Authority::new("Somebody else"));
    std::fs::write(authority, ca.0.pem()).unwrap();
    let delay = kind.strip_prefix("slow:").map(|ms| Duration::from_millis(ms.parse().unwrap())).unwrap_or_default();
    let plain = |config| Door { config, resets: false, status: "200 OK", delay };
    let door = match kind {
        "serves" => plain(ca.config(HOST, 2999)),
        "resets" => Door { resets: true, ..plain(ca.config(HOST, 2999)) },
        "of another name" => plain(ca.config("billing.us-east-1.vpce.aws.clickhouse.cloud", 2999)),
        "expired" => plain(ca.config(HOST, 2021)),
        "of a stranger" => plain(stranger.config(HOST, 2999)),
        "forbids" => Door { status: "403 Forbidden", ..plain(ca.config(HOST, 2999)) },
        slow if slow.starts_with("slow:") => plain(ca.config(HOST, 2999)),
        other => panic!("there is no door of the kind `{other}`"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        for place in OWN.into_iter().flat_map(|address| PORTS.map(|port| (address, port))) {
            let (listener, door) = (TcpListener::bind(place).await.unwrap(), door.clone());
            tokio::spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(door.clone().meet(stream));
                }
            });
        }
        println!("ready");
        std::future::pending::<()>().await;
    });
}

impl Door {
    async fn meet(self, stream: TcpStream) {
        if self.resets {
            return stream.set_zero_linger().unwrap();
        }
        if self.delay.is_zero() {
            return self.secure(stream).await;
        }
        let (there, here) = tokio::io::duplex(64 << 10);
        let (from_client, to_client) = tokio::io::split(stream);
        let (from_server, to_server) = tokio::io::split(here);
        let delay = self.delay;
        tokio::join!(self.secure(there), pump(from_client, to_server, delay), pump(from_server, to_client, delay));
    }

    /// TLS for those who name a host, as the vendor's load balancers find their databases; what is
    /// left unread at the end resets the others.
    async fn secure(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        // Whoever goes away in between is let go.
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), &mut stream);
        let Ok(start) = hello.await else { return };
        if start.client_hello().server_name().is_none() {
            return;
        }
        let Ok(mut secure) = start.into_stream(self.config).await else { return };
        if secure.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {
            let answer = format!("HTTP/1.1 {}\r\ncontent-length: 4\r\n\r\nOk.\n", self.status);
            let _ = secure.write_all(answer.as_bytes()).await;
            let _ = secure.shutdown().await;
        }
    }
}

async fn pump(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: Duration) {
    let mut chunk = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        tokio::time::sleep(delay).await;
        if to.write_all(&chunk[..count]).await.is_err() {
            return;
        }
    }
    let _ = to.shutdown().await;
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// TLS with a certificate for `host` until the end of a year.
    fn config(&self, host: &str, until: i32) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
        (leaf.not_before, leaf.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 12, 31));
        let leaf = leaf.signed_by(&key, &self.0).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        Arc::new(config)
    }
}
