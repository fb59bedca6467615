use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::side::SideId;

use crate::clouds::aws::{self, AwsState};
use crate::vendors::clickhouse::{self, ClickHouseState};

/// Everything that exists in a world.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(crate) clickhouse: ClickHouseState,
    pub(crate) aws: AwsState,
}

/// A side of the world that answers requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    ClickHouse,
    Aws,
}

impl Party {
    /// Whose request it is, told by its path; clouds share `POST /`.
    pub(crate) fn of(request: &http::Request<Bytes>) -> Self {
        let path = request.uri().path();
        if path == "/v1" || path.starts_with("/v1/") || path == "/static-ips.json" {
            Self::ClickHouse
        } else {
            Self::Aws
        }
    }

    pub(crate) fn id(self) -> SideId {
        match self {
            Self::ClickHouse => SideId::new("clickhouse"),
            Self::Aws => SideId::new("aws"),
        }
    }

    /// The API's own name of the operation, and whether it writes.
    pub(crate) fn operation(self, request: &http::Request<Bytes>) -> (String, bool) {
        match self {
            Self::ClickHouse => clickhouse::operation(request),
            Self::Aws => AwsState::operation(request),
        }
    }
}

impl State {
    pub(crate) fn handle(
        &mut self,
        party: Party,
        now: SystemTime,
        request: &http::Request<Bytes>,
    ) -> http::Response<Bytes> {
        match party {
            Party::ClickHouse => clickhouse::handle(&mut self.clickhouse, now, request),
            Party::Aws => aws::handle(&mut self.aws, now, request),
        }
    }

    pub(crate) fn snapshot(&self) -> serde_json::Value {
        serde_json::json!({ "clickhouse": self.clickhouse.snapshot(), "aws": self.aws.snapshot() })
    }
}
