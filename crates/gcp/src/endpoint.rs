//! Where each service answers.

use privlink_core::{Error, Result};
use url::Url;

use crate::facts;

/// The services this crate calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Compute,
    Dns,
}

impl Service {
    /// The name in errors.
    pub(crate) fn vendor(self) -> &'static str {
        match self {
            Self::Compute => "Google Compute Engine",
            Self::Dns => "Google Cloud DNS",
        }
    }

    /// The API as a project enables it.
    pub(crate) fn api(self) -> &'static str {
        match self {
            Self::Compute => "compute.googleapis.com",
            Self::Dns => "dns.googleapis.com",
        }
    }

    /// The variable that overrides the address, as the `gcloud` command line reads it.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Compute => "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE",
            Self::Dns => "CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS",
        }
    }

    /// The public address.
    pub(crate) fn public(self) -> &'static str {
        match self {
            Self::Compute => facts::COMPUTE,
            Self::Dns => facts::DNS,
        }
    }
}

/// The address of `service`: the public one, or one given by the caller or by a variable, with a
/// slash at its end so that paths can be put behind it.
///
/// # Errors
/// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) unless it is an `https` URL, or an
/// `http` one on this machine.
pub(crate) fn base(service: Service, given: Option<&str>) -> Result<Url> {
    let text = given.map_or(service.public(), str::trim);
    let mut url = Url::parse(text).map_err(|error| {
        Error::invalid(format!("`{}` is no address for {}", shorten(text), service.vendor())).with_source(error)
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::invalid("an address must not hold credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::invalid("an address must not hold a query or a fragment"));
    }
    let safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(&url),
        _ => false,
    };
    if !safe {
        return Err(Error::invalid(format!(
            "`{}` is refused: the address must be `https`, or `http` on this machine",
            shorten(text)
        )));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::ErrorKind;

    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        assert_eq!(base(Service::Compute, None).unwrap().as_str(), "https://compute.googleapis.com/compute/v1/");
        assert_eq!(base(Service::Dns, None).unwrap().as_str(), "https://dns.googleapis.com/");
        let given = |url| base(Service::Compute, Some(url)).map(|url| url.to_string());
        assert_eq!(given("http://127.0.0.1:8080/compute/v1").unwrap(), "http://127.0.0.1:8080/compute/v1/");
        assert_eq!(given(" https://compute.example.com ").unwrap(), "https://compute.example.com/");
        for bad in [
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://key:secret@compute.example.com/",
            "https://compute.example.com/?a=b",
            "compute.example.com",
            "",
        ] {
            assert_eq!(given(bad).unwrap_err().kind(), ErrorKind::InvalidInput, "{bad}");
        }
    }
}
