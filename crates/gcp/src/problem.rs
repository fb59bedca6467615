//! What an error of Google's means, in classes a program can act on.

use privlink_core::{Error, ErrorKind};

/// The class of a failure, finer than [`ErrorKind`], told from the reason of an answer or the
/// code of a failed operation and, where Google uses one reason for several things, from stable
/// fragments of its message.
///
/// Reasons: Compute Engine and Cloud DNS error references and public reports, read 2026-11.
///
/// ```
/// use privlink_core::{ApiError, Error, ErrorKind};
/// use privlink_gcp::Problem;
///
/// let error = Error::new(ErrorKind::PermissionDenied, "refused").with_api(ApiError::new(
///     Some("accessNotConfigured"),
///     "Cloud DNS API has not been used in project 123456789012 before or it is disabled.",
/// ));
/// assert_eq!(Problem::of(&error), Problem::ApiDisabled);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The resource does not exist.
    NotFound,
    /// It exists already.
    Exists,
    /// Something else still uses it.
    InUse,
    /// It is still being made or changed.
    NotReady,
    /// It was changed since it was read: a stale fingerprint, a record that says something else.
    Stale,
    /// A value is refused: a bad attachment, another region.
    Invalid,
    /// The producer does not let clients of other regions in.
    GlobalAccessUnsupported,
    /// The network sees another private zone of this name, or the name may not be used.
    ZoneNameTaken,
    /// The zone still holds records.
    NotEmpty,
    /// An API is not enabled in the project.
    ApiDisabled,
    /// The credentials may not do this.
    NotAllowed,
    /// The token is missing, wrong or expired.
    Token,
    /// A quota is used up.
    Quota,
    /// The project has no active billing account.
    Billing,
    /// Too many requests for the moment.
    Throttled,
    /// Google is failing for now.
    Server,
    /// Anything else.
    Other,
}

impl Problem {
    /// The class of `error`.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match error.api() {
            Some(api) => Self::told(api.code.as_deref().unwrap_or_default(), &api.message),
            None => Self::Other,
        }
    }

    /// The class that reason and message tell; `Other` when the status alone has to do.
    pub(crate) fn told(reason: &str, message: &str) -> Self {
        match reason {
            "notFound" | "RESOURCE_NOT_FOUND" | "NOT_FOUND" => Self::NotFound,
            "alreadyExists" | "RESOURCE_ALREADY_EXISTS" | "ALREADY_EXISTS" | "duplicate" => Self::Exists,
            "resourceInUseByAnotherResource" | "RESOURCE_IN_USE_BY_ANOTHER_RESOURCE" | "resourceInUse" => Self::InUse,
            "resourceNotReady" | "RESOURCE_NOT_READY" => Self::NotReady,
            "conditionNotMet" | "CONDITION_NOT_MET" | "preconditionFailed" => Self::Stale,
            "managedZoneDnsNameNotAvailable" | "managedZoneDnsNameForbidden" => Self::ZoneNameTaken,
            "containerNotEmpty" => Self::NotEmpty,
            "accessNotConfigured" | "SERVICE_DISABLED" => Self::ApiDisabled,
            "forbidden" | "PERMISSION_DENIED" | "insufficientPermissions" | "IAM_PERMISSION_DENIED" => Self::NotAllowed,
            "authError" | "UNAUTHENTICATED" | "ACCESS_TOKEN_EXPIRED" => Self::Token,
            "quotaExceeded" | "QUOTA_EXCEEDED" | "limitExceeded" | "dailyLimitExceeded" => Self::Quota,
            "inactiveBillingState" | "BILLING_DISABLED" => Self::Billing,
            "rateLimitExceeded" | "userRateLimitExceeded" | "RATE_LIMIT_EXCEEDED" | "RESOURCE_EXHAUSTED" => {
                Self::Throttled
            }
            "backendError" | "internalError" | "INTERNAL_ERROR" | "UNAVAILABLE" => Self::Server,
            "invalid"
            | "required"
            | "invalidParameter"
            | "invalidFieldValue"
            | "badRequest"
            | "parseError"
            | "INVALID_ARGUMENT"
            | "INVALID_FIELD_VALUE"
            | "INVALID_USAGE"
            | "UNSUPPORTED_OPERATION"
            | "invalidUsage"
            | "unsupportedOperation" => Self::refused_value(message),
            _ => Self::Other,
        }
    }

    fn refused_value(message: &str) -> Self {
        let message = message.to_ascii_lowercase();
        let about_global = message.contains("global access");
        if about_global && (message.contains("not supported") || message.contains("not support")) {
            return Self::GlobalAccessUnsupported;
        }
        // An address that another forwarding rule has got is told so, and not by a reason of its own.
        if message.contains("in-use and would result in a conflict") {
            return Self::InUse;
        }
        Self::Invalid
    }

    /// The coarse kind, given the HTTP status for what the reason does not tell.
    pub(crate) fn kind(self, status: u16) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Exists | Self::InUse | Self::NotReady | Self::Stale | Self::ZoneNameTaken | Self::NotEmpty => {
                ErrorKind::Conflict
            }
            Self::Invalid => ErrorKind::InvalidInput,
            Self::GlobalAccessUnsupported => ErrorKind::Unsupported,
            Self::ApiDisabled | Self::NotAllowed | Self::Billing => ErrorKind::PermissionDenied,
            Self::Token => ErrorKind::Unauthenticated,
            Self::Quota => ErrorKind::QuotaExceeded,
            Self::Throttled => ErrorKind::RateLimited,
            Self::Server => ErrorKind::Unavailable,
            Self::Other => match status {
                401 => ErrorKind::Unauthenticated,
                403 => ErrorKind::PermissionDenied,
                404 | 410 => ErrorKind::NotFound,
                408 | 500 | 502..=599 => ErrorKind::Unavailable,
                409 | 412 => ErrorKind::Conflict,
                429 => ErrorKind::RateLimited,
                501 => ErrorKind::Unsupported,
                400..=499 => ErrorKind::InvalidInput,
                _ => ErrorKind::UnexpectedResponse,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_classed_as_the_references_say() {
        let table = [
            ("notFound", "", Problem::NotFound, ErrorKind::NotFound),
            ("RESOURCE_NOT_FOUND", "", Problem::NotFound, ErrorKind::NotFound),
            ("alreadyExists", "", Problem::Exists, ErrorKind::Conflict),
            ("RESOURCE_ALREADY_EXISTS", "", Problem::Exists, ErrorKind::Conflict),
            ("resourceInUseByAnotherResource", "", Problem::InUse, ErrorKind::Conflict),
            ("resourceNotReady", "", Problem::NotReady, ErrorKind::Conflict),
            ("conditionNotMet", "", Problem::Stale, ErrorKind::Conflict),
            ("preconditionFailed", "", Problem::Stale, ErrorKind::Conflict),
            ("invalid", "Invalid value for field 'resource.target'", Problem::Invalid, ErrorKind::InvalidInput),
            ("required", "", Problem::Invalid, ErrorKind::InvalidInput),
            (
                "invalid",
                "Specified IP address is in-use and would result in a conflict.",
                Problem::InUse,
                ErrorKind::Conflict,
            ),
            (
                "invalid",
                "Global access is not supported by the service attachment",
                Problem::GlobalAccessUnsupported,
                ErrorKind::Unsupported,
            ),
            ("managedZoneDnsNameNotAvailable", "", Problem::ZoneNameTaken, ErrorKind::Conflict),
            ("containerNotEmpty", "", Problem::NotEmpty, ErrorKind::Conflict),
            ("accessNotConfigured", "", Problem::ApiDisabled, ErrorKind::PermissionDenied),
            ("SERVICE_DISABLED", "", Problem::ApiDisabled, ErrorKind::PermissionDenied),
            ("forbidden", "", Problem::NotAllowed, ErrorKind::PermissionDenied),
            ("authError", "", Problem::Token, ErrorKind::Unauthenticated),
            ("quotaExceeded", "", Problem::Quota, ErrorKind::QuotaExceeded),
            ("QUOTA_EXCEEDED", "", Problem::Quota, ErrorKind::QuotaExceeded),
            ("rateLimitExceeded", "", Problem::Throttled, ErrorKind::RateLimited),
            ("userRateLimitExceeded", "", Problem::Throttled, ErrorKind::RateLimited),
            ("inactiveBillingState", "", Problem::Billing, ErrorKind::PermissionDenied),
            ("backendError", "", Problem::Server, ErrorKind::Unavailable),
        ];
        for (reason, message, problem, kind) in table {
            assert_eq!(Problem::told(reason, message), problem, "{reason}: {message}");
            assert_eq!(problem.kind(400), kind, "{reason}");
        }
    }

    #[test]
    fn an_unknown_reason_leaves_it_to_the_status() {
        let kind = |status| Problem::told("somethingNew", "").kind(status);
        for (status, wanted) in [
            (400, ErrorKind::InvalidInput),
            (401, ErrorKind::Unauthenticated),
            (403, ErrorKind::PermissionDenied),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (412, ErrorKind::Conflict),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Unavailable),
            (501, ErrorKind::Unsupported),
            (503, ErrorKind::Unavailable),
            (302, ErrorKind::UnexpectedResponse),
        ] {
            assert_eq!(kind(status), wanted, "{status}");
        }
    }
}
