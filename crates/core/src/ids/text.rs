//! What all text identifiers share: the macro that makes one, character classes, and the guess
//! of what a refused text looks like.

use std::borrow::Cow;

/// The rule a text broke; `Ok` when it is fine.
pub(super) type Check = Result<(), Cow<'static, str>>;

/// Makes a text identifier: private field, `FromStr` as the only gate, and the usual traits.
macro_rules! text_id {
    ($(#[$meta:meta])* $name:ident, $wanted:literal, $check:path) => {
        text_id!($(#[$meta])* $name, $wanted, $check, |text| std::borrow::Cow::Borrowed(text));
    };
    ($(#[$meta:meta])* $name:ident, $wanted:literal, $check:path, $normal:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text of the identifier.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ids::IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let normal: fn(&str) -> std::borrow::Cow<'_, str> = $normal;
                let normal = normal(text);
                match $check(&normal) {
                    Ok(()) => Ok(Self(normal.into())),
                    Err(rule) => Err($crate::ids::IdError::new($wanted, rule, text)),
                }
            }
        }

        text_traits!($name);
    };
}

/// The conversions and formats every identifier has, given `FromStr` and `as_str`.
macro_rules! text_traits {
    ($name:ident) => {
        impl TryFrom<&str> for $name {
            type Error = $crate::ids::IdError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::ids::IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// `prefix` followed by 8 or 17 … lower-case hex digits, as EC2 names its resources.
pub(super) fn prefixed_hex(text: &str, prefix: &'static str) -> Check {
    let Some(hex) = text.strip_prefix(prefix) else {
        return Err(format!("it must start with `{prefix}`").into());
    };
    if !(8..=17).contains(&hex.len()) || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(format!("8 to 17 lower-case hex digits must follow `{prefix}`").into());
    }
    Ok(())
}

/// What a text looks like, for the error about a text that should have been something else.
pub(super) fn looks_like(text: &str) -> Option<&'static str> {
    const PREFIXES: [(&str, &str); 8] = [
        ("vpce-svc-", "VPC endpoint service id"),
        ("vpce-", "VPC endpoint id"),
        ("vpc-", "VPC id"),
        ("subnet-", "subnet id"),
        ("sg-", "security group id"),
        ("eni-", "network interface id"),
        ("arn:", "ARN"),
        ("https://", "URL"),
    ];
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.contains(".vpce-svc-") {
        return Some("VPC endpoint service name");
    }
    if let Some((_, kind)) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return Some(kind);
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("/subscriptions/") {
        return Some(if lower.contains("/privatelinkservices/") {
            "Azure Private Link service resource id"
        } else {
            "Azure resource id"
        });
    }
    if lower.ends_with(".azure.privatelinkservice") {
        return Some("Azure Private Link service alias");
    }
    if text.contains("/serviceAttachments/") {
        return Some("GCP service attachment");
    }
    if uuid::Uuid::try_parse(text).is_ok() {
        return Some("UUID");
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(if text.len() == 12 { "AWS account id" } else { "number" });
    }
    None
}
