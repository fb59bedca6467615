//! Dated facts about AWS, each with its source. What can be overruled says where.

use std::time::Duration;

use privlink_core::transport::Budget;

/// Route 53 allows five requests a second and account.
/// Source: Route 53 quotas, "Amazon Route 53 API requests", read 2026-11-21.
/// Overruled by [`ClientBuilder::route53_budget`](crate::ClientBuilder::route53_budget).
pub(crate) const ROUTE53_BUDGET: Budget = Budget::new(5, Duration::from_secs(1));

/// When the pages below were read.
pub(crate) const PAGES_READ: &str = "2026-11";

/// How interface endpoints are made and changed, and the way through the console.
pub(crate) const PRIVATELINK_GUIDE: &str =
    "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html";

/// The same of zones and records; a change is spread within a minute under normal conditions.
pub(crate) const ROUTE53_GUIDE: &str =
    "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zones-working-with.html";

/// What is billed for an endpoint.
pub(crate) const PRIVATELINK_PRICES: &str = "https://aws.amazon.com/privatelink/pricing/";

/// What is billed for data between regions.
pub(crate) const TRANSFER_PRICES: &str = "https://aws.amazon.com/ec2/pricing/on-demand/";

/// What is billed for zones.
pub(crate) const ROUTE53_PRICES: &str = "https://aws.amazon.com/route53/pricing/";
