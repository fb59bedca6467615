//! What travels: the JSON of the resource manager in both directions, and error bodies.

pub(crate) mod dns;
pub(crate) mod error;
pub(crate) mod network;

use privlink_core::{Error, ErrorKind, IdError};
use serde::{Deserialize, Serialize};

use crate::model;

/// A reference to another resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubResource {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
}

impl SubResource {
    pub(crate) fn of(id: &impl ToString) -> Self {
        Self { id: Some(id.to_string()) }
    }
}

/// One page of a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct List<T> {
    pub(crate) value: Option<Vec<T>>,
    pub(crate) next_link: Option<String>,
}

/// The error for an answer that lacks a field.
pub(crate) fn missing(of: &'static str, field: &'static str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the answer's {of} lacks `{field}`"))
}

/// Reads a required id; the error names the field.
pub(crate) fn id<T: std::str::FromStr<Err = IdError>>(
    of: &'static str,
    field: &'static str,
    text: Option<&str>,
) -> Result<T, Error> {
    let text = text.ok_or_else(|| missing(of, field))?;
    text.parse().map_err(|error: IdError| {
        Error::new(ErrorKind::UnexpectedResponse, format!("the answer's {of} has an unreadable `{field}`"))
            .with_source(error)
    })
}

/// Whether an id is one that Azure may have and this library does not take: of a group with letters
/// that look like others. Nothing of ours has one.
pub(crate) fn is_foreign_id(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_ascii() && text.to_ascii_lowercase().starts_with("/subscriptions/"))
}

/// Reads references, each by itself.
pub(crate) fn references<T: std::str::FromStr<Err = IdError>>(
    list: Option<&Vec<SubResource>>,
) -> Vec<Result<T, IdError>> {
    list.into_iter().flatten().filter_map(|one| one.id.as_deref()).map(str::parse).collect()
}

/// Hands a body to every reader there is.
pub(crate) fn read_as_every_answer(body: &[u8]) {
    fn read<W: serde::de::DeserializeOwned, T>(body: &[u8], into: impl Fn(W) -> Result<T, Error>) {
        if let Ok(wire) = serde_json::from_slice::<W>(body) {
            let _ = into(wire);
        }
        if let Ok(list) = serde_json::from_slice::<List<W>>(body) {
            for wire in list.value.into_iter().flatten() {
                let _ = into(wire);
            }
        }
    }
    let _ = error::Said::read(body);
    read(body, |wire| {
        model::PrivateEndpoint::read(wire, "2025-05-01").map(|endpoint| {
            let _ = (endpoint.connection(), endpoint.resource_guid(), endpoint.as_request());
        })
    });
    read(body, |wire| model::NetworkInterface::read(wire).map(|interface| interface.address()));
    read(body, model::VirtualNetwork::read);
    read(body, model::Subnet::read);
    read(body, model::NetworkSecurityGroup::read);
    read(body, model::PrivateZone::read);
    read(body, model::VirtualNetworkLink::read);
    read(body, model::RecordSet::read);
    let _ = serde_json::from_slice::<error::Monitor>(body);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// Names that readers ask for, so that random documents reach deep into them.
    const NAMES: [&str; 22] = [
        "id",
        "name",
        "location",
        "tags",
        "etag",
        "properties",
        "provisioningState",
        "resourceGuid",
        "subnet",
        "networkInterfaces",
        "manualPrivateLinkServiceConnections",
        "privateLinkServiceConnectionState",
        "status",
        "error",
        "details",
        "code",
        "message",
        "value",
        "nextLink",
        "aRecords",
        "securityRules",
        "ipConfigurations",
    ];

    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "[ -~é]{0,12}".prop_map(Into::into),
            Just("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/a/providers/Microsoft.Network/privateEndpoints/b".into()),
        ];
        leaf.prop_recursive(5, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::btree_map(prop::sample::select(&NAMES[..]), inner, 0..6)
                    .prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_answer_makes_a_reader_panic(document in document(), noise in proptest::collection::vec(any::<u8>(), 0..40)) {
            super::read_as_every_answer(document.to_string().as_bytes());
            super::read_as_every_answer(&noise);
        }
    }
}
