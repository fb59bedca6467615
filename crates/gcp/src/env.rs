//! What the environment says, under the names that Google's own tools read.

use privlink_core::transport::BaseUrl;
use privlink_core::{Error, ErrorKind, ProjectId, Result, SecretString};

use crate::builder::{ClientBuilder, VENDOR};
use crate::endpoint::Service;

const PROJECT: [&str; 2] = ["GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"];
const TOKEN: [&str; 2] = ["GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN"];
const QUOTA_PROJECT: [&str; 2] = ["GOOGLE_CLOUD_QUOTA_PROJECT", "CLOUDSDK_BILLING_QUOTA_PROJECT"];
const NO_CREDENTIALS: &str = "CLOUDSDK_AUTH_DISABLE_CREDENTIALS";

/// The project that the environment names: `GOOGLE_CLOUD_PROJECT`, else `CLOUDSDK_CORE_PROJECT`.
///
/// # Errors
/// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when neither is set, or it is no
/// project id.
pub fn project_from_env() -> Result<ProjectId> {
    project(|name| std::env::var(name).ok())
}

pub(crate) fn project(read: impl Fn(&str) -> Option<String>) -> Result<ProjectId> {
    match first(&read, PROJECT) {
        Some((name, text)) => text.parse().map_err(|error| {
            Error::invalid(format!("{name} is wrong: {error}")).with_vendor(VENDOR).with_source(error)
        }),
        None => Err(Error::invalid(format!("no project: set {}", PROJECT[0])).with_vendor(VENDOR)),
    }
}

/// The first of the variables that is set and not blank.
fn first(read: &impl Fn(&str) -> Option<String>, names: [&'static str; 2]) -> Option<(&'static str, String)> {
    names.into_iter().find_map(|name| {
        let text = read(name)?.trim().to_owned();
        (!text.is_empty()).then_some((name, text))
    })
}

impl ClientBuilder {
    /// Reads addresses and the quota project from the environment:
    /// `CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE` (with its version: `…/compute/v1/`),
    /// `CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS` (without), `GOOGLE_CLOUD_QUOTA_PROJECT`.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when an address is not `https` (or `http` on this
    /// machine). The error names the variable.
    pub fn hosts_from_env(self) -> Result<Self> {
        self.hosts_from(|name| std::env::var(name).ok())
    }

    pub(crate) fn hosts_from(mut self, read: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let url = |service: Service| match read(service.variable()).filter(|url| !url.trim().is_empty()) {
            Some(url) => match url.parse::<BaseUrl>() {
                Ok(_) => Ok(Some(url)),
                Err(error) => Err(wrong_address(service, error)),
            },
            None => Ok(None),
        };
        if let Some(url) = url(Service::Compute)? {
            self = self.compute_endpoint(url);
        }
        if let Some(url) = url(Service::Dns)? {
            self = self.dns_endpoint(url);
        }
        Ok(match first(&read, QUOTA_PROJECT) {
            Some((_, project)) => self.quota_project(project),
            None => self,
        })
    }

    /// Reads the token from the environment: `GOOGLE_OAUTH_ACCESS_TOKEN`, else
    /// `CLOUDSDK_AUTH_ACCESS_TOKEN`; none with `CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true`.
    ///
    /// # Errors
    /// [`Unauthenticated`](ErrorKind::Unauthenticated) when none is set.
    pub fn token_from_env(self) -> Result<Self> {
        self.token_from(|name| std::env::var(name).ok())
    }

    pub(crate) fn token_from(self, read: impl Fn(&str) -> Option<String>) -> Result<Self> {
        if let Some((_, token)) = first(&read, TOKEN) {
            return Ok(self.token(SecretString::from(token)));
        }
        if read(NO_CREDENTIALS).is_some_and(|word| word.trim().eq_ignore_ascii_case("true")) {
            return Ok(self.anonymous());
        }
        let text = format!("no token: set {} (`gcloud auth print-access-token` gives one)", TOKEN[0]);
        Err(Error::new(ErrorKind::Unauthenticated, text).with_vendor(VENDOR))
    }
}

fn wrong_address(service: Service, error: Error) -> Error {
    let (variable, public) = (service.variable(), service.public());
    Error::invalid(format!("the variable {variable} is wrong: {error}"))
        .with_vendor(VENDOR)
        .with_help(format!(
            "set {variable} to an address like {public}, or http://127.0.0.1:8080/ with the same path on this machine, \
             or leave it out"
        ))
        .with_source(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::transport::{Limits, Transport, TransportError};
    use privlink_core::{BoxFuture, ErrorKind, Result};

    use super::*;
    use crate::Client;

    #[derive(Debug)]
    struct Nowhere;

    impl Transport for Nowhere {
        fn send(
            &self,
            _: http::Request<bytes::Bytes>,
            _: Limits,
        ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
            Box::pin(async { Err(TransportError::new(privlink_core::transport::Sent::No, "nowhere")) })
        }
    }

    fn built(vars: &[(&str, &str)]) -> Result<Client> {
        let read = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Client::over(Nowhere, project(read)?).hosts_from(read)?.token_from(read)?.build()
    }

    #[test]
    fn the_environment_is_read_as_googles_tools_read_it() {
        let client = built(&[
            ("CLOUDSDK_CORE_PROJECT", "another-project"),
            ("GOOGLE_CLOUD_PROJECT", "example-project"),
            ("GOOGLE_OAUTH_ACCESS_TOKEN", "hunter2"),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", "http://127.0.0.1:8080/compute/v1/"),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS", "http://127.0.0.1:8080/"),
        ])
        .unwrap();
        assert_eq!(client.project().as_str(), "example-project");
        let told = format!("{client:?}");
        assert!(told.contains("\"http://127.0.0.1:8080/compute/v1\"") && told.contains("\"http://127.0.0.1:8080\""));
        assert!(!told.contains("hunter2"));
        let plain = [("GOOGLE_CLOUD_PROJECT", "example-project"), ("CLOUDSDK_AUTH_DISABLE_CREDENTIALS", "True")];
        assert!(format!("{:?}", built(&plain).unwrap()).contains("\"https://dns.googleapis.com\""));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let error = built(&[]).unwrap_err();
        assert!(error.to_string().contains("GOOGLE_CLOUD_PROJECT"), "{error}");
        let error = built(&[("GOOGLE_CLOUD_PROJECT", "123456789012")]).unwrap_err();
        assert!(error.to_string().contains("project number"), "{error}");
        let error = built(&[("GOOGLE_CLOUD_PROJECT", "example-project")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(error.to_string().contains("GOOGLE_OAUTH_ACCESS_TOKEN"), "{error}");
        let open = [
            ("GOOGLE_CLOUD_PROJECT", "example-project"),
            ("GOOGLE_OAUTH_ACCESS_TOKEN", "hunter2"),
            ("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS", "http://10.0.0.1/"),
        ];
        let error = built(&open).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS"), "{error}");
        assert!(error.help().contains("https://dns.googleapis.com/"), "{}", error.help());
    }
}
