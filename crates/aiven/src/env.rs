//! Building a client from the environment.

use privlink_core::transport::{BaseUrl, ClientOptions};
use privlink_core::{Error, ErrorKind, Result};

use crate::dialect::VENDOR;
use crate::{Client, ClientBuilder};

const TOKENS: [&str; 2] = ["AIVEN_AUTH_TOKEN", "AIVEN_TOKEN"];
const URL: &str = "AIVEN_WEB_URL";

impl Client {
    /// Builds a client over the real transport; what is wrong with the machine's settings shows
    /// when it is built.
    ///
    /// ```
    /// use privlink_aiven::Client;
    ///
    /// let client = Client::builder().token("token of an application user").build()?;
    /// # let _ = client;
    /// # Ok::<_, privlink_core::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real())
    }

    /// A client as the environment describes it, in the words of the vendor's own tools.
    ///
    /// | variable | what | |
    /// | --- | --- | --- |
    /// | `AIVEN_AUTH_TOKEN` | the token, as `avn` reads it | this or the next |
    /// | `AIVEN_TOKEN` | the token, as the Terraform provider reads it | |
    /// | `AIVEN_WEB_URL` | another address, with or without `/v1` | optional |
    ///
    /// # Errors
    /// [`ErrorKind::Unauthenticated`] when there is no token, naming the variables;
    /// [`ErrorKind::InvalidInput`] when a variable cannot be used.
    pub fn from_env() -> Result<Self> {
        from_variables(Self::builder(), |name| std::env::var(name).ok())?.build()
    }
}

fn from_variables(builder: ClientBuilder, variable: impl Fn(&str) -> Option<String>) -> Result<ClientBuilder> {
    let given = |name: &str| variable(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let [first, second] = TOKENS;
    let token = given(first).or_else(|| given(second)).ok_or_else(|| {
        Error::new(ErrorKind::Unauthenticated, format!("no token: set {first}")).with_vendor(VENDOR).with_help(format!(
            "make a token in the console and set {first} or {second} to it, or give it to \
             `Client::builder().token(token)`"
        ))
    })?;
    let mut builder = builder.token(token);
    if let Some(url) = given(URL) {
        url.parse::<BaseUrl>().map_err(|error| {
            Error::invalid(format!("{URL} is wrong: {error}"))
                .with_vendor(VENDOR)
                .with_help(format!(
                    "set {URL} to an address like https://api.aiven.io, or http://127.0.0.1:8080 on this machine, or \
                     leave it out"
                ))
                .with_source(error)
        })?;
        builder = builder.base_url(url);
    }
    Ok(builder)
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
    fn either_name_of_the_token_will_do() {
        assert!(from(&[(TOKENS[0], "secret")]).is_ok());
        assert!(from(&[(TOKENS[1], "secret")]).is_ok());
        for without in [&[][..], &[(TOKENS[0], "  ")]] {
            let error = from(without).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated);
            assert!(TOKENS.iter().all(|name| error.help().contains(name)), "{}", error.help());
        }
    }

    #[test]
    fn the_address_is_checked_when_read() {
        for (url, fits) in
            [("http://127.0.0.1:8080/v1", true), ("https://proxy.example/aiven", true), ("http://api.example", false)]
        {
            assert_eq!(from(&[(TOKENS[0], "secret"), (URL, url)]).is_ok(), fits, "{url}");
        }
        let error = from(&[(TOKENS[0], "secret"), (URL, "api.example")]).unwrap_err();
        assert!(error.to_string().contains(URL) && error.help().contains("https://"), "{error:?}");
    }
}
