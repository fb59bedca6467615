//! The credentials of the official `azure_identity`, as a source of tokens and over a transport of
//! this family.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind as TheirKind;
use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::{AsyncRawResponse, Body, ClientOptions, HttpClient, Request, Transport as TheirTransport};
use privlink_core::transport::{Limits, Sent, Token, TokenSource, Transport};
use privlink_core::{BoxFuture, Error, ErrorKind, Result, SecretString};

use crate::dialect::VENDOR;

/// One call of a credential, and the most of its answer that is read.
const LIMITS: (Duration, usize) = (Duration::from_secs(30), 1 << 20);

/// Options for a credential of `azure_identity` that let it ask its authority over `transport`.
///
/// A credential given no options makes a client of its own, which **panics** unless the program has
/// installed a process-wide TLS provider
/// (`rustls::crypto::ring::default_provider().install_default()`); this family installs none. With
/// these options it needs none. A managed identity of a virtual machine is asked for over plain http
/// at 169.254.169.254, which the real transport here refuses: install a provider for that one.
///
/// ```no_run
/// use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
/// use privlink_azure::{Client, identity_options};
/// use privlink_core::transport::ReqwestTransport;
///
/// # fn run(tenant: &str, app: String, secret: azure_core::credentials::Secret) -> Result<(), Box<dyn std::error::Error>> {
/// let options = ClientSecretCredentialOptions { client_options: identity_options(ReqwestTransport::new()?) };
/// let credential = ClientSecretCredential::new(tenant, app.clone(), secret, Some(options))?;
/// let client = Client::builder("00000000-0000-0000-0000-000000000000".parse()?).credential(credential, app).build()?;
/// # Ok(()) }
/// ```
pub fn identity_options(transport: impl Transport + 'static) -> ClientOptions {
    let client: Arc<dyn HttpClient> = Arc::new(Over(Arc::new(transport)));
    ClientOptions { transport: Some(TheirTransport::new(client)), ..ClientOptions::default() }
}

/// Our transport where theirs is wanted.
#[derive(Debug)]
struct Over(Arc<dyn Transport>);

impl HttpClient for Over {
    fn execute_request<'a, 'b, 'c>(
        &'a self,
        request: &'b Request,
    ) -> BoxFuture<'c, azure_core::Result<AsyncRawResponse>>
    where
        'a: 'c,
        'b: 'c,
        Self: 'c,
    {
        Box::pin(async move {
            let outgoing = ours(request)?;
            let (time, body) = LIMITS;
            let answer = self.0.send(outgoing, Limits::new(time, body)).await.map_err(|error| {
                let kind = if error.sent == Sent::No { TheirKind::Connection } else { TheirKind::Io };
                azure_core::Error::with_message(kind, error.to_string())
            })?;
            let headers = answer.headers().iter().filter_map(|(name, value)| {
                let value = value.to_str().ok()?.to_owned();
                Some((HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value)))
            });
            let headers: HashMap<_, _> = headers.collect();
            let status = answer.status().as_u16();
            Ok(AsyncRawResponse::from_bytes(status.into(), headers.into(), answer.into_body()))
        })
    }
}

fn ours(request: &Request) -> azure_core::Result<http::Request<bytes::Bytes>> {
    let refused = |why: &'static str| azure_core::Error::with_message(TheirKind::DataConversion, why);
    let Body::Bytes(body) = request.body() else { return Err(refused("a token is not asked for by a stream")) };
    let mut outgoing = http::Request::builder().method(request.method().as_ref()).uri(request.url().as_str());
    for (name, value) in request.headers().iter() {
        outgoing = outgoing.header(name.as_str(), value.as_str());
    }
    outgoing.body(body.clone()).map_err(|_| refused("the request cannot be built"))
}

/// A credential of the official crates as a [`TokenSource`].
pub(crate) struct Official(pub(crate) Arc<dyn TokenCredential>);

impl TokenSource for Official {
    fn token<'a>(&'a self, scope: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async move {
            let token = self.0.get_token(&[scope], None).await.map_err(|error| {
                Error::new(ErrorKind::Unauthenticated, "no token from azure_identity")
                    .with_vendor(VENDOR)
                    .with_operation("get_token")
                    .with_source(error)
            })?;
            let secret = SecretString::from(token.token.secret().to_owned());
            Ok(Token::new(secret, token.expires_on.into()))
        })
    }
}

impl fmt::Debug for Official {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Official(azure_identity)")
    }
}
