//! TLS with the vendor's name, the platform's roots and never a way around them.

use std::fmt;
use std::io;
use std::sync::Arc;

use privlink_core::side::{Cause, RungResult};
use privlink_core::{DnsName, Error, ErrorKind, Result};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, CommonState};
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::dial::Break;

/// The ways to open TLS: with and without naming HTTP.
#[derive(Clone)]
pub(crate) struct Tls {
    plain: TlsConnector,
    http: TlsConnector,
    names_the_host: bool,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// Trusts the platform's roots and `extra` ones, on ring; no process-wide provider is
    /// installed or asked for.
    ///
    /// `names_the_host` is whether the handshake tells the host's name (SNI).
    pub(crate) fn new(extra: Vec<CertificateDer<'static>>, names_the_host: bool) -> Result<Self> {
        let unusable = |error: rustls::Error| {
            Error::new(ErrorKind::Unsupported, "TLS cannot be used on this machine").with_source(error)
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(unusable)?;
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .dangerous() // Named so since a verifier is given; this one checks all there is to check.
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // Each proof shows a whole handshake, certificate included.
        config.resumption = rustls::client::Resumption::disabled();
        config.enable_sni = names_the_host;
        let plain = TlsConnector::from(Arc::new(config.clone()));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { plain, http: TlsConnector::from(Arc::new(config)), names_the_host })
    }

    pub(crate) fn names_the_host(&self) -> bool {
        self.names_the_host
    }

    /// Shakes hands over `stream` as a client of `host`; the words say version and cipher.
    pub(crate) async fn open(
        &self,
        stream: TcpStream,
        host: &DnsName,
        http: bool,
    ) -> Result<(TlsStream<TcpStream>, String), Break> {
        let name = ServerName::try_from(host.as_str().to_owned()).map_err(|error| {
            Break::new(RungResult::BadCertificate, format!("no certificate can bear {host}: {error}"))
        })?;
        let connector = if http { &self.http } else { &self.plain };
        let stream = connector.connect(name, stream).await.map_err(|error| {
            let mut broken = broken(&error);
            if broken.result == RungResult::Reset && !self.names_the_host {
                broken.seen.push_str("; the handshake named no host");
                broken.cause = Some(Cause::NoServerName);
            }
            broken
        })?;
        let seen = describe(stream.get_ref().1);
        Ok((stream, seen))
    }
}

/// The certificates in `pem`, called `what` in errors.
pub(crate) fn certificates(what: &str, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::invalid(format!("{what} are not PEM certificates")).with_source(error))?;
    if certificates.is_empty() {
        return Err(Error::invalid(format!("{what} hold no PEM certificate")));
    }
    Ok(certificates)
}

fn broken(error: &io::Error) -> Break {
    let what = "TLS handshake";
    let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
        return Break::cut(what, error);
    };
    let (result, cause) = match tls {
        rustls::Error::InvalidCertificate(why) => (RungResult::BadCertificate, cause(why)),
        rustls::Error::NoCertificatesPresented => (RungResult::BadCertificate, Some(Cause::NoCertificate)),
        // What servers say that have nothing to show for the name (RFC 6066 §3, RFC 8446 §6.2); the
        // last one is what rustls says.
        rustls::Error::AlertReceived(
            AlertDescription::UnrecognisedName | AlertDescription::HandshakeFailure | AlertDescription::AccessDenied,
        ) => (RungResult::BadCertificate, Some(Cause::NoCertificate)),
        _ => (RungResult::Unexpected, None),
    };
    Break { cause, ..Break::new(result, format!("{what}: {tls}")) }
}

fn cause(why: &CertificateError) -> Option<Cause> {
    match why {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => Some(Cause::Expired),
        CertificateError::UnknownIssuer => Some(Cause::UnknownAuthority),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Some(Cause::WrongName),
        _ => None,
    }
}

fn describe(state: &CommonState) -> String {
    let version = match state.protocol_version() {
        Some(rustls::ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(rustls::ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    };
    format!("{version}, the certificate is trusted and bears the name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_roots_that_are_none_are_refused() {
        for pem in [&b""[..], b"nothing here", b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
            assert_eq!(certificates("roots", pem).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
