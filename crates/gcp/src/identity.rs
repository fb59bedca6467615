//! The credentials of the official `google-cloud-auth`, as a source of tokens.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use google_cloud_auth::credentials::{AccessTokenCredentials, Builder};
use privlink_core::transport::{Token, TokenSource};
use privlink_core::{BoxFuture, Clock, Error, ErrorKind, Result, SecretString};
use rustls::crypto::CryptoProvider;

use crate::builder::VENDOR;

/// How long a token is kept here. The official crate does not say when its tokens end; it keeps them
/// itself, renews them four minutes ahead of that, and is asked again by then.
const KEPT: Duration = Duration::from_secs(60);

/// The application default credentials: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, what
/// `gcloud auth application-default login` left, or the metadata server's.
///
/// The official crate asks its authority over a client of its own, which **panics** unless the
/// program has installed a process-wide TLS provider; this family installs none. What it lacks is
/// told here, before it can panic, and by the [`Client`](crate::Client) as the error of a request.
/// Credentials of your own that ask nobody over TLS need no provider.
///
/// ```no_run
/// use privlink_gcp::{Client, application_default};
///
/// # async fn run() -> privlink_core::Result<()> {
/// // Once, at the start of the program:
/// // rustls::crypto::ring::default_provider().install_default();
/// let credentials = application_default(["https://www.googleapis.com/auth/cloud-platform"])?;
/// let client = Client::builder("example-project".parse()?).credentials(credentials, "deployer").build()?;
/// # let _ = client;
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Unsupported`](ErrorKind::Unsupported) outside of a tokio runtime, or when no TLS provider is
/// installed; [`Unauthenticated`](ErrorKind::Unauthenticated) when there are no such credentials.
pub fn application_default<S: Into<String>>(scopes: impl IntoIterator<Item = S>) -> Result<AccessTokenCredentials> {
    has_provider()?;
    // The official crate renews tokens in a task of its own.
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(lacks("google-cloud-auth needs a tokio runtime")
            .with_help("ask for the credentials inside of the runtime: in an async function of the program"));
    }
    Builder::default().with_scopes(scopes).build_access_token_credentials().map_err(|error| {
        Error::new(ErrorKind::Unauthenticated, "there are no application default credentials")
            .with_vendor(VENDOR)
            .with_operation("application_default")
            .with_source(error)
    })
}

/// Whether the official crate can make its client without a panic.
fn has_provider() -> Result<()> {
    match CryptoProvider::get_default() {
        Some(_) => Ok(()),
        None => Err(lacks("google-cloud-auth needs a process-wide TLS provider, and none is installed").with_help(
            "install one at the start of the program: `rustls::crypto::ring::default_provider().install_default()`",
        )),
    }
}

fn lacks(what: &'static str) -> Error {
    Error::new(ErrorKind::Unsupported, what).with_vendor(VENDOR).with_operation("access_token")
}

/// Credentials of the official crate as a [`TokenSource`].
pub(crate) struct Official {
    pub(crate) credentials: AccessTokenCredentials,
    pub(crate) clock: Arc<dyn Clock>,
}

impl TokenSource for Official {
    /// The scope was given when the credentials were made.
    fn token<'a>(&'a self, _: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async move {
            let asked = self.credentials.access_token();
            let provider = has_provider();
            let answer = match &provider {
                Ok(()) => asked.await,
                // The caller's own credentials may need none. The official ones panic where they do.
                Err(lacking) => AssertUnwindSafe(asked).catch_unwind().await.map_err(|_| lacking.clone())?,
            };
            let token = answer.map_err(|error| {
                let kind = if error.is_transient() { ErrorKind::Unavailable } else { ErrorKind::Unauthenticated };
                let told = Error::new(kind, "no token from google-cloud-auth")
                    .with_vendor(VENDOR)
                    .with_operation("access_token")
                    .with_source(error);
                match &provider {
                    Ok(()) => told,
                    Err(lacking) => told.with_help(lacking.help().to_owned()),
                }
            })?;
            Ok(Token::new(SecretString::from(token.token), self.clock.now() + KEPT))
        })
    }
}

impl fmt::Debug for Official {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Official(google-cloud-auth)")
    }
}
