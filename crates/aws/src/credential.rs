//! Where AWS keys come from.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use futures_util::lock::Mutex;
use privlink_core::{Error, ErrorKind, ExposeSecret, Result, SecretString};

/// Static AWS keys: an access key id, its secret, and a session token for temporary ones.
///
/// The secret has no printable form:
///
/// ```
/// use privlink_aws::Credentials;
///
/// let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
/// assert!(!format!("{keys:?}").contains("wJalr"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret_access_key: SecretString,
    session_token: Option<SecretString>,
}

impl Credentials {
    /// Long-lived keys.
    #[must_use]
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<SecretString>) -> Self {
        Self { access_key_id: access_key_id.into(), secret_access_key: secret_access_key.into(), session_token: None }
    }

    /// The same with the session token of temporary keys.
    #[must_use]
    pub fn session_token(mut self, token: impl Into<SecretString>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// The keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for temporary ones,
    /// `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when one of the first two is missing or empty.
    pub fn from_env() -> Result<Self> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    pub(crate) fn from_vars(read: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let wanted = |name: &str| {
            read(name).filter(|value| !value.trim().is_empty()).ok_or_else(|| {
                Error::new(ErrorKind::Unauthenticated, format!("the variable {name} is not set"))
                    .with_vendor("AWS")
                    .with_help(
                        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for temporary keys; for \
                         profiles, single sign-on and roles turn on the feature `aws-config` and use `Client::from_chain`",
                    )
            })
        };
        let id = wanted("AWS_ACCESS_KEY_ID")?.trim().to_owned();
        let keys = Self::new(id, wanted("AWS_SECRET_ACCESS_KEY")?.trim().to_owned());
        Ok(match read("AWS_SESSION_TOKEN").filter(|value| !value.trim().is_empty()) {
            Some(token) => keys.session_token(token.trim().to_owned()),
            None => keys,
        })
    }

    fn to_aws(&self) -> AwsCredentials {
        AwsCredentials::new(
            self.access_key_id.as_str(),
            self.secret_access_key.expose_secret(),
            self.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
            None,
            "privlink",
        )
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("temporary", &self.session_token.is_some())
            .finish_non_exhaustive()
    }
}

/// Temporary keys are fetched anew this long before they expire.
const EARLY: Duration = Duration::from_secs(120);

/// Keys that never change, or a provider with the last keys it gave.
pub(crate) enum Keys {
    Static(AwsCredentials),
    Provided { number: u64, provider: SharedCredentialsProvider, last: Mutex<Option<AwsCredentials>> },
}

impl Keys {
    pub(crate) fn fixed(credentials: &Credentials) -> Self {
        Self::Static(credentials.to_aws())
    }

    pub(crate) fn provided(provider: SharedCredentialsProvider) -> Self {
        /// Tells providers apart, which have no name of their own.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self::Provided { number: NEXT.fetch_add(1, Ordering::Relaxed), provider, last: Mutex::new(None) }
    }

    /// Keys good at `now`. One fetch at a time, whoever asks.
    pub(crate) async fn at(&self, now: SystemTime) -> Result<AwsCredentials> {
        match self {
            Self::Static(keys) => Ok(keys.clone()),
            Self::Provided { provider, last, .. } => {
                let mut last = last.lock().await;
                if let Some(keys) = &*last
                    && keys.expiry().is_none_or(|expiry| expiry > now + EARLY)
                {
                    return Ok(keys.clone());
                }
                let keys = provider.provide_credentials().await.map_err(|error| {
                    Error::new(ErrorKind::Unauthenticated, "no AWS credentials could be had").with_source(error)
                })?;
                *last = Some(keys.clone());
                Ok(keys)
            }
        }
    }

    /// Forgets keys that were refused; whether others may come.
    pub(crate) async fn forget(&self) -> bool {
        match self {
            Self::Static(_) => false,
            Self::Provided { last, .. } => last.lock().await.take().is_some(),
        }
    }

    /// `text` without the secrets of these keys.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let hidden = |keys: &AwsCredentials| {
            privlink_core::transport::hide(text, [keys.secret_access_key()].into_iter().chain(keys.session_token()))
        };
        match self {
            Self::Static(keys) => hidden(keys),
            Self::Provided { last, .. } => match last.try_lock() {
                Some(last) => last.as_ref().map_or(Cow::Borrowed(text), hidden),
                // Somebody is fetching: rather no text than a secret in it.
                None => Cow::Borrowed("…"),
            },
        }
    }

    /// What tells these keys apart from others, never a secret.
    pub(crate) fn identity(&self) -> String {
        match self {
            Self::Static(keys) => keys.access_key_id().to_owned(),
            Self::Provided { number, .. } => format!("provider-{number}"),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Static(keys) => f.debug_tuple("Static").field(&keys.access_key_id()).finish(),
            Self::Provided { .. } => f.write_str("Provided"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_and_a_missing_one_is_named() {
        let vars = |name: &str| match name {
            "AWS_ACCESS_KEY_ID" => Some("AKIAEXAMPLE ".to_owned()),
            "AWS_SECRET_ACCESS_KEY" => Some("canary-secret".to_owned()),
            "AWS_SESSION_TOKEN" => Some("canary-token".to_owned()),
            _ => None,
        };
        let keys = Credentials::from_vars(vars).unwrap();
        assert_eq!(keys.access_key_id, "AKIAEXAMPLE");
        assert_eq!(keys.to_aws().session_token(), Some("canary-token"));
        let error = Credentials::from_vars(|name| vars(name).filter(|_| name != "AWS_SECRET_ACCESS_KEY")).unwrap_err();
        assert_eq!((error.kind(), error.vendor()), (ErrorKind::Unauthenticated, Some("AWS")));
        assert!(error.to_string().contains("AWS_SECRET_ACCESS_KEY"));
        for way in ["set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "`aws-config`"] {
            assert!(error.help().contains(way), "{}", error.help());
        }
    }

    #[test]
    fn keys_have_no_printable_secret() {
        let keys = Credentials::new("AKIAEXAMPLE", "canary-secret").session_token("canary-token");
        let text = format!("{keys:?} {:?}", Keys::fixed(&keys));
        assert!(!text.contains("canary"), "{text}");
    }

    /// Gives keys that live ten minutes, numbered by how often it was asked.
    #[derive(Debug, Default)]
    struct Counting(AtomicU64);

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let expiry = SystemTime::UNIX_EPOCH + Duration::from_secs(600 * number);
            let keys = AwsCredentials::new(format!("AKIA{number}"), "secret", None, Some(expiry), "test");
            aws_credential_types::provider::future::ProvideCredentials::ready(Ok(keys))
        }
    }

    #[tokio::test]
    async fn provided_keys_are_kept_until_shortly_before_they_expire_or_are_refused() {
        let keys = Keys::provided(SharedCredentialsProvider::new(Counting::default()));
        let at = async |seconds: u64| {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            keys.at(now).await.unwrap().access_key_id().to_owned()
        };
        assert_eq!(at(0).await, "AKIA1");
        assert_eq!(at(400).await, "AKIA1");
        assert_eq!(at(500).await, "AKIA2", "two minutes early");
        assert!(keys.forget().await);
        assert!(!keys.forget().await, "nothing is left to forget");
        assert_eq!(at(500).await, "AKIA3");
        let other = Keys::provided(SharedCredentialsProvider::new(Counting::default()));
        assert_ne!(keys.identity(), other.identity());
    }
}
