//! How much of a subscription's request budget is left, as the last answers said.

use std::sync::{Mutex, PoisonError};

use http::HeaderMap;
use serde::{Deserialize, Serialize};

/// What is left of the budgets that Azure counts requests against, as far as an answer has said so.
///
/// The resource manager counts per principal, subscription and region; a provider such as
/// `Microsoft.Network` has budgets of its own, which no header shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Remaining {
    /// Reads of the subscription.
    pub reads: Option<u64>,
    /// Writes to the subscription.
    pub writes: Option<u64>,
    /// Deletes in the subscription.
    pub deletes: Option<u64>,
    /// Requests to one resource type in the subscription.
    pub resource_requests: Option<u64>,
    /// Reads of the tenant.
    pub tenant_reads: Option<u64>,
    /// Writes to the tenant.
    pub tenant_writes: Option<u64>,
}

/// Below this a budget counts as used up.
const NEAR_ZERO: u64 = 5;

impl Remaining {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let of = |name: &str| {
            let header = headers.get(format!("x-ms-ratelimit-remaining-{name}"))?;
            header.to_str().ok()?.trim().parse().ok()
        };
        Self {
            reads: of("subscription-reads"),
            writes: of("subscription-writes"),
            deletes: of("subscription-deletes"),
            resource_requests: of("subscription-resource-requests"),
            tenant_reads: of("tenant-reads"),
            tenant_writes: of("tenant-writes"),
        }
    }

    fn all(self) -> [Option<u64>; 6] {
        [self.reads, self.writes, self.deletes, self.resource_requests, self.tenant_reads, self.tenant_writes]
    }

    /// Who throttled, told from an answer's own counters.
    pub(crate) fn blame(self) -> &'static str {
        match self.all().into_iter().flatten().min() {
            Some(left) if left > NEAR_ZERO => "the resource provider's own limit, not the subscription's",
            Some(_) => "the subscription's budget of requests",
            None => "Azure does not say which limit",
        }
    }

    fn absorb(&mut self, newer: Self) {
        self.reads = newer.reads.or(self.reads);
        self.writes = newer.writes.or(self.writes);
        self.deletes = newer.deletes.or(self.deletes);
        self.resource_requests = newer.resource_requests.or(self.resource_requests);
        self.tenant_reads = newer.tenant_reads.or(self.tenant_reads);
        self.tenant_writes = newer.tenant_writes.or(self.tenant_writes);
    }
}

/// The last counters seen.
#[derive(Debug, Default)]
pub(crate) struct Counters(Mutex<Remaining>);

impl Counters {
    pub(crate) fn see(&self, newer: Remaining) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).absorb(newer);
    }

    pub(crate) fn now(&self) -> Remaining {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_throttled_answer_tells_who_throttled() {
        let mut headers = HeaderMap::new();
        assert!(Remaining::read(&headers).blame().contains("does not say"));
        headers.insert("x-ms-ratelimit-remaining-subscription-writes", "1199".parse().unwrap());
        assert!(Remaining::read(&headers).blame().contains("provider"));
        headers.insert("x-ms-ratelimit-remaining-subscription-resource-requests", "0".parse().unwrap());
        assert!(Remaining::read(&headers).blame().contains("subscription's budget"));
    }
}
