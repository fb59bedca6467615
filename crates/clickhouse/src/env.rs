//! Building a client from the environment.

use privlink_core::transport::{BaseUrl, ClientOptions};
use privlink_core::{Error, ErrorKind, Result};

use crate::dialect::VENDOR;
use crate::{Client, ClientBuilder};

const KEY: &str = "CLICKHOUSE_CLOUD_API_KEY";
const SECRET: &str = "CLICKHOUSE_CLOUD_API_SECRET";
const OLD_KEY: &str = "CLICKHOUSE_TOKEN_KEY";
const OLD_SECRET: &str = "CLICKHOUSE_TOKEN_SECRET";
const ORGANIZATION: &str = "CLICKHOUSE_ORG_ID";
const URL: &str = "CLICKHOUSE_API_URL";

impl Client {
    /// Builds a client over the real transport; what is wrong with the machine's settings shows
    /// when it is built.
    ///
    /// ```
    /// use privlink_clickhouse::Client;
    ///
    /// let client = Client::builder().api_key("key id", "key secret").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real())
    }

    /// A client as the environment describes it.
    ///
    /// | variable | what | |
    /// | --- | --- | --- |
    /// | `CLICKHOUSE_CLOUD_API_KEY` | the API key's id | required |
    /// | `CLICKHOUSE_CLOUD_API_SECRET` | its secret | required |
    /// | `CLICKHOUSE_ORG_ID` | the organization | asked for when absent |
    /// | `CLICKHOUSE_API_URL` | another address, with or without `/v1` | optional |
    ///
    /// When the first pair is absent, its older names `CLICKHOUSE_TOKEN_KEY` and
    /// `CLICKHOUSE_TOKEN_SECRET` are read (deprecated by the vendor since Terraform provider
    /// 3.15). Names and secrets of the two pairs are never mixed.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when there is no key, naming the variables;
    /// [`ErrorKind::InvalidInput`] when a variable cannot be used.
    pub fn from_env() -> Result<Self> {
        from_variables(Self::builder(), |name| std::env::var(name).ok())?.build()
    }
}

fn from_variables(builder: ClientBuilder, variable: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder> {
    let given = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let (id, secret) = match (given(KEY), given(SECRET), given(OLD_KEY), given(OLD_SECRET)) {
        (Some(id), Some(secret), ..) | (None, None, Some(id), Some(secret)) => (id, secret),
        (Some(_), None, ..) => return Err(missing(format!("{KEY} is set, but not {SECRET}"))),
        (None, Some(_), ..) => return Err(missing(format!("{SECRET} is set, but not {KEY}"))),
        _ => return Err(missing(format!("no API key: set {KEY} and {SECRET}"))),
    };
    let mut builder = builder.api_key(id, secret);
    if let Some(text) = given(ORGANIZATION) {
        let id = text.parse().map_err(|error| {
            Error::invalid(format!("{ORGANIZATION} is wrong: {error}"))
                .with_vendor(VENDOR)
                .with_help(format!(
                    "set {ORGANIZATION} to the organization's id, a UUID, or leave it out: it is asked for then"
                ))
                .with_source(error)
        })?;
        builder = builder.organization(id);
    }
    if let Some(url) = given(URL) {
        url.parse::<BaseUrl>().map_err(|error| {
            Error::invalid(format!("{URL} is wrong: {error}"))
                .with_vendor(VENDOR)
                .with_help(format!(
                    "set {URL} to an address like https://api.clickhouse.cloud, or http://127.0.0.1:8080 on this \
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
        "make an API key in the console, and set {KEY} to its id and {SECRET} to its secret; or give both to \
         `Client::builder().api_key(id, secret)`"
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
    fn both_pairs_of_names_work_and_are_never_mixed() {
        assert!(from(&[(KEY, "id"), (SECRET, "secret")]).is_ok());
        assert!(from(&[(OLD_KEY, "id"), (OLD_SECRET, "secret")]).is_ok());
        for half in [&[(KEY, "id"), (OLD_SECRET, "secret")][..], &[(OLD_KEY, "id"), (SECRET, "secret")], &[]] {
            let error = from(half).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            assert!(error.to_string().contains(KEY), "{error}");
            for way in [KEY, SECRET, "api_key(id, secret)"] {
                assert!(error.help().contains(way), "{}", error.help());
            }
        }
    }

    #[test]
    fn organization_and_address_are_checked_when_read() {
        let key = [(KEY, "id"), (SECRET, "secret")];
        let with = |name, value| from(&[key[0], key[1], (name, value)]);
        let client = with(ORGANIZATION, "5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10").unwrap();
        assert!(client.known_organization().is_some());
        let error = with(ORGANIZATION, "acme").unwrap_err();
        assert!(error.to_string().contains(ORGANIZATION) && error.help().contains(ORGANIZATION), "{error:?}");
        for url in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1", "https://proxy.example/clickhouse/v1/"] {
            assert!(with(URL, url).is_ok(), "{url}");
        }
        for url in ["http://api.example", "ftp://api.example", "api.example", "https://a:b@api.example"] {
            let error = with(URL, url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            assert!(error.to_string().contains(URL) && error.help().contains(URL), "{error:?}");
            assert!(error.help().contains("https://"), "{}", error.help());
        }
    }
}
