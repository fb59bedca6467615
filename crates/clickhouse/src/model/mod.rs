//! What we promise: typed, and required means required.

mod config;
mod listed;
mod organization;
mod readable;
mod service;
mod static_addresses;
mod whoami;
mod words;

pub use config::{NotAvailableYet, PrivateEndpointConfig};
pub(crate) use config::{endpoint_service, filled, not_available_yet};
pub use listed::ListedEndpoint;
pub use organization::{ByocConfig, OrganizationDetails, Registration};
pub use service::{IpAccessEntry, ServiceDetails, ServiceEndpoint};
pub use static_addresses::{StaticAddressEntry, StaticAddresses};
pub use whoami::{Whoami, WhoamiOrganization};
pub use words::{EndpointProtocol, InfrastructureState, Provider, ServiceState};

use privlink_core::{Error, ErrorKind};

/// The error for an answer that lacks what it must hold, named as the vendor spells it.
pub(crate) fn lacking(what: &str, fields: &[&str]) -> Error {
    let fields: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
    Error::new(ErrorKind::UnexpectedResponse, format!("the {what} lacks a readable {}", fields.join(", ")))
}

/// Takes wire fields that must be there, or names all that are not.
macro_rules! required {
    ($what:literal, $wire:ident: $($field:ident as $name:literal),+ $(,)?) => {{
        let mut missing: Vec<&str> = Vec::new();
        $(if $wire.$field.is_none() { missing.push($name); })+
        match ($($wire.$field.take(),)+) {
            ($(Some($field),)+) => ($($field,)+),
            _ => return Err($crate::model::lacking($what, &missing)),
        }
    }};
}
pub(crate) use required;
