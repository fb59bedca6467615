//! What an Azure error code means, in classes a program can act on.

use privlink_core::{Error, ErrorKind};

/// The class of a failure, finer than [`ErrorKind`], told from Azure's code and the codes of its
/// details, both of answers and of long-running operations that failed.
///
/// Codes: azurerm's retry list, azure-rest-api-specs issues and public reports, read 2026-11-21.
///
/// ```
/// use privlink_azure::Problem;
/// use privlink_core::{ApiError, Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::PermissionDenied, "refused")
///     .with_api(ApiError::new(Some("LinkedAuthorizationFailed"), "no subnets/join/action"));
/// assert_eq!(Problem::of(&error), Problem::SubnetNotAllowed);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The resource, or its group, does not exist.
    NotFound,
    /// The request is not of the form Azure wants, or names something that cannot be.
    Malformed,
    /// The service cannot be seen: a typo, or its owner has not shown it to this subscription.
    ServiceNotVisible,
    /// The service's id is not accepted: for a fresh alias this passes, otherwise it is wrong.
    ServiceIdRefused,
    /// The token has expired or is none.
    Token,
    /// The credentials may not do this.
    NotAllowed,
    /// The credentials may not use the subnet or network: `join/action` is missing.
    SubnetNotAllowed,
    /// A policy of the organization forbids it.
    Policy,
    /// The subscription is not registered for the provider `Microsoft.Network`.
    ProviderNotRegistered,
    /// Another operation on it is under way: it passes.
    Busy,
    /// Something it refers to, as a rule the subnet, is being changed: it passes.
    NotProvisioned,
    /// It was changed, or made, by somebody else meanwhile.
    Changed,
    /// It contradicts what is there.
    Exists,
    /// Something else still uses it.
    InUse,
    /// A quota is used up.
    Limit,
    /// Too many requests.
    Throttled,
    /// Azure is failing for now.
    Server,
    /// Anything else.
    Other,
}

impl Problem {
    /// The class of `error`.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match (error.api(), error.http_status()) {
            (Some(api), status) => {
                let details = api.message.split(['[', ']', ':']).map(str::trim);
                Self::told(api.code.as_deref().unwrap_or_default(), details, status.unwrap_or_default())
            }
            (None, Some(status)) => Self::by_status(status),
            (None, None) => Self::Other,
        }
    }

    /// The class that code, codes of details and HTTP status tell; 200 is a failed operation.
    pub(crate) fn told<'a>(code: &str, details: impl IntoIterator<Item = &'a str>, status: u16) -> Self {
        // "RetryableError" and "Conflict" are said of many things; the details tell which.
        let by_detail = || details.into_iter().find_map(Self::by_code);
        match Self::by_code(code) {
            Some(Self::NotProvisioned | Self::Exists | Self::Malformed) => {
                by_detail().or(Self::by_code(code)).unwrap_or(Self::Other)
            }
            Some(problem) => problem,
            None => by_detail().unwrap_or_else(|| Self::by_status(status)),
        }
    }

    fn by_code(code: &str) -> Option<Self> {
        Some(match code {
            "ResourceNotFound"
            | "ResourceGroupNotFound"
            | "NotFound"
            | "ParentResourceNotFound"
            | "SubscriptionNotFound" => Self::NotFound,
            "MissingApiVersionParameter"
            | "InvalidApiVersionParameter"
            | "NoRegisteredProviderFound"
            | "InvalidRequestFormat"
            | "InvalidResourceReference"
            | "InvalidParameter"
            | "BadRequest"
            | "InvalidRequestContent"
            | "InvalidResourceName" => Self::Malformed,
            "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible" => {
                Self::ServiceNotVisible
            }
            "InvalidPrivateLinkServiceId" => Self::ServiceIdRefused,
            "ExpiredAuthenticationToken"
            | "InvalidAuthenticationToken"
            | "AuthenticationFailed"
            | "InvalidAuthenticationTokenTenant"
            | "AuthenticationFailedMissingToken" => Self::Token,
            "AuthorizationFailed" | "AuthorizationPermissionMismatch" | "Forbidden" => Self::NotAllowed,
            "LinkedAuthorizationFailed" => Self::SubnetNotAllowed,
            "RequestDisallowedByPolicy" | "ScopeLocked" => Self::Policy,
            "MissingSubscriptionRegistration" => Self::ProviderNotRegistered,
            "ConflictError" | "AnotherOperationInProgress" | "OperationNotAllowedWhileInProgress" => Self::Busy,
            "RetryableError" | "ReferencedResourceNotProvisioned" | "StorageAccountOperationInProgress" => {
                Self::NotProvisioned
            }
            "PreconditionFailed" => Self::Changed,
            "Conflict" => Self::Exists,
            "CannotDeleteResource" | "InUse" | "InUseSubnetCannotBeDeleted" => Self::InUse,
            "QuotaExceeded" | "PrivateEndpointCountLimitReached" | "SubnetIsFull" => Self::Limit,
            "TooManyRequests" | "SubscriptionRequestsThrottled" | "OperationThrottled" => Self::Throttled,
            "InternalServerError" | "ServerTimeout" | "ServiceUnavailable" | "GatewayTimeout" | "BadGateway" => {
                Self::Server
            }
            _ => return None,
        })
    }

    fn by_status(status: u16) -> Self {
        match status {
            400 => Self::Malformed,
            401 => Self::Token,
            403 => Self::NotAllowed,
            404 => Self::NotFound,
            409 => Self::Exists,
            412 => Self::Changed,
            429 => Self::Throttled,
            408 | 500 | 502..=504 => Self::Server,
            _ => Self::Other,
        }
    }

    /// Whether it passes by itself, so that the same request is worth another try soon.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(self, Self::Busy | Self::NotProvisioned | Self::ServiceIdRefused | Self::Throttled | Self::Server)
    }

    /// The coarse kind, given the HTTP status for what the code does not tell.
    pub(crate) fn kind(self, status: u16) -> ErrorKind {
        match self {
            Self::NotFound => ErrorKind::NotFound,
            Self::Malformed | Self::ServiceNotVisible | Self::ServiceIdRefused => ErrorKind::InvalidInput,
            Self::Token => ErrorKind::Unauthenticated,
            Self::NotAllowed | Self::SubnetNotAllowed | Self::Policy => ErrorKind::PermissionDenied,
            Self::ProviderNotRegistered
            | Self::Busy
            | Self::NotProvisioned
            | Self::Changed
            | Self::Exists
            | Self::InUse => ErrorKind::Conflict,
            Self::Limit => ErrorKind::QuotaExceeded,
            Self::Throttled => ErrorKind::RateLimited,
            Self::Server => ErrorKind::Unavailable,
            Self::Other => match status {
                500..=599 => ErrorKind::Unavailable,
                400..=499 => ErrorKind::InvalidInput,
                // A long-running operation that failed.
                200 => ErrorKind::Conflict,
                _ => ErrorKind::UnexpectedResponse,
            },
        }
    }

    /// What to do about it, where the kind's own advice is too coarse.
    pub(crate) fn help(self) -> Option<&'static str> {
        Some(match self {
            Self::ServiceNotVisible => {
                "check the alias for a typo; else register this subscription's id with the vendor and try again after a minute"
            }
            Self::ServiceIdRefused => {
                "check the service's id; the alias of a service made just now may need a few minutes"
            }
            Self::SubnetNotAllowed => "grant Microsoft.Network/virtualNetworks/subnets/join/action on the subnet",
            Self::Policy => "ask whoever owns the policy or lock that the message names",
            Self::ProviderNotRegistered => "register the provider: az provider register --namespace Microsoft.Network",
            Self::NotProvisioned => "wait until nobody changes the subnet, then try again",
            Self::Busy => "wait until the other operation is over, then try again",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_classed_as_the_contract_says() {
        let not_visible = "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible";
        type Row<'a> = (u16, &'a str, &'a [&'a str], Problem, ErrorKind, bool);
        let table: [Row<'_>; 22] = [
            (400, "MissingApiVersionParameter", &[], Problem::Malformed, ErrorKind::InvalidInput, false),
            (400, "InvalidResourceReference", &[], Problem::Malformed, ErrorKind::InvalidInput, false),
            (400, not_visible, &[], Problem::ServiceNotVisible, ErrorKind::InvalidInput, false),
            (400, "InvalidPrivateLinkServiceId", &[], Problem::ServiceIdRefused, ErrorKind::InvalidInput, true),
            (200, "InvalidPrivateLinkServiceId", &[], Problem::ServiceIdRefused, ErrorKind::InvalidInput, true),
            (401, "ExpiredAuthenticationToken", &[], Problem::Token, ErrorKind::Unauthenticated, false),
            (403, "AuthorizationFailed", &[], Problem::NotAllowed, ErrorKind::PermissionDenied, false),
            (403, "LinkedAuthorizationFailed", &[], Problem::SubnetNotAllowed, ErrorKind::PermissionDenied, false),
            (403, "RequestDisallowedByPolicy", &[], Problem::Policy, ErrorKind::PermissionDenied, false),
            (404, "ResourceGroupNotFound", &[], Problem::NotFound, ErrorKind::NotFound, false),
            (409, "MissingSubscriptionRegistration", &[], Problem::ProviderNotRegistered, ErrorKind::Conflict, false),
            (409, "ConflictError", &[], Problem::Busy, ErrorKind::Conflict, true),
            (409, "AnotherOperationInProgress", &[], Problem::Busy, ErrorKind::Conflict, true),
            (409, "Conflict", &[], Problem::Exists, ErrorKind::Conflict, false),
            (412, "PreconditionFailed", &[], Problem::Changed, ErrorKind::Conflict, false),
            (
                429,
                "RetryableError",
                &["ReferencedResourceNotProvisioned"],
                Problem::NotProvisioned,
                ErrorKind::Conflict,
                true,
            ),
            (200, "RetryableError", &[], Problem::NotProvisioned, ErrorKind::Conflict, true),
            (429, "", &[], Problem::Throttled, ErrorKind::RateLimited, true),
            (503, "", &[], Problem::Server, ErrorKind::Unavailable, true),
            (404, "", &[], Problem::NotFound, ErrorKind::NotFound, false),
            (418, "Teapot", &[], Problem::Other, ErrorKind::InvalidInput, false),
            (200, "SomethingNew", &[], Problem::Other, ErrorKind::Conflict, false),
        ];
        for (status, code, details, problem, kind, passes) in table {
            let told = Problem::told(code, details.iter().copied(), status);
            assert_eq!((told, told.kind(status), told.passes()), (problem, kind, passes), "{status} {code}");
        }
    }
}
