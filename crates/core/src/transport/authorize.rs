use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use secrecy::SecretString;

use crate::{BoxFuture, Result};

/// Puts credentials on a request: a header, or a signature over the whole of it.
pub trait Authorize: Send + Sync + fmt::Debug {
    /// Authorizes `request`, which is about to be sent at `now`.
    ///
    /// # Errors
    /// When there are no credentials, or they could not be fetched.
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, now: SystemTime) -> BoxFuture<'a, Result<()>>;

    /// Told that `response` refused the credentials; whether something was refreshed, so that
    /// one more try makes sense. Static keys never do. Asked once a call, for any answer that
    /// the dialect judges [`Unauthenticated`](crate::ErrorKind::Unauthenticated) and any 401.
    fn refused<'a>(
        &'a self,
        request: &'a http::Request<Bytes>,
        response: &'a http::Response<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, bool> {
        let _ = (request, response, now);
        Box::pin(async { false })
    }

    /// Whether [`Authorize::refused`] can ever answer `true`. Saying `false` saves a copy of
    /// every request.
    fn renews(&self) -> bool {
        true
    }

    /// What stands for the credential in the key of a shared limiter: never the secret.
    fn identity(&self) -> String;

    /// `text` of the other side without the secrets of these credentials, which it may echo;
    /// [`hide`](super::hide) does it. What the request carried in secret headers is hidden
    /// anyway; here goes what does not travel as it is.
    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
}

impl<T: Authorize + ?Sized> Authorize for Arc<T> {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, now: SystemTime) -> BoxFuture<'a, Result<()>> {
        (**self).authorize(request, now)
    }

    fn refused<'a>(
        &'a self,
        request: &'a http::Request<Bytes>,
        response: &'a http::Response<Bytes>,
        now: SystemTime,
    ) -> BoxFuture<'a, bool> {
        (**self).refused(request, response, now)
    }

    fn renews(&self) -> bool {
        (**self).renews()
    }

    fn identity(&self) -> String {
        (**self).identity()
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        (**self).scrub(text)
    }
}

/// A bearer token with its expiry.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Token {
    /// The token.
    pub secret: SecretString,
    /// When it ceases to be accepted.
    pub expires: SystemTime,
}

impl Token {
    /// A token.
    #[must_use]
    pub fn new(secret: SecretString, expires: SystemTime) -> Self {
        Self { secret, expires }
    }
}

/// Where bearer tokens come from: one seam for Azure and Google, whose own crates are adapters.
pub trait TokenSource: Send + Sync + fmt::Debug {
    /// A token for `scope`; `stale` is a token that was just refused and must not come back.
    ///
    /// # Errors
    /// When no token can be had.
    fn token<'a>(&'a self, scope: &'a str, stale: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>>;

    /// `text` without what tokens are asked for with: a client's secret, a refresh token;
    /// [`hide`](super::hide) does it. The tokens themselves are hidden anyway.
    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Borrowed(text)
    }
}

impl<T: TokenSource + ?Sized> TokenSource for Arc<T> {
    fn token<'a>(&'a self, scope: &'a str, stale: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        (**self).token(scope, stale)
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        (**self).scrub(text)
    }
}
