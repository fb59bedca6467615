//! One name server, asked directly (RFC 1035), with the evidence that the system's resolver drops.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use privlink_core::side::RungResult;
use privlink_core::{BoxFuture, DnsName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use crate::dial::Break;
use crate::resolve::Resolve;
use crate::wire::{Answer, Kind, Reply, query, read};

/// After how long a question is repeated, for either packet may be lost.
const AGAIN: Duration = Duration::from_secs(2);

/// A name server that recurses: its answers hold the whole chain of aliases.
#[derive(Debug)]
pub(crate) struct NameServer {
    pub(crate) address: SocketAddr,
    pub(crate) limit: Duration,
}

impl Resolve for NameServer {
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Result<Vec<IpAddr>, Break>> {
        Box::pin(async move {
            let (v4, v6) = futures_util::future::join(self.ask(host, Kind::A), self.ask(host, Kind::Aaaa)).await;
            // What one of the two questions may have hidden is no proof.
            let (v4, v6) = (v4?, v6?);
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in v4.addresses.iter().chain(&v6.addresses) {
                if !addresses.contains(address) {
                    addresses.push(*address);
                }
            }
            if !addresses.is_empty() {
                return Ok(addresses);
            }
            let kept = v4.kept.or(v6.kept);
            let kept = kept.map_or_else(String::new, |secs| format!("; resolvers may keep that answer for {secs} s"));
            Err(if v4.no_such_name || v6.no_such_name {
                Break::new(RungResult::NoSuchName, format!("{} answers NXDOMAIN{kept}", self.address))
            } else {
                Break::new(RungResult::NoData, format!("{} has the name without an address{kept}", self.address))
            })
        })
    }

    fn describe(&self) -> String {
        format!("name server {}, asked directly", self.address)
    }
}

impl NameServer {
    async fn ask(&self, host: &DnsName, kind: Kind) -> Result<Answer, Break> {
        let query = query(fastrand::u16(..), host, kind);
        let failed = |seen: String| Break::new(RungResult::ResolverFailed, format!("{}: {seen}", self.address));
        let reply = match timeout(self.limit, self.exchange(&query)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(error)) => return Err(failed(error.to_string())),
            Err(_) => return Err(failed(format!("no answer in {} s", self.limit.as_secs_f32()))),
        };
        match reply {
            Reply::Answer(answer) => Ok(answer),
            Reply::Code(code) => Err(failed(format!("the name server answers {code}"))),
            Reply::CutShort | Reply::NotOurs => Err(failed("the answer cannot be read".to_owned())),
        }
    }

    /// Over UDP, and over TCP where the answer does not fit.
    async fn exchange(&self, query: &[u8]) -> io::Result<Reply> {
        match self.over_udp(query).await? {
            Reply::CutShort => self.over_tcp(query).await,
            reply => Ok(reply),
        }
    }

    async fn over_udp(&self, query: &[u8]) -> io::Result<Reply> {
        let any: IpAddr = match self.address {
            SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        // A fresh port for every question, and packets from the server alone.
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(self.address).await?;
        let mut packet = [0; 4096];
        loop {
            socket.send(query).await?;
            let answered = timeout(AGAIN, async {
                loop {
                    let length = socket.recv(&mut packet).await?;
                    match read(packet.get(..length).unwrap_or_default(), query) {
                        Reply::NotOurs => {}
                        reply => return io::Result::Ok(reply),
                    }
                }
            });
            if let Ok(reply) = answered.await {
                return reply;
            }
        }
    }

    async fn over_tcp(&self, query: &[u8]) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(self.address).await?;
        let length = u16::try_from(query.len()).map_err(io::Error::other)?;
        stream.write_all(&[&length.to_be_bytes(), query].concat()).await?;
        let length = stream.read_u16().await?;
        let mut packet = vec![0; length.into()];
        stream.read_exact(&mut packet).await?;
        Ok(read(&packet, query))
    }
}
