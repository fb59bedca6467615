//! AWS's fixed words, each with room for a word that is not known yet.

use serde::{Deserialize, Serialize};

privlink_core::open_enum! {
    /// Where a VPC endpoint stands.
    ///
    /// The wire has lower camel case, the API's own model upper camel case, so words are
    /// compared without case:
    ///
    /// ```
    /// use privlink_aws::VpcEndpointState;
    ///
    /// assert_eq!(VpcEndpointState::from("pendingAcceptance"), VpcEndpointState::PendingAcceptance);
    /// assert_eq!(VpcEndpointState::from("PendingAcceptance"), VpcEndpointState::PendingAcceptance);
    /// assert_eq!(VpcEndpointState::from("thawing").as_str(), "thawing");
    /// ```
    pub enum VpcEndpointState {
        /// The vendor must accept; nothing on AWS moves it.
        PendingAcceptance = "pendingAcceptance",
        /// Accepted, being built or being changed.
        Pending = "pending",
        /// Usable.
        Available = "available",
        /// The consumer deletes it.
        Deleting = "deleting",
        /// Deleted; still visible for some time.
        Deleted = "deleted",
        /// The vendor refused, possibly after it had been available.
        Rejected = "rejected",
        /// AWS could not build it; [`LastError`](crate::LastError) says why.
        Failed = "failed",
        /// It was not accepted in time.
        Expired = "expired",
        /// In the model, not in the documented list for interface endpoints: degraded.
        Partial = "partial",
    }
}

impl VpcEndpointState {
    /// Whether it is past use for good: never adopted, never waited for.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted | Self::Rejected | Self::Failed | Self::Expired)
    }

    /// Whether it is going or gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted)
    }
}

privlink_core::open_enum! {
    /// Which IP versions an endpoint's interfaces have.
    pub enum IpAddressType {
        /// IPv4 alone.
        Ipv4 = "ipv4",
        /// Both.
        Dualstack = "dualstack",
        /// IPv6 alone.
        Ipv6 = "ipv6",
    }
}

privlink_core::open_enum! {
    /// Which addresses the endpoint's own DNS names answer with.
    pub enum DnsRecordIpType {
        /// A records.
        Ipv4 = "ipv4",
        /// Both.
        Dualstack = "dualstack",
        /// AAAA records.
        Ipv6 = "ipv6",
        /// As the service says.
        ServiceDefined = "service-defined",
    }
}

privlink_core::open_enum! {
    /// Whether the vendor has proved that its private DNS name is its own.
    pub enum VerificationState {
        /// Not yet.
        Pending = "pendingVerification",
        /// Yes.
        Verified = "verified",
        /// It could not.
        Failed = "failed",
    }
}

privlink_core::open_enum! {
    /// The type of a record set.
    pub enum RecordType {
        /// IPv4 addresses.
        A = "A",
        /// IPv6 addresses.
        Aaaa = "AAAA",
        /// Another name.
        Cname = "CNAME",
        /// Text.
        Txt = "TXT",
        /// Name servers.
        Ns = "NS",
        /// Start of authority.
        Soa = "SOA",
    }
}

privlink_core::open_enum! {
    /// Whether a change has reached all of Route 53's servers.
    pub enum ChangeStatus {
        /// Not yet.
        Pending = "PENDING",
        /// Yes.
        Insync = "INSYNC",
    }
}

/// What a change of a record set does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum ChangeAction {
    /// Makes it; refused when it exists.
    Create,
    /// Makes or replaces it.
    Upsert,
    /// Takes it away; the set must be given exactly as stored.
    Delete,
}

impl ChangeAction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Upsert => "UPSERT",
            Self::Delete => "DELETE",
        }
    }
}
