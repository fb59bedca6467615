//! Name servers, the system's or given ones, asked one after the other and told apart.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::future;
use hickory_resolver::Hosts;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use privlink_core::side::{Cause, NameAnswer, RungResult};
use privlink_core::{BoxFuture, DnsName};
use tokio::time::timeout;

use crate::dial::Break;
use crate::question::{Failure, Reply, Server};
use crate::resolve::{Resolve, Told};

/// How long one name server is waited for before the next one is asked, or itself again: a packet
/// may be lost either way.
const TRY: Duration = Duration::from_secs(2);

/// Name servers that recurse, asked in their order: the next one only where one is silent or fails,
/// as the C library does. One answer is one server's, which is told.
#[derive(Debug)]
pub(crate) struct NameServers {
    /// The ones to ask; the system's, and its hosts file first, where there are none.
    pub(crate) given: Vec<SocketAddr>,
    /// How long a name may take in all.
    pub(crate) limit: Duration,
}

impl Resolve for NameServers {
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Told> {
        Box::pin(async move {
            // A dot at the end: the name as it stands, and none of the search list.
            let Ok(name) = Name::from_ascii(format!("{host}.")) else {
                return Told::bare(Err(Break::new(RungResult::Unexpected, format!("{host} cannot be asked for"))));
            };
            if self.given.is_empty()
                && let Some(addresses) = hosts_file(&name)
            {
                return Told::bare(Ok(addresses));
            }
            let servers = match self.servers() {
                Ok(servers) => servers,
                Err(seen) => return Told::bare(Err(silent(format!("no name server is configured: {seen}")))),
            };
            match timeout(self.limit, in_turn(&servers, &name)).await {
                Ok(told) => told,
                Err(_) => {
                    let seen = format!("{}: no answer in {} s", list(&servers), self.limit.as_secs_f32());
                    Told::bare(Err(silent(seen)))
                }
            }
        })
    }

    fn describe(&self) -> String {
        if !self.given.is_empty() {
            let word = if self.given.len() == 1 { "name server" } else { "name servers" };
            return format!("{word} {}, asked directly", list(&self.given));
        }
        match self.servers() {
            Ok(servers) => {
                let addresses: Vec<String> = servers.iter().map(|server| server.ip().to_string()).collect();
                format!("the system's name server {}", addresses.join(", "))
            }
            Err(_) => "the system, which has no name server".to_owned(),
        }
    }
}

impl NameServers {
    /// Read anew for each name: a machine may change its name servers while the program runs.
    fn servers(&self) -> Result<Vec<SocketAddr>, String> {
        if !self.given.is_empty() {
            return Ok(self.given.clone());
        }
        let (config, _) = read_system_conf().map_err(|error| error.to_string())?;
        let servers: Vec<SocketAddr> = config
            .name_servers()
            .iter()
            .map(|server| SocketAddr::new(server.ip, server.connections.first().map_or(53, |first| first.port)))
            .collect();
        if servers.is_empty() { Err("the configuration names none".to_owned()) } else { Ok(servers) }
    }
}

/// Asks one server after the other until one answers, and all of them again while all are silent.
async fn in_turn(servers: &[SocketAddr], name: &Name) -> Told {
    let connections: Vec<Server> = servers.iter().map(|address| Server::new(*address, TRY)).collect();
    loop {
        let mut failed: Option<Told> = None;
        let mut silence = false;
        for server in &connections {
            match timeout(TRY, both(server, name)).await {
                Ok(Ok(told)) => return told,
                Ok(Err(Failure::Silent)) | Err(_) => silence = true,
                Ok(Err(Failure::Code(code))) => {
                    let mut broken = Break::new(
                        RungResult::ResolverFailed,
                        format!("{}: the name server answers {code}", server.address),
                    );
                    broken.cause = Some(Cause::ResolverError);
                    let mut told = Told::bare(Err(broken));
                    told.answer.server = Some(server.address);
                    failed = Some(told);
                }
                Ok(Err(Failure::Other(seen))) => {
                    let told = Told::bare(Err(silent(format!("{}: {seen}", server.address))));
                    failed = Some(failed.filter(|known| known.answer.server.is_some()).unwrap_or(told));
                }
            }
        }
        match failed {
            // Who answers that it fails has more to say than who is silent.
            Some(told) if !silence || told.answer.server.is_some() => return told,
            _ if !silence => return Told::bare(Err(silent(format!("{}: no answer", list(servers))))),
            _ => {}
        }
    }
}

/// Both kinds of address of one server: what one of the two questions may have hidden is no proof.
async fn both(server: &Server, name: &Name) -> Result<Told, Failure> {
    let ask = |kind| server.ask(Query::query(name.clone(), kind));
    let (v4, v6) = future::join(ask(RecordType::A), ask(RecordType::AAAA)).await;
    let (v4, v6) = (v4?, v6?);
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in v4.addresses.iter().chain(&v6.addresses) {
        if !addresses.contains(address) {
            addresses.push(*address);
        }
    }
    let aliases = if v4.aliases.is_empty() { v6.aliases.clone() } else { v4.aliases.clone() };
    let mut answer = NameAnswer::default();
    answer.server = Some(server.address);
    answer.aliases = aliases;
    if !addresses.is_empty() {
        return Ok(Told { outcome: Ok(addresses), answer });
    }
    let negative = if v4.negative.is_some() { &v4 } else { &v6 };
    if let Some(negative) = &negative.negative {
        answer.zone = Some(negative.zone.clone());
        answer.negative_ttl_secs = Some(negative.ttl);
    }
    let missing = v4.no_such_name || v6.no_such_name;
    let kept = if missing { kept(server, name, negative).await } else { None };
    answer.cached = kept.is_some();
    let since = match kept {
        Some(Kept::For(secs)) => format!("; it has kept that answer for {secs} s"),
        Some(Kept::NameExists) => "; it has kept that answer, for it knows by now that the name exists".to_owned(),
        None => String::new(),
    };
    let left = answer.negative_ttl_secs.map(|secs| format!("; resolvers may keep that answer for {secs} s"));
    let kept = since + &left.unwrap_or_default();
    let broken = if missing {
        let zone = answer.zone.as_ref().map_or_else(String::new, |zone| format!(" in the name of the zone {zone}"));
        Break::new(RungResult::NoSuchName, format!("{} answers NXDOMAIN{zone}{kept}", server.address))
    } else {
        Break::new(RungResult::NoData, format!("{} has the name without an address{kept}", server.address))
    };
    Ok(Told { outcome: Err(broken), answer })
}

/// How a kept "no such name" shows itself.
enum Kept {
    /// It had been kept for so many seconds: a fresh one of the same zone, to a name that nobody can
    /// have asked for, has so much more time left.
    For(u32),
    /// To a kind of record that nobody can have asked for, the server answers that the name exists.
    NameExists,
}

/// Whether a "no such name" came out of the server's cache. `None` if it is fresh, or cannot be
/// told: caches differ in what they count down, and in whether they keep a "no" for all kinds.
async fn kept(server: &Server, name: &Name, reply: &Reply) -> Option<Kept> {
    // Numbers for private use (RFC 6895 §3.1).
    let kind = RecordType::Unknown(fastrand::u16(0xff00..0xfffe));
    let of_kind = server.ask(Query::query(name.clone(), kind));
    let unheard = async {
        let zone = &reply.negative.as_ref()?.zone;
        let name = Name::from_ascii(format!("privlink-{:016x}.{zone}.", fastrand::u64(..))).ok()?;
        server.ask(Query::query(name, RecordType::A)).await.ok().filter(|told| told.no_such_name)?.negative
    };
    let (of_kind, fresh) = future::join(of_kind, unheard).await;
    if of_kind.is_ok_and(|told| !told.no_such_name) {
        return Some(Kept::NameExists);
    }
    let known = reply.negative.as_ref()?;
    let fresh = fresh.filter(|fresh| fresh.zone == known.zone)?;
    fresh.soa_ttl.checked_sub(known.soa_ttl).filter(|since| *since > 0).map(Kept::For)
}

fn hosts_file(name: &Name) -> Option<Vec<IpAddr>> {
    let hosts = Hosts::from_system().ok()?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for kind in [RecordType::A, RecordType::AAAA] {
        let found = hosts.lookup_static_host(&Query::query(name.clone(), kind));
        for record in found.iter().flat_map(|lookup| lookup.answers()) {
            if let Some(address) = record.data.ip_addr()
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        }
    }
    (!addresses.is_empty()).then_some(addresses)
}

fn silent(seen: String) -> Break {
    Break { cause: Some(Cause::ResolverSilent), ..Break::new(RungResult::ResolverFailed, seen) }
}

fn list(servers: &[SocketAddr]) -> String {
    servers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_hosts_file_answers_before_any_server_and_each_address_once() {
        let system = NameServers { given: Vec::new(), limit: Duration::from_secs(10) };
        let told = system.addresses(&"localhost".parse().unwrap()).await;
        let addresses = told.outcome.expect("localhost is known everywhere");
        assert!(addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
        assert_eq!(told.answer, NameAnswer::default());
        let mut once = addresses.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), addresses.len());
    }
}
