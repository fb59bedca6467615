//! How the resource manager says that a call failed.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response};
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error};

use crate::problem::Problem;
use crate::throttle::{Counters, Remaining};
use crate::wire::error::Said;

/// The name in errors.
pub(crate) const VENDOR: &str = "Azure";

/// Azure's envelope, its headers, and what is left of the budget.
#[derive(Debug)]
pub(crate) struct Azure {
    pub(crate) counters: Arc<Counters>,
}

impl Dialect for Azure {
    fn vendor(&self) -> &'static str {
        VENDOR
    }

    fn judge(&self, _: &Operation, response: &Response<Bytes>) -> Option<Failure> {
        let remaining = Remaining::read(response.headers());
        self.counters.see(remaining);
        let status = response.status().as_u16();
        if response.status().is_success() {
            return None;
        }
        if response.status().is_redirection() {
            // The layers above refuse it.
            return None;
        }
        let said = Said::read(response.body());
        let mut error = told(said.as_ref(), status).with_request_id(request_id(response.headers()));
        if said.is_none() {
            error = error.with_body(response.body());
        }
        let problem = Problem::of(&error);
        if problem == Problem::Throttled {
            error = error.with_help(format!("wait as long as the error says; what is used up: {}", remaining.blame()));
        }
        Some(if problem.passes() { Failure::passing(error, None) } else { Failure::last(error) })
    }
}

/// The error for a failure that was told; a `status` of 200 is a long-running operation's.
pub(crate) fn told(said: Option<&Said>, status: u16) -> Error {
    let problem = match said {
        Some(said) => {
            Problem::told(said.code.as_deref().unwrap_or_default(), said.details.iter().map(String::as_str), status)
        }
        None => Problem::told("", [], status),
    };
    let mut error = Error::new(problem.kind(status), if status == 200 { "the operation failed" } else { "refused" })
        .with_http_status(status);
    if let Some(said) = said {
        error = error.with_api(ApiError::new(said.code.as_deref(), &said.message));
    }
    match problem.help() {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// The ids Azure's support asks for.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    let of = |name: &str| headers.get(name).and_then(|id| id.to_str().ok());
    match (of("x-ms-request-id"), of("x-ms-correlation-request-id")) {
        (Some(id), Some(correlation)) if id != correlation => Some(format!("{id}, correlation {correlation}")),
        (id, correlation) => id.or(correlation).map(str::to_owned),
    }
}
