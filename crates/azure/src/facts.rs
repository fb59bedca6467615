//! Dated facts about Azure, each with its source. What can be overruled says where.

use std::time::Duration;

use privlink_core::transport::Budget;

/// The version of the Network API that calls name: the newest that sovereign clouds have had time
/// to take; nothing used here differs in newer ones.
/// Source: Azure/azure-rest-api-specs, `Microsoft.Network/Network/stable`, read 2026-11-21.
/// Overruled by [`ClientBuilder::network_api_version`](crate::ClientBuilder::network_api_version).
pub(crate) const NETWORK_API_VERSION: &str = "2025-05-01";

/// The same of private DNS.
/// Source: Azure/azure-rest-api-specs, `Microsoft.Network/PrivateDns/stable`, read 2026-11-21.
/// Overruled by [`ClientBuilder::private_dns_api_version`](crate::ClientBuilder::private_dns_api_version).
pub(crate) const PRIVATE_DNS_API_VERSION: &str = "2024-06-01";

/// How many requests of one subscription are under way at once. ARM throttles by token buckets
/// for each principal, subscription and region, and the provider adds its own.
/// Source: "Understand how Azure Resource Manager throttles requests", read 2026-11-21; the number is ours.
/// Overruled by [`ClientBuilder::concurrency`](crate::ClientBuilder::concurrency).
pub(crate) const CONCURRENCY: usize = 4;

/// How many reads a second one principal sends to one subscription: what ARM's bucket gets back
/// each second once its first 250 are used up.
/// Source: "Understand how Azure Resource Manager throttles requests", by hearsay, read 2026-11-21.
/// Overruled by [`ClientBuilder::request_budget`](crate::ClientBuilder::request_budget).
pub(crate) const REQUEST_BUDGET: Budget = Budget::new(25, Duration::from_secs(1));

/// How many writes and deletions a second, both together, though ARM's two buckets of 200 get 10 back
/// each: those of the provider are narrower, and no header shows them.
/// Source: as of [`REQUEST_BUDGET`]; that both share it is ours.
/// Overruled by [`ClientBuilder::write_budget`](crate::ClientBuilder::write_budget).
pub(crate) const WRITE_BUDGET: Budget = Budget::new(10, Duration::from_secs(1));

/// The shortest pause between two looks, whatever the service asks for: `Retry-After: 0` is no
/// request to be asked without end.
pub(crate) const POLL_LEAST: Duration = Duration::from_secs(1);

/// Between two looks at a long-running operation when the service names no time: at first, and at
/// most. Azure's own clients look every thirty seconds.
/// Source: azure-core of Python 1.x, `LROPoller`, read 2026-11-21.
pub(crate) const POLL_FIRST: Duration = Duration::from_secs(2);
/// The longest of them.
pub(crate) const POLL_LONGEST: Duration = Duration::from_secs(30);

/// How long a create, change or delete may take at most.
/// Source: azurerm provider, default timeouts of `azurerm_private_endpoint`, read 2026-11-21.
/// Overruled by [`LongRunning::at_most`](crate::LongRunning::at_most).
pub(crate) const OPERATION_AT_MOST: Duration = Duration::from_secs(3_600);

/// The longest request message an owner is shown.
/// Source: azurerm provider, schema of `azurerm_private_endpoint`, read 2026-11-21.
pub(crate) const REQUEST_MESSAGE: usize = 140;

/// When the pages below were read.
pub(crate) const PAGES_READ: &str = "2026-11";

/// How an endpoint is made in the portal, by the alias of its service.
pub(crate) const PRIVATE_LINK_GUIDE: &str = "https://docs.zilliz.com/docs/setup-a-private-link-azure";

/// How zones, records and links are made in the portal.
pub(crate) const DNS_GUIDE: &str = "https://learn.microsoft.com/azure/dns/private-dns-getstarted-portal";

/// What is billed for an endpoint.
pub(crate) const PRIVATE_LINK_PRICES: &str = "https://azure.microsoft.com/pricing/details/private-link/";

/// What is billed for data between regions.
pub(crate) const BANDWIDTH_PRICES: &str = "https://azure.microsoft.com/pricing/details/bandwidth/";

/// What is billed for zones.
pub(crate) const DNS_PRICES: &str = "https://azure.microsoft.com/pricing/details/dns/";
