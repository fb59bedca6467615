//! Where each service answers.

use privlink_core::transport::BaseUrl;
use privlink_core::{Error, Result};

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

/// The address of `service`: the public one, or one given by the caller or by a variable.
///
/// # Errors
/// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) unless it is an `https` URL, or an
/// `http` one on this machine.
pub(crate) fn base(service: Service, given: Option<&str>) -> Result<BaseUrl> {
    given.unwrap_or(service.public()).parse().map_err(|error: Error| error.with_vendor(service.vendor()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::ErrorKind;

    use super::*;

    #[test]
    fn an_address_is_https_or_on_this_machine() {
        assert_eq!(base(Service::Compute, None).unwrap().as_str(), "https://compute.googleapis.com/compute/v1");
        assert_eq!(base(Service::Dns, None).unwrap().as_str(), "https://dns.googleapis.com");
        let given = |url| base(Service::Compute, Some(url)).map(|url| url.to_string());
        assert_eq!(given("http://127.0.0.1:8080/compute/v1/").unwrap(), "http://127.0.0.1:8080/compute/v1");
        assert_eq!(given(" https://compute.example.com ").unwrap(), "https://compute.example.com");
        for bad in [
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://key:secret@compute.example.com/",
            "https://compute.example.com/?a=b",
            "compute.example.com",
            "",
        ] {
            let error = given(bad).unwrap_err();
            assert_eq!(
                (error.kind(), error.vendor()),
                (ErrorKind::InvalidInput, Some("Google Compute Engine")),
                "{bad}"
            );
            assert!(!format!("{error:?}").contains("secret"), "{bad}");
        }
    }
}
