//! AWS's fixed words, each with room for a word that is not known yet.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes an enum of an API's words: compared without case, unknown words kept as they came.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word this library does not know, as it came.
            Unknown(String),
        }

        impl $name {
            /// The word, in the case the API sends and filters by.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unknown(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) {
                    return Self::$variant;
                })+
                Self::Unknown(word.to_owned())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Ok(Self::from(&*word))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

words! {
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
    VpcEndpointState {
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

words! {
    /// Which IP versions an endpoint's interfaces have.
    IpAddressType {
        /// IPv4 alone.
        Ipv4 = "ipv4",
        /// Both.
        Dualstack = "dualstack",
        /// IPv6 alone.
        Ipv6 = "ipv6",
    }
}

words! {
    /// Which addresses the endpoint's own DNS names answer with.
    DnsRecordIpType {
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

words! {
    /// Whether the vendor has proved that its private DNS name is its own.
    VerificationState {
        /// Not yet.
        Pending = "pendingVerification",
        /// Yes.
        Verified = "verified",
        /// It could not.
        Failed = "failed",
    }
}

words! {
    /// The type of a record set.
    RecordType {
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

words! {
    /// Whether a change has reached all of Route 53's servers.
    ChangeStatus {
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
