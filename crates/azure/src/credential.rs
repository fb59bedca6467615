//! Where tokens come from.

use std::sync::Arc;

use privlink_core::SecretString;
use privlink_core::transport::{Authorize, BearerToken, StaticBearer, TokenSource};
use privlink_core::{Result, SubscriptionId};

/// What a client authorizes its calls with.
#[derive(Clone, Debug)]
pub(crate) enum Credential {
    Token(SecretString),
    Source(Arc<dyn TokenSource>, String),
    Anonymous,
}

impl Credential {
    pub(crate) fn authorize(&self, scope: &str) -> Result<Option<Arc<dyn Authorize>>> {
        Ok(match self {
            Self::Token(token) => Some(Arc::new(StaticBearer::new(token)?)),
            Self::Source(source, identity) => {
                Some(Arc::new(BearerToken::new(Arc::clone(source), scope, identity.clone())))
            }
            Self::Anonymous => None,
        })
    }

    /// Tells one client's reads from another's; never a secret.
    pub(crate) fn identity(authorize: Option<&Arc<dyn Authorize>>, subscription: SubscriptionId) -> String {
        match authorize {
            Some(authorize) => format!("{} on {subscription}", authorize.identity()),
            None => format!("anonymous on {subscription}"),
        }
    }
}

#[cfg(feature = "azure-identity")]
pub(crate) mod identity {
    use std::fmt;
    use std::sync::Arc;

    use azure_core::credentials::TokenCredential;
    use privlink_core::transport::{Token, TokenSource};
    use privlink_core::{BoxFuture, Error, ErrorKind, Result, SecretString};

    /// A credential of the official crates as a [`TokenSource`].
    pub(crate) struct Official(pub(crate) Arc<dyn TokenCredential>);

    impl TokenSource for Official {
        fn token<'a>(&'a self, scope: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
            Box::pin(async move {
                let token = self.0.get_token(&[scope], None).await.map_err(|error| {
                    Error::new(ErrorKind::Unauthenticated, "no token from azure_identity")
                        .with_vendor(crate::dialect::VENDOR)
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
}
