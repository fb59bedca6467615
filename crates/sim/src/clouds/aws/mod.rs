//! Amazon Web Services: EC2, Route 53 and STS, VPC name resolution and the path of a packet.
//!
//! Answers are written by hand from the APIs' own models, never through a client's types. State
//! moves with the moments that are passed in; nothing here looks at a clock.

mod dns;
mod ec2;
mod endpoint;
mod error;
mod filter;
mod id;
mod path;
mod query;
mod route53;
mod rule;
mod seed;
mod sign;
mod snapshot;
mod state;
mod sts;
mod time;
mod xml;
mod zone;

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};

use self::error::Answer;
use self::query::Params;
use self::sign::Caller;
use super::{DnsAnswer, PathResult, Through};

pub(crate) use self::endpoint::EndpointState;
pub(crate) use self::seed::{NoSuchThing, RecordSeed, SubnetSeed, VpcSeed};
pub(crate) use self::sign::AccessKey;
pub use self::state::Behaviour;
pub(crate) use self::state::{AwsState, EndpointServiceDef, NameState};

/// Answers one request.
pub(crate) fn handle(state: &mut AwsState, now: SystemTime, request: &http::Request<Bytes>) -> http::Response<Bytes> {
    state.prune(now);
    let request_id = state.ids.request();
    let api = Api::of(request);
    let verified = sign::verify(&state.keys, now, api, request).or_else(|error| match state.machine_time {
        // A client that does not share the world's faster clock signs by the machine's.
        Some(machine) => sign::verify(&state.keys, machine, api, request).map_err(|_| error),
        None => Err(error),
    });
    let answer = verified.and_then(|caller| {
        let call = Call { now, caller, request_id: &request_id };
        match api {
            Api::Ec2 => ec2::answer(state, &call, &Params::decode(request.body())).map(Reply::ok),
            Api::Sts => sts::answer(&call, &Params::decode(request.body())).map(Reply::ok),
            Api::Route53 => route53::answer(state, &call, request),
        }
    });
    let reply = answer.unwrap_or_else(|error| Reply {
        status: error.status,
        location: None,
        body: match api {
            Api::Ec2 => error.ec2_body(&request_id),
            Api::Sts => error.rest_body(sts::NAMESPACE, &request_id),
            Api::Route53 => error.rest_body(route53::NAMESPACE, &request_id),
        },
    });
    reply.into_response(now, &request_id)
}

impl AwsState {
    /// The API's own name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(request: &http::Request<Bytes>) -> (String, bool) {
        if Api::of(request) == Api::Route53 {
            let Some((operation, _)) = route53::Operation::of(request) else { return ("Unknown".to_owned(), false) };
            return (operation.name().to_owned(), operation.writes());
        }
        let params = Params::decode(request.body());
        let Some(action) = params.get("Action") else { return ("Unknown".to_owned(), false) };
        let reads = action.starts_with("Describe") || action.starts_with("Get");
        let tries_only = params.flag("DryRun").ok().flatten() == Some(true);
        (action.to_owned(), !reads && !tries_only)
    }
}

/// One of the three APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Api {
    Ec2,
    Route53,
    Sts,
}

impl Api {
    fn of(request: &http::Request<Bytes>) -> Self {
        if request.uri().path().starts_with("/2013-04-01/") {
            return Self::Route53;
        }
        match Params::decode(request.body()).get("Version") {
            Some(sts::VERSION) => Self::Sts,
            _ => Self::Ec2,
        }
    }

    fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Route53 => "route53",
            Self::Sts => "sts",
        }
    }
}

/// One call whose signature was right.
#[derive(Debug)]
struct Call<'a> {
    now: SystemTime,
    caller: Caller,
    request_id: &'a str,
}

impl Call<'_> {
    /// Refuses unless the caller may use `action`.
    fn require(&self, action: &str) -> Answer<()> {
        self.caller.require(action)
    }
}

/// What goes back.
#[derive(Debug)]
struct Reply {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Reply {
    fn ok(body: String) -> Self {
        Self { status: 200, location: None, body }
    }

    fn into_response(self, now: SystemTime, request_id: &str) -> http::Response<Bytes> {
        let mut response = http::Response::new(Bytes::from(self.body));
        *response.status_mut() =
            http::StatusCode::from_u16(self.status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/xml;charset=UTF-8"));
        let texts = [
            (DATE, Some(time::http_date(now))),
            (HeaderName::from_static("x-amzn-requestid"), Some(request_id.to_owned())),
            (http::header::LOCATION, self.location),
        ];
        for (name, text) in texts {
            // Every text is ours and plain ASCII.
            if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}
