use std::fmt;

use privlink_core::CloudProvider;

/// Makes an enum that keeps what it does not know.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word this library does not know, verbatim.
            Unknown(String),
        }

        impl $name {
            /// The vendor's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    _ => Self::Unknown(text.to_owned()),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(Self::from(&*String::deserialize(deserializer)?))
            }
        }
    };
}

open_enum! {
    /// The cloud a cluster runs in, as the vendor names it.
    ///
    /// ```
    /// use privlink_cockroach::Provider;
    ///
    /// assert_eq!(Provider::from("AZURE"), Provider::Azure);
    /// assert_eq!(Provider::from("MOON").to_string(), "MOON");
    /// ```
    Provider {
        /// Amazon Web Services.
        Aws = "AWS",
        /// Microsoft Azure.
        Azure = "AZURE",
        /// Google Cloud.
        Gcp = "GCP",
    }
}

impl Provider {
    /// The cloud, unless it is one this library does not know.
    #[must_use]
    pub fn cloud(&self) -> Option<CloudProvider> {
        match self {
            Self::Aws => Some(CloudProvider::Aws),
            Self::Azure => Some(CloudProvider::Azure),
            Self::Gcp => Some(CloudProvider::Gcp),
            Self::Unknown(_) => None,
        }
    }
}

open_enum! {
    /// The plan of a cluster.
    Plan {
        /// Shared, by use; no new private endpoints.
        Basic = "BASIC",
        /// Shared, provisioned: all clusters of a region are behind one endpoint service.
        Standard = "STANDARD",
        /// A cluster of its own, with an endpoint service of its own in each region; formerly Dedicated.
        Advanced = "ADVANCED",
    }
}

open_enum! {
    /// The state of a cluster.
    ClusterState {
        /// Being made.
        Creating = "CREATING",
        /// Ready.
        Created = "CREATED",
        /// It could not be made.
        CreationFailed = "CREATION_FAILED",
        /// Deleted.
        Deleted = "DELETED",
        /// Ready, and held by another operation.
        Locked = "LOCKED",
    }
}

open_enum! {
    /// The state of an endpoint service.
    ServiceStatus {
        /// Being made.
        Creating = "CREATING",
        /// Ready.
        Available = "AVAILABLE",
        /// It could not be made.
        CreateFailed = "CREATE_FAILED",
        /// Being taken away.
        Deleting = "DELETING",
        /// It could not be taken away.
        DeleteFailed = "DELETE_FAILED",
    }
}

open_enum! {
    /// The state of a connection. The vendor writes some with the prefix `STATUS_` and some
    /// without; [`ConnectionStatus::read`] takes both.
    ConnectionStatus {
        /// Being looked at.
        Pending = "PENDING",
        /// Being accepted.
        PendingAcceptance = "PENDING_ACCEPTANCE",
        /// The cluster answers through the endpoint.
        Available = "AVAILABLE",
        /// Being taken away.
        Deleting = "DELETING",
        /// Taken away.
        Deleted = "DELETED",
        /// Taken away, and may be added again.
        Rejected = "REJECTED",
        /// It did not work.
        Failed = "FAILED",
        /// Nobody accepted it in time.
        Expired = "EXPIRED",
    }
}

impl ConnectionStatus {
    /// The word with or without its prefix.
    ///
    /// ```
    /// use privlink_cockroach::ConnectionStatus;
    ///
    /// assert_eq!(ConnectionStatus::read("STATUS_AVAILABLE"), ConnectionStatus::Available);
    /// assert_eq!(ConnectionStatus::read("AVAILABLE"), ConnectionStatus::Available);
    /// ```
    #[must_use]
    pub fn read(text: &str) -> Self {
        Self::from(text.strip_prefix("STATUS_").unwrap_or(text))
    }

    /// Whether the entry lets nobody in any more and never will by itself.
    #[must_use]
    pub fn is_inert(&self) -> bool {
        matches!(self, Self::Rejected | Self::Deleted | Self::Failed | Self::Expired)
    }

    /// Whether the vendor is on its way to letting the endpoint in.
    #[must_use]
    pub fn is_coming(&self) -> bool {
        matches!(self, Self::Pending | Self::PendingAcceptance)
    }
}

open_enum! {
    /// What kind of owner a trusted owner is.
    OwnerType {
        /// An AWS account, of 12 digits; `*` is everybody.
        AwsAccountId = "AWS_ACCOUNT_ID",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_survive_a_round_trip() {
        let state: ClusterState = serde_json::from_str("\"HIBERNATING\"").unwrap();
        assert_eq!(state, ClusterState::Unknown("HIBERNATING".into()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"HIBERNATING\"");
    }

    #[test]
    fn every_connection_status_of_the_contract_is_known_with_and_without_its_prefix() {
        for word in "PENDING PENDING_ACCEPTANCE AVAILABLE DELETING DELETED REJECTED FAILED EXPIRED".split(' ') {
            for text in [word.to_owned(), format!("STATUS_{word}")] {
                assert!(!matches!(ConnectionStatus::read(&text), ConnectionStatus::Unknown(_)), "{text}");
            }
        }
    }
}
