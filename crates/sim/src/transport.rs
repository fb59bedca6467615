use bytes::Bytes;
use privlink_core::BoxFuture;
use privlink_core::transport::{Limits, Transport, TransportError};

use crate::World;

/// Carries requests into a [`World`] without a socket.
///
/// The host of a request does not matter: all sides answer on one origin and are told apart by
/// path. Give the clients [`World::clock`] too, so that their waits run on the same time.
#[derive(Clone, Debug)]
pub struct SimTransport {
    world: World,
}

impl SimTransport {
    pub(crate) fn new(world: World) -> Self {
        Self { world }
    }
}

impl Transport for SimTransport {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move { Ok(self.world.answer(request).await) })
    }
}
