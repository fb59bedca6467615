//! The macro that makes an enum of an API's words, here and in every crate of the family.

/// Makes an open enum: an API's fixed words, with room for one that is not known yet.
///
/// Vendors add words to their answers without notice, so an unknown one is kept as it came in
/// the variant `Unknown` and never fails an answer. Words are compared without case, because
/// clouds disagree with their own documents about it. Where a word has more than one spelling,
/// the first is the one that is sent.
///
/// The type is `#[non_exhaustive]` and has `as_str`, `From<&str>`, `From<String>`, `AsRef<str>`,
/// `Display`, `Serialize`, `Deserialize`, `Clone`, `Debug`, `Eq`, `Ord` and `Hash`.
///
/// ```
/// privlink_core::open_enum! {
///     /// Where a connection stands.
///     pub enum ConnectionState {
///         /// Nobody has accepted it yet.
///         Pending = "PENDING" | "STATUS_PENDING",
///         /// Usable.
///         Available = "AVAILABLE" | "STATUS_AVAILABLE",
///     }
/// }
///
/// assert_eq!(ConnectionState::from("STATUS_AVAILABLE"), ConnectionState::Available);
/// assert_eq!(ConnectionState::from("pending").as_str(), "PENDING");
/// assert_eq!(ConnectionState::from("Thawing").to_string(), "Thawing");
/// ```
#[macro_export]
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $alias:literal)*,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A word this library does not know, as it came.
            Unknown(::std::string::String),
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

        impl ::std::convert::From<&str> for $name {
            fn from(word: &str) -> Self {
                $(
                    if word.eq_ignore_ascii_case($word) $(|| word.eq_ignore_ascii_case($alias))* {
                        return Self::$variant;
                    }
                )+
                Self::Unknown(word.to_owned())
            }
        }

        impl ::std::convert::From<::std::string::String> for $name {
            fn from(word: ::std::string::String) -> Self {
                Self::from(word.as_str())
            }
        }

        impl ::std::convert::AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::__private::serde::Serializer,
            {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::__private::serde::Deserializer<'de>,
            {
                let word: ::std::string::String = $crate::__private::serde::Deserialize::deserialize(deserializer)?;
                Ok(Self::from(word))
            }
        }
    };
}
