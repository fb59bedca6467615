//! The real transport over real sockets on loopback, in real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use privlink_core::transport::{
    Caller, Deadlines, Limits, ReqwestTransport, RetryPolicy, Sent, Transport, TransportError,
};
use privlink_core::{ErrorKind, SystemClock};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wiremock::matchers::{body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::{CREATE, Plain, READ};

fn transport() -> ReqwestTransport {
    ReqwestTransport::builder().no_proxy().build().unwrap()
}

async fn get(uri: &str, limits: Limits) -> Result<Response<Bytes>, TransportError> {
    transport().send(Request::get(uri).body(Bytes::new()).unwrap(), limits).await
}

fn limits() -> Limits {
    Limits::new(Duration::from_secs(10), 1 << 20)
}

/// Serves one connection with `serve` and tells its address.
async fn server<F, R>(serve: F) -> String
where
    F: FnOnce(TcpStream) -> R + Send + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream).await;
    });
    format!("http://{address}/")
}

async fn read_request(stream: &mut TcpStream) {
    let mut buffer = [0; 4096];
    let mut seen = Vec::new();
    while !seen.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = stream.read(&mut buffer).await.unwrap();
        seen.extend_from_slice(&buffer[..count]);
    }
}

#[tokio::test]
async fn a_request_goes_out_as_given_and_the_answer_comes_back_whole() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(path("/v1/things/a%20b"))
        .and(query_param("limit", "2"))
        .and(header("x-one", "1"))
        .and(body_string("{\"a\":1}"))
        .respond_with(ResponseTemplate::new(201).insert_header("x-request-id", "r-1").set_body_string("done"))
        .expect(1)
        .mount(&server)
        .await;
    let request = Request::patch(format!("{}/v1/things/a%20b?limit=2", server.uri()))
        .header("x-one", "1")
        .body(Bytes::from_static(b"{\"a\":1}"))
        .unwrap();
    let response = transport().send(request, limits()).await.unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-request-id"], "r-1");
    assert_eq!(response.body(), "done");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_never_followed() {
    let server = MockServer::start().await;
    let elsewhere = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", elsewhere.uri()))
        .mount(&server)
        .await;
    let response = get(&server.uri(), limits()).await.unwrap();
    assert_eq!(response.status(), 302);
    assert_eq!(response.headers()["location"], elsewhere.uri());
    assert!(elsewhere.received_requests().await.unwrap().is_empty());

    // A client of the caller's own that does follow is found out.
    let following = ReqwestTransport::with_client(reqwest_client());
    let request = Request::get(server.uri()).body(Bytes::new()).unwrap();
    let error = following.send(request, limits()).await.unwrap_err();
    assert_eq!(error.sent, Sent::Maybe);
    assert!(error.source.to_string().contains("redirect"), "{:?}", error.source);
}

fn reqwest_client() -> reqwest::Client {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

#[tokio::test]
async fn a_refused_connection_certainly_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = get(&format!("http://{address}/"), limits()).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::No, false));

    let caller = Caller::builder(Plain, Arc::new(transport()), Arc::new(SystemClock::new()))
        .retry(RetryPolicy::new(2, Duration::from_millis(1), Duration::from_millis(1)))
        .build();
    let request = Request::post(format!("http://{address}/")).body(Bytes::new()).unwrap();
    let error = caller.call(&CREATE, "t-1", request).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 2));
    // The line says why, and the report adds no wrappers to it.
    assert!(error.to_string().contains("could not connect: Connection refused (os error "), "{error}");
    assert!(!error.report().to_string().contains("because"), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_breaks_later_may_have_sent_it() {
    let before = server(|mut stream| async move {
        read_request(&mut stream).await;
    })
    .await;
    let error = get(&before, limits()).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::Maybe, false));

    let within = server(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"cut").await.unwrap();
    })
    .await;
    let error = get(&within, limits()).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::Maybe, false));
}

#[tokio::test]
async fn a_server_that_hangs_is_left_in_time() {
    let short = Limits::new(Duration::from_millis(200), 1 << 20);
    let silent = server(|mut stream| async move {
        read_request(&mut stream).await;
        tokio::time::sleep(Duration::from_secs(30)).await;
    })
    .await;
    let began = Instant::now();
    let error = get(&silent, short).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::Maybe, true));
    assert!(began.elapsed() < Duration::from_secs(5));

    // Also one that dribbles: the bound is for the whole answer.
    let dribbling = server(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await.unwrap();
        while stream.write_all(b".").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let began = Instant::now();
    let error = get(&dribbling, short).await.unwrap_err();
    assert_eq!((error.sent, error.timed_out), (Sent::Maybe, true));
    assert!(began.elapsed() < Duration::from_secs(5));

    let caller = Caller::builder(Plain, Arc::new(transport()), Arc::new(SystemClock::new()))
        .deadlines(Deadlines::new(Duration::from_millis(100), Duration::from_millis(300)))
        .build();
    let silent = server(|stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let request = Request::get(&silent).body(Bytes::new()).unwrap();
    assert_eq!(caller.call(&READ, "t-1", request).await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test]
async fn a_body_beyond_the_bound_is_not_read_whether_announced_or_not() {
    let announced = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 5_000]))
        .mount(&announced)
        .await;
    let error = get(&announced.uri(), Limits::new(Duration::from_secs(10), 4_999)).await.unwrap_err();
    assert!(error.source.to_string().contains("longer than 4999 bytes"));
    let whole = get(&announced.uri(), Limits::new(Duration::from_secs(10), 5_000)).await.unwrap();
    assert_eq!(whole.body().len(), 5_000);

    let endless = server(|mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let caller =
        Caller::builder(Plain, Arc::new(transport()), Arc::new(SystemClock::new())).body_limit(1 << 16).build();
    let request = Request::get(&endless).body(Bytes::new()).unwrap();
    let error = caller.call(&READ, "t-1", request).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::UnexpectedResponse, 1));
}

#[tokio::test]
async fn plain_http_to_another_host_is_refused_at_the_door_too() {
    let error = get("http://198.51.100.1/", limits()).await.unwrap_err();
    assert_eq!(error.sent, Sent::No);
    assert!(error.source.to_string().contains("plain http is refused"));
}

#[tokio::test]
async fn https_to_a_port_that_speaks_no_tls_never_sends_the_request() {
    let server = server(|mut stream| async move {
        let mut hello = [0; 1024];
        let _ = stream.read(&mut hello).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let error = get(&server.replace("http://", "https://"), limits()).await.unwrap_err();
    assert_eq!(error.sent, Sent::No);
}

#[test]
fn a_root_certificate_that_is_none_is_refused() {
    let error = ReqwestTransport::builder().root_certificates_pem(b"hello").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
