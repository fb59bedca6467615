//! Error bodies of the three services, and what is not one of them.

use bytes::Bytes;
use privlink_core::transport::{Dialect, Failure, Operation};
use privlink_core::{ApiError, Error, ErrorKind};

use super::xml::{self, Element};
use crate::endpoint::Service;
use crate::problem::Problem;

impl Dialect for Service {
    fn vendor(&self) -> &'static str {
        match self {
            Self::Ec2 => "Amazon EC2",
            Self::Route53 => "Amazon Route 53",
            Self::Sts => "AWS STS",
        }
    }

    fn judge(&self, _operation: &Operation, response: &http::Response<Bytes>) -> Option<Failure> {
        // What fails inside HTTP 200 (items of DeleteVpcEndpoints) is read with the answer: the
        // other items of the same call succeeded.
        if response.status().is_success() {
            return None;
        }
        let status = response.status().as_u16();
        let said = Said::read(response.body());
        let problem = Problem::told(said.code.as_deref().unwrap_or_default(), &said.message);
        let kind = problem.kind(status);
        let mut error = Error::new(kind, describe(problem, status))
            .with_http_status(status)
            .with_request_id(said.request_id.or_else(|| header(response, "x-amzn-requestid")));
        error = if said.code.is_some() || !said.message.is_empty() {
            error.with_api(ApiError::new(said.code.as_deref(), before_the_signed_text(&said.message)))
        } else {
            error.with_body(response.body())
        };
        if kind == ErrorKind::PermissionDenied
            && let Some(permission) = named_permission(&said.message)
        {
            error = error.with_missing_permission(permission);
        }
        Some(match kind {
            ErrorKind::RateLimited | ErrorKind::Unavailable => Failure::passing(error, None),
            _ => Failure::last(error),
        })
    }
}

/// A refused signature is explained with the whole of what was signed, headers and session token
/// included; no error needs that.
fn before_the_signed_text(message: &str) -> &str {
    let starts = ["The Canonical String", "The String-to-Sign"].into_iter().filter_map(|start| message.find(start));
    starts.min().map_or(message, |at| message[..at].trim_end())
}

/// The action of `… is not authorized to perform: ec2:CreateVpcEndpoint on resource: …`.
fn named_permission(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    let action = rest.split_whitespace().next()?.trim_end_matches(['.', ',']);
    action.contains(':').then_some(action)
}

/// One line for people; the code and the message of the service follow it.
fn describe(problem: Problem, status: u16) -> &'static str {
    match problem {
        Problem::NotFound => "there is no such resource here",
        Problem::Malformed => "the service does not accept the form of a value",
        Problem::ServiceNotVisible => {
            "the endpoint service is not visible: mistyped, in another region, cross-region without its region, \
             not allowed for this principal, or not ready"
        }
        Problem::ZoneMismatch => "a subnet's availability zone does not fit the endpoint service",
        Problem::PrivateDnsNeedsVpcDns => "private DNS needs both DNS attributes of the VPC",
        Problem::PrivateDnsConflict => "the private DNS name is already served in the VPC",
        Problem::PrivateDnsNotOffered => "the endpoint service has no private DNS name",
        Problem::PrivateDnsNotVerified => "the vendor has not verified its private DNS name",
        Problem::Exists => "it exists already",
        Problem::InUse => "something still uses it",
        Problem::Limit => "a quota is used up",
        Problem::Throttled => "throttled",
        Problem::Server => "the service is failing for now",
        Problem::NotAllowed => "the credentials may not do this",
        Problem::Signature => "the signature, the key or the clock is wrong",
        Problem::TokenReuse => "the client token was used with other parameters",
        Problem::DryRunOk => "the dry run would have succeeded",
        Problem::BadZoneChange => "the change is refused as such",
        Problem::Other if status >= 500 => "the service is failing for now",
        Problem::Other => "refused",
    }
}

fn header(response: &http::Response<Bytes>, name: &str) -> Option<String> {
    response.headers().get(name)?.to_str().ok().map(str::to_owned)
}

/// What an error body says, as far as it says anything.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) request_id: Option<String>,
}

impl Said {
    /// Reads any of the shapes: EC2's `Response/Errors/Error`, the `ErrorResponse/Error` of the
    /// others, Route 53's `InvalidChangeBatch/Messages`. A body of another shape says nothing.
    pub(crate) fn read(body: &[u8]) -> Self {
        xml::parse(body).map(|root| Self::of(&root)).unwrap_or_default()
    }

    fn of(root: &Element) -> Self {
        let request_id = ["RequestID", "RequestId", "requestId"]
            .iter()
            .find_map(|name| root.find(name))
            .map(|id| id.text().to_owned())
            .filter(|id| !id.is_empty());
        if let Some(batch) = root.find("InvalidChangeBatch") {
            let mut messages = batch.texts("Messages");
            messages.extend(batch.string("Message"));
            return Self { code: Some("InvalidChangeBatch".into()), message: messages.join("; "), request_id };
        }
        match root.find("Error") {
            Some(error) => {
                Self { code: error.string("Code"), message: error.string("Message").unwrap_or_default(), request_id }
            }
            None => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> http::Response<Bytes> {
        http::Response::builder().status(status).body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    const OPERATION: Operation = Operation::read("DescribeVpcEndpoints");

    #[test]
    fn ec2_errors_are_read() {
        let failure = Service::Ec2
            .judge(
                &OPERATION,
                &answer(
                    400,
                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>\
                     <Code>InvalidVpcEndpointId.NotFound</Code><Message>The Vpc Endpoint Id 'vpce-0a1b2c3d' does not \
                     exist</Message></Error></Errors><RequestID>7ef3c8a0</RequestID></Response>",
                ),
            )
            .unwrap();
        assert_eq!(failure.error.kind(), ErrorKind::NotFound);
        assert_eq!(failure.error.code(), Some("InvalidVpcEndpointId.NotFound"));
        assert_eq!(failure.error.request_id(), Some("7ef3c8a0"));
        assert!(!failure.transient);
    }

    #[test]
    fn route_53_and_sts_errors_are_read() {
        let said = Said::read(
            b"<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error><Type>Sender</Type>\
              <Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>b25f</RequestId></ErrorResponse>",
        );
        assert_eq!(said.code.as_deref(), Some("Throttling"));
        assert_eq!(said.request_id.as_deref(), Some("b25f"));
        let said = Said::read(
            b"<InvalidChangeBatch xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Messages>\
              <Message>first</Message><Message>second</Message></Messages></InvalidChangeBatch>",
        );
        assert_eq!(said.code.as_deref(), Some("InvalidChangeBatch"));
        assert_eq!(said.message, "first; second");
    }

    #[test]
    fn throttling_and_server_errors_may_pass() {
        for (status, code) in [(503, "RequestLimitExceeded"), (400, "Throttling"), (500, "InternalError")] {
            let body = format!("<Response><Errors><Error><Code>{code}</Code><Message/></Error></Errors></Response>");
            let response = http::Response::builder().status(status).body(Bytes::from(body)).unwrap();
            assert!(Service::Ec2.judge(&OPERATION, &response).unwrap().transient, "{code}");
        }
    }

    #[test]
    fn a_body_of_another_shape_keeps_status_and_text() {
        let failure = Service::Ec2.judge(&OPERATION, &answer(502, "<html><h1>Bad Gateway</h1>")).unwrap();
        assert_eq!(failure.error.http_status(), Some(502));
        assert_eq!(failure.error.kind(), ErrorKind::Unavailable);
        assert!(failure.error.body().unwrap().contains("Bad Gateway"));
        assert!(failure.transient);
    }
}
