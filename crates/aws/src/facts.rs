//! Dated facts about AWS, each with its source. What can be overruled says where.

use std::time::Duration;

use privlink_core::transport::Budget;

/// Route 53 allows five requests a second and account.
/// Source: Route 53 quotas, "Amazon Route 53 API requests", read 2026-11-21.
/// Overruled by [`ClientBuilder::route53_budget`](crate::ClientBuilder::route53_budget).
pub(crate) const ROUTE53_BUDGET: Budget = Budget::new(5, Duration::from_secs(1));
