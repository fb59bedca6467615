use std::fmt;

use privlink_core::{ApiError, Error, Result};
use serde::{Deserialize, Serialize};

use super::OperationStatus;
use crate::endpoint::Service;
use crate::ids::path_of_link;
use crate::problem::Problem;
use crate::wire::{compute as wire, missing, required};

/// A change that Compute Engine is working on: every insert, patch and delete answers with one.
///
/// It fails inside HTTP 200: [`Operation::failure`] tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Operation {
    /// Its name, unique in project and region.
    pub name: String,
    /// Where it stands.
    pub status: OperationStatus,
    /// What it does: `insert`, `patch`, `delete`, `setLabels`.
    pub kind: Option<String>,
    /// The link of what it changes.
    pub target: Option<String>,
    /// What went wrong; empty when nothing did, or not yet.
    pub errors: Vec<OperationProblem>,
    /// What went well enough.
    pub warnings: Vec<OperationProblem>,
    /// The HTTP status the failure would have had.
    pub http_status: Option<u16>,
}

/// One error or warning of an [`Operation`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationProblem {
    /// The machine-readable code: `QUOTA_EXCEEDED`.
    pub code: String,
    /// The message for people.
    pub message: String,
    /// The field of the request it is about.
    pub location: Option<String>,
    /// The quota that is used up, with its limit.
    pub quota: Option<String>,
}

impl fmt::Display for OperationProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Operation {
    pub(crate) fn read(wire: wire::Operation) -> Result<Self> {
        const OF: &str = "operation";
        let name = required(OF, "name", wire.name)?;
        let status = wire.status.ok_or_else(|| missing(OF, "status"))?;
        let failed = wire.error.is_some();
        let mut errors: Vec<OperationProblem> =
            wire.error.and_then(|error| error.errors).into_iter().flatten().map(problem).collect();
        let http_status =
            wire.http_error_status_code.and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
        if errors.is_empty() && (failed || http_status.is_some()) {
            errors.push(OperationProblem {
                code: "UNKNOWN".to_owned(),
                message: wire.http_error_message.unwrap_or_else(|| "it failed without saying why".to_owned()),
                location: None,
                quota: None,
            });
        }
        Ok(Self {
            name,
            status: OperationStatus::from(status.as_str()),
            kind: wire.operation_type,
            target: wire.target_link,
            errors,
            warnings: wire.warnings.into_iter().flatten().map(problem).collect(),
            http_status,
        })
    }

    /// Whether it is over, well or not.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.status == OperationStatus::Done
    }

    /// Why it failed; `None` while nothing says so.
    #[must_use]
    pub fn failure(&self) -> Option<Error> {
        let first = self.errors.first()?;
        let problem = Problem::told(&first.code, &first.message);
        let status = self.http_status.unwrap_or(400);
        let mut message = first.message.clone();
        for other in &self.errors[1..] {
            message = format!("{message}; {other}");
        }
        let mut error = Error::new(problem.kind(status), "the operation failed")
            .with_vendor(Service::Compute.vendor())
            .with_api(ApiError::new(Some(&first.code), &message))
            .with_http_status(status);
        if let Some(kind) = &self.kind {
            error = error.with_operation(kind.clone());
        }
        if let Some(target) = &self.target {
            error = error.with_resource(path_of_link(target));
        }
        if let Some(quota) = &first.quota {
            error = error.with_help(format!("raise the quota {quota}, or free a place"));
        }
        Some(error)
    }

    /// The operation itself, or why it failed.
    ///
    /// # Errors
    /// What [`Operation::failure`] says.
    pub fn or_failure(self) -> Result<Self> {
        match self.failure() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

fn problem(wire: wire::OperationProblem) -> OperationProblem {
    let quota = wire.error_details.into_iter().flatten().find_map(|detail| {
        let info = detail.quota_info?;
        let name = info.limit_name?;
        Some(match info.limit {
            Some(limit) => format!("{name} (limit {limit})"),
            None => name,
        })
    });
    OperationProblem {
        code: wire.code.unwrap_or_else(|| "UNKNOWN".to_owned()),
        message: wire.message.unwrap_or_default(),
        location: wire.location,
        quota,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::ErrorKind;

    use super::*;

    fn read(json: &str) -> Operation {
        Operation::read(serde_json::from_str(json).unwrap()).unwrap()
    }

    #[test]
    fn done_without_an_error_is_success_and_nothing_else_is() {
        let operation = read(r#"{"name":"operation-1","status":"DONE","operationType":"insert"}"#);
        assert!(operation.is_done() && operation.failure().is_none());
        assert!(!read(r#"{"name":"operation-1","status":"RUNNING"}"#).is_done());
        for failed in [
            r#"{"name":"o","status":"DONE","error":{"errors":[{"code":"X","message":"m"}]}}"#,
            r#"{"name":"o","status":"DONE","error":{"errors":[]}}"#,
            r#"{"name":"o","status":"DONE","error":{}}"#,
            r#"{"name":"o","status":"DONE","httpErrorStatusCode":409,"httpErrorMessage":"CONFLICT"}"#,
        ] {
            assert!(read(failed).failure().is_some(), "{failed}");
        }
    }

    #[test]
    fn a_failure_carries_code_resource_and_quota() {
        let operation = read(
            r#"{"name":"operation-1","status":"DONE","operationType":"insert",
            "targetLink":"https://www.googleapis.com/compute/v1/projects/example-project/regions/us-central1/forwardingRules/orders",
            "httpErrorStatusCode":403,"error":{"errors":[{"code":"QUOTA_EXCEEDED","message":"Quota exceeded.",
            "errorDetails":[{"quotaInfo":{"limitName":"PSC-FORWARDING-RULES-per-project","limit":10.0}}]},
            {"code":"OTHER","message":"and more"}]}}"#,
        );
        let error = operation.or_failure().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::QuotaExceeded);
        assert_eq!(error.code(), Some("QUOTA_EXCEEDED"));
        assert_eq!(error.resource(), Some("projects/example-project/regions/us-central1/forwardingRules/orders"));
        assert_eq!(error.operation(), Some("insert"));
        assert!(error.help().contains("PSC-FORWARDING-RULES-per-project"), "{}", error.help());
        assert!(error.api().unwrap().message.contains("and more"));
    }

    #[test]
    fn a_taken_name_and_a_used_address_are_conflicts() {
        for (code, status, problem) in [
            ("RESOURCE_ALREADY_EXISTS", 409, Problem::Exists),
            ("RESOURCE_IN_USE_BY_ANOTHER_RESOURCE", 400, Problem::InUse),
        ] {
            let json = format!(
                r#"{{"name":"o","status":"DONE","httpErrorStatusCode":{status},"error":{{"errors":[{{"code":"{code}"}}]}}}}"#
            );
            let error = read(&json).failure().unwrap();
            assert_eq!((error.kind(), Problem::of(&error)), (ErrorKind::Conflict, problem));
        }
    }
}
