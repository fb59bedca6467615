//! What Google sends, field by field; every one may be absent, and unknown ones are passed over.

pub(crate) mod compute;
pub(crate) mod dns;
pub(crate) mod error;

use privlink_core::{Error, ErrorKind, Result};

/// A field that the model promises and the answer lacks.
pub(crate) fn missing(of: &str, field: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the {of} lacks `{field}`"))
}

/// The text of a required field; an empty one is none.
pub(crate) fn required(of: &str, field: &str, text: Option<String>) -> Result<String> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| missing(of, field))
}

/// A field that does not read as what it is.
pub(crate) fn unreadable(of: &str, field: &str, error: privlink_core::IdError) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the `{field}` of the {of} cannot be read: {error}"))
        .with_source(error)
}

/// Reads any body as every answer: for fuzzing, which looks for panics.
pub(crate) fn read_as_every_answer(body: &[u8]) {
    fn read<W: serde::de::DeserializeOwned, M>(body: &[u8], model: impl FnOnce(W) -> M) {
        if let Ok(wire) = serde_json::from_slice::<W>(body) {
            drop(model(wire));
        }
    }
    use crate::model;
    read(body, model::Address::read);
    read(body, model::ForwardingRule::read);
    read(body, model::Operation::read);
    read(body, model::Network::read);
    read(body, model::Subnetwork::read);
    read(body, model::Firewall::read);
    read(body, model::ManagedZone::read);
    read(body, model::RecordSet::read);
    read(body, model::Change::read);
    drop(error::Said::read(body));
}
