use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use aws_credential_types::provider::SharedCredentialsProvider;
use privlink_core::transport::{BaseUrl, Budget, ClientOptions};
use privlink_core::{CloudProvider, Error, Region, Result};

use crate::api::Api;
use crate::client::{Client, Inner};
use crate::credential::{Credentials, Keys};
use crate::ec2::Ec2;
use crate::endpoint::{self, Endpoint, Service, Variant};
use crate::facts;
use crate::notes::Notes;
use crate::route53::Route53;
use crate::sign::Signer;
use crate::sts::Sts;

/// Builds a [`Client`]. Only the credentials are required.
///
/// ```
/// use privlink_aws::{Client, Credentials};
///
/// let world = privlink_sim::World::new();
/// let client = Client::over(world.transport(), "eu-central-1".parse()?)
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
///     .clock(world.clock())
///     .observe(|event| eprintln!("{event}"))
///     .use_dual_stack(true)
///     .route53_endpoint_url("https://route53.example.com")
///     .build()?;
/// assert_eq!(client.partition(), "aws");
/// // Plain http leaves this machine for nobody.
/// let open = Client::over(world.transport(), "eu-central-1".parse()?)
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
///     .endpoint_url("http://10.0.0.1");
/// assert!(open.build().is_err());
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    options: ClientOptions,
    region: Region,
    keys: Option<Keys>,
    variant: Variant,
    everywhere: Option<String>,
    ec2: Option<String>,
    route53: Option<String>,
    sts: Option<String>,
    route53_budget: Option<Budget>,
}

impl ClientBuilder {
    privlink_core::client_setters!(options);

    pub(crate) fn new(options: ClientOptions, region: Region) -> Self {
        Self {
            options,
            region,
            keys: None,
            variant: Variant::default(),
            everywhere: None,
            ec2: None,
            route53: None,
            sts: None,
            route53_budget: Some(facts::ROUTE53_BUDGET),
        }
    }

    /// Sets static keys.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.keys = Some(Keys::fixed(&credentials));
        self
    }

    /// Sets a provider of the official crates: profiles, single sign-on, roles, metadata. Its keys
    /// are kept until shortly before they expire, and fetched anew when they are refused.
    pub fn credentials_provider(mut self, provider: SharedCredentialsProvider) -> Self {
        self.keys = Some(Keys::provided(provider));
        self
    }

    /// Takes credentials, address and host variants from the official configuration; the region
    /// stays the one of this client.
    #[cfg(feature = "aws-config")]
    pub fn sdk_config(mut self, config: &aws_config::SdkConfig) -> Self {
        if let Some(provider) = config.credentials_provider() {
            self = self.credentials_provider(provider);
        }
        if let Some(url) = config.endpoint_url() {
            self = self.endpoint_url(url);
        }
        self.variant.fips |= config.use_fips().unwrap_or(false);
        self.variant.dual_stack |= config.use_dual_stack().unwrap_or(false);
        self
    }

    /// Sets one address for all services: a test server, a private gateway.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.everywhere = Some(url.into());
        self
    }

    /// Sets the address of EC2 alone.
    pub fn ec2_endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.ec2 = Some(url.into());
        self
    }

    /// Sets the address of Route 53 alone.
    pub fn route53_endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.route53 = Some(url.into());
        self
    }

    /// Sets the address of STS alone.
    pub fn sts_endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.sts = Some(url.into());
        self
    }

    /// Sets the budget kept for Route 53, which counts per account over all callers; `None` keeps
    /// none. Five requests a second unless set. EC2's budgets are too many to keep: its throttling
    /// is waited out instead.
    pub fn route53_budget(mut self, budget: Option<Budget>) -> Self {
        self.route53_budget = budget;
        self
    }

    /// Uses the hosts validated for FIPS 140.
    pub fn use_fips(mut self, fips: bool) -> Self {
        self.variant.fips = fips;
        self
    }

    /// Uses the hosts that answer over IPv6 too.
    pub fn use_dual_stack(mut self, dual_stack: bool) -> Self {
        self.variant.dual_stack = dual_stack;
        self
    }

    /// Reads addresses and host variants from the environment: `AWS_ENDPOINT_URL`,
    /// `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_ROUTE_53`, `AWS_ENDPOINT_URL_STS`,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `AWS_USE_FIPS_ENDPOINT`,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when a switch is neither `true` nor `false`,
    /// or an address is not `https` (or `http` on this machine).
    pub fn hosts_from_env(self) -> Result<Self> {
        self.hosts_from(|name| std::env::var(name).ok())
    }

    pub(crate) fn hosts_from(mut self, read: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let switch = |name: &str| match read(name).as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(word) if word.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(word) if word.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(Error::invalid(format!("the variable {name} must be `true` or `false`"))
                .with_vendor("AWS")
                .with_help(format!("set {name} to `true` or `false`, or leave it out"))),
        };
        if let Some(fips) = switch("AWS_USE_FIPS_ENDPOINT")? {
            self.variant.fips = fips;
        }
        if let Some(dual_stack) = switch("AWS_USE_DUALSTACK_ENDPOINT")? {
            self.variant.dual_stack = dual_stack;
        }
        if switch("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")? == Some(true) {
            return Ok(self);
        }
        let url = |name: &str| match read(name).filter(|url| !url.trim().is_empty()) {
            Some(url) => url.parse::<BaseUrl>().map(|_| Some(url)).map_err(|error| wrong_address(name, error)),
            None => Ok(None),
        };
        self.everywhere = url("AWS_ENDPOINT_URL")?.or(self.everywhere);
        self.ec2 = url(Service::Ec2.variable())?.or(self.ec2);
        self.route53 = url(Service::Route53.variable())?.or(self.route53);
        self.sts = url(Service::Sts.variable())?.or(self.sts);
        Ok(self)
    }

    /// The client. Makes no request.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when there are no credentials, or
    /// an address is not `https` (or `http` on this machine);
    /// [`Unsupported`](privlink_core::ErrorKind::Unsupported) when the partition lacks the variant
    /// asked for; otherwise when the real transport could not be set up.
    pub fn build(mut self) -> Result<Client> {
        self.region.check_for(CloudProvider::Aws).map_err(|error| {
            let help = match likely(&self.region) {
                Some(region) => format!("AWS probably calls it `{region}`"),
                None => "give the region as AWS spells it: `us-east-1`, `eu-west-1`".to_owned(),
            };
            Error::from(error).with_vendor("AWS").with_help(help)
        })?;
        let keys = Arc::new(self.keys.take().ok_or_else(|| {
            Error::invalid(
                "no credentials: give `credentials(Credentials::new(id, secret))` or `credentials_provider(provider)`",
            )
            .with_vendor("AWS")
        })?);
        let ahead = Arc::new(AtomicI64::new(0));
        let ec2 = self.endpoint(Service::Ec2, self.ec2.as_deref())?;
        let route53 = self.endpoint(Service::Route53, self.route53.as_deref())?;
        let sts = self.endpoint(Service::Sts, self.sts.as_deref())?;
        let scope = format!("aws|{}|{}|{}|{}", keys.identity(), self.region, ec2.url, route53.url);
        let api = |service: Service, endpoint: Endpoint| {
            let signer = Signer::new(service, endpoint.signing_region, keys.clone(), ahead.clone());
            let mut caller = self.options.caller(service)?.authorize(signer);
            if let (Service::Route53, Some(budget)) = (service, self.route53_budget) {
                caller = caller.budget(endpoint.url.as_str(), budget);
            }
            Ok::<_, Error>(Api::new(caller.build(), endpoint.url))
        };
        Ok(Client::from_inner(Inner {
            ec2: Ec2::new(api(Service::Ec2, ec2)?),
            route53: Route53::new(api(Service::Route53, route53)?),
            sts: Sts::new(api(Service::Sts, sts)?),
            region: self.region,
            clock: self.options.clock,
            scope,
            notes: Notes::default(),
        }))
    }

    fn endpoint(&self, service: Service, own: Option<&str>) -> Result<Endpoint> {
        match own.or(self.everywhere.as_deref()) {
            Some(url) => endpoint::given(service, &self.region, url),
            None => endpoint::public(service, &self.region, self.variant),
        }
    }
}

fn wrong_address(variable: &str, error: Error) -> Error {
    Error::invalid(format!("the variable {variable} is wrong: {error}"))
        .with_vendor("AWS")
        .with_help(format!(
            "set {variable} to an address like https://ec2.example.com, or http://127.0.0.1:4566 on this machine, or \
             leave it out"
        ))
        .with_source(error)
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").field("region", &self.region.as_str()).finish_non_exhaustive()
    }
}

/// The AWS spelling of a region spelled as Google Cloud does: `us-east1` is `us-east-1`.
fn likely(region: &Region) -> Option<Region> {
    let text = region.as_str();
    let number = text.find(|c: char| c.is_ascii_digit())?;
    // Google Cloud's areas are other words in AWS, and it counts further.
    let area = ["us-", "ca-", "sa-", "me-", "af-", "il-"].iter().any(|area| text.starts_with(area));
    if !area || text.len() != number + 1 {
        return None;
    }
    let region: Region = format!("{}-{}", &text[..number], &text[number..]).parse().ok()?;
    region.check_for(CloudProvider::Aws).is_ok().then_some(region)
}

#[cfg(test)]
mod tests {
    use privlink_core::transport::{Limits, Transport, TransportError};
    use privlink_core::{BoxFuture, ErrorKind};

    use super::*;

    #[test]
    fn a_region_of_another_cloud_is_refused_with_the_likely_spelling() {
        let refused = |region: &str| {
            let builder = Client::over(Nowhere, region.parse().unwrap());
            builder.credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret")).build().unwrap_err()
        };
        for (given, hint) in
            [("us-east1", "`us-east-1`"), ("europe-west12", "`us-east-1`"), ("westeurope", "`us-east-1`")]
        {
            let error = refused(given);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(given) && error.help().contains(hint), "{error:?}");
        }
        assert_eq!(refused("us-east1").help(), "AWS probably calls it `us-east-1`");
    }

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

    fn built(vars: &[(&str, &str)]) -> Result<(String, String)> {
        let read = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let client = ClientBuilder::new(ClientOptions::over(Nowhere), "us-gov-west-1".parse().unwrap())
            .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
            .hosts_from(read)?
            .build()?;
        Ok((client.ec2().base().to_owned(), client.route53().base().to_owned()))
    }

    #[test]
    fn the_environment_names_hosts_as_it_does_for_every_aws_tool() {
        let plain = built(&[]).unwrap();
        assert_eq!(plain.0, "https://ec2.us-gov-west-1.amazonaws.com");
        let one = [("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"), ("AWS_ENDPOINT_URL_EC2", "https://ec2.example.com")];
        assert_eq!(built(&one).unwrap(), ("https://ec2.example.com".to_owned(), "http://127.0.0.1:4566".to_owned()));
        let ignored = [one[0], one[1], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
        assert_eq!(built(&ignored).unwrap(), plain);
        let variants = built(&[("AWS_USE_DUALSTACK_ENDPOINT", "True"), ("AWS_USE_FIPS_ENDPOINT", "true")]).unwrap();
        assert_eq!(variants.0, "https://ec2-fips.us-gov-west-1.api.aws");
        let error = built(&[("AWS_USE_FIPS_ENDPOINT", "yes")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.help().contains("AWS_USE_FIPS_ENDPOINT"), "{}", error.help());
        for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_ROUTE_53", "AWS_ENDPOINT_URL_STS"] {
            let error = built(&[(name, "http://10.0.0.1")]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(name), "{error}");
            assert!(error.help().contains(name) && error.help().contains("https://"), "{}", error.help());
            assert!(built(&[(name, "http://10.0.0.1"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]).is_ok());
        }
    }

    #[test]
    fn a_client_without_credentials_is_refused_and_the_setters_named() {
        let error = ClientBuilder::new(ClientOptions::over(Nowhere), "us-east-1".parse().unwrap()).build().unwrap_err();
        assert_eq!((error.kind(), error.vendor()), (ErrorKind::InvalidInput, Some("AWS")));
        let told = error.to_string();
        assert!(told.contains("credentials(") && told.contains("credentials_provider("), "{told}");
    }

    #[test]
    fn a_transport_that_could_not_be_set_up_shows_at_build_unless_another_is_given() {
        let broken = || {
            let mut options = ClientOptions::over(Nowhere);
            options.transport = Err(Error::invalid("no roots"));
            ClientBuilder::new(options, "us-east-1".parse().unwrap())
                .credentials(Credentials::new("AKIDEXAMPLE", "secret"))
        };
        assert!(broken().build().unwrap_err().to_string().contains("no roots"));
        assert!(broken().transport(Nowhere).build().is_ok());
    }
}
