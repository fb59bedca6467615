//! Azure's fixed words, compared without case, each with room for a word that is not known yet.

use std::fmt;

/// Makes an enum of an API's words; unknown ones are kept as they came.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*,)+ }) => {
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
                $(
                    if word.eq_ignore_ascii_case($word) $(|| word.eq_ignore_ascii_case($alias))* {
                        return Self::$variant;
                    }
                )+
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
    /// How far a resource is with what was asked of it.
    ///
    /// ```
    /// use privlink_azure::ProvisioningState;
    ///
    /// assert_eq!(ProvisioningState::from("succeeded"), ProvisioningState::Succeeded);
    /// assert_eq!(ProvisioningState::from("Thawing").as_str(), "Thawing");
    /// assert!(!ProvisioningState::from("Thawing").is_terminal());
    /// ```
    ProvisioningState {
        /// It is being made.
        Creating = "Creating",
        /// It is being changed.
        Updating = "Updating",
        /// It is being deleted.
        Deleting = "Deleting",
        /// It is as asked.
        Succeeded = "Succeeded",
        /// What was asked could not be done.
        Failed = "Failed",
        /// What was asked was called off.
        Canceled = "Canceled" | "Cancelled",
    }
}

impl ProvisioningState {
    /// Whether nothing goes on any more. A word that is not known is not an end.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

words! {
    /// Where a private endpoint's connection stands; its owner moves it.
    ///
    /// ```
    /// use privlink_azure::ConnectionStatus;
    ///
    /// assert!(ConnectionStatus::from("Rejected").is_dead());
    /// assert!(!ConnectionStatus::from("Thawing").is_dead());
    /// ```
    ConnectionStatus {
        /// It waits for the owner of the service.
        Pending = "Pending",
        /// Traffic flows, as far as the owner's own list lets it.
        Approved = "Approved",
        /// The owner refused it.
        Rejected = "Rejected",
        /// The owner removed it; the endpoint is informative only.
        Disconnected = "Disconnected",
    }
}

impl ConnectionStatus {
    /// Whether only a new endpoint helps.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Rejected | Self::Disconnected)
    }
}

words! {
    /// Whether a zone's link to a network is in effect.
    LinkState {
        /// Not yet.
        InProgress = "InProgress",
        /// It is.
        Completed = "Completed",
    }
}
