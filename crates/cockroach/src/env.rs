//! Building a client from the environment.

use privlink_core::transport::{BaseUrl, ClientOptions};
use privlink_core::{Error, ErrorKind, Result};

use crate::dialect::VENDOR;
use crate::{Client, ClientBuilder};

const KEY: &str = "COCKROACH_API_KEY";
const JWT: &str = "COCKROACH_API_JWT";
const ORGANIZATION: &str = "COCKROACH_VANITY_NAME";
const USERNAME: &str = "COCKROACH_USERNAME";
const URL: &str = "COCKROACH_SERVER";

impl Client {
    /// Builds a client over the real transport; what is wrong with the machine's settings shows
    /// when it is built.
    ///
    /// ```
    /// use privlink_cockroach::Client;
    ///
    /// let client = Client::builder().api_key("secret key of a service account").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real())
    }

    /// A client as the environment describes it, in the words of the vendor's Terraform provider.
    ///
    /// | variable | what | |
    /// | --- | --- | --- |
    /// | `COCKROACH_API_KEY` | the secret key of a service account | this or the next |
    /// | `COCKROACH_API_JWT` | a JWT, used when there is no key | |
    /// | `COCKROACH_VANITY_NAME` | the organization's label | with a JWT |
    /// | `COCKROACH_USERNAME` | the user a JWT stands for | optional |
    /// | `COCKROACH_SERVER` | another address, with or without `/api/v1` | optional |
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when there are no credentials, naming the variables;
    /// [`ErrorKind::InvalidInput`] when a variable cannot be used.
    pub fn from_env() -> Result<Self> {
        from_variables(Self::builder(), |name| std::env::var(name).ok())?.build()
    }
}

fn from_variables(builder: ClientBuilder, variable: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder> {
    let given = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let mut builder = match (given(KEY), given(JWT), given(ORGANIZATION)) {
        (Some(key), ..) => builder.api_key(key),
        (None, Some(token), Some(organization)) => builder.jwt(token, organization, given(USERNAME)),
        (None, Some(_), None) => return Err(missing(format!("{JWT} is set, but not {ORGANIZATION}"))),
        (None, None, _) => return Err(missing(format!("no API key: set {KEY}"))),
    };
    if let Some(url) = given(URL) {
        url.parse::<BaseUrl>().map_err(|error| {
            Error::invalid(format!("{URL} is wrong: {error}"))
                .with_vendor(VENDOR)
                .with_help(format!(
                    "set {URL} to an address like https://cockroachlabs.cloud, or http://127.0.0.1:8080 on this \
                     machine, or leave it out"
                ))
                .with_source(error)
        })?;
        builder = builder.base_url(url);
    }
    Ok(builder)
}

fn missing(message: String) -> Error {
    Error::new(ErrorKind::Unauthenticated, message).with_vendor(VENDOR).with_help(format!(
        "make an API key of a service account in the console and set {KEY} to its secret; or set {JWT} and \
         {ORGANIZATION}; or give the key to `Client::builder().api_key(secret)`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(variables: &[(&str, &str)]) -> Result<Client> {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        from_variables(Client::builder(), variable)?.build()
    }

    #[test]
    fn a_key_is_enough_and_a_jwt_needs_its_organization() {
        assert!(from(&[(KEY, "secret")]).is_ok());
        assert!(from(&[(JWT, "token"), (ORGANIZATION, "acme"), (USERNAME, "ci")]).is_ok());
        for half in [&[(JWT, "token")][..], &[(ORGANIZATION, "acme")], &[(KEY, "  ")]] {
            let error = from(half).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            assert!(error.help().contains(KEY) && error.help().contains(JWT), "{}", error.help());
        }
    }

    #[test]
    fn the_address_is_checked_when_read() {
        for (url, fits) in
            [("http://127.0.0.1:8080/api/v1", true), ("https://proxy.example/crl", true), ("http://api.example", false)]
        {
            assert_eq!(from(&[(KEY, "secret"), (URL, url)]).is_ok(), fits, "{url}");
        }
        let error = from(&[(KEY, "secret"), (URL, "api.example")]).unwrap_err();
        assert!(error.to_string().contains(URL) && error.help().contains("https://"), "{error:?}");
    }
}
