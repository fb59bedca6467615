use std::fmt;

use serde::{Deserialize, Serialize};

#[cfg(doc)]
use super::Error;

/// What went wrong, coarse enough to choose a path by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The caller gave something that cannot be right; nothing was sent.
    ///
    /// *Troubleshooting:* the message names the value and the rule it breaks.
    InvalidInput,
    /// The credentials are missing, wrong, expired or disabled.
    ///
    /// *Troubleshooting:* check which variables or profile the client read; static keys are
    /// never tried twice, so make a new key if this one is disabled.
    Unauthenticated,
    /// The credentials are fine, but may not do this.
    ///
    /// *Troubleshooting:* grant the permission named in the message to the key or role.
    PermissionDenied,
    /// The resource does not exist, or is hidden from these credentials.
    ///
    /// *Troubleshooting:* check the id, the region and the account or organization.
    NotFound,
    /// The state of the resource forbids it, or somebody else changed it at the same time.
    ///
    /// *Troubleshooting:* read the resource again; what was planned on its old state is planned again.
    Conflict,
    /// Too many requests in the vendor's window.
    ///
    /// *Troubleshooting:* wait [`Error::retry_after`]; share one client per key.
    RateLimited,
    /// A quota is used up; waiting does not help.
    ///
    /// *Troubleshooting:* raise the quota named in the message.
    QuotaExceeded,
    /// No connection could be made; the request did not leave.
    ///
    /// *Troubleshooting:* check name resolution, proxy and firewall of this machine.
    Connect,
    /// The deadline passed; a read, or a write known not to have left.
    ///
    /// *Troubleshooting:* try again, or raise the deadline.
    Timeout,
    /// A write may or may not have happened: its answer was lost.
    ///
    /// *Troubleshooting:* read the resource before anything else; never repeat blindly.
    OutcomeUnknown,
    /// The other side is failing for now.
    ///
    /// *Troubleshooting:* try again later; quote the request id to the vendor's support.
    Unavailable,
    /// The answer was not what the contract says.
    ///
    /// *Troubleshooting:* a proxy in between, a wrong base URL, or a changed API.
    UnexpectedResponse,
    /// The caller asked to stop before the end.
    ///
    /// *Troubleshooting:* nothing failed; plan and apply again to go on.
    Cancelled,
    /// The other side, or this library, cannot do it.
    ///
    /// *Troubleshooting:* the message says what is missing.
    Unsupported,
}

impl ErrorKind {
    /// The troubleshooting advice of this kind in one sentence.
    #[must_use]
    pub fn help(self) -> &'static str {
        match self {
            Self::InvalidInput => "correct the value named in the message; nothing was sent",
            Self::Unauthenticated => "check the credentials the client read; make a new key if this one is disabled",
            Self::PermissionDenied => "grant the permission named in the message to the key or role",
            Self::NotFound => "check the id, the region and the account or organization",
            Self::Conflict => "read the resource again, and act on what it is now",
            Self::RateLimited => "wait as long as the error says; share one client per key",
            Self::QuotaExceeded => "raise the quota named in the message; waiting does not help",
            Self::Connect => "check name resolution, proxy and firewall of this machine; the request did not leave",
            Self::Timeout => "try again, or raise the deadline",
            Self::OutcomeUnknown => "read the resource before anything else; the write may have happened",
            Self::Unavailable => "try again later; quote the request id to the vendor's support",
            Self::UnexpectedResponse => "look for a proxy in between, a wrong base URL, or a changed API",
            Self::Cancelled => "nothing failed; plan and apply again to go on",
            Self::Unsupported => "the message says what is missing",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid input",
            Self::Unauthenticated => "not authenticated",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::QuotaExceeded => "quota exceeded",
            Self::Connect => "cannot connect",
            Self::Timeout => "timed out",
            Self::OutcomeUnknown => "outcome unknown",
            Self::Unavailable => "unavailable",
            Self::UnexpectedResponse => "unexpected response",
            Self::Cancelled => "cancelled",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whether doing it again can help, and whether it is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Retry {
    /// It would fail again.
    Never,
    /// It may succeed, and repeating does no harm: the request never took effect.
    Safe,
    /// It may succeed, but only an operation that may run twice should be repeated.
    IfIdempotent,
}
