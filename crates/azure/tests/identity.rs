//! The official credentials against the simulated tenant.
#![cfg(feature = "azure-identity")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::sync::Arc;

use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use privlink_azure::{Client, identity_options};
use privlink_core::{BoxFuture, ErrorKind};
use privlink_sim::World;
use world::*;

fn with(world: &World, credential: Arc<dyn TokenCredential>) -> Client {
    Client::over(world.transport(), world.azure().subscription()).credential(credential, "app").build().unwrap()
}

fn of_secret(world: &World, secret: &str) -> Arc<dyn TokenCredential> {
    let app = world.azure().add_app("deployer", None);
    let secret = if secret.is_empty() { app.client_secret } else { secret.to_owned() };
    let options = ClientSecretCredentialOptions { client_options: identity_options(world.transport()) };
    ClientSecretCredential::new(&app.tenant.to_string(), app.client_id.to_string(), Secret::new(secret), Some(options))
        .unwrap()
}

#[tokio::test]
async fn a_service_principal_gets_its_token_over_the_transport_it_was_given() {
    let world = World::new();
    let client = with(&world, of_secret(&world, ""));
    assert!(client.networking().virtual_network(&vnet(&world)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_wrong_secret_is_told_without_being_shown() {
    let world = World::new();
    let client = with(&world, of_secret(&world, "hunter2-canary"));
    let error = client.networking().virtual_network(&vnet(&world)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{}", error.report());
    let told = format!("{error:?} {error:#?} {} {client:?}", error.report());
    assert!(!told.contains("hunter2"), "{told}");
}

/// A credential that gives the world's own token.
#[derive(Debug)]
struct Given(String);

impl TokenCredential for Given {
    fn get_token<'a, 'b, 'c, 'd, 'e>(
        &'a self,
        scopes: &'b [&'c str],
        _: Option<TokenRequestOptions<'d>>,
    ) -> BoxFuture<'e, azure_core::Result<AccessToken>>
    where
        'a: 'e,
        'b: 'e,
        'c: 'e,
        'd: 'e,
        Self: 'e,
    {
        assert_eq!(scopes, ["https://management.azure.com/.default"]);
        let expires = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
        Box::pin(async move { Ok(AccessToken::new(self.0.clone(), expires.into())) })
    }
}

#[tokio::test]
async fn any_credential_of_the_official_kind_will_do() {
    let world = World::new();
    let client = with(&world, Arc::new(Given(world.azure().token())));
    assert!(client.networking().virtual_network(&vnet(&world)).await.unwrap().is_some());
    assert!(!format!("{client:?}").contains(&world.azure().token()));
}
