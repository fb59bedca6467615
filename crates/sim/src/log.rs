use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::side::SideId;

/// One request that reached the world, as [`World::requests`](crate::World::requests) lists it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The side it was for: `clickhouse`, `cockroach`, `aiven`, `zilliz`, `aws`, `azure` or `gcp`.
    pub side: SideId,
    /// The API's own name of the operation.
    pub operation: String,
    /// The method.
    pub method: http::Method,
    /// The path, without the query.
    pub path: String,
    /// The query, if any.
    pub query: Option<String>,
    /// The body.
    pub body: Bytes,
    /// Whether the operation changes anything.
    pub write: bool,
    /// The status that was answered; `None` when no answer was made.
    pub status: Option<u16>,
    /// Whether a scripted fault touched it.
    pub faulted: bool,
    /// When it arrived, by the world's clock.
    pub at: SystemTime,
}
