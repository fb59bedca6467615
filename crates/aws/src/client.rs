use std::fmt;
use std::sync::Arc;

use privlink_core::transport::{ClientOptions, Transport};
use privlink_core::{Clock, Error, Region, Result, VpcId};

use crate::builder::ClientBuilder;
#[cfg(feature = "reqwest")]
use crate::credential::Credentials;
use crate::ec2::Ec2;
use crate::endpoint;
use crate::notes::Notes;
use crate::route53::Route53;
use crate::side::Network;
use crate::sts::Sts;

/// AWS in one region: EC2, Route 53 and STS with one set of credentials.
///
/// Cheap to clone; clones share credentials, clock correction and limiters.
///
/// ```
/// use privlink_aws::{Client, Credentials};
/// # use privlink_core::{BoxFuture, transport::{Limits, Transport, TransportError}};
/// # #[derive(Debug)] struct Nowhere;
/// # impl Transport for Nowhere {
/// #     fn send(&self, _: http::Request<bytes::Bytes>, _: Limits)
/// #         -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> { unreachable!() }
/// # }
/// # let transport = Nowhere;
/// let client = Client::over(transport, "us-east-1".parse()?)
///     .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
///     .build()?;
/// assert_eq!(client.region().as_str(), "us-east-1");
/// let network = client.vpc("vpc-0a1b2c3d4e5f67890".parse()?);
/// # Ok::<(), privlink_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) region: Region,
    pub(crate) ec2: Ec2,
    pub(crate) route53: Route53,
    pub(crate) sts: Sts,
    pub(crate) clock: Arc<dyn Clock>,
    /// Tells this client's reads from another's in a shared memo; never a secret.
    pub(crate) scope: String,
    pub(crate) notes: Notes,
}

impl Client {
    /// A client of `region` over a transport of the caller's: the simulator, or one of its own.
    pub fn over(transport: impl Transport + 'static, region: Region) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::over(transport), region)
    }

    /// Builds a client of `region` over the real transport; what is wrong with the machine's
    /// settings shows when it is built.
    ///
    /// ```
    /// use privlink_aws::{Client, Credentials};
    ///
    /// let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    /// let client = Client::builder("us-east-1".parse()?).credentials(keys).build()?;
    /// # let _ = client;
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    #[cfg(feature = "reqwest")]
    pub fn builder(region: Region) -> ClientBuilder {
        ClientBuilder::new(ClientOptions::real(), region)
    }

    /// A client of `region` over the real transport with what the environment says: keys as
    /// [`Credentials::from_env`] reads them, hosts as [`ClientBuilder::hosts_from_env`] does. The
    /// environment's own region is [`region_from_env`](crate::region_from_env).
    ///
    /// ```no_run
    /// let client = privlink_aws::Client::from_env("us-east-1".parse()?)?;
    /// let client = privlink_aws::Client::from_env(privlink_aws::region_from_env()?)?;
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Unauthenticated`](privlink_core::ErrorKind::Unauthenticated) when a variable of the keys is
    /// missing; [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when one is wrong. The
    /// error names it.
    #[cfg(feature = "reqwest")]
    pub fn from_env(region: Region) -> Result<Self> {
        Self::builder(region).hosts_from_env()?.credentials(Credentials::from_env()?).build()
    }

    /// A client over the real transport with the whole credential chain of the official
    /// `aws-config`: variables, profiles, single sign-on, web identity, container and instance
    /// roles; the region is `region` or the chain's own.
    ///
    /// ```no_run
    /// # async fn run() -> privlink_core::Result<()> {
    /// let client = privlink_aws::Client::from_chain(None).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When no region is set, or an address is wrong. Missing credentials show at the first call.
    #[cfg(feature = "aws-config")]
    pub async fn from_chain(region: impl Into<Option<Region>>) -> Result<Self> {
        let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
        let region = match (region.into(), config.region()) {
            (Some(region), _) => region,
            (None, Some(region)) => region.as_ref().parse()?,
            (None, None) => return Err(no_region()),
        };
        Self::builder(region).sdk_config(&config).hosts_from_env()?.build()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.inner.region
    }

    /// The partition as ARNs name it: `aws`, `aws-cn`, `aws-us-gov`, `aws-eusc`, ….
    #[must_use]
    pub fn partition(&self) -> &'static str {
        endpoint::partition_name(&self.inner.region)
    }

    /// EC2: networks, security groups, VPC endpoints.
    #[must_use]
    pub fn ec2(&self) -> &Ec2 {
        &self.inner.ec2
    }

    /// Route 53: private zones and their records.
    #[must_use]
    pub fn route53(&self) -> &Route53 {
        &self.inner.route53
    }

    /// STS: who the credentials belong to.
    #[must_use]
    pub fn sts(&self) -> &Sts {
        &self.inner.sts
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    /// A VPC of this region as the network side of a link.
    pub fn vpc(&self, vpc: VpcId) -> Network {
        Network::new(self.clone(), vpc)
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.inner.notes
    }

    pub(crate) fn scope(&self) -> &str {
        &self.inner.scope
    }
}

/// The region in `AWS_REGION` or, when that is not set, in `AWS_DEFAULT_REGION`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](privlink_core::ErrorKind::InvalidInput) when neither is set, or what is set is no
/// region.
pub fn region_from_env() -> Result<Region> {
    region_from(|name| std::env::var(name).ok())
}

fn region_from(read: impl Fn(&str) -> Option<String>) -> Result<Region> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .into_iter()
        .find_map(|name| Some((name, read(name).filter(|region| !region.trim().is_empty())?)));
    let (name, region) = named.ok_or_else(no_region)?;
    region.trim().parse().map_err(|error| {
        Error::invalid(format!("the variable {name} is wrong: {error}"))
            .with_vendor("AWS")
            .with_help(format!("set {name} to a region like us-east-1"))
            .with_source(error)
    })
}

fn no_region() -> Error {
    Error::invalid("no AWS region was given")
        .with_vendor("AWS")
        .with_help("set AWS_REGION (or AWS_DEFAULT_REGION) to one like us-east-1, or give the region to the client")
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("region", &self.inner.region.as_str())
            .field("ec2", &self.inner.ec2.base())
            .field("route53", &self.inner.route53.base())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_comes_from_either_variable() {
        let region = |vars: &[(&str, &str)]| {
            region_from(|name| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
        };
        let other = ("AWS_DEFAULT_REGION", "eu-west-1");
        assert_eq!(region(&[("AWS_REGION", "us-east-2"), other]).unwrap().as_str(), "us-east-2");
        assert_eq!(region(&[("AWS_REGION", " "), other]).unwrap().as_str(), "eu-west-1");
        assert!(region(&[]).unwrap_err().help().contains("set AWS_REGION"));
        for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            let error = region(&[(name, "us east")]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            assert!(error.help().contains(name) && error.help().contains("us-east-1"), "{}", error.help());
        }
    }
}
