//! The official credentials in a program that installed no TLS provider.
#![cfg(feature = "google-cloud-auth")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use google_cloud_auth::credentials::{
    AccessToken, AccessTokenCredentials, AccessTokenCredentialsProvider, CacheableResource, CredentialsProvider,
};
use google_cloud_auth::errors::CredentialsError;
use privlink_core::ErrorKind;
use privlink_gcp::{Client, NetworkPath, application_default};
use privlink_sim::World;

/// Credentials that would ask somebody over TLS.
#[derive(Debug)]
struct Asks;

impl CredentialsProvider for Asks {
    async fn headers(&self, _: http::Extensions) -> Result<CacheableResource<http::HeaderMap>, CredentialsError> {
        panic!("nobody asks for headers");
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

impl AccessTokenCredentialsProvider for Asks {
    async fn access_token(&self) -> Result<AccessToken, CredentialsError> {
        panic!("without a provider this would panic");
    }
}

#[tokio::test]
async fn it_is_told_what_to_install() {
    let told = |error: privlink_core::Error| {
        assert_eq!(
            (error.kind(), error.vendor()),
            (ErrorKind::Unsupported, Some("Google Cloud")),
            "{}",
            error.report()
        );
        assert!(error.help().contains("install_default()"), "{}", error.help());
    };
    told(application_default(["https://www.googleapis.com/auth/cloud-platform"]).unwrap_err());
    let world = World::new();
    let client = Client::over(world.transport(), world.gcp().project())
        .credentials(AccessTokenCredentials::from(Asks), "deployer")
        .build()
        .unwrap();
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    told(client.compute().network(&network.name()).await.unwrap_err());
    assert_eq!(world.requests().len(), 0);
}
