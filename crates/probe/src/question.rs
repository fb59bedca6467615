//! One question to one name server, and all that its answer says.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_resolver::proto::rr::rdata::SOA;
use hickory_resolver::proto::rr::{Name, RData};
use hickory_resolver::{NameServerPool, PoolContext, TlsConfig};
use privlink_core::DnsName;

/// One name server, over UDP, and over TCP where an answer does not fit. It keeps no answers.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pool: Option<NameServerPool<TokioRuntimeProvider>>,
}

/// What a server answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reply {
    /// Those at the end of the chain of aliases.
    pub(crate) addresses: Vec<IpAddr>,
    /// Where the chain of aliases led.
    pub(crate) aliases: Vec<DnsName>,
    /// Whether the name, or what it is an alias of, does not exist at all.
    pub(crate) no_such_name: bool,
    /// What a negative answer says of the zone.
    pub(crate) negative: Option<Negative>,
}

/// The zone's own record (SOA) in a negative answer.
#[derive(Clone, Debug)]
pub(crate) struct Negative {
    pub(crate) zone: DnsName,
    /// For how long the answer may be kept: the lesser of record and zone (RFC 2308 §5).
    pub(crate) ttl: u32,
    /// What is left of the record itself, which a cache counts down.
    pub(crate) soa_ttl: u32,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    Silent,
    Code(String),
    Other(String),
}

impl Server {
    pub(crate) fn new(address: SocketAddr, limit: Duration) -> Self {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
            connection.port = address.port();
            connection
        });
        let config = NameServerConfig::new(address.ip(), true, connections.to_vec());
        let mut options = ResolverOpts::default();
        options.timeout = limit;
        let pool = TlsConfig::new().ok().map(|tls| {
            let context = Arc::new(PoolContext::new(options, tls));
            NameServerPool::from_config([config], context, TokioRuntimeProvider::new())
        });
        Self { address, pool }
    }

    pub(crate) async fn ask(&self, query: Query) -> Result<Reply, Failure> {
        let pool = self.pool.as_ref().ok_or_else(|| Failure::Other("DNS cannot be spoken here".to_owned()))?;
        let mut options = DnsRequestOptions::default();
        // As the C library asks: some resolvers of small networks stumble over EDNS.
        options.use_edns = false;
        match pool.lookup(query, options).first_answer().await {
            Ok(response) => Ok(positive(&response)),
            Err(NetError::Dns(DnsError::NoRecordsFound(none))) => Ok(Reply {
                no_such_name: none.response_code == ResponseCode::NXDomain,
                negative: none.soa.as_ref().and_then(|soa| negative(&soa.name, soa.ttl, &soa.data)),
                ..Reply::default()
            }),
            Err(NetError::Dns(DnsError::ResponseCode(code))) => Err(Failure::Code(name_of(code))),
            Err(NetError::Timeout) => Err(Failure::Silent),
            Err(NetError::Io(error)) => Err(Failure::Other(error.to_string())),
            Err(other) => Err(Failure::Other(other.to_string())),
        }
    }
}

fn positive(response: &DnsResponse) -> Reply {
    let mut reply = Reply { no_such_name: response.response_code == ResponseCode::NXDomain, ..Reply::default() };
    for record in &response.answers {
        match &record.data {
            RData::A(_) | RData::AAAA(_) => reply.addresses.extend(record.data.ip_addr().map(|ip| ip.to_canonical())),
            RData::CNAME(target) => reply.aliases.extend(target.to_ascii().parse().ok()),
            _ => {}
        }
    }
    reply.negative = response.authorities.iter().find_map(|record| match &record.data {
        RData::SOA(soa) => negative(&record.name, record.ttl, soa),
        _ => None,
    });
    reply
}

fn negative(owner: &Name, ttl: u32, soa: &SOA) -> Option<Negative> {
    // The root zone has no name that could be one of a host.
    let zone = owner.to_ascii().parse().ok()?;
    Some(Negative { zone, ttl: ttl.min(soa.minimum), soa_ttl: ttl })
}

/// A response code as people know it.
fn name_of(code: ResponseCode) -> String {
    match code {
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        other => format!("code {}", u16::from(other)),
    }
}
