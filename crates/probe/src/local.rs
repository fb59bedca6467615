//! The machine itself as a place to look from.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use privlink_core::side::{Expectation, Nonce, PortRange, PrivateName, Proof, Protocol, Vantage};
use privlink_core::{BoxFuture, DnsName, Error, ErrorKind, Result, Text};
use rustls::pki_types::CertificateDer;

use crate::climb;
use crate::name_servers::NameServers;
use crate::ports;
use crate::resolve::{Fixed, Resolve};
use crate::tls::{self, Tls};

/// Proves `expectation` from this machine with the usual limits: `Local::new()?.prove(…)`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the expectation holds no name, more than 10 000 ports, or an authority that is no PEM
/// certificate; [`ErrorKind::Unsupported`] when it is of a later version or TLS cannot be used here. What does not hold is a rung, not
/// an error.
///
/// ```
/// # use std::time::SystemTime;
/// # use privlink_core::side::{Expectation, Layer, Nonce, PrivateName, Protocol};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let name = PrivateName::new("localhost".parse()?, Vec::new(), Protocol::Tls);
/// let expectation = Expectation::new(Nonce::fresh(), SystemTime::now(), vec![name], Vec::new(), Vec::new());
///
/// let proof = privlink_probe::prove(&expectation).await?;
/// assert_eq!(proof.nonce, expectation.nonce);
/// assert_eq!(proof.rungs[0].layer, Layer::Name);
/// # Ok(())
/// # }
/// ```
pub async fn prove(expectation: &Expectation) -> Result<Proof> {
    Local::new()?.prove(expectation).await
}

/// Looks at the ports of `host` from this machine with the usual limits: `Local::new()?.look(…)`.
///
/// # Errors
/// As [`Local::look`].
///
/// ```
/// use privlink_core::side::{Layer, PortRange};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let proof = privlink_probe::look("localhost".parse()?, [PortRange::single(1)]).await?;
/// for rung in &proof.rungs {
///     println!("{} {:?}: {}", rung.layer, rung.result, rung.seen);
/// }
/// assert_eq!(proof.rungs[0].layer, Layer::Name);
/// # Ok(())
/// # }
/// ```
pub async fn look(host: DnsName, ports: impl IntoIterator<Item = PortRange>) -> Result<Proof> {
    Local::new()?.look(host, ports).await
}

/// The machine the program runs on. Cheap to clone.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let here = privlink_probe::Local::builder().connect_timeout(Duration::from_secs(2)).build()?;
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Local(Arc<Inner>);

/// How many ports an expectation may name, those of all its names together.
const MOST: usize = 10_000;

/// What a climb needs.
#[derive(Clone, Debug)]
pub(crate) struct Inner {
    pub(crate) resolver: Arc<dyn Resolve>,
    pub(crate) secure: Tls,
    /// What is trusted besides the platform's roots.
    pub(crate) roots: Vec<CertificateDer<'static>>,
    pub(crate) connect: Duration,
    pub(crate) tls: Duration,
    pub(crate) answer: Duration,
    pub(crate) at_once: usize,
    pub(crate) tries: u32,
    pub(crate) whole_range_up_to: u16,
}

impl Local {
    /// This machine with the usual limits.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] when TLS cannot be used here, for want of any trusted root.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// This machine with limits of the caller's choice.
    pub fn builder() -> LocalBuilder {
        LocalBuilder::default()
    }

    /// Looks at the ports of `host` with nothing but its name at hand: any private address will do,
    /// and since no endpoint is known, what holds proves none.
    ///
    /// A port that does not say what it [speaks](PortRange::speaking) is taken for HTTPS (443, 8443),
    /// MySQL (3306) or PostgreSQL (5432, 26257) by its number, and else asked for TLS alone.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a wildcard, which has no address. What does not hold is a
    /// rung, not an error.
    pub async fn look(&self, host: DnsName, ports: impl IntoIterator<Item = PortRange>) -> Result<Proof> {
        if host.is_wildcard() {
            return Err(Error::invalid("a wildcard has no address of its own; look at a name below it"));
        }
        let ports = ports.into_iter().map(|range| match range.protocol {
            None => range.speaking(ports::usual(range)),
            Some(_) => range,
        });
        let name = PrivateName::new(host, ports.collect(), Protocol::Tls);
        // Without a promise about its place or age: nothing is judged by it.
        let expectation = Expectation::new(Nonce::fresh(), SystemTime::UNIX_EPOCH, vec![name], Vec::new(), Vec::new());
        self.prove(&expectation).await
    }
}

impl Local {
    /// The same, trusting these authorities too.
    fn trusting(&self, authorities: &[Text]) -> Result<Arc<Inner>> {
        if authorities.is_empty() {
            return Ok(Arc::clone(&self.0));
        }
        let mut roots = self.0.roots.clone();
        for pem in authorities {
            roots.extend(tls::certificates("the expectation's authorities", pem.as_bytes())?);
        }
        let secure = Tls::new(roots.clone(), self.0.secure.names_the_host())?;
        Ok(Arc::new(Inner { secure, roots, ..Inner::clone(&self.0) }))
    }
}

impl Vantage for Local {
    fn prove<'a>(&'a self, expectation: &'a Expectation) -> BoxFuture<'a, Result<Proof>> {
        Box::pin(async move {
            if expectation.version != 1 {
                let message = format!("the expectation is of version {}; this library knows 1", expectation.version);
                return Err(Error::new(ErrorKind::Unsupported, message));
            }
            if expectation.names.is_empty() {
                return Err(Error::invalid("the expectation holds no name to prove"));
            }
            let ports = |name| ports::count(name, self.0.whole_range_up_to).max(1);
            let due: usize = expectation.names.iter().map(ports).sum();
            if due > MOST {
                return Err(Error::invalid(format!("the expectation names {due} ports; at most {MOST} are tried")));
            }
            Ok(climb::climb(&*self.trusting(&expectation.authorities)?, expectation).await)
        })
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local")
            .field("resolver", &self.0.resolver.describe())
            .field("connect_timeout", &self.0.connect)
            .field("tls_timeout", &self.0.tls)
            .field("answer_timeout", &self.0.answer)
            .field("at_once", &self.0.at_once)
            .field("tries", &self.0.tries)
            .finish_non_exhaustive()
    }
}

/// Sets up a [`Local`]; made by [`Local::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct LocalBuilder {
    resolve_timeout: Duration,
    connect_timeout: Duration,
    tls_timeout: Duration,
    answer_timeout: Duration,
    at_once: usize,
    tries: u32,
    names_the_host: bool,
    whole_range_up_to: u16,
    name_servers: Vec<SocketAddr>,
    answers: BTreeMap<DnsName, Vec<IpAddr>>,
    extra_roots: Vec<Vec<u8>>,
}

impl Default for LocalBuilder {
    fn default() -> Self {
        Self {
            resolve_timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            tls_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
            at_once: 32,
            tries: 1,
            names_the_host: true,
            whole_range_up_to: PortRange::PROVED_WHOLE,
            name_servers: Vec::new(),
            answers: BTreeMap::new(),
            extra_roots: Vec::new(),
        }
    }
}

impl LocalBuilder {
    /// How long the resolver may take for a name; 10 s unless said.
    pub fn resolve_timeout(mut self, limit: Duration) -> Self {
        self.resolve_timeout = limit;
        self
    }

    /// How long a TCP connection may take; 5 s unless said.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long the TLS handshake may take, a greeting before it included; 10 s unless said.
    pub fn tls_timeout(mut self, limit: Duration) -> Self {
        self.tls_timeout = limit;
        self
    }

    /// How long the answer over TLS may take; 30 s unless said, since a service that sleeps may
    /// wake first.
    pub fn answer_timeout(mut self, limit: Duration) -> Self {
        self.answer_timeout = limit;
        self
    }

    /// How many questions and connections are under way at the same time; 32 unless said, at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = most.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// How often each port of each address is tried, one try after the other; once unless said, at
    /// least once. Nothing is tried again to hide what broke: a layer holds that held in every try,
    /// and [`Rung::tries`](privlink_core::side::Rung::tries) tells how often it did.
    pub fn tries(mut self, times: u32) -> Self {
        self.tries = times.max(1);
        self
    }

    /// Leaves the host's name out of the TLS handshake (SNI), as a client does that dials an
    /// address: to see whether the database is found without. The certificate has to bear the name
    /// all the same.
    pub fn without_server_name(mut self) -> Self {
        self.names_the_host = false;
        self
    }

    /// How many ports a range may have to be tried whole; 16 unless said. Of a larger one the
    /// first and the last are tried, by TCP alone. `privlink::Link::judge` misses TLS on a range of
    /// 16 or fewer that is not tried whole.
    pub fn whole_range_up_to(mut self, ports: u16) -> Self {
        self.whole_range_up_to = ports;
        self
    }

    /// Asks this name server instead of the system's: the cloud's own, or the one that clients
    /// elsewhere use. It has to recurse. Its answers are the evidence, without the hosts file. Of
    /// several, the next one is asked where one is silent or fails.
    pub fn name_server(mut self, address: SocketAddr) -> Self {
        self.name_servers.push(address);
        self
    }

    /// Answers `host` from here instead of asking the resolver, as `curl --resolve` does; for
    /// looking at the layers above before the record exists. The proof's resolver says so.
    pub fn resolve(mut self, host: DnsName, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.answers.insert(host, addresses.into_iter().collect());
        self
    }

    /// Trusts the certificates in `pem` besides the platform's roots: a vendor's private
    /// authority that the [expectation](Expectation::authorities) does not name, or a proxy's. Hosts are checked by them
    /// like by any other root.
    pub fn extra_roots(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.extra_roots.push(pem.into());
        self
    }

    /// Puts it together. Reads the platform's roots.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when an extra root is no PEM certificate;
    /// [`ErrorKind::Unsupported`] when TLS cannot be used here.
    pub fn build(self) -> Result<Local> {
        let mut roots = Vec::new();
        for pem in &self.extra_roots {
            roots.extend(tls::certificates("the extra roots", pem)?);
        }
        let rest = Box::new(NameServers { given: self.name_servers, limit: self.resolve_timeout });
        Ok(Local(Arc::new(Inner {
            resolver: Arc::new(Fixed { answers: self.answers, rest }),
            secure: Tls::new(roots.clone(), self.names_the_host)?,
            roots,
            connect: self.connect_timeout,
            tls: self.tls_timeout,
            answer: self.answer_timeout,
            at_once: self.at_once,
            tries: self.tries,
            whole_range_up_to: self.whole_range_up_to,
        })))
    }
}
