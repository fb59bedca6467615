//! The two macros that make an identifier, here and in every crate of the family.

/// Makes a text identifier: a newtype that only a checked text can become.
///
/// Vendor and cloud crates, in the tree or outside of it, use it for their own ids, so that all
/// of them behave alike. The parts are the type with its documentation, the kind in words as
/// errors name it, a check, and where one is needed a function that brings a text into its
/// normal form before the check.
///
/// - The check is a `fn(&str) -> Result<(), E>` where `E` goes into a
///   `Cow<'static, str>` that completes the sentence "…is not a \<kind\>: …".
/// - The normal form is a `fn(&str) -> Cow<'_, str>`; what it returns is checked and kept.
/// - The type has a private field and the traits `FromStr`, `TryFrom<&str>`, `TryFrom<String>`,
///   `Display`, `Debug`, `AsRef<str>`, `Serialize`, `Deserialize` (from text only), `Clone`,
///   `Eq`, `Ord`, `Hash`, and the method `as_str`. `FromStr` is the only gate; every other way
///   in goes through it.
///
/// ```
/// privlink_core::text_id! {
///     /// A cluster: `in01-` and lower-case letters or digits.
///     pub struct ClusterId: "cluster id", check_cluster;
/// }
///
/// fn check_cluster(text: &str) -> Result<(), &'static str> {
///     match text.strip_prefix("in01-") {
///         Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) => Ok(()),
///         _ => Err("it must look like `in01-0a1b2c`"),
///     }
/// }
///
/// let id: ClusterId = "in01-0a1b2c".parse()?;
/// assert_eq!(id.as_str(), "in01-0a1b2c");
///
/// let error = "vpce-0a1b2c3d4e5f67890".parse::<ClusterId>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`vpce-0a1b2c3d4e5f67890` is not a cluster id: it must look like `in01-0a1b2c`; it looks like a VPC endpoint id",
/// );
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[macro_export]
macro_rules! text_id {
    ($(#[$meta:meta])* pub struct $name:ident: $wanted:literal, $check:expr;) => {
        $crate::text_id! {
            $(#[$meta])*
            pub struct $name: $wanted, $check, |text| ::std::borrow::Cow::Borrowed(text);
        }
    };
    ($(#[$meta:meta])* pub struct $name:ident: $wanted:literal, $check:expr, $normal:expr;) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(::std::boxed::Box<str>);

        impl $name {
            /// The text of the identifier.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                let normal: fn(&str) -> ::std::borrow::Cow<'_, str> = $normal;
                let normal = normal(text);
                match $check(&normal) {
                    Ok(()) => Ok(Self(normal.into())),
                    Err(rule) => Err($crate::IdError::new($wanted, rule, text)),
                }
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        $crate::__id_traits!($name, $wanted, |id, _| id.as_str());
    };
}

/// Makes an identifier that is a UUID: a `Copy` newtype.
///
/// Parsed from the usual form of 36 characters, letters of either case; printed in lower case.
/// The forms without dashes, in braces or behind `urn:uuid:` are refused, because vendors put
/// the id into paths as it is. The type has the traits that [`text_id!`](crate::text_id) gives,
/// except `AsRef<str>`, and `From<Uuid>`.
///
/// ```
/// privlink_core::uuid_id! {
///     /// A project of the vendor.
///     pub struct ProjectId: "project id";
/// }
///
/// let id: ProjectId = "0B5A6C1E-7A2D-4C3F-9E8B-1D2C3B4A5F60".parse()?;
/// assert_eq!(id.to_string(), "0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60");
///
/// let error = "orders".parse::<ProjectId>().unwrap_err();
/// assert_eq!(error.to_string(), "`orders` is not a project id: it must be a UUID of 36 characters");
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[macro_export]
macro_rules! uuid_id {
    ($(#[$meta:meta])* pub struct $name:ident: $wanted:literal;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($crate::__private::Uuid);

        impl $name {
            /// The UUID itself.
            #[must_use]
            pub const fn uuid(self) -> $crate::__private::Uuid {
                self.0
            }
        }

        impl ::std::convert::From<$crate::__private::Uuid> for $name {
            fn from(uuid: $crate::__private::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                match $crate::__private::parse_uuid(text) {
                    Ok(uuid) => Ok(Self(uuid)),
                    Err(rule) => Err($crate::IdError::new($wanted, rule, text)),
                }
            }
        }

        $crate::__id_traits!($name, $wanted, |id, scratch| id.0.hyphenated().encode_lower(scratch));
    };
}

/// The conversions and formats every identifier has, given `FromStr` and a way to see its text.
#[doc(hidden)]
#[macro_export]
macro_rules! __id_traits {
    ($name:ident, $wanted:literal, |$id:ident, $scratch:tt| $text:expr) => {
        impl ::std::convert::TryFrom<&str> for $name {
            type Error = $crate::IdError;

            fn try_from(text: &str) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::std::convert::TryFrom<::std::string::String> for $name {
            type Error = $crate::IdError;

            fn try_from(text: ::std::string::String) -> ::std::result::Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let ($id, $scratch) = (self, &mut [0_u8; 36]);
                f.pad($text)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let ($id, $scratch) = (self, &mut [0_u8; 36]);
                f.debug_tuple(stringify!($name)).field(&$text).finish()
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                let ($id, $scratch) = (self, &mut [0_u8; 36]);
                serializer.serialize_str($text)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                $crate::__private::deserialize(deserializer, $wanted)
            }
        }
    };
}

/// What the macros need from this crate; not part of its promise.
#[doc(hidden)]
pub mod private {
    use std::fmt;
    use std::marker::PhantomData;
    use std::str::FromStr;

    pub use serde;
    pub use uuid::Uuid;

    use crate::IdError;

    /// A UUID in its usual form of 36 characters.
    ///
    /// # Errors
    /// The rule that broke.
    pub fn parse_uuid(text: &str) -> Result<Uuid, &'static str> {
        if text.len() != 36 {
            return Err("it must be a UUID of 36 characters");
        }
        Uuid::try_parse(text).map_err(|_| "it must be a UUID: hex digits in groups of 8, 4, 4, 4 and 12")
    }

    /// Reads an identifier from text, and from nothing else.
    ///
    /// # Errors
    /// The format's own error, which says what was wanted.
    pub fn deserialize<'de, T, D>(deserializer: D, wanted: &'static str) -> Result<T, D::Error>
    where
        T: FromStr<Err = IdError>,
        D: serde::Deserializer<'de>,
    {
        deserializer.deserialize_str(TextVisitor { wanted, made: PhantomData })
    }

    struct TextVisitor<T> {
        wanted: &'static str,
        made: PhantomData<fn() -> T>,
    }

    impl<T: FromStr<Err = IdError>> serde::de::Visitor<'_> for TextVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a string with the {}", self.wanted)
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }
}
