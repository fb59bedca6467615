//! Dated facts about Google Cloud, each with its source. What can be overruled says where.

use std::time::Duration;

/// Where Compute Engine answers. Source: discovery document compute v1, revision 20261106.
/// Overruled by [`ClientBuilder::compute_endpoint`](crate::ClientBuilder::compute_endpoint).
pub(crate) const COMPUTE: &str = "https://compute.googleapis.com/compute/v1/";

/// Where Cloud DNS answers. Source: discovery document dns v1, revision 20261009.
/// Overruled by [`ClientBuilder::dns_endpoint`](crate::ClientBuilder::dns_endpoint).
pub(crate) const DNS: &str = "https://dns.googleapis.com/";

/// The scope that covers both. Source: as above; narrower ones are there.
/// Overruled by [`ClientBuilder::scope`](crate::ClientBuilder::scope).
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// `regionOperations.wait` holds its answer back for up to two minutes.
/// Source: discovery document compute v1, revision 20261106.
pub(crate) const WAIT_BLOCKS: Duration = Duration::from_secs(120);

/// How long a record's answer may be kept, in seconds: what the vendors' guides set.
/// Source: ClickHouse docs, gcp-private-service-connect, read 2026-11.
pub(crate) const TTL: u32 = 300;

/// When the pages below were read.
pub(crate) const PAGES_READ: &str = "2026-11";

/// How endpoints and their addresses are made, and the way through the console.
pub(crate) const PSC_GUIDE: &str = "https://cloud.google.com/vpc/docs/configure-private-service-connect-services";

/// The same of zones and records.
pub(crate) const DNS_GUIDE: &str = "https://cloud.google.com/dns/docs/zones";

/// What is billed for an endpoint, and for data between regions.
pub(crate) const VPC_PRICES: &str = "https://cloud.google.com/vpc/pricing";

/// What is billed for zones.
pub(crate) const DNS_PRICES: &str = "https://cloud.google.com/dns/pricing";
