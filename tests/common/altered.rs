//! A transport that edits what a world answers; for the tests of the vendors' crates.

use bytes::Bytes;
use privlink_core::BoxFuture;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_sim::{SimTransport, World};
use serde_json::Value;

/// What stands in for an answer of the world: a status and a body.
pub type Instead = Option<(u16, Value)>;

type Edit = dyn Fn(&http::Request<Bytes>, Value) -> Instead + Send + Sync;

/// A transport that edits what a world answers, where that is no failure.
pub struct Altered {
    inner: SimTransport,
    edit: Box<Edit>,
}

impl Altered {
    /// `edit` gets each request with the body of its answer.
    pub fn new(world: &World, edit: impl Fn(&http::Request<Bytes>, Value) -> Instead + Send + Sync + 'static) -> Self {
        Self { inner: world.transport(), edit: Box::new(edit) }
    }
}

impl std::fmt::Debug for Altered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Altered").finish_non_exhaustive()
    }
}

impl Transport for Altered {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let mut response = self.inner.send(request.clone(), limits).await?;
            if !response.status().is_success() {
                return Ok(response);
            }
            let Ok(answer) = serde_json::from_slice::<Value>(response.body()) else { return Ok(response) };
            if let Some((status, body)) = (self.edit)(&request, answer) {
                *response.status_mut() = http::StatusCode::from_u16(status).expect("a status");
                *response.body_mut() = Bytes::from(body.to_string());
            }
            Ok(response)
        })
    }
}
