use std::borrow::Cow;
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use super::credentials::bearer;
use super::{Authorize, TokenSource};
use crate::{BoxFuture, Error, ErrorKind, Result};

/// How long before its end a token is exchanged for a new one, unless its life is shorter.
const AHEAD: Duration = Duration::from_secs(300);

/// How many tokens that were replaced or refused are still hidden in what comes back.
const FORMER: usize = 4;

/// Authorizes with tokens of a [`TokenSource`]: kept, refreshed ahead of their end and after a
/// refusal, by one request however many ask at once. Cheap to clone; clones share the token.
///
/// While a token still works, a refresh ahead of its end holds nobody up, and its failure is
/// not theirs.
///
/// # Examples
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use privlink_core::transport::{Authorize, BearerToken, Token, TokenSource};
/// use privlink_core::{BoxFuture, Result, SecretString};
///
/// #[derive(Debug)]
/// struct Fixed;
///
/// impl TokenSource for Fixed {
///     fn token<'a>(&'a self, _: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
///         let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(3600);
///         Box::pin(async move { Ok(Token::new("abc".into(), expires)) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let authorize = BearerToken::new(Fixed, "https://management.azure.com/.default", "tenant/app");
/// let mut request = http::Request::new(bytes::Bytes::new());
/// authorize.authorize(&mut request, SystemTime::UNIX_EPOCH).await?;
/// assert_eq!(request.headers()["authorization"], "Bearer abc");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BearerToken {
    inner: Arc<Inner>,
}

struct Inner {
    source: Box<dyn TokenSource>,
    scope: String,
    identity: String,
    kept: RwLock<Kept>,
    /// Held by the one who fetches.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Kept {
    current: Option<Current>,
    /// A token that was refused and must not come back.
    stale: Option<SecretString>,
    /// Tokens used before, the newest first: answers under way may still echo them.
    former: VecDeque<SecretString>,
}

#[derive(Clone)]
struct Current {
    secret: SecretString,
    header: HeaderValue,
    expires: SystemTime,
    refresh_from: SystemTime,
}

impl BearerToken {
    /// Tokens of `source` for `scope`; `identity` stands for whose they are, and is no secret.
    #[must_use]
    pub fn new(source: impl TokenSource + 'static, scope: impl Into<String>, identity: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                source: Box::new(source),
                scope: scope.into(),
                identity: identity.into(),
                kept: RwLock::default(),
                fetching: tokio::sync::Mutex::new(()),
            }),
        }
    }

    async fn header(&self, now: SystemTime) -> Result<HeaderValue> {
        let inner = &*self.inner;
        let usable = match inner.current(now) {
            Some(current) if now < current.refresh_from => return Ok(current.header),
            usable => usable,
        };
        let _fetching = match (inner.fetching.try_lock(), &usable) {
            (Ok(fetching), _) => fetching,
            (Err(_), Some(current)) => return Ok(current.header.clone()),
            (Err(_), None) => inner.fetching.lock().await,
        };
        // Somebody may have fetched while this one waited.
        if let Some(current) = inner.current(now).filter(|current| now < current.refresh_from) {
            return Ok(current.header);
        }
        match (inner.fetch(now).await, usable) {
            (Ok(header), _) => Ok(header),
            (Err(error), Some(current)) => {
                let error = error.scrubbed(&|text| match self.scrub(text) {
                    Cow::Owned(clean) => Some(clean),
                    Cow::Borrowed(_) => None,
                });
                tracing::debug!(scope = inner.scope, %error, "no new token yet; the old one still works");
                Ok(current.header)
            }
            (Err(error), None) => Err(error),
        }
    }
}

impl Inner {
    fn current(&self, now: SystemTime) -> Option<Current> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.current.clone().filter(|current| now < current.expires)
    }

    async fn fetch(&self, now: SystemTime) -> Result<HeaderValue> {
        let stale = self.kept.read().unwrap_or_else(PoisonError::into_inner).stale.clone();
        let token = self.source.token(&self.scope, stale.as_ref()).await?;
        if stale.is_some_and(|stale| stale.expose_secret() == token.secret.expose_secret()) {
            return Err(Error::new(
                ErrorKind::Unauthenticated,
                "the token source gave back a token that was just refused",
            ));
        }
        let life = token.expires.duration_since(now).map_err(|_| {
            Error::new(ErrorKind::Unauthenticated, "the token source gave a token that has expired already")
        })?;
        let header = bearer(&token.secret)?;
        let current = Current {
            secret: token.secret,
            header: header.clone(),
            expires: token.expires,
            refresh_from: token.expires.checked_sub(AHEAD.min(life / 5)).unwrap_or(now),
        };
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let (replaced, refused) = (kept.current.replace(current), kept.stale.take());
        for former in replaced.map(|replaced| replaced.secret).into_iter().chain(refused) {
            kept.former.push_front(former);
        }
        kept.former.truncate(FORMER);
        Ok(header)
    }

    /// Forgets the token of `header`; a newer one stays.
    fn forget(&self, header: &HeaderValue) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(current) = kept.current.take_if(|current| current.header == header) {
            kept.stale = Some(current.secret);
        }
    }
}

impl Authorize for BearerToken {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, now: SystemTime) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let header = self.header(now).await?;
            request.headers_mut().insert(AUTHORIZATION, header);
            Ok(())
        })
    }

    fn refused<'a>(
        &'a self,
        request: &'a http::Request<Bytes>,
        _: &'a http::Response<Bytes>,
        _: SystemTime,
    ) -> BoxFuture<'a, bool> {
        let used = request.headers().get(AUTHORIZATION);
        if let Some(header) = used {
            self.inner.forget(header);
        }
        // The next authorization fetches, and its error is the call's.
        Box::pin(std::future::ready(used.is_some()))
    }

    fn identity(&self) -> String {
        format!("token {}", self.inner.identity)
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let kept = self.inner.kept.read().unwrap_or_else(PoisonError::into_inner);
        let current = kept.current.as_ref().map(|current| &current.secret);
        let tokens = current.into_iter().chain(&kept.stale).chain(&kept.former);
        match super::hide(text, tokens.map(ExposeSecret::expose_secret)) {
            Cow::Borrowed(text) => self.inner.source.scrub(text),
            Cow::Owned(text) => Cow::Owned(self.inner.source.scrub(&text).into_owned()),
        }
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken")
            .field("scope", &self.inner.scope)
            .field("identity", &self.inner.identity)
            .finish_non_exhaustive()
    }
}
