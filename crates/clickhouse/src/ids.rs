//! The identifiers of ClickHouse Cloud: UUIDs that must not be taken for one another.

use std::fmt;
use std::str::FromStr;

use privlink_core::IdError;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Makes an identifier that is a UUID.
macro_rules! uuid_id {
    ($(#[$meta:meta])* $name:ident, $wanted:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID itself.
            #[must_use]
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if text.len() != 36 {
                    return Err(IdError::new($wanted, "it must be a UUID of 36 characters", text));
                }
                Uuid::try_parse(text).map(Self).map_err(|_| IdError::new($wanted, "it must be a UUID", text))
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

uuid_id! {
    /// A ClickHouse Cloud service: one database. A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_clickhouse::ServiceId;
    ///
    /// assert!("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<ServiceId>().is_ok());
    /// let error = "vpce-svc-0a1b2c3d4e5f67890".parse::<ServiceId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("VPC endpoint service id"));
    /// ```
    ServiceId, "ClickHouse service id"
}

uuid_id! {
    /// A ClickHouse Cloud organization: the owner of services and API keys. A UUID of 36
    /// characters.
    ///
    /// ```
    /// use privlink_clickhouse::OrganizationId;
    ///
    /// assert!("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<OrganizationId>().is_ok());
    /// assert!("my company".parse::<OrganizationId>().is_err());
    /// ```
    OrganizationId, "ClickHouse organization id"
}

uuid_id! {
    /// An infrastructure of "bring your own cloud" (BYOC), as a service's `byocId` names it.
    /// A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_clickhouse::InfrastructureId;
    ///
    /// assert!("0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<InfrastructureId>().is_ok());
    /// assert!("clickhouse-cloud-infra-1".parse::<InfrastructureId>().is_err());
    /// ```
    InfrastructureId, "ClickHouse BYOC infrastructure id"
}
