use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use privlink_core::side::{
    Cause, Expectation, Layer, NameAnswer, PrivateName, Proof, Protocol, Rung, RungResult, Vantage,
};
use privlink_core::{BoxFuture, Clock, DnsName, Error, ErrorKind};

use crate::World;
use crate::path::{Place, Reached, Resolved, Spoken};
use crate::resolver::Authority;
use crate::seat::Seat;
use crate::state::State;
use crate::vendors::clickhouse::Admission;
use crate::wire::Certificate;

/// How long a connection that nobody answers is waited for.
const CONNECT: Duration = Duration::from_secs(5);

/// How long a TLS handshake may take unless said.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A machine in the world that proves expectations: in a subnet of a simulated network, or
/// somewhere on the internet.
///
/// It climbs the same rungs as a real probe. How things break follows the contracts: a name
/// without a private record is [`NoSuchName`](RungResult::NoSuchName), a closed group and a port
/// without a listener are [`TimedOut`](RungResult::TimedOut), an endpoint that is not on the
/// service's allow list and a wrong name at TLS are [`Reset`](RungResult::Reset). Services of Aiven show a certificate
/// of their project's own authority, which is trusted where the expectation
/// [names it](Expectation::authorities).
#[derive(Clone, Debug)]
pub struct SimVantage {
    world: World,
    origin: Origin,
    handshake: Duration,
    names_the_host: bool,
}

#[derive(Clone, Debug)]
enum Origin {
    Subnet(Seat),
    Internet(Ipv4Addr),
}

impl World {
    /// A machine in a subnet, with the subnet's resolver. On AWS a subnet is named by its id, on
    /// Azure by its ARM id; see [`Seat`].
    #[must_use]
    pub fn vantage(&self, seat: impl Into<Seat>) -> SimVantage {
        SimVantage::new(self, Origin::Subnet(seat.into()))
    }

    /// A machine on the internet that others see as `address`; it knows public names only.
    #[must_use]
    pub fn public_vantage(&self, address: Ipv4Addr) -> SimVantage {
        SimVantage::new(self, Origin::Internet(address))
    }
}

impl SimVantage {
    fn new(world: &World, origin: Origin) -> Self {
        Self { world: world.clone(), origin, handshake: HANDSHAKE, names_the_host: true }
    }

    /// Sets how long a TLS handshake may take; ten seconds unless set.
    #[must_use]
    pub fn tls_timeout(mut self, limit: Duration) -> Self {
        self.handshake = limit;
        self
    }

    /// Leaves the host out of the handshake (SNI), as a client does that dials an address.
    #[must_use]
    pub fn without_server_name(mut self) -> Self {
        self.names_the_host = false;
        self
    }

    /// Whether a TLS client here is served that opens `address` and `port` and names `sni`:
    /// the address need not be what the name resolves to.
    #[must_use]
    pub fn try_tls(&self, address: IpAddr, port: u16, sni: &DnsName) -> RungResult {
        let now = self.world.sim_clock().now();
        let shared = self.world.lock();
        let Some(place) = self.place(&shared.state) else { return RungResult::TimedOut };
        match shared.state.open(now, &place, address, port) {
            Reached::TimedOut(_) => RungResult::TimedOut,
            Reached::Refused(_) => RungResult::Refused,
            reached => match shared.state.shake(now, &reached, sni, SocketAddr::new(address, port)) {
                Admission::Served => RungResult::Held,
                Admission::Reset(_) => RungResult::Reset,
            },
        }
    }

    /// The addresses `name` resolves to here; none when it does not.
    #[must_use]
    pub fn resolve(&self, name: &DnsName) -> Vec<IpAddr> {
        let now = self.world.sim_clock().now();
        let shared = self.world.lock();
        let Some(place) = self.place(&shared.state) else { return Vec::new() };
        match shared.state.look_up(now, &place, name) {
            Resolved::Addresses(addresses) => addresses,
            _ => Vec::new(),
        }
    }

    fn place(&self, state: &State) -> Option<Place> {
        match &self.origin {
            Origin::Internet(address) => Some(Place::Internet(*address)),
            Origin::Subnet(seat) => state.locate(seat),
        }
    }
}

impl Vantage for SimVantage {
    fn prove<'a>(&'a self, expectation: &'a Expectation) -> BoxFuture<'a, privlink_core::Result<Proof>> {
        Box::pin(async move {
            let now = self.world.sim_clock().now();
            let mut shared = self.world.lock();
            let state = &mut shared.state;
            let Some(place) = self.place(state) else {
                return Err(Error::new(ErrorKind::NotFound, "the world has no such subnet to look from"));
            };
            let (local, resolver) = match &place {
                Place::Machine { network, address, .. } => (*address, format!("the resolver of {network}")),
                Place::Internet(address) => (IpAddr::V4(*address), "a public resolver".to_owned()),
            };
            let mut proof = Proof::new(expectation.nonce, vec![local], resolver);
            let asked = expectation.names.iter().map(|name| state.ask(now, &place, &name.host)).collect::<Vec<_>>();
            let climb = Climb { state, now, place: &place, expectation, client: self };
            for (n, (name, asked)) in expectation.names.iter().zip(asked).enumerate() {
                // A host of several components is looked up once.
                let known = expectation.names.iter().take(n).any(|earlier| earlier.host == name.host);
                proof.rungs.extend(climb.name(name, asked, known));
            }
            Ok(proof)
        })
    }
}

/// One climb, at one moment.
struct Climb<'a> {
    state: &'a State,
    now: SystemTime,
    place: &'a Place,
    expectation: &'a Expectation,
    client: &'a SimVantage,
}

impl Climb<'_> {
    fn name(&self, name: &PrivateName, asked: Option<Resolved>, known: bool) -> Vec<Rung> {
        let mut rungs = Vec::new();
        let host = &name.host;
        let rung = |layer, result, seen: String| Rung::new(host.clone(), None, layer, result, seen);
        let broken = |result, why, authority: Option<Authority>, cause| {
            vec![rung(Layer::Name, result, why).answer(authority.map(told).unwrap_or_default()).cause(cause)]
        };
        let addresses = match asked {
            Some(Resolved::Addresses(addresses)) => addresses,
            Some(Resolved::NoSuchName(why, whose)) => return broken(RungResult::NoSuchName, why, whose, None),
            Some(Resolved::NoData(why, whose)) => return broken(RungResult::NoData, why, whose, None),
            Some(Resolved::Failed(why)) => {
                return broken(RungResult::ResolverFailed, why, None, Some(Cause::ResolverError));
            }
            None => {
                let why = "no answer from the resolver".to_owned();
                return broken(RungResult::ResolverFailed, why, None, Some(Cause::ResolverSilent));
            }
        };
        let (result, why) = self.judge(&addresses);
        if !known {
            let seen = format!("resolves to {}", list(&addresses));
            rungs.push(rung(Layer::Name, RungResult::Held, seen).addresses(addresses.clone()));
            let cause = self.stranded(&addresses, result);
            rungs.push(rung(Layer::Address, result, why).addresses(addresses.clone()).cause(cause));
        }
        if result == RungResult::Held {
            for range in &name.ports {
                let protocol = range.protocol.unwrap_or(name.protocol);
                // A wide range is tried by TCP alone.
                let protocol = (!range.is_wide()).then_some(protocol);
                for port in range.to_prove() {
                    rungs.extend(self.port(host, &addresses, port, protocol));
                }
            }
        }
        rungs
    }

    /// Whether the answers are the endpoint's own.
    fn judge(&self, addresses: &[IpAddr]) -> (RungResult, String) {
        let Expectation { addresses: own, inside, .. } = self.expectation;
        let strangers: Vec<IpAddr> = addresses.iter().filter(|address| !own.contains(address)).copied().collect();
        if strangers.is_empty() {
            return (RungResult::Held, "all of the endpoint's own".to_owned());
        }
        let within = |address: &IpAddr| inside.iter().any(|range| range.contains(address));
        let private = |address: &IpAddr| match address {
            IpAddr::V4(v4) => v4.is_private(),
            IpAddr::V6(v6) => v6.is_unique_local(),
        };
        if strangers.iter().any(|address| !within(address) && !private(address)) {
            return (RungResult::PublicAddress, format!("{} is public", list(&strangers)));
        }
        if own.is_empty() && (inside.is_empty() || strangers.iter().all(within)) {
            return (RungResult::Held, "private; the endpoint's own addresses were not given".to_owned());
        }
        (RungResult::ForeignAddress, format!("{} is not this endpoint's", list(&strangers)))
    }

    /// Whether all that is wrong is IPv6 addresses, to which simulated networks have no route.
    fn stranded(&self, addresses: &[IpAddr], result: RungResult) -> Option<Cause> {
        let routed: Vec<IpAddr> = addresses.iter().copied().filter(IpAddr::is_ipv4).collect();
        let blamed = result != RungResult::Held
            && !routed.is_empty()
            && routed.len() < addresses.len()
            && self.judge(&routed).0 == RungResult::Held;
        blamed.then_some(Cause::Ipv6NotRouted)
    }

    /// Climbs from TCP on, on every address; the first break of any is the break of the port, and
    /// tells the addresses on which the layer held.
    fn port(&self, host: &DnsName, addresses: &[IpAddr], port: u16, protocol: Option<Protocol>) -> Vec<Rung> {
        let rung = |layer, result, seen: String| {
            Rung::new(host.clone(), Some(port), layer, result, seen).addresses(addresses.to_vec())
        };
        let (mut reached, mut tcp) = (Vec::new(), Layered::default());
        for address in addresses {
            match self.state.open(self.now, self.place, *address, port) {
                Reached::TimedOut(why) => tcp.broke(*address, Break::new(RungResult::TimedOut, why)),
                Reached::Refused(why) => tcp.broke(*address, Break::new(RungResult::Refused, why)),
                open => {
                    tcp.held.push(*address);
                    reached.push((*address, open));
                }
            }
        }
        if let Some(Break { result, seen, cause }) = tcp.first {
            let rung = rung(Layer::Tcp, result, seen).addresses(tcp.broken).held_on(tcp.held).cause(cause);
            return vec![if result == RungResult::TimedOut { rung.took(CONNECT) } else { rung }];
        }
        let mut rungs = vec![rung(Layer::Tcp, RungResult::Held, "connected".to_owned())];
        let Some(protocol) = protocol else { return rungs };
        let mut tls = Layered::default();
        for (address, open) in &reached {
            match self.secure(host, open, SocketAddr::new(*address, port), protocol) {
                Err(broken) => tls.broke(*address, broken),
                Ok(()) => tls.held.push(*address),
            }
        }
        if let Some(Break { result, seen, cause }) = tls.first {
            rungs.push(rung(Layer::Tls, result, seen).addresses(tls.broken).held_on(tls.held).cause(cause));
            return rungs;
        }
        rungs.push(rung(Layer::Tls, RungResult::Held, format!("TLS 1.3 as {host}")));
        let spoken = reached
            .first()
            .map_or(Spoken::Tls, |(address, open)| self.state.spoken(self.now, open, SocketAddr::new(*address, port)));
        rungs.extend(answer(protocol, spoken).map(|(result, seen)| rung(Layer::Protocol, result, seen)));
        rungs
    }

    /// Shakes hands over TLS on a connection that stands.
    fn secure(&self, host: &DnsName, open: &Reached, to: SocketAddr, protocol: Protocol) -> Result<(), Break> {
        // A handshake goes there and back once, after what a product says before it.
        let delay = self.state.wire.delay(to);
        let ways = if matches!(protocol, Protocol::Postgres | Protocol::Mysql) { 4 } else { 2 };
        if delay * ways > self.client.handshake {
            let seen = format!("TLS handshake: no answer in {} s", self.client.handshake.as_secs_f32());
            return Err(Break::new(RungResult::TimedOut, seen));
        }
        preface(protocol, self.state.spoken(self.now, open, to))?;
        if !self.client.names_the_host {
            let seen = "cut off: the handshake named no host".to_owned();
            return Err(Break { cause: Some(Cause::NoServerName), ..Break::new(RungResult::Reset, seen) });
        }
        if let Admission::Reset(why) = self.state.shake(self.now, open, host, to) {
            return Err(Break::new(RungResult::Reset, why));
        }
        let trusted = |pem: &str| self.expectation.authorities.iter().any(|known| known.trim() == pem.trim());
        let stranger = self.state.own_authority(open).is_some_and(|pem| !trusted(pem));
        let (cause, seen) = match self.state.wire.certificate(to) {
            None if stranger => (Cause::UnknownAuthority, "the vendor's own authority signed it".to_owned()),
            None => return Ok(()),
            Some(Certificate::Of(name)) if name == *host => return Ok(()),
            Some(Certificate::Of(name)) => (Cause::WrongName, format!("the certificate is of {name}")),
            Some(Certificate::Expired) => (Cause::Expired, "the certificate has expired".to_owned()),
            Some(Certificate::OfStranger) => (Cause::UnknownAuthority, "nobody knows who signed it".to_owned()),
        };
        Err(Break { cause: Some(cause), ..Break::new(RungResult::BadCertificate, seen) })
    }
}

/// What a negative answer says of the zone, as a probe tells it.
fn told(authority: Authority) -> NameAnswer {
    let mut answer = NameAnswer::default();
    answer.negative_ttl_secs = Some(authority.ttl.min(authority.minimum));
    answer.zone = Some(authority.zone);
    answer.cached = authority.kept > 0;
    answer
}

/// Why a layer broke.
struct Break {
    result: RungResult,
    seen: String,
    cause: Option<Cause>,
}

impl Break {
    fn new(result: RungResult, seen: String) -> Self {
        Self { result, seen, cause: None }
    }
}

/// What came of one layer, address by address.
#[derive(Default)]
struct Layered {
    held: Vec<IpAddr>,
    broken: Vec<IpAddr>,
    /// The first break.
    first: Option<Break>,
}

impl Layered {
    fn broke(&mut self, address: IpAddr, broken: Break) {
        self.broken.push(address);
        self.first.get_or_insert(broken);
    }
}

/// What a port says before TLS to a client that speaks `protocol`.
fn preface(protocol: Protocol, spoken: Spoken) -> Result<(), Break> {
    let broken = |result, seen: &str| Err(Break::new(result, seen.to_owned()));
    match (protocol, spoken) {
        (Protocol::Mysql, Spoken::Mysql) => Ok(()),
        (Protocol::Mysql, _) => broken(RungResult::TimedOut, "no MySQL greeting came"),
        // Asked whether it does TLS, it answers `S`, and the handshake follows.
        (Protocol::Postgres, Spoken::Postgres) => Ok(()),
        (Protocol::Postgres, _) => broken(RungResult::Unexpected, "the port speaks no PostgreSQL"),
        (_, Spoken::Mysql) => broken(RungResult::Unexpected, "a MySQL greeting came in place of TLS"),
        _ => Ok(()),
    }
}

/// What a port answers after TLS to a client that speaks `protocol`; nothing when the handshake
/// was all.
fn answer(protocol: Protocol, spoken: Spoken) -> Option<(RungResult, String)> {
    match (protocol, spoken) {
        (Protocol::ClickHouseHttps, Spoken::ClickHouseHttp) => {
            Some((RungResult::Held, "GET /ping answered 200, `Ok.`".to_owned()))
        }
        // Whatever the status is, the way is open: who asks without a password may be refused.
        (Protocol::ClickHouseHttps, Spoken::Http(status)) => {
            Some((RungResult::Held, format!("GET /ping answered {status}")))
        }
        (Protocol::Https, Spoken::ClickHouseHttp) => Some((RungResult::Held, "GET / answered 200".to_owned())),
        (Protocol::Https, Spoken::Http(status)) => Some((RungResult::Held, format!("GET / answered {status}"))),
        (Protocol::ClickHouseHttps | Protocol::Https, _) => {
            Some((RungResult::Unexpected, "the port speaks no HTTP".to_owned()))
        }
        (Protocol::Postgres, _) => Some((RungResult::Held, "PostgreSQL answered SSLRequest with yes".to_owned())),
        (Protocol::Mysql, _) => Some((RungResult::Held, "MySQL greeted as version `8.0.36-clickhouse`".to_owned())),
        _ => None,
    }
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
