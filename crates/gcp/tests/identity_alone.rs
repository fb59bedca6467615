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

/// Credentials that ask nobody.
#[derive(Debug)]
struct Own(Option<&'static str>);

impl CredentialsProvider for Own {
    async fn headers(&self, _: http::Extensions) -> Result<CacheableResource<http::HeaderMap>, CredentialsError> {
        panic!("nobody asks for headers");
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

impl AccessTokenCredentialsProvider for Own {
    async fn access_token(&self) -> Result<AccessToken, CredentialsError> {
        let token = self.0.ok_or_else(|| CredentialsError::from_msg(false, "none is left"))?;
        Ok(AccessToken { token: token.to_owned() })
    }
}

#[tokio::test]
async fn credentials_that_ask_nobody_over_tls_need_no_provider() {
    let world = World::new();
    let token: &'static str = world.gcp().token().leak();
    let network: NetworkPath = world.gcp().network().parse().unwrap();
    let with = |own| {
        let client = Client::over(world.transport(), world.gcp().project());
        client.credentials(AccessTokenCredentials::from(own), "deployer").build().unwrap()
    };
    assert!(with(Own(Some(token))).compute().network(&network.name()).await.unwrap().is_some());
    let error = with(Own(None)).compute().network(&network.name()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(
        error.report().to_string().contains("none is left") && error.help().contains("install_default()"),
        "{}",
        error.report()
    );
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
