//! The machine itself as a place to look from.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use privlink_core::side::{Expectation, PortRange, Proof, Vantage};
use privlink_core::{BoxFuture, DnsName, Error, ErrorKind, Result};

use crate::climb;
use crate::name_server::NameServer;
use crate::resolve::{Fixed, Resolve, System};
use crate::tls::{self, Tls};

/// Proves `expectation` from this machine with the usual limits: `Local::new()?.prove(…)`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the expectation holds no name, [`ErrorKind::Unsupported`]
/// when it is of a later version or TLS cannot be used here. What does not hold is a rung, not
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

/// The machine the program runs on. Cheap to clone.
///
/// ```
/// use std::time::Duration;
///
/// let here = privlink_probe::Local::builder().connect_timeout(Duration::from_secs(2)).build()?;
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Local(Arc<Inner>);

/// What a climb needs.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) resolver: Box<dyn Resolve>,
    pub(crate) secure: Tls,
    pub(crate) connect: Duration,
    pub(crate) tls: Duration,
    pub(crate) answer: Duration,
    pub(crate) at_once: usize,
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
            Ok(climb::climb(&self.0, expectation).await)
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
    whole_range_up_to: u16,
    name_server: Option<SocketAddr>,
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
            whole_range_up_to: PortRange::PROVED_WHOLE,
            name_server: None,
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

    /// How many names, then connections, are tried at the same time; 32 unless said, at least 1.
    pub fn at_once(mut self, most: usize) -> Self {
        self.at_once = most.max(1);
        self
    }

    /// How many ports a range may have to be tried whole; 16 unless said. Of a larger one the
    /// first and the last are tried, by TCP alone. `privlink::Link::judge` misses TLS on a range of
    /// 16 or fewer that is not tried whole.
    pub fn whole_range_up_to(mut self, ports: u16) -> Self {
        self.whole_range_up_to = ports;
        self
    }

    /// Asks this name server instead of the system's resolver: the cloud's own, or the one that
    /// clients elsewhere use. It has to recurse. Its answers are the evidence, without hosts file,
    /// search list or cache; a negative one comes with how long resolvers may keep it.
    pub fn name_server(mut self, address: SocketAddr) -> Self {
        self.name_server = Some(address);
        self
    }

    /// Answers `host` from here instead of asking the resolver, as `curl --resolve` does; for
    /// looking at the layers above before the record exists. The proof's resolver says so.
    pub fn resolve(mut self, host: DnsName, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        self.answers.insert(host, addresses.into_iter().collect());
        self
    }

    /// Trusts the certificates in `pem` besides the platform's roots: a vendor's private
    /// authority, or a proxy's. Hosts are checked by them like by any other root.
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
            roots.extend(tls::certificates(pem)?);
        }
        let limit = self.resolve_timeout;
        let rest: Box<dyn Resolve> = match self.name_server {
            Some(address) => Box::new(NameServer { address, limit }),
            None => Box::new(System { limit }),
        };
        Ok(Local(Arc::new(Inner {
            resolver: Box::new(Fixed { answers: self.answers, rest }),
            secure: Tls::new(roots)?,
            connect: self.connect_timeout,
            tls: self.tls_timeout,
            answer: self.answer_timeout,
            at_once: self.at_once,
            whole_range_up_to: self.whole_range_up_to,
        })))
    }
}
