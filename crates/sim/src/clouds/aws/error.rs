//! Refusals, and the two shapes AWS writes them in.

use super::xml::Xml;

/// A refusal: HTTP status, code and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Several problems of one Route 53 change batch; written in a shape of their own.
    pub(super) messages: Vec<String>,
}

/// What an operation answers.
pub(super) type Answer<T> = Result<T, ApiError>;

impl ApiError {
    /// A refusal with status 400.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into(), messages: Vec::new() }
    }

    /// The same with another status.
    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// EC2's `MissingParameter`.
    pub(super) fn missing(name: &str) -> Self {
        Self::new("MissingParameter", format!("The request must contain the parameter {name}"))
    }

    /// EC2's `InvalidParameterValue`.
    pub(super) fn value(name: &str, value: &str, why: &str) -> Self {
        Self::new("InvalidParameterValue", format!("Value ({value}) for parameter {name} is invalid. {why}"))
    }

    /// The body as EC2 writes it.
    pub(super) fn ec2_body(&self, request_id: &str) -> String {
        Xml::plain_document("Response", |x| {
            x.node("Errors", |x| {
                x.node("Error", |x| {
                    x.text("Code", self.code);
                    x.text("Message", &self.message);
                });
            });
            x.text("RequestID", request_id);
        })
    }

    /// The body as Route 53 and STS write it.
    pub(super) fn rest_body(&self, namespace: &str, request_id: &str) -> String {
        if !self.messages.is_empty() {
            return Xml::document(self.code, namespace, |x| {
                x.node("Messages", |x| {
                    for message in &self.messages {
                        x.text("Message", message);
                    }
                });
                x.text("RequestId", request_id);
            });
        }
        Xml::document("ErrorResponse", namespace, |x| {
            x.node("Error", |x| {
                x.text("Type", if self.status < 500 { "Sender" } else { "Receiver" });
                x.text("Code", self.code);
                x.text("Message", &self.message);
            });
            x.text("RequestId", request_id);
        })
    }
}
