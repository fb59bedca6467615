use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::Authorize;
use crate::{BoxFuture, Error, Result};

/// A key id with its secret, sent as HTTP basic authentication; never refreshed.
///
/// # Examples
/// ```
/// use privlink_core::transport::{Authorize, BasicAuth};
///
/// let key = BasicAuth::new("key-id", &"key-secret".into())?;
/// assert_eq!(key.identity(), "basic key-id");
/// assert!(!format!("{key:?}").contains("key-secret"));
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct BasicAuth {
    id: String,
    secret: SecretString,
    header: HeaderValue,
}

impl BasicAuth {
    /// The key `id` with its secret.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when either is empty, has
    /// white space or control characters at its ends, or when the id holds a colon.
    pub fn new(id: impl Into<String>, secret: &SecretString) -> Result<Self> {
        let id = id.into();
        check("key id", &id)?;
        check("key secret", secret.expose_secret())?;
        if id.contains(':') {
            return Err(Error::invalid("the key id holds a colon, which basic authentication cannot carry"));
        }
        let header = sensitive(&format!("Basic {}", STANDARD.encode(format!("{id}:{}", secret.expose_secret()))))?;
        Ok(Self { id, secret: secret.clone(), header })
    }
}

impl Authorize for BasicAuth {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, _: SystemTime) -> BoxFuture<'a, Result<()>> {
        request.headers_mut().insert(AUTHORIZATION, self.header.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    fn renews(&self) -> bool {
        false
    }

    fn identity(&self) -> String {
        format!("basic {}", self.id)
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let encoded = self.header.to_str().ok().and_then(|value| value.strip_prefix("Basic "));
        super::hide(text, [self.secret.expose_secret()].into_iter().chain(encoded))
    }
}

impl fmt::Debug for BasicAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicAuth").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A bearer token that is given once and never refreshed.
#[derive(Clone)]
pub struct StaticBearer {
    identity: String,
    header: HeaderValue,
}

impl StaticBearer {
    /// The bearer `token`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is empty, has white
    /// space at its ends, or cannot stand in a header.
    pub fn new(token: &SecretString) -> Result<Self> {
        check("token", token.expose_secret())?;
        Ok(Self { identity: format!("bearer {}", digest(token)), header: bearer(token)? })
    }
}

impl Authorize for StaticBearer {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, _: SystemTime) -> BoxFuture<'a, Result<()>> {
        request.headers_mut().insert(AUTHORIZATION, self.header.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    fn renews(&self) -> bool {
        false
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        super::hide(text, self.header.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")))
    }
}

impl fmt::Debug for StaticBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StaticBearer").finish_non_exhaustive()
    }
}

/// The header value of a bearer token, marked so that nothing prints it.
pub(super) fn bearer(token: &SecretString) -> Result<HeaderValue> {
    sensitive(&format!("Bearer {}", token.expose_secret()))
}

fn sensitive(text: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Error::invalid("the secret holds characters that cannot stand in an HTTP header"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A one-way name of a secret: tells two apart and gives neither away.
fn digest(secret: &SecretString) -> String {
    let hash = Sha256::new().chain_update("privlink limiter key\0").chain_update(secret.expose_secret()).finalize();
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Catches what a copied secret usually suffers: nothing in it, or a line end after it.
fn check(what: &str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(format!("the {what} is empty")));
    }
    if text.trim() != text || text.contains(char::is_control) {
        return Err(Error::invalid(format!("the {what} has white space around it or a line break in it")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn basic_authentication_is_what_the_rfc_says() {
        let key = BasicAuth::new("Aladdin", &"open sesame".into()).unwrap();
        let mut request = http::Request::new(Bytes::new());
        key.authorize(&mut request, SystemTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(request.headers()[AUTHORIZATION], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
    }

    #[test]
    fn a_badly_copied_secret_is_refused_without_being_shown() {
        for (id, secret) in [("", "hunter2"), ("id", ""), ("id", "hunter2\n"), ("i:d", "hunter2"), ("id", "hun\tter2")]
        {
            let error = BasicAuth::new(id, &secret.into()).expect_err(secret);
            assert!(!format!("{error:?}").contains("ter2"));
        }
        assert!(StaticBearer::new(&" hunter2".into()).is_err());
    }

    #[test]
    fn two_tokens_have_two_identities_and_neither_shows_the_token() {
        let (one, two) = (StaticBearer::new(&"hunter2".into()).unwrap(), StaticBearer::new(&"hunter3".into()).unwrap());
        assert_ne!(one.identity(), two.identity());
        assert!(!format!("{one:?} {}", one.identity()).contains("hunter2"));
    }
}
