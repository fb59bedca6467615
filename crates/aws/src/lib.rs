//! The consumer side of AWS PrivateLink: a typed client of the EC2, Route 53 and STS calls a
//! private link takes, and [`Network`], the network side of a link.
//!
//! The smallest whole program, here against the simulator; with a real account it begins with
//! `Client::from_env(region)?`, or with `Client::from_chain(None).await?` for profiles, single
//! sign-on and roles:
//!
//! ```
//! use privlink_aws::{Client, Credentials, Filter};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = privlink_sim::World::new();
//! let key = world.aws().key();
//! let client = Client::over(world.transport(), "us-east-1".parse()?)
//!     .clock(world.clock())
//!     .credentials(Credentials::new(key.id, key.secret))
//!     .build()?;
//!
//! // The typed calls:
//! let who = client.sts().caller_identity().await?;
//! println!("account {}, as {:?}", who.account, who.principal());
//! let vpc = world.aws().vpc_id();
//! for subnet in client.ec2().subnets(Filter::new().vpc(&vpc)).all().await? {
//!     println!("{} in {:?}", subnet.id, subnet.zone);
//! }
//!
//! // The network side of a link, for `privlink::Link` or a workflow of one's own:
//! use privlink_core::side::{Cx, Exchange, Side};
//! let network = client.vpc(vpc);
//! let cx = Cx::new("orders".parse()?, "", world.clock());
//! let survey = network.survey(&Exchange::new(), &cx).await?;
//! assert!(survey.known.consumer.is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! - A [`Client`] is one region with one set of credentials; [`Client::ec2`], [`Client::route53`]
//!   and [`Client::sts`] are its services. Lists are [`Pages`](privlink_core::Pages): streams that fetch page by page.
//! - **Own wire code, official signing.** Requests and answers are ours; signatures come from
//!   `aws-sigv4`, the credential chain from `aws-config`. A clock that is off is corrected once
//!   from the service's own date.
//! - **Words stay words.** States and types are compared without case; an unknown one is kept as
//!   it came, and no read fails on it.
//! - **One code, several meanings.** [`Problem::of`] tells them apart; [`ErrorKind`] is coarser.
//! - A [`Network`] makes a security group, an endpoint, a private zone named exactly the host,
//!   and a record, each marked by what it touches; see there for what it never does.
//! - Hosts follow AWS's own rule sets for all partitions, FIPS and dual stack; an address of one's
//!   own overrules them: [`ClientBuilder::endpoint_url`], `AWS_ENDPOINT_URL`.
//!
//! # Features
//!
//! | feature | default | adds |
//! | --- | --- | --- |
//! | `reqwest` | yes | the real transport: `Client::builder`, `Client::from_env` |
//! | `aws-config` | no | the whole credential chain: `Client::from_chain`, `ClientBuilder::sdk_config` |
//!
//! # Where next
//!
//! `privlink` joins a [`Network`] with a database into a link. [`TROUBLESHOOTING.md`] explains the
//! findings `AWS-001` and following.
//!
//! [`ErrorKind`]: privlink_core::ErrorKind
//! [`TROUBLESHOOTING.md`]: https://docs.rs/privlink/latest/privlink/troubleshooting/index.html

#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod client;
mod credential;
mod ec2;
mod endpoint;
mod facts;
mod model;
mod notes;
mod problem;
mod route53;
mod side;
mod sign;
mod sts;
mod wire;

pub use builder::ClientBuilder;
pub use client::{Client, region_from_env};
pub use credential::Credentials;
pub use ec2::{CreateVpcEndpoint, Ec2, Filter, ModifyVpcEndpoint, SubnetAddress};
pub use model::{
    AliasTarget, CallerIdentity, Change, ChangeAction, ChangeInfo, ChangeStatus, DnsEntry, DnsRecordIpType, HostedZone,
    HostedZoneListed, HostedZoneSummary, IpAddressType, IpPermission, LastError, NetworkInterface, PermissionSource,
    RecordSet, RecordType, RecordValue, SecurityGroup, ServiceDetail, Subnet, Tag, UnsuccessfulItem, VerificationState,
    Vpc, VpcAttribute, VpcEndpoint, VpcEndpointState, ZoneVpc,
};
pub use privlink_core::{
    AwsAccountId, AwsPartition, AwsPrincipal, HostedZoneId, NetworkInterfaceId, Region, SecurityGroupId, SubnetId,
    VpcEndpointId, VpcEndpointServiceId, VpcEndpointServiceName, VpcId,
};
pub use problem::Problem;
pub use route53::Route53;
pub use side::Network;
pub use sts::Sts;

/// Every operation this crate calls: the service as signatures name it, the version of its API,
/// and the operation. For checks against the official models.
///
/// ```
/// let all: Vec<_> = privlink_aws::operations().collect();
/// assert!(all.iter().any(|(service, version, operation)| {
///     (*service, *version, operation.name) == ("ec2", "2016-11-15", "CreateVpcEndpoint")
/// }));
/// ```
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str, privlink_core::transport::Operation)> {
    let ec2 = ec2::operations::ALL.map(|operation| ("ec2", ec2::operations::VERSION, operation));
    let route53 = route53::operations::ALL.map(|operation| ("route53", route53::operations::VERSION, operation));
    let sts = sts::ALL.map(|operation| ("sts", sts::VERSION, operation));
    ec2.into_iter().chain(route53).chain(sts)
}

/// Reads any body as the answer to every operation: for fuzzing the readers, which must not panic.
#[doc(hidden)]
pub fn read_as_every_answer(body: &[u8]) {
    wire::read_as_every_answer(body);
}
