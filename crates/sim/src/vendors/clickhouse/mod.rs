//! ClickHouse Cloud: the control plane and what its data plane lets through.

use std::time::SystemTime;

use bytes::Bytes;

/// Everything that exists in the simulated ClickHouse Cloud.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClickHouseState {}

impl ClickHouseState {
    pub(crate) fn snapshot(&self) -> serde_json::Value {
        serde_json::json!({})
    }
}

pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
    ("Unknown".to_owned(), request.method() != http::Method::GET)
}

pub(crate) fn handle(
    _state: &mut ClickHouseState,
    _now: SystemTime,
    _request: &http::Request<Bytes>,
) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::new());
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}
