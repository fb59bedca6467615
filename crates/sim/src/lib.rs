//! A whole world in memory for testing private connectivity: vendors, clouds, DNS and the data
//! path.
//!
//! Creating an endpoint in the simulated EC2 gives it addresses and a state machine; the allow
//! list at the simulated ClickHouse Cloud decides between a working handshake and a reset; a
//! missing record is `NXDOMAIN`; a closed security group is a timeout. Vendor JSON and cloud XML
//! are written by hand from the APIs' own documents, never through the types of a client, so the
//! world cannot repeat a client's mistake.
//!
//! # The smallest program
//!
//! ```
//! use bytes::Bytes;
//! use privlink_core::transport::{Limits, Transport};
//! use privlink_sim::World;
//! # use base64::{Engine, engine::general_purpose::STANDARD};
//! # use std::time::Duration;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = World::new();
//! let key = world.clickhouse().api_key();
//! let request = http::Request::get("https://api.clickhouse.cloud/v1/whoami")
//!     .header("authorization", format!("Basic {}", STANDARD.encode(format!("{}:{}", key.id, key.secret))))
//!     .body(Bytes::new())?;
//! let answer = world.transport().send(request, Limits::new(Duration::from_secs(30), 1 << 20)).await?;
//! assert_eq!(answer.status(), 200);
//! assert_eq!(world.requests()[0].operation, "whoamiGet");
//! # Ok(())
//! # }
//! ```
//!
//! # Concepts
//!
//! | | |
//! | --- | --- |
//! | [`World`] | everything that exists; clones are the same world. [`World::new`] is small and seeded, [`World::builder`] makes others |
//! | [`World::clickhouse`], [`World::cockroach`], [`World::aiven`], [`World::zilliz`], [`World::aws`], [`World::azure`], [`World::gcp`] | ids and keys, hands to change things behind a client's back, and the switches for what nobody has documented |
//! | [`World::transport`] | the way in: requests go by path, whatever host they name |
//! | [`World::clock`] | the world's time; free to wait on in a test with paused time |
//! | [`World::faults`] | *this* call of *that* operation fails *so* |
//! | [`World::publish_database`] | a database of a vendor that is not simulated, behind an endpoint service that is |
//! | [`World::vantage`] | a machine in a subnet, proving names and connections |
//! | [`World::requests`], [`World::writes`], [`World::snapshot`] | what was asked, what was changed, what is there |
//! | [`World::serve`] | the same over HTTP on loopback, for clients nobody here wrote |
//! | [`contract`] | what every vendor's and every cloud's side must do, as suites |
//!
//! The handles of the vendors and clouds are alike. `api_key`, `key` or `token` is a seeded credential that may do everything,
//! `endpoints`, `services` and their like say what is there, `switch` changes how it behaves and `switches` says how.
//!
//! | methods | stand for |
//! | --- | --- |
//! | `add_…`, `remove_…` | what a test needs to be there: keys, networks, groups, machines |
//! | `make_…`, `put_…`, `delete_…` | what somebody does behind the client's back: endpoints, zones, records |
//! | `set_…` | a property of something that is there |
//! | `accept_…`, `approve_…`, `reject_…`, `publish_…`, `withdraw_…` | what the other party does, in the cloud's own word |
//!
//! # How a program that embeds the family tests itself
//!
//! 1. Let the program take its transport and its clock from outside, as every client of the
//!    family does (`Client::over(transport).clock(clock)`), and give it the world's in tests.
//! 2. Mark the test `#[tokio::test(start_paused = true)]`: five minutes of waiting for an endpoint
//!    cost nothing, and [`World::clock`] has moved by five minutes when they are over.
//! 3. Put in what the test is about through the handles, run the program, and look at
//!    [`World::snapshot`], [`World::writes`] and a [`SimVantage`]: a link is not up because a call
//!    said so, but because a machine in the subnet is served.
//! 4. Run it again and assert that nothing is written; take it down and assert that the snapshot
//!    is what it was before.
//! 5. Break one call at a time with [`World::faults`], lost answers first.
//!
//! ```
//! # use std::time::Duration;
//! # use bytes::Bytes;
//! # use privlink_core::Clock;
//! # use privlink_core::transport::{Limits, Sent, Transport};
//! # use privlink_sim::World;
//! /// A program under test: it tries twice.
//! async fn program(transport: impl Transport, clock: &dyn Clock) -> Option<u16> {
//!     for _ in 0..2 {
//!         let request = http::Request::get("https://api.clickhouse.cloud/static-ips.json").body(Bytes::new()).ok()?;
//!         match transport.send(request, Limits::new(Duration::from_secs(5), 1 << 20)).await {
//!             Ok(answer) => return Some(answer.status().as_u16()),
//!             Err(_) => clock.sleep(Duration::from_secs(60)).await,
//!         }
//!     }
//!     None
//! }
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
//! # runtime.block_on(async {
//! let world = World::new();
//! let lost = world.faults().on("staticIps").reset_after_commit();
//! let began = world.clock().now();
//!
//! assert_eq!(program(world.transport(), &*world.clock()).await, Some(200));
//!
//! assert_eq!(lost.hits(), 1);
//! assert_eq!(world.requests().len(), 2);
//! assert_eq!(world.clock().now().duration_since(began).unwrap(), Duration::from_secs(60));
//! # });
//! ```
//!
//! Paused time and real sockets do not go together: what a paused test should wait for goes
//! through [`World::transport`].
//!
//! # Served
//!
//! `privlink-sim --listen 127.0.0.1:8080` serves a seeded world and prints one line of JSON with
//! URLs, keys and ids. All APIs answer on the one origin:
//!
//! ```text
//! $ curl -u "$KEY_ID:$KEY_SECRET" http://127.0.0.1:8080/v1/whoami
//! $ aws --endpoint-url http://127.0.0.1:8080 ec2 describe-vpc-endpoints
//! $ curl -H "Authorization: Bearer $GOOGLE_OAUTH_ACCESS_TOKEN" \
//!     http://127.0.0.1:8080/compute/v1/projects/example-project/regions/us-central1/forwardingRules
//! ```
//!
//! With `--print env` it prints the variables that clients read instead, among them `AWS_…`,
//! `AZURE_SUBSCRIPTION_ID`, `AZURE_TENANT_ID`, `AZURE_ACCESS_TOKEN` (a bearer token for Resource
//! Manager) and `AZURE_RESOURCE_MANAGER_ENDPOINT` (its origin, without a path; clients that hold
//! tokens back from plain HTTP need to be told that it is loopback),
//! `GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_REGION`, `GOOGLE_OAUTH_ACCESS_TOKEN`,
//! `GOOGLE_COMPUTE_CUSTOM_ENDPOINT` and `GOOGLE_DNS_CUSTOM_ENDPOINT` (as Terraform's provider names
//! them) and `CLOUDSDK_…` for `gcloud`, which takes the token from a file only:
//! `CLOUDSDK_AUTH_ACCESS_TOKEN_FILE`.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! | --- | --- | --- |
//! | `data-path` | no | `World::serve_data_path`: a real DNS server, and TLS listeners with a private authority on loopback addresses that stand for the endpoints' interfaces |
//!
//! # What is simulated
//!
//! - ClickHouse Cloud: organizations, services, private endpoints, IP access lists, states, own
//!   deployments (BYOC), activities, permissions, the rate limit; on AWS, Azure and Google Cloud.
//!   Not: ClickPipes, backups, scaling.
//! - CockroachDB Cloud: clusters of all plans in one or several regions, private endpoint services,
//!   connections, trusted owners, allowlists, egress private endpoints, connection strings, the rate limit; on
//!   AWS, Azure and Google Cloud. Not: making clusters, nodes, the older calls for AWS alone.
//! - Aiven: services of all types, their privatelinks, connections and components, availability; project VPCs, static
//!   addresses and types of services to be read; on AWS, Azure and Google Cloud. Not: making services, VPCs and static
//!   addresses, the public hosts.
//! - Zilliz Cloud: projects, clusters with their public and private addresses, endpoint services, registered endpoints,
//!   the list of accounts, the switch of the public address, the rate limit; on AWS, Azure and Google Cloud. Not:
//!   making clusters, and anything inside them.
//! - AWS: VPCs, subnets, security groups, interface endpoints and their services, private hosted
//!   zones, STS's caller identity, signatures and permissions.
//! - Azure: Resource Manager's private endpoints, their interfaces and connection states,
//!   long-running operations in every form, private DNS zones, record sets and links, bearer
//!   tokens, role actions and budgets; virtual networks, subnets and security groups to be read.
//!   Not: private DNS zone groups, policies, resolvers of your own.
//! - Google Cloud: networks, subnetworks, firewall rules (to be read), addresses, forwarding rules
//!   to service attachments with their operations and connection states, Cloud DNS zones,
//!   records and changes, Service Directory's automatic zones, Shared VPC, tokens and permissions.
//!   Not: load balancers, DNS peering and forwarding.
//! - The data path on AWS: the resolver of a VPC, security groups, endpoints, the vendor's
//!   TLS by name; on Azure the same with linked zones, network policies and peering; on Google Cloud the same with egress firewall rules and global access; and the
//!   public door with its IP access list.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod aws;
mod azure;
mod clock;
mod clouds;
pub mod contract;
#[cfg(feature = "data-path")]
mod data_path;
mod deliver;
mod door;
mod fault;
mod gcp;
mod log;
mod path;
mod resolver;
mod seat;
mod seed;
mod serve;
mod state;
mod transport;
mod vantage;
mod vendors;
mod wire;
mod world;

pub use aws::{Aws, AwsEndpoint, AwsKey};
pub use azure::{Azure, AzureApp, AzureEndpoint, AzureRule};
pub use clock::SimClock;
pub use clouds::aws::Behaviour as AwsSwitches;
pub use clouds::azure::{Behaviour as AzureSwitches, OnLongRunning};
pub use clouds::gcp::{
    Acceptance as GcpAcceptance, Behaviour as GcpSwitches, LabelsAtInsert as GcpLabelsAtInsert, PscStatus,
};
#[cfg(feature = "data-path")]
pub use data_path::DataPath;
pub use fault::{FaultBuilder, FaultHandle, Faults};
pub use gcp::{Gcp, GcpEndpoint};
pub use log::Request;
pub use seat::Seat;
pub use serve::Server;
pub use transport::SimTransport;
pub use vantage::SimVantage;
pub use vendors::aiven::{Aiven, ServiceSpec as AivenServiceSpec, Switches as AivenSwitches, Unset as AivenUnset};
pub use vendors::clickhouse::{
    CellSpec, ClickHouse, ClickHouseKey, IdCase, KeySpec, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, OnStopped,
    OnUnknownField, Permission, ServiceSpec, Switches as ClickHouseSwitches, Tier,
};
pub use vendors::cockroach::{
    ClusterSpec as CockroachClusterSpec, Cockroach, CockroachPlan, OnLocked as CockroachOnLocked,
    OnRepeat as CockroachOnRepeat, RegionKey as CockroachRegionKey, Switches as CockroachSwitches,
};
pub use vendors::zilliz::{
    ClusterSpec as ZillizClusterSpec, GcpProjectElsewhere as ZillizGcpProjectElsewhere,
    OnDuplicate as ZillizOnDuplicate, OnMissingWhitelist as ZillizOnMissingWhitelist,
    OnUnknownDelete as ZillizOnUnknownDelete, Spelling as ZillizSpelling, Switches as ZillizSwitches, Zilliz,
    ZillizDeployment,
};
pub use wire::{Certificate, Disturbance, WireFault};
pub use world::{World, WorldBuilder};
