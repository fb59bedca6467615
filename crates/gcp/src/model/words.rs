//! Google's fixed words, each with room for a word that is not known yet.

use std::fmt;

/// Makes an enum of an API's words; unknown ones are kept as they came.
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
            /// The word as the API spells it.
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
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::Unknown(word.to_owned()),
                }
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
    /// Where a Private Service Connect connection stands.
    ///
    /// ```
    /// use privlink_gcp::PscConnectionStatus;
    ///
    /// assert_eq!(PscConnectionStatus::from("ACCEPTED"), PscConnectionStatus::Accepted);
    /// assert_eq!(PscConnectionStatus::from("THAWING").as_str(), "THAWING");
    /// ```
    PscConnectionStatus {
        /// The producer has not accepted it yet.
        Pending = "PENDING",
        /// Usable.
        Accepted = "ACCEPTED",
        /// Accepted, but the producer has more to do.
        NeedsAttention = "NEEDS_ATTENTION",
        /// The producer refuses it: its list, or its limit.
        Rejected = "REJECTED",
        /// The producer closed it; it never comes back.
        Closed = "CLOSED",
        /// Not known yet.
        Unspecified = "STATUS_UNSPECIFIED",
    }
}

impl PscConnectionStatus {
    /// Whether it does not become usable by waiting.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Rejected | Self::Closed)
    }
}

words! {
    /// Where a reserved address stands.
    AddressStatus {
        /// It is being reserved.
        Reserving = "RESERVING",
        /// It is reserved and free.
        Reserved = "RESERVED",
        /// Something uses it.
        InUse = "IN_USE",
    }
}

words! {
    /// Where a Compute operation stands.
    OperationStatus {
        /// Not begun.
        Pending = "PENDING",
        /// Under way.
        Running = "RUNNING",
        /// Over, well or not: see [`Operation::failure`](crate::Operation::failure).
        Done = "DONE",
    }
}

words! {
    /// Where a change of Cloud DNS stands.
    ChangeStatus {
        /// Not in effect yet.
        Pending = "pending",
        /// In effect.
        Done = "done",
    }
}

words! {
    /// The type of a record.
    RecordType {
        /// IPv4 addresses.
        A = "A",
        /// IPv6 addresses.
        Aaaa = "AAAA",
        /// Another name.
        Cname = "CNAME",
        /// Texts.
        Txt = "TXT",
        /// Start of authority; every zone has one.
        Soa = "SOA",
        /// Name servers; every zone has them.
        Ns = "NS",
    }
}
