//! Building a client from the environment.

use privlink_core::transport::{BaseUrl, ClientOptions};
use privlink_core::{Error, ErrorKind, Result};

use crate::dialect::VENDOR;
use crate::{Client, ClientBuilder};

const KEY: &str = "ZILLIZCLOUD_API_KEY";
const URL: &str = "ZILLIZCLOUD_HOST_ADDRESS";

impl Client {
    /// Builds a client over the real transport; what is wrong with the machine's settings shows
    /// when it is built.
    ///
    /// ```
    /// use privlink_zilliz::Client;
    ///
    /// let client = Client::builder().api_key("API key").build()?;
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
    /// | `ZILLIZCLOUD_API_KEY` | the API key | needed |
    /// | `ZILLIZCLOUD_HOST_ADDRESS` | another address, with or without `/v2` | optional |
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when there is no key, naming the variable;
    /// [`ErrorKind::InvalidInput`] when a variable cannot be used.
    pub fn from_env() -> Result<Self> {
        from_variables(Self::builder(), |name| std::env::var(name).ok())?.build()
    }
}

fn from_variables(builder: ClientBuilder, variable: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder> {
    let given = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let key = given(KEY).ok_or_else(|| {
        Error::new(ErrorKind::Unauthenticated, format!("no API key: set {KEY}")).with_vendor(VENDOR).with_help(format!(
            "make an API key in the console and set {KEY} to it, or give it to `Client::builder().api_key(key)`"
        ))
    })?;
    let builder = builder.api_key(key);
    let Some(url) = given(URL) else { return Ok(builder) };
    url.parse::<BaseUrl>().map_err(|error| {
        Error::invalid(format!("{URL} is wrong: {error}"))
            .with_vendor(VENDOR)
            .with_help(format!(
                "set {URL} to an address like https://api.cloud.zilliz.com, or http://127.0.0.1:8080 on this machine, \
                 or leave it out"
            ))
            .with_source(error)
    })?;
    Ok(builder.base_url(url))
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
    fn a_key_is_needed_and_named() {
        assert!(from(&[(KEY, "secret")]).is_ok());
        for none in [&[][..], &[(KEY, "  ")], &[(URL, "https://api.cloud.zilliz.com")]] {
            let error = from(none).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            assert!(error.help().contains(KEY), "{}", error.help());
        }
    }

    #[test]
    fn the_address_is_checked_when_read() {
        for (url, fits) in
            [("http://127.0.0.1:8080/v2", true), ("https://proxy.example/zilliz", true), ("http://api.example", false)]
        {
            assert_eq!(from(&[(KEY, "secret"), (URL, url)]).is_ok(), fits, "{url}");
        }
        let error = from(&[(KEY, "secret"), (URL, "api.example")]).unwrap_err();
        assert!(error.to_string().contains(URL) && error.help().contains("https://"), "{error:?}");
    }
}
