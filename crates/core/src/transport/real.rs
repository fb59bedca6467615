use std::error::Error as StdError;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Authority;
use http::{Request, Response, Uri};
use reqwest::{NoProxy, Proxy};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use url::Url;

use super::{Limits, Sent, Transport, TransportError, guard};
use crate::{BoxFuture, Error, ErrorKind, Result, Retry};

const CONNECT: Duration = Duration::from_secs(10);
/// Below the idle limit of the load balancers in front of these APIs (AWS: 60 s), so that a
/// write does not meet a connection that is just being closed.
const IDLE: Duration = Duration::from_secs(45);
/// This machine, which no proxy is asked for.
const LOCAL: &str = "localhost,127.0.0.0/8,::1";

/// The real transport: `reqwest` on rustls with ring and the platform's roots. Cheap to clone;
/// clones share connections.
///
/// Nothing process-wide is installed. Redirects are never followed, answers are not
/// decompressed, plain http goes to loopback only, and every body is bounded while it is read.
/// It speaks HTTP/1.1, which all of these APIs do: a request budget leaves nothing to multiplex.
///
/// **Proxies.** `HTTPS_PROXY` (or `https_proxy`, `ALL_PROXY`, `all_proxy`) and `NO_PROXY` are
/// honoured for https; this machine is never asked for through a proxy, and plain http never
/// goes to one. [`ReqwestTransportBuilder::proxy`] and [`ReqwestTransportBuilder::no_proxy`]
/// overrule them.
///
/// # Examples
/// ```
/// use std::sync::Arc;
///
/// use privlink_core::transport::{ReqwestTransport, Transport};
///
/// let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    /// A client we did not build may follow redirects; its answers are checked for that.
    foreign: bool,
    origins: Arc<Origins>,
    /// The machine trusts no CA at all, so https cannot work.
    rootless: bool,
}

/// Builds a [`ReqwestTransport`].
#[must_use]
pub struct ReqwestTransportBuilder {
    connect: Duration,
    roots: Vec<CertificateDer<'static>>,
    proxy: ProxyChoice,
}

enum ProxyChoice {
    Environment,
    None,
    Url(String),
}

impl ReqwestTransport {
    /// The transport as most programs want it.
    ///
    /// # Errors
    /// As [`ReqwestTransportBuilder::build`].
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// A transport with other settings.
    pub fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder { connect: CONNECT, roots: Vec::new(), proxy: ProxyChoice::Environment }
    }

    /// A transport over a client of your own, with your TLS, proxies and pool.
    ///
    /// Build it with [`reqwest::redirect::Policy::none`]: an answer that came by a redirect is
    /// an error here, but the request has followed it by then. Set a connect timeout too.
    #[must_use]
    pub fn with_client(client: reqwest::Client) -> Self {
        Self { client, foreign: true, origins: Arc::default(), rootless: false }
    }

    async fn exchange(&self, request: Request<Bytes>, body: usize) -> Result<Response<Bytes>, TransportError> {
        let (parts, content) = request.into_parts();
        let url = self.origins.url(&parts.uri).map_err(|error| TransportError::new(Sent::No, error))?;
        if self.rootless && url.scheme() == "https" {
            return Err(TransportError::new(Sent::No, no_roots()));
        }
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        if !content.is_empty() {
            *request.body_mut() = Some(content.into());
        }
        let url = self.foreign.then(|| request.url().clone());
        let mut answer = self.client.execute(request).await.map_err(failed)?;
        if url.is_some_and(|url| url != *answer.url()) {
            let error = Error::new(ErrorKind::UnexpectedResponse, "the HTTP client given followed a redirect");
            return Err(TransportError::new(Sent::Maybe, error));
        }
        let (mut parts, ()) = Response::new(()).into_parts();
        parts.status = answer.status();
        parts.version = answer.version();
        parts.headers = std::mem::take(answer.headers_mut());
        Ok(Response::from_parts(parts, read(&mut answer, body).await?))
    }
}

impl Transport for ReqwestTransport {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            match tokio::time::timeout(limits.time, self.exchange(request, limits.body)).await {
                Ok(result) => result,
                Err(elapsed) => Err(TransportError::new(Sent::Maybe, elapsed).timed_out()),
            }
        })
    }

    fn keeps_time(&self) -> bool {
        true
    }
}

/// The origins a transport has met, each checked and parsed once: a third of what a request
/// costs is the parsing of URLs.
#[derive(Default)]
struct Origins(RwLock<Vec<(String, Url)>>);

impl Origins {
    /// More than any client here talks to; beyond it, an origin is parsed every time.
    const MOST: usize = 32;

    fn url(&self, uri: &Uri) -> Result<Url, Error> {
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        let is = |text: &str| {
            text.strip_prefix(scheme).and_then(|rest| rest.strip_prefix("://")).is_some_and(|rest| rest == authority)
        };
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().find(|(text, _)| is(text)).map(|(_, url)| url.clone());
        drop(known);
        let mut url = match found {
            Some(url) => url,
            None => self.meet(uri, format!("{scheme}://{authority}"))?,
        };
        url.set_path(uri.path());
        url.set_query(uri.query());
        Ok(url)
    }

    fn meet(&self, uri: &Uri, text: String) -> Result<Url, Error> {
        guard::check(uri)?;
        let url: Url = text.parse().map_err(|error: url::ParseError| Error::invalid(format!("a bad URL: {error}")))?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() < Self::MOST {
            known.push((text, url.clone()));
        }
        Ok(url)
    }
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own form shows proxies and default headers, which may hold credentials.
        f.debug_struct("ReqwestTransport").field("own_client", &!self.foreign).finish_non_exhaustive()
    }
}

impl ReqwestTransportBuilder {
    /// Sets how long connecting may take, TLS included; 10 s unless set.
    pub fn connect_timeout(mut self, most: Duration) -> Self {
        self.connect = most;
        self
    }

    /// Trusts the certificates of `pem` besides the platform's: a private test CA.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when there is no certificate in it, or a broken one.
    pub fn root_certificates_pem(mut self, pem: &[u8]) -> Result<Self> {
        let before = self.roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            self.roots.push(certificate.map_err(|error| Error::invalid("the PEM cannot be read").with_source(error))?);
        }
        if self.roots.len() == before {
            return Err(Error::invalid("the PEM holds no certificate"));
        }
        Ok(self)
    }

    /// Trusts the certificate `der` besides the platform's.
    pub fn root_certificate_der(mut self, der: impl Into<Vec<u8>>) -> Self {
        self.roots.push(CertificateDer::from(der.into()));
        self
    }

    /// Sends https through the proxy at `url`, instead of the environment's.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::None;
        self
    }

    /// The transport. On a machine without any CA certificate it is built too, and refuses
    /// https with an error that says so.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when a certificate or the proxy's URL is not one.
    pub fn build(self) -> Result<ReqwestTransport> {
        let (tls, rootless) = tls(self.roots)?;
        let mut client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(reqwest::redirect::Policy::none())
            // It repeats what HTTP/2 turned away, which is not spoken here, and keeps a copy of
            // every request for it.
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            .connect_timeout(self.connect)
            .pool_idle_timeout(IDLE)
            .no_proxy();
        if let Some(proxy) = proxy(self.proxy)? {
            client = client.proxy(proxy);
        }
        let client = client
            .build()
            .map_err(|error| Error::invalid("the HTTP client cannot be built").with_source(error.without_url()))?;
        Ok(ReqwestTransport { client, foreign: false, origins: Arc::default(), rootless })
    }
}

impl fmt::Debug for ReqwestTransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = match self.proxy {
            ProxyChoice::Environment => "environment",
            ProxyChoice::None => "none",
            ProxyChoice::Url(_) => "given",
        };
        f.debug_struct("ReqwestTransportBuilder")
            .field("connect", &self.connect)
            .field("extra_roots", &self.roots.len())
            .field("proxy", &proxy)
            .finish()
    }
}

/// The TLS client, and whether it has no root to trust: a bare container has none, and still
/// may talk to a simulator on this machine by plain http.
fn tls(roots: Vec<CertificateDer<'static>>) -> Result<(ClientConfig, bool)> {
    // Ours alone: a process-wide provider would bind the whole program.
    let provider = Arc::new(ring::default_provider());
    let wrong = |error: rustls::Error| Error::invalid("the TLS client cannot be built").with_source(error);
    let given = !roots.is_empty();
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(wrong)?;
    let (config, rootless) = match verifier {
        // The platform's own verification, not none: rustls names every verifier but its own so.
        Ok(verifier) => (config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)), false),
        Err(error) if given => {
            return Err(Error::invalid("a root certificate given cannot be used").with_source(error));
        }
        Err(error) => {
            tracing::warn!(%error, "no CA certificates on this machine: https will not work");
            (config.with_root_certificates(RootCertStore::empty()), true)
        }
    };
    Ok((config.with_no_client_auth(), rootless))
}

fn no_roots() -> Error {
    Error::new(ErrorKind::Connect, "this machine has no CA certificates to trust")
        .with_help(
            "install the ca-certificates package of this machine, set SSL_CERT_FILE, or give the transport root \
             certificates",
        )
        .with_retry(Retry::Never)
}

fn proxy(choice: ProxyChoice) -> Result<Option<Proxy>> {
    let (url, direct) = match choice {
        ProxyChoice::None => return Ok(None),
        ProxyChoice::Url(url) => (url, String::new()),
        ProxyChoice::Environment => {
            let first = |names: &[&str]| {
                names.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            };
            let Some(url) = first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) else { return Ok(None) };
            (url, first(&["NO_PROXY", "no_proxy"]).unwrap_or_default())
        }
    };
    // The URL may hold a password, so it is never quoted.
    let proxy = Proxy::https(&url).map_err(|_| Error::invalid("the URL of the https proxy cannot be read"))?;
    Ok(Some(proxy.no_proxy(NoProxy::from_string(&format!("{LOCAL},{direct}")))))
}

/// Reads at most `most` bytes, and holds no more of them than that.
async fn read(answer: &mut reqwest::Response, most: usize) -> Result<Bytes, TransportError> {
    let too_long = || {
        let error = Error::new(ErrorKind::UnexpectedResponse, format!("the answer is longer than {most} bytes"));
        TransportError::new(Sent::Maybe, error)
    };
    if answer.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_long());
    }
    let Some(first) = answer.chunk().await.map_err(cut)? else { return Ok(Bytes::new()) };
    if first.len() > most {
        return Err(too_long());
    }
    let Some(second) = answer.chunk().await.map_err(cut)? else { return Ok(first) };
    let mut whole = BytesMut::from(first);
    let mut next = Some(second);
    while let Some(chunk) = next {
        if chunk.len() > most - whole.len() {
            return Err(too_long());
        }
        whole.extend_from_slice(&chunk);
        next = answer.chunk().await.map_err(cut)?;
    }
    Ok(whole.freeze())
}

fn failed(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let timed_out = error.is_timeout();
    let failed = if error.is_connect() || error.is_builder() {
        match certificate(&error) {
            Some(text) => {
                let text = format!("the certificate of the other side is not trusted: {text}");
                let error = Error::new(ErrorKind::Connect, text)
                    .with_help(
                        "check this machine's clock; behind a proxy that reads TLS, give the transport its root \
                         certificate",
                    )
                    .with_retry(Retry::Never)
                    .with_source(error);
                TransportError::new(Sent::No, error)
            }
            None => TransportError::new(Sent::No, error),
        }
    } else {
        TransportError::new(Sent::Maybe, error)
    };
    if timed_out { failed.timed_out() } else { failed }
}

fn cut(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let timed_out = error.is_timeout();
    let cut = TransportError::new(Sent::Maybe, error);
    if timed_out { cut.timed_out() } else { cut }
}

/// What is wrong with the other side's certificate, if that is the cause: trying again will
/// not mend it.
fn certificate(error: &(dyn StdError + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref::<rustls::Error>() {
            return Some(why.to_string());
        }
        // An I/O error does not list what it holds among its sources.
        let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = held.map(|held| held as &(dyn StdError + 'static)).or_else(|| error.source());
    }
    None
}
