//! What an AWS error code means, in classes a program can act on.

use privlink_core::{Error, ErrorKind};

/// The class of a failure, finer than [`ErrorKind`], told from AWS's code and, where AWS uses
/// one code for several things, from stable fragments of its message.
///
/// EC2 declares no errors in its model, so every tool has to match on text; the code is the main
/// key and the text only refines it. Codes: EC2 and Route 53 API references and public reports,
/// read 2026-11-21.
///
/// ```
/// use privlink_aws::Problem;
/// use privlink_core::{ApiError, Error, ErrorKind};
///
/// let error = Error::new(ErrorKind::Conflict, "refused").with_api(ApiError::new(
///     Some("InvalidParameter"),
///     "private-dns-enabled cannot be set because there is already a conflicting DNS domain for …",
/// ));
/// assert_eq!(Problem::of(&error), Problem::PrivateDnsConflict);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The resource does not exist, or not yet: EC2 is eventually consistent.
    NotFound,
    /// An id or a type is not of the form AWS wants.
    Malformed,
    /// The endpoint service cannot be seen: a typo, the wrong region, a cross-region service
    /// asked for without its region, a principal the vendor has not allowed, or a service that
    /// is not ready.
    ServiceNotVisible,
    /// A subnet's availability zone does not fit the endpoint service, or two subnets share one.
    ZoneMismatch,
    /// Private DNS needs `enableDnsSupport` and `enableDnsHostnames` of the VPC.
    PrivateDnsNeedsVpcDns,
    /// Another endpoint or zone already serves the private DNS name in this VPC.
    PrivateDnsConflict,
    /// The endpoint service has no private DNS name.
    PrivateDnsNotOffered,
    /// The vendor has not verified its private DNS name.
    PrivateDnsNotVerified,
    /// It exists already.
    Exists,
    /// Something else still uses it.
    InUse,
    /// A quota is used up.
    Limit,
    /// Too many requests, or another change of the same thing is still under way.
    Throttled,
    /// AWS is failing for now.
    Server,
    /// The credentials may not do this.
    NotAllowed,
    /// The signature, the key or the clock is wrong.
    Signature,
    /// The client token was used with other parameters.
    TokenReuse,
    /// A dry run that would have succeeded.
    DryRunOk,
    /// Route 53 refuses the change as such.
    BadZoneChange,
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

    /// The class that code and message tell.
    pub(crate) fn told(code: &str, message: &str) -> Self {
        if let Some(problem) = Self::by_code(code) {
            return problem;
        }
        if code.ends_with(".Malformed") {
            return Self::Malformed;
        }
        if code.ends_with(".NotFound") || code.ends_with(".Unknown") {
            return Self::NotFound;
        }
        if code.ends_with(".Duplicate") || code.ends_with("AlreadyExists") {
            return Self::Exists;
        }
        if code.ends_with("LimitExceeded") {
            return Self::Limit;
        }
        if matches!(
            code,
            "InvalidParameter" | "InvalidParameterValue" | "InvalidParameterCombination" | "OperationNotPermitted"
        ) {
            return Self::by_fragment(message);
        }
        Self::Other
    }

    fn by_code(code: &str) -> Option<Self> {
        Some(match code {
            "NoSuchHostedZone" | "NoSuchChange" | "InvalidSecurityGroupID.NotFound" | "VPCAssociationNotFound" => {
                Self::NotFound
            }
            "InvalidVpcEndpointType" | "InvalidVPCId" | "InvalidDomainName" => Self::Malformed,
            "InvalidServiceName" => Self::ServiceNotVisible,
            "DuplicateSubnetsInSameZone" => Self::ZoneMismatch,
            "InvalidGroup.Duplicate"
            | "InvalidPermission.Duplicate"
            | "ConflictingDomainExists"
            | "HostedZoneAlreadyExists" => Self::Exists,
            "DependencyViolation" | "InvalidGroup.InUse" | "HostedZoneNotEmpty" | "ExistingVpcEndpointConnections" => {
                Self::InUse
            }
            "TooManyHostedZones" | "LimitsExceeded" | "InsufficientFreeAddressesInSubnet" => Self::Limit,
            "RequestLimitExceeded"
            | "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "TooManyRequestsException"
            | "SlowDown"
            | "BandwidthLimitExceeded"
            | "EC2ThrottledException"
            | "PriorRequestNotComplete"
            | "ConcurrentTagAccess" => Self::Throttled,
            "InternalError"
            | "InternalFailure"
            | "Unavailable"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
            | "RequestTimeout"
            | "RequestTimeoutException" => Self::Server,
            "UnauthorizedOperation"
            | "OptInRequired"
            | "Blocked"
            | "PendingVerification"
            | "AccessDenied"
            | "AccessDeniedException"
            | "NotAuthorizedException" => Self::NotAllowed,
            "AuthFailure"
            | "RequestExpired"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "ExpiredToken"
            | "ExpiredTokenException" => Self::Signature,
            "IdempotentParameterMismatch" => Self::TokenReuse,
            "DryRunOperation" => Self::DryRunOk,
            "InvalidChangeBatch" | "InvalidInput" | "LastVPCAssociation" | "PublicZoneVPCAssociation" => {
                Self::BadZoneChange
            }
            _ => return None,
        })
    }

    fn by_fragment(message: &str) -> Self {
        const FRAGMENTS: [(&str, Problem); 7] = [
            ("requires both enablednssupport and enablednshostnames", Problem::PrivateDnsNeedsVpcDns),
            ("conflicting dns domain", Problem::PrivateDnsConflict),
            ("does not provide a private dns name", Problem::PrivateDnsNotOffered),
            ("has not verified the private dns name", Problem::PrivateDnsNotVerified),
            ("does not support the availability zone of the subnet", Problem::ZoneMismatch),
            ("availability zones are supported for remote access", Problem::ZoneMismatch),
            ("same availability zone", Problem::ZoneMismatch),
        ];
        let message = message.to_ascii_lowercase();
        FRAGMENTS.iter().find(|(fragment, _)| message.contains(fragment)).map_or(Self::Other, |(_, problem)| *problem)
    }

    /// The coarse kind, given the HTTP status for what the code does not tell.
    pub(crate) fn kind(self, status: u16) -> ErrorKind {
        match self {
            Self::NotFound | Self::ServiceNotVisible => ErrorKind::NotFound,
            Self::Malformed | Self::ZoneMismatch | Self::BadZoneChange => ErrorKind::InvalidInput,
            Self::PrivateDnsNeedsVpcDns
            | Self::PrivateDnsConflict
            | Self::PrivateDnsNotOffered
            | Self::PrivateDnsNotVerified
            | Self::Exists
            | Self::InUse
            | Self::TokenReuse
            | Self::DryRunOk => ErrorKind::Conflict,
            Self::Limit => ErrorKind::QuotaExceeded,
            Self::Throttled => ErrorKind::RateLimited,
            Self::Server => ErrorKind::Unavailable,
            Self::NotAllowed => ErrorKind::PermissionDenied,
            Self::Signature => ErrorKind::Unauthenticated,
            Self::Other => match status {
                401 => ErrorKind::Unauthenticated,
                403 => ErrorKind::PermissionDenied,
                404 => ErrorKind::NotFound,
                408 | 500..=599 => ErrorKind::Unavailable,
                409 => ErrorKind::Conflict,
                429 => ErrorKind::RateLimited,
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
    fn codes_are_classed_as_the_contract_says() {
        let table = [
            ("InvalidVpcEndpointId.NotFound", "", Problem::NotFound, ErrorKind::NotFound),
            ("InvalidVpcEndpoint.NotFound", "", Problem::NotFound, ErrorKind::NotFound),
            ("InvalidGroup.NotFound", "", Problem::NotFound, ErrorKind::NotFound),
            ("InvalidRouteTableID.NotFound", "", Problem::NotFound, ErrorKind::NotFound),
            ("NoSuchHostedZone", "", Problem::NotFound, ErrorKind::NotFound),
            ("InvalidSubnetID.Malformed", "", Problem::Malformed, ErrorKind::InvalidInput),
            ("InvalidServiceName", "does not exist", Problem::ServiceNotVisible, ErrorKind::NotFound),
            ("DuplicateSubnetsInSameZone", "", Problem::ZoneMismatch, ErrorKind::InvalidInput),
            (
                "InvalidParameter",
                "The VPC endpoint service X does not support the availability zone of the subnet: subnet-1.",
                Problem::ZoneMismatch,
                ErrorKind::InvalidInput,
            ),
            (
                "InvalidParameter",
                "Only these Availability Zones are supported for remote access: use1-az1",
                Problem::ZoneMismatch,
                ErrorKind::InvalidInput,
            ),
            (
                "InvalidParameter",
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true",
                Problem::PrivateDnsNeedsVpcDns,
                ErrorKind::Conflict,
            ),
            (
                "InvalidParameter",
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for x in the VPC",
                Problem::PrivateDnsConflict,
                ErrorKind::Conflict,
            ),
            (
                "InvalidParameter",
                "the service does not provide a private DNS name",
                Problem::PrivateDnsNotOffered,
                ErrorKind::Conflict,
            ),
            (
                "InvalidParameter",
                "the provider has not verified the private DNS name",
                Problem::PrivateDnsNotVerified,
                ErrorKind::Conflict,
            ),
            ("InvalidParameter", "something new", Problem::Other, ErrorKind::InvalidInput),
            ("InvalidGroup.Duplicate", "", Problem::Exists, ErrorKind::Conflict),
            ("InvalidPermission.Duplicate", "", Problem::Exists, ErrorKind::Conflict),
            ("ConflictingDomainExists", "", Problem::Exists, ErrorKind::Conflict),
            ("DependencyViolation", "", Problem::InUse, ErrorKind::Conflict),
            ("HostedZoneNotEmpty", "", Problem::InUse, ErrorKind::Conflict),
            ("VpcEndpointLimitExceeded", "", Problem::Limit, ErrorKind::QuotaExceeded),
            ("RulesPerSecurityGroupLimitExceeded", "", Problem::Limit, ErrorKind::QuotaExceeded),
            ("InsufficientFreeAddressesInSubnet", "", Problem::Limit, ErrorKind::QuotaExceeded),
            ("RequestLimitExceeded", "", Problem::Throttled, ErrorKind::RateLimited),
            ("Throttling", "Rate exceeded", Problem::Throttled, ErrorKind::RateLimited),
            ("PriorRequestNotComplete", "", Problem::Throttled, ErrorKind::RateLimited),
            ("InternalError", "", Problem::Server, ErrorKind::Unavailable),
            ("UnauthorizedOperation", "", Problem::NotAllowed, ErrorKind::PermissionDenied),
            ("AuthFailure", "", Problem::Signature, ErrorKind::Unauthenticated),
            ("RequestExpired", "", Problem::Signature, ErrorKind::Unauthenticated),
            ("IdempotentParameterMismatch", "", Problem::TokenReuse, ErrorKind::Conflict),
            ("DryRunOperation", "", Problem::DryRunOk, ErrorKind::Conflict),
            ("InvalidChangeBatch", "", Problem::BadZoneChange, ErrorKind::InvalidInput),
        ];
        for (code, message, problem, kind) in table {
            assert_eq!(Problem::told(code, message), problem, "{code}: {message}");
            assert_eq!(problem.kind(400), kind, "{code}");
        }
    }
}
