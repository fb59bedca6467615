use bytes::Bytes;
use http::Response;
use privlink_core::transport::{Limits, Sent, Transport, TransportError};
use privlink_core::{BoxFuture, Clock};

use crate::World;
use crate::deliver::Delivery;

/// Carries requests into a [`World`] without a socket.
///
/// The host of a request does not matter: all sides answer on one origin and are told apart by
/// path. Give the clients [`World::clock`] too, so that their waits and time limits run on the
/// same time. Scripted faults come out as a real connection would show them: a refused
/// connection is [`Sent::No`], everything that breaks later is [`Sent::Maybe`].
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
        limits: Limits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let clock = self.world.sim_clock();
            let answer = async {
                match self.world.deliver(request).await {
                    Delivery::Answer(response) if response.body().len() > limits.body => Err(TransportError::new(
                        Sent::Maybe,
                        format!("the answer is larger than the limit of {} bytes", limits.body),
                    )),
                    Delivery::Answer(response) => Ok(response),
                    Delivery::Refused => Err(TransportError::new(Sent::No, "connection refused")),
                    Delivery::Reset => Err(TransportError::new(Sent::Maybe, "connection reset")),
                    Delivery::Cut(response, after) if after >= response.body().len() => Ok(response),
                    Delivery::Cut(_, after) => Err(TransportError::new(
                        Sent::Maybe,
                        format!("the connection closed after {after} bytes of the body"),
                    )),
                    Delivery::Silence => std::future::pending().await,
                }
            };
            // The answer first: what arrives in the last moment has arrived.
            tokio::select! {
                biased;
                answer = answer => answer,
                () = clock.sleep(limits.time) => {
                    Err(TransportError::new(Sent::Maybe, format!("no answer within {:?}", limits.time)).timed_out())
                }
            }
        })
    }
}
