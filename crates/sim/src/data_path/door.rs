//! What a connection meets: service, a reset, or nothing.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use privlink_core::{Clock, DnsName};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use crate::World;
use crate::path::{Place, Reached, Spoken};
use crate::vendors::clickhouse::Admission;
use crate::wire::Certificate;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The vendor's load balancers, with a private authority for the vendor's names.
pub(super) struct Door {
    world: World,
    place: Place,
    authority: CertifiedIssuer<'static, KeyPair>,
    /// One that no client has heard of.
    stranger: CertifiedIssuer<'static, KeyPair>,
    /// One configuration a name and kind of certificate, made when it is first asked for.
    configs: Mutex<HashMap<Shown, Arc<ServerConfig>>>,
}

/// The name that a certificate is asked for, and what is shown in place of the right one.
type Shown = (DnsName, Option<Certificate>);

/// Where a connection stands that goes nowhere, if it stands at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// It is met by somebody.
    Met,
    /// Its packets get lost.
    Lost,
    /// Nobody listens.
    Refused,
}

impl Door {
    pub(super) fn new(world: World, place: Place) -> Result<Self, Failure> {
        let (authority, stranger) = (issuer("privlink-sim authority")?, issuer("privlink-sim stranger")?);
        Ok(Self { world, place, authority, stranger, configs: Mutex::default() })
    }

    pub(super) fn authority(&self) -> String {
        self.authority.pem()
    }

    /// How far connections to `to` come.
    pub(super) fn ends(&self, to: SocketAddr) -> Ends {
        let now = self.world.sim_clock().now();
        match self.world.lock().state.open(now, &self.place, to.ip(), to.port()) {
            Reached::TimedOut(_) => Ends::Lost,
            Reached::Refused(_) => Ends::Refused,
            Reached::Endpoint(_) | Reached::PublicDoor { .. } => Ends::Met,
        }
    }

    /// Serves one connection to `to`, as far as the world lets it.
    pub(super) async fn meet(&self, to: SocketAddr, mut stream: TcpStream) {
        let now = self.world.sim_clock().now();
        let (reached, delay) = {
            let state = &self.world.lock().state;
            (state.open(now, &self.place, to.ip(), to.port()), state.wire.delay(to))
        };
        match reached {
            // It came in before the listener was shut.
            Reached::TimedOut(_) => silence(stream).await,
            Reached::Refused(_) => reset(&stream),
            _ if !delay.is_zero() => self.meet_late(to, &reached, stream, delay).await,
            Reached::Endpoint(_) | Reached::PublicDoor { .. } => {
                let ready = match self.spoken(&reached, to) {
                    // Greeted before anybody has named a host; then TLS goes on where it stands.
                    Spoken::Mysql => greet(&mut stream).await,
                    Spoken::Postgres => match agree(&mut stream).await {
                        Ok(()) => Ok(()),
                        Err(_) => return reset(&stream),
                    },
                    _ => Ok(()),
                };
                if ready.is_ok() {
                    self.secure(to, &reached, stream).await;
                }
            }
        }
    }

    /// What is spoken there.
    fn spoken(&self, reached: &Reached, to: SocketAddr) -> Spoken {
        let now = self.world.sim_clock().now();
        self.world.lock().state.spoken(now, reached, to)
    }

    /// Serves a connection behind something that holds all that is said, either way.
    async fn meet_late(&self, to: SocketAddr, reached: &Reached, stream: TcpStream, delay: Duration) {
        const HELD: usize = 64 << 10;
        let (there, here) = tokio::io::duplex(HELD);
        let (from_client, to_client) = tokio::io::split(stream);
        let (from_server, to_server) = tokio::io::split(here);
        let serve = async move {
            let mut there = there;
            let ready = match self.spoken(reached, to) {
                Spoken::Mysql => greet(&mut there).await,
                Spoken::Postgres => agree(&mut there).await,
                _ => Ok(()),
            };
            if ready.is_ok() {
                // Whoever is turned away sees the end of what is between, as behind a proxy.
                let _turned_away = self.shake(to, reached, there).await;
            }
        };
        tokio::join!(serve, hold(from_client, to_server, delay), hold(from_server, to_client, delay));
    }

    /// TLS, by the name that the client gives; what cannot be finished is cut, as the vendor does without a word.
    async fn secure(&self, to: SocketAddr, reached: &Reached, mut stream: TcpStream) {
        if self.shake(to, reached, &mut stream).await.is_err() {
            reset(&stream);
        }
    }

    /// TLS as far as the world lets it.
    async fn shake(
        &self,
        to: SocketAddr,
        reached: &Reached,
        stream: impl AsyncRead + AsyncWrite + Unpin,
    ) -> Result<(), TurnedAway> {
        let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
        let start = hello.await.map_err(|_| TurnedAway)?;
        let name: Option<DnsName> = start.client_hello().server_name().and_then(|name| name.parse().ok());
        let name = name.filter(|name| self.admits(reached, name, to)).ok_or(TurnedAway)?;
        let shown = self.world.lock().state.wire.certificate(to);
        let config = self.config(name, shown).map_err(|_| TurnedAway)?;
        if let Ok(secure) = start.into_stream(config).await {
            let _gone = answer(secure, self.spoken(reached, to)).await;
        }
        Ok(())
    }

    fn admits(&self, reached: &Reached, name: &DnsName, to: SocketAddr) -> bool {
        let now = self.world.sim_clock().now();
        self.world.lock().state.shake(now, reached, name, to) == Admission::Served
    }

    fn config(&self, name: DnsName, shown: Option<Certificate>) -> Result<Arc<ServerConfig>, Failure> {
        let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = (name, shown);
        if let Some(config) = configs.get(&wanted) {
            return Ok(config.clone());
        }
        let (name, shown) = &wanted;
        let name = if let Some(Certificate::Of(other)) = shown { other } else { name };
        let issuer = if shown == &Some(Certificate::OfStranger) { &self.stranger } else { &self.authority };
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![name.to_string()])?;
        if shown == &Some(Certificate::Expired) {
            (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 12, 31));
        }
        let certificate = params.signed_by(&key, issuer)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))?;
        let config = Arc::new(config);
        configs.insert(wanted, config.clone());
        Ok(config)
    }
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").field("place", &self.place).finish_non_exhaustive()
    }
}

/// A client that is not served.
struct TurnedAway;

fn issuer(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, Failure> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

/// Passes on what is said, each thing after a while.
async fn hold(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, delay: Duration) {
    let mut chunk = vec![0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut chunk).await {
        tokio::time::sleep(delay).await;
        if to.write_all(chunk.get(..count).unwrap_or_default()).await.is_err() {
            return;
        }
    }
    let _gone = to.shutdown().await;
}

/// Holds a connection without ever answering, until the client goes away.
async fn silence(mut stream: TcpStream) {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await.is_ok_and(|count| count > 0) {}
}

/// Cuts a connection with a reset instead of an orderly end.
fn reset(stream: &TcpStream) {
    // Without the option the end is orderly, which clients take for cut off as well.
    let _orderly = stream.set_zero_linger();
}

/// A MySQL greeting that offers TLS, and the client's wish for it (MySQL documentation,
/// "Protocol::HandshakeV10" and "Protocol::SSLRequest").
async fn greet(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<()> {
    const SSL: u32 = 0x0800;
    const PROTOCOL_41: u32 = 0x0200;
    const SECURE_CONNECTION: u32 = 0x8000;
    let capabilities = SSL | PROTOCOL_41 | SECURE_CONNECTION;
    let [low, second, third, high] = capabilities.to_le_bytes();
    let mut payload = vec![10];
    payload.extend_from_slice(b"8.0.36-clickhouse\0");
    payload.extend_from_slice(&[1, 0, 0, 0]);
    payload.extend_from_slice(b"saltsalt\0");
    payload.extend_from_slice(&[low, second, 0x21, 2, 0, third, high, 21]);
    payload.extend_from_slice(&[0; 10]);
    payload.extend_from_slice(b"saltsaltsalt\0");
    let length = u8::try_from(payload.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[length, 0, 0, 0]).await?;
    stream.write_all(&payload).await?;
    // The wish is a header of four bytes and 32 more.
    let mut wish = [0; 36];
    stream.read_exact(&mut wish).await.map(drop)
}

/// Takes a PostgreSQL client's question for TLS and says yes (PostgreSQL documentation, "SSL Session
/// Encryption"); without the question nobody is served.
async fn agree(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<()> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f];
    let mut asked = [0; 8];
    stream.read_exact(&mut asked).await?;
    if asked != SSL_REQUEST {
        return Err(std::io::Error::other("not asked for TLS"));
    }
    stream.write_all(b"S").await
}

/// What the product says once TLS stands: HTTP where it is spoken, and nothing unasked elsewhere.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, spoken: Spoken) -> std::io::Result<()> {
    const MOST: usize = 16 << 10;
    let mut read = Vec::new();
    let mut chunk = [0; 2048];
    while !read.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut chunk).await?;
        if count == 0 || read.len() > MOST {
            return Ok(());
        }
        read.extend_from_slice(chunk.get(..count).unwrap_or_default());
    }
    let asked = read.starts_with(b"GET /ping ") || read.starts_with(b"GET / ");
    let reply = match spoken {
        // They wait for a packet of their own, and have nothing to say to HTTP.
        Spoken::Postgres | Spoken::Mysql => return Ok(()),
        Spoken::Http(status) => format!("HTTP/1.1 {status} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n"),
        // A binary protocol, asked in HTTP, says so in HTTP.
        Spoken::Tls => "HTTP/1.0 400 Bad Request\r\n\r\nPort 9440 is for clickhouse-client program\r\n".to_owned(),
        Spoken::ClickHouseHttp if asked => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=UTF-8\r\ncontent-length: 4\r\n";
            format!("{head}connection: close\r\n\r\nOk.\n")
        }
        Spoken::ClickHouseHttp => {
            "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
        }
    };
    stream.write_all(reply.as_bytes()).await?;
    stream.shutdown().await
}
