use std::fmt;
use std::sync::Arc;

use privlink_core::transport::Transport;
use privlink_core::{Clock, Region, VpcId};

use crate::builder::ClientBuilder;
use crate::ec2::Ec2;
use crate::endpoint;
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
}

impl Client {
    /// A client of `region` over a transport of the caller's: the simulator, or one of its own.
    pub fn over(transport: impl Transport + 'static, region: Region) -> ClientBuilder {
        ClientBuilder::new(Arc::new(transport), region)
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
    #[must_use]
    pub fn vpc(&self, vpc: VpcId) -> Network {
        Network::new(self.clone(), vpc)
    }

    pub(crate) fn scope(&self) -> &str {
        &self.inner.scope
    }
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
