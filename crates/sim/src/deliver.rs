//! One request, from the door to its answer or to whatever became of it.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use privlink_core::Clock;

use crate::World;
use crate::fault::{self, Fault, Stage};
use crate::log::Request;
use crate::state::Party;

/// What became of a request.
#[derive(Debug)]
pub(crate) enum Delivery {
    Answer(Response<Bytes>),
    /// It never arrived.
    Refused,
    /// The connection broke after it had left.
    Reset,
    /// The answer breaks off after so many bytes of its body.
    Cut(Response<Bytes>, usize),
    /// No answer ever comes.
    Silence,
}

impl World {
    /// Handles one request whole, script and latency included.
    pub(crate) async fn deliver(&self, request: http::Request<Bytes>) -> Delivery {
        let party = Party::of(&request);
        let (operation, write) = party.operation(&request);
        let clock = self.sim_clock();
        let (mut verdict, latency) = {
            let mut shared = self.lock();
            (shared.script.judge(party.id().as_str(), &operation, write), shared.latency)
        };
        let fault = verdict.fault.take();
        if matches!(fault, Some(Fault::Refuse)) {
            return Delivery::Refused;
        }
        // Half of the latency is the way there, half the way back: a caller that gives up in
        // between cannot know whether the request took effect.
        pause(&clock, verdict.delay + latency / 2).await;

        if party == Party::Gcp && fault.is_none() {
            let hold = self.lock().state.gcp.holds(clock.now(), &request);
            pause(&clock, hold).await;
        }

        let now = clock.now();
        let mut record = Request {
            side: party.id(),
            operation,
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            body: request.body().clone(),
            write,
            status: None,
            faulted: fault.is_some() || !verdict.delay.is_zero(),
            at: now,
        };
        let delivery = {
            let mut shared = self.lock();
            let shared = &mut *shared;
            if clock.scale() > 1 {
                shared.state.aws.machine_time = Some(std::time::SystemTime::now());
            }
            let mut commit = || {
                if write {
                    shared.script.before_write(&shared.state, now);
                }
                let response = shared.state.handle(party, now, &request);
                shared.script.answered(&verdict, &response);
                response
            };
            let response = match &fault {
                Some(Fault::Reset(Stage::BeforeCommit) | Fault::Hang(Stage::BeforeCommit)) => None,
                Some(Fault::Answer(response)) => Some(response.clone()),
                Some(Fault::Status(status)) => Some(fault::plain_status(party, &request, *status)),
                Some(Fault::Throttle(wait)) => Some(fault::throttled(party, &request, *wait)),
                Some(Fault::BadGateway) => Some(fault::bad_gateway()),
                Some(Fault::Stale(then)) => {
                    let (state, at) = &**then;
                    Some(state.clone().handle(party, *at, &request))
                }
                // The rest takes effect as ever; what can happen to its answer is said below.
                _ => Some(commit()),
            };
            record.status = response.as_ref().map(|response| response.status().as_u16());
            let lost = write
                && party == Party::ClickHouse
                && fault.is_none()
                && record.status.is_some_and(|status| status < 300)
                && shared.state.clickhouse.loses_answer();
            record.faulted |= lost;
            shared.log.push(record);
            match (response, &fault) {
                (Some(_), _) if lost => Delivery::Reset,
                (_, Some(Fault::Reset(_))) => Delivery::Reset,
                (Some(response), Some(Fault::Cut(after))) => Delivery::Cut(response, *after),
                (Some(response), fault) if !matches!(fault, Some(Fault::Hang(_))) => Delivery::Answer(response),
                _ => Delivery::Silence,
            }
        };
        pause(&clock, latency - latency / 2).await;
        delivery
    }
}

async fn pause(clock: &impl Clock, duration: Duration) {
    if !duration.is_zero() {
        clock.sleep(duration).await;
    }
}
