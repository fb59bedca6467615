//! The credentials: a token, sent in Aiven's own scheme.

use std::borrow::Cow;
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use privlink_core::transport::{Authorize, StaticBearer};
use privlink_core::{BoxFuture, Error, ExposeSecret, Result, SecretString};

/// `authorization: aivenv1 <token>`; never refreshed.
#[derive(Clone)]
pub(crate) struct Token {
    /// Checks the token, names it without giving it away, and hides it in what comes back.
    bearer: StaticBearer,
    header: HeaderValue,
}

impl Token {
    /// Refuses what no header can carry, before any request.
    pub(crate) fn new(token: &SecretString) -> Result<Self> {
        let bearer = StaticBearer::new(token)?;
        let mut header = HeaderValue::try_from(format!("aivenv1 {}", token.expose_secret()))
            .map_err(|_| Error::invalid("the token holds characters that cannot stand in an HTTP header"))?;
        header.set_sensitive(true);
        Ok(Self { bearer, header })
    }
}

impl Authorize for Token {
    fn authorize<'a>(&'a self, request: &'a mut http::Request<Bytes>, _: SystemTime) -> BoxFuture<'a, Result<()>> {
        request.headers_mut().insert(AUTHORIZATION, self.header.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    fn renews(&self) -> bool {
        false
    }

    fn identity(&self) -> String {
        self.bearer.identity()
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.bearer.scrub(text)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_token_goes_in_aivens_own_scheme_and_nowhere_else() {
        let token = Token::new(&"hunter2-hunter2".into()).unwrap();
        let mut request = http::Request::new(Bytes::new());
        token.authorize(&mut request, SystemTime::UNIX_EPOCH).await.unwrap();
        assert_eq!(request.headers()[AUTHORIZATION], "aivenv1 hunter2-hunter2");
        assert!(request.headers()[AUTHORIZATION].is_sensitive());
        assert!(!format!("{token:?} {}", token.identity()).contains("hunter2-hunter2"));
        assert!(!token.scrub("what of hunter2-hunter2?").contains("hunter2-hunter2"));
        assert!(Token::new(&" hunter2-hunter2".into()).is_err());
    }
}
