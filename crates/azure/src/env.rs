//! What the environment says.

use privlink_core::{Error, Result, SubscriptionId};
#[cfg(any(feature = "reqwest", test))]
use privlink_core::{ErrorKind, SecretString};

use crate::builder::ClientBuilder;
use crate::cloud::Cloud;
use crate::dialect::VENDOR;

const SUBSCRIPTION: [&str; 2] = ["AZURE_SUBSCRIPTION_ID", "ARM_SUBSCRIPTION_ID"];
#[cfg(any(feature = "reqwest", test))]
const TOKEN: &str = "AZURE_ACCESS_TOKEN";
const CLOUD: [&str; 2] = ["AZURE_ENVIRONMENT", "ARM_ENVIRONMENT"];
const ENDPOINT: &str = "AZURE_RESOURCE_MANAGER_ENDPOINT";
const AUTHORITY: &str = "AZURE_AUTHORITY_HOST";

/// The subscription in `AZURE_SUBSCRIPTION_ID` or, when that is not set, in `ARM_SUBSCRIPTION_ID`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when neither is set, or what is set is no subscription.
pub fn subscription_from_env() -> Result<SubscriptionId> {
    subscription(|name| std::env::var(name).ok())
}

pub(crate) fn subscription(read: impl Fn(&str) -> Option<String>) -> Result<SubscriptionId> {
    let Some((name, text)) = first(&read, &SUBSCRIPTION) else {
        return Err(Error::invalid(format!("no subscription: set {}", SUBSCRIPTION[0])).with_vendor(VENDOR));
    };
    text.parse().map_err(|error: privlink_core::IdError| {
        Error::invalid(format!("the variable {name} is wrong: {error}")).with_vendor(VENDOR)
    })
}

/// The token in `AZURE_ACCESS_TOKEN`, as `az account get-access-token` gives one.
#[cfg(any(feature = "reqwest", test))]
pub(crate) fn token(read: impl Fn(&str) -> Option<String>) -> Result<SecretString> {
    match first(&read, &[TOKEN]) {
        Some((_, token)) => Ok(token.into()),
        None => Err(Error::new(
            ErrorKind::Unauthenticated,
            format!(
                "the variable {TOKEN} is not set; service principals, managed identities and command lines need the \
                 feature `azure-identity`"
            ),
        )
        .with_vendor(VENDOR)),
    }
}

impl ClientBuilder {
    /// Reads the cloud from the environment: its name in `AZURE_ENVIRONMENT` or `ARM_ENVIRONMENT`
    /// ([`Cloud::named`]), an address of one's own in `AZURE_RESOURCE_MANAGER_ENDPOINT`, and the
    /// authority for tokens in `AZURE_AUTHORITY_HOST`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the name or the address is none.
    pub fn cloud_from_env(self) -> Result<Self> {
        self.cloud_from(|name| std::env::var(name).ok())
    }

    pub(crate) fn cloud_from(self, read: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let mut cloud = match (first(&read, &[ENDPOINT]), first(&read, &CLOUD)) {
            (Some((_, address)), _) => Cloud::custom(&address)?,
            (None, Some((variable, name))) => Cloud::named(&name).ok_or_else(|| {
                Error::invalid(format!("the variable {variable} names no cloud of Azure")).with_vendor(VENDOR)
            })?,
            (None, None) => Cloud::public(),
        };
        if let Some((_, authority)) = first(&read, &[AUTHORITY]) {
            cloud = cloud.with_authority(authority);
        }
        Ok(self.cloud(cloud))
    }
}

/// The first of the variables that is set and not blank.
fn first(read: &impl Fn(&str) -> Option<String>, names: &[&'static str]) -> Option<(&'static str, String)> {
    names.iter().find_map(|name| {
        let text = read(name)?.trim().to_owned();
        (!text.is_empty()).then_some((*name, text))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::transport::{ClientOptions, Limits, Sent, Transport, TransportError};
    use privlink_core::{BoxFuture, ExposeSecret};

    use super::*;

    #[derive(Debug)]
    struct Nowhere;

    impl Transport for Nowhere {
        fn send(
            &self,
            _: http::Request<bytes::Bytes>,
            _: Limits,
        ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
            Box::pin(async { Err(TransportError::new(Sent::No, "nowhere")) })
        }
    }

    const ID: &str = "00000000-0000-0000-0000-000000000000";

    fn reads(vars: &[(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        let vars = vars.to_vec();
        move |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    fn cloud(vars: &[(&'static str, &'static str)]) -> Result<Cloud> {
        let builder = ClientBuilder::new(ClientOptions::over(Nowhere), ID.parse().unwrap());
        Ok(builder.cloud_from(reads(vars))?.anonymous().build()?.cloud().clone())
    }

    #[test]
    fn the_environment_names_subscription_token_and_cloud() {
        assert_eq!(subscription(reads(&[("ARM_SUBSCRIPTION_ID", ID)])).unwrap().to_string(), ID);
        assert!(subscription(reads(&[("AZURE_SUBSCRIPTION_ID", "Pay-As-You-Go")])).is_err());
        assert!(subscription(reads(&[])).unwrap_err().to_string().contains("AZURE_SUBSCRIPTION_ID"));
        assert_eq!(token(reads(&[("AZURE_ACCESS_TOKEN", " abc\n")])).unwrap().expose_secret(), "abc");
        assert_eq!(token(reads(&[])).unwrap_err().kind(), ErrorKind::Unauthenticated);

        assert_eq!(cloud(&[]).unwrap(), Cloud::public());
        assert_eq!(cloud(&[("ARM_ENVIRONMENT", "usgovernment")]).unwrap(), Cloud::us_government());
        let own = [("AZURE_RESOURCE_MANAGER_ENDPOINT", "http://127.0.0.1:8080"), ("AZURE_ENVIRONMENT", "china")];
        assert_eq!(cloud(&own).unwrap().resource_manager(), "http://127.0.0.1:8080");
        assert!(cloud(&[("AZURE_RESOURCE_MANAGER_ENDPOINT", "http://10.0.0.1")]).is_err());
        assert!(cloud(&[("AZURE_ENVIRONMENT", "moon")]).is_err());
    }
}
