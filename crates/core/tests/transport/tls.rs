//! TLS and proxies of the real transport, over loopback in real time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use privlink_core::transport::{
    Caller, Limits, ReqwestTransport, ReqwestTransportBuilder, RetryPolicy, Sent, Transport,
};
use privlink_core::{ErrorKind, Retry, SystemClock};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::{CREATE, Plain};

/// A private CA, as PEM and DER, and a server that answers over TLS with its certificate.
struct Private {
    pem: String,
    der: Vec<u8>,
    port: u16,
}

async fn private_server(names: &[&str]) -> Private {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust the certificate ends the handshake.
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await.unwrap();
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").await;
                let _ = stream.shutdown().await;
            }
        }
    });
    Private { pem: ca.pem(), der: ca.der().to_vec(), port }
}

fn to(uri: &str) -> Request<Bytes> {
    Request::get(uri).body(Bytes::new()).unwrap()
}

fn limits() -> Limits {
    Limits::new(Duration::from_secs(10), 1 << 20)
}

fn builder() -> ReqwestTransportBuilder {
    ReqwestTransport::builder().no_proxy()
}

#[tokio::test]
async fn a_private_ca_is_trusted_when_given_as_pem_or_der() {
    let server = private_server(&["localhost", "127.0.0.1"]).await;
    let pem = builder().root_certificates_pem(server.pem.as_bytes()).unwrap().build().unwrap();
    let der = builder().root_certificate_der(server.der).build().unwrap();
    for (transport, host) in [(&pem, "localhost"), (&der, "127.0.0.1")] {
        let response = transport.send(to(&format!("https://{host}:{}/", server.port)), limits()).await.unwrap();
        assert_eq!(response.body(), "secret");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_ends_the_call_at_once_unsent() {
    let strange = private_server(&["localhost"]).await;
    let misnamed = private_server(&["db.example.com"]).await;
    let knowing = builder().root_certificates_pem(misnamed.pem.as_bytes()).unwrap().build().unwrap();
    for (transport, port) in [(builder().build().unwrap(), strange.port), (knowing, misnamed.port)] {
        let uri = format!("https://localhost:{port}/");
        let error = transport.send(to(&uri), limits()).await.unwrap_err();
        assert_eq!((error.sent, error.timed_out), (Sent::No, false));

        let caller = Caller::builder(Plain, Arc::new(transport), Arc::new(SystemClock::new())).build();
        let error = caller.call(&CREATE, "t-1", to(&uri)).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), error.retry()), (ErrorKind::Connect, 1, Retry::Never));
        assert!(error.to_string().contains("certificate"), "{error}");
    }
}

/// Notes what it is asked for, and refuses.
async fn refusing_proxy() -> (String, tokio::sync::oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, asked) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let count = stream.read(&mut request).await.unwrap();
        let _ = tell.send(String::from_utf8_lossy(&request[..count]).into_owned());
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
    });
    (format!("http://user:pass@{address}"), asked)
}

#[tokio::test]
async fn https_goes_through_the_proxy_given_as_a_tunnel() {
    let (url, asked) = refusing_proxy().await;
    let transport = ReqwestTransport::builder().proxy(url).build().unwrap();
    let mut request = to("https://api.plain.test/v1/secret-path");
    request.headers_mut().insert("authorization", "Bearer hunter2".parse().unwrap());
    let error = transport.send(request, limits()).await.unwrap_err();
    // A tunnel that was refused carried nothing.
    assert_eq!(error.sent, Sent::No);
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("CONNECT api.plain.test:443"), "{asked}");
    assert!(!asked.contains("hunter2") && !asked.contains("secret-path"), "{asked}");
}

#[tokio::test]
async fn this_machine_is_never_asked_for_through_a_proxy() {
    let (url, mut asked) = refusing_proxy().await;
    let server = private_server(&["localhost", "127.0.0.1"]).await;
    let transport =
        ReqwestTransport::builder().proxy(url).root_certificates_pem(server.pem.as_bytes()).unwrap().build().unwrap();
    for host in ["localhost", "127.0.0.1"] {
        transport.send(to(&format!("https://{host}:{}/", server.port)), limits()).await.unwrap();
    }
    let plain = wiremock::MockServer::start().await;
    assert_eq!(transport.send(to(&plain.uri()), limits()).await.unwrap().status(), 404);
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn connecting_is_bounded_and_sends_nothing() {
    // A listener whose queue is never served accepts TCP but speaks no TLS.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let transport = builder().connect_timeout(Duration::from_millis(100)).build().unwrap();
    let began = std::time::Instant::now();
    let error = transport.send(to(&format!("https://localhost:{port}/")), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::No, true));
    assert!(began.elapsed() < Duration::from_secs(5));

    let caller =
        Caller::builder(Plain, Arc::new(transport), Arc::new(SystemClock::new())).retry(RetryPolicy::never()).build();
    let error = caller.call(&CREATE, "t-1", to(&format!("https://localhost:{port}/"))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
}

/// Runs the test `name` of this file again in a process of its own with `environment`.
fn again(name: &str, environment: &[(&str, &str)]) {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy", "no_proxy"] {
        child.env_remove(name);
    }
    child.args(["--exact", &format!("tls::{name}"), "--nocapture"]).env("PRIVLINK_TEST_CHILD", "1");
    let output = child.envs(environment.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "the test {name} was not found");
}

fn in_child() -> bool {
    std::env::var_os("PRIVLINK_TEST_CHILD").is_some()
}

/// Only there are the roots files that can be hidden.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_ca_certificates_plain_http_works_and_https_says_what_is_missing() {
    if !in_child() {
        let none = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
        return again("without_ca_certificates_plain_http_works_and_https_says_what_is_missing", &none);
    }
    let transport = ReqwestTransport::new().unwrap();
    let plain = wiremock::MockServer::start().await;
    assert_eq!(transport.send(to(&plain.uri()), limits()).await.unwrap().status(), 404);
    let error = transport.send(to("https://api.plain.test/"), limits()).await.unwrap_err();
    assert_eq!(error.sent, Sent::No);
    assert!(error.source.to_string().contains("no CA certificates"), "{:?}", error.source);
    assert!(format!("{:?}", error.source).contains("help: install the ca-certificates package"));
}

#[tokio::test]
async fn the_environments_proxy_is_used_for_https_except_where_it_says_no() {
    if !in_child() {
        let (url, asked) = refusing_proxy().await;
        let run = move || {
            let proxies = [("HTTPS_PROXY", url.as_str()), ("HTTP_PROXY", url.as_str()), ("NO_PROXY", "direct.invalid")];
            again("the_environments_proxy_is_used_for_https_except_where_it_says_no", &proxies);
        };
        tokio::task::spawn_blocking(run).await.unwrap();
        let asked = asked.await.unwrap();
        assert!(asked.starts_with("CONNECT api.plain.test:443"), "{asked}");
        return;
    }
    let ca = private_server(&["localhost"]).await.der;
    let transport = ReqwestTransport::builder().root_certificate_der(ca).build().unwrap();
    // The proxy serves one connection, so anything that reached it before would show.
    let plain = wiremock::MockServer::start().await;
    assert_eq!(transport.send(to(&plain.uri()), limits()).await.unwrap().status(), 404);
    let direct = transport.send(to("https://direct.invalid/"), limits()).await.unwrap_err();
    assert_eq!(direct.sent, Sent::No);
    let tunnelled = transport.send(to("https://api.plain.test/"), limits()).await.unwrap_err();
    assert_eq!(tunnelled.sent, Sent::No);
}
