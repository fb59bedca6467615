//! The official credentials against a metadata server on this machine.
#![cfg(feature = "google-cloud-auth")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;

use google_cloud_auth::credentials::{AccessTokenCredentials, mds};
use privlink_core::ErrorKind;
use privlink_gcp::{Client, NetworkPath, application_default};
use privlink_sim::World;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// What every program that uses the official crate does once.
fn install_provider() {
    // Another test of this process may have been first.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A metadata server that answers every question with this.
async fn metadata_server(status: &'static str, body: String) -> AccessTokenCredentials {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 4096];
            let read = stream.read(&mut asked).await.unwrap();
            assert!(String::from_utf8_lossy(&asked[..read]).contains("/computeMetadata/v1/"));
            let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n");
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let credentials = mds::Builder::default().with_endpoint(format!("http://{address}"));
    credentials
        .with_scopes(["https://www.googleapis.com/auth/cloud-platform"])
        .build_access_token_credentials()
        .unwrap()
}

fn with(world: &World, credentials: AccessTokenCredentials) -> Client {
    let client = Client::over(world.transport(), world.gcp().project()).credentials(credentials, "deployer");
    client.clock(world.clock()).build().unwrap()
}

#[tokio::test]
async fn the_metadata_servers_token_is_sent_and_never_shown() {
    install_provider();
    let world = World::new();
    let token = world.gcp().token();
    let body = format!(r#"{{"access_token":"{token}","expires_in":3600,"token_type":"Bearer"}}"#);
    let client = with(&world, metadata_server("200 OK", body).await);
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    assert!(client.compute().network(&network.name()).await.unwrap().is_some());
    assert!(!format!("{client:?}").contains(&token));
}

#[tokio::test]
async fn a_server_that_refuses_is_told_as_missing_credentials() {
    install_provider();
    let world = World::new();
    let client = with(&world, metadata_server("404 Not Found", "no such account".to_owned()).await);
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    let error = client.compute().network(&network.name()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{}", error.report());
    assert_eq!(error.vendor(), Some("Google Cloud"));
    assert_eq!(world.requests().len(), 0, "nothing is sent without a token");
}

#[test]
fn outside_of_a_runtime_it_is_an_error_and_no_panic() {
    install_provider();
    let error = application_default(["https://www.googleapis.com/auth/cloud-platform"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert!(error.to_string().contains("runtime"), "{error}");
}
