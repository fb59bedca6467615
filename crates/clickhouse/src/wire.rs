//! What the vendor sends and is sent, field by field. Private: [`crate::model`] is what we promise.
//!
//! Reading is tolerant: every field is an `Option`, a field of an unexpected type is as good as
//! absent, unknown fields are ignored, and a list survives an item that cannot be read. Writing
//! is strict: what is required is no `Option`, and what is absent is left out.

mod loose;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use loose::Items;
use loose::{flag, identifier, identifiers, number, objects, text};

/// The envelope of every successful answer. `status` repeats the HTTP code, at times as a float,
/// and is not read.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
pub(crate) struct Envelope<T> {
    #[serde(default, rename = "requestId", deserialize_with = "text")]
    pub(crate) request_id: Option<String>,
    pub(crate) result: Option<T>,
    #[serde(default, rename = "nextCursor", deserialize_with = "text")]
    pub(crate) next_cursor: Option<String>,
}

/// The envelope of every failure.
#[derive(Debug, Deserialize)]
pub(crate) struct Failure {
    #[serde(default, deserialize_with = "text")]
    pub(crate) error: Option<String>,
    #[serde(default, rename = "requestId", deserialize_with = "text")]
    pub(crate) request_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Service {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) provider: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) region: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) clickhouse_version: Option<String>,
    #[serde(default, deserialize_with = "objects")]
    pub(crate) endpoints: Option<Vec<ServiceEndpoint>>,
    #[serde(default, deserialize_with = "objects")]
    pub(crate) ip_access_list: Option<Vec<IpAccessEntry>>,
    #[serde(default, deserialize_with = "identifiers")]
    pub(crate) private_endpoint_ids: Option<Vec<Option<String>>>,
    #[serde(default, deserialize_with = "identifiers")]
    pub(crate) available_private_endpoint_ids: Option<Vec<Option<String>>>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) data_warehouse_id: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_primary: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pub(crate) is_readonly: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) byoc_id: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct ServiceEndpoint {
    #[serde(default, deserialize_with = "text")]
    pub(crate) protocol: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) host: Option<String>,
    #[serde(default, deserialize_with = "number")]
    pub(crate) port: Option<f64>,
}

/// An entry of the IP access list: read, and written in patches.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct IpAccessEntry {
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<String>,
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PrivateEndpointConfig {
    #[serde(default, deserialize_with = "text")]
    pub(crate) endpoint_service_id: Option<String>,
    /// The name the same field has for a BYOC infrastructure.
    #[serde(default, deserialize_with = "text")]
    pub(crate) endpoint_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) private_dns_hostname: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Organization {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "objects")]
    pub(crate) private_endpoints: Option<Vec<Registration>>,
    #[serde(default, deserialize_with = "objects")]
    pub(crate) byoc_config: Option<Vec<ByocConfig>>,
}

/// An endpoint as the organization registers it: read, and answered when one is attached.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Registration {
    #[serde(default, deserialize_with = "identifier")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) description: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) cloud_provider: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) region: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ByocConfig {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) state: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) account_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) region_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) cloud_provider: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) display_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Whoami {
    #[serde(default, deserialize_with = "text")]
    pub(crate) actor_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) key_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) user_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) organization_id: Option<String>,
    #[serde(default, deserialize_with = "objects")]
    pub(crate) organizations: Option<Vec<WhoamiOrganization>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WhoamiOrganization {
    #[serde(default, deserialize_with = "text")]
    pub(crate) organization_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) organization_name: Option<String>,
}

/// `ServicePatchRequest`, as far as private connectivity goes.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServicePatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_endpoint_ids: Option<AddRemove<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ip_access_list: Option<AddRemove<IpAccessEntry>>,
}

/// `OrganizationPatchRequest`, as far as private connectivity goes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OrganizationPatch<'a> {
    pub(crate) private_endpoints: AddRemove<RegistrationPatch<'a>>,
}

/// `OrganizationPatchPrivateEndpoint`: never without provider and region, which the server
/// would otherwise guess.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegistrationPatch<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
    pub(crate) cloud_provider: &'a str,
    pub(crate) region: &'a str,
}

/// `ServicPrivateEndpointePostRequest` (so spelled by the vendor).
#[derive(Debug, Serialize)]
pub(crate) struct Attach<'a> {
    pub(crate) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<&'a str>,
}

/// What to add and what to remove; the server removes first.
#[derive(Debug, Serialize)]
pub(crate) struct AddRemove<T> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) remove: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) add: Vec<T>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_field_of_another_type_is_as_good_as_absent() {
        let service: Service = serde_json::from_str(
            r#"{"id":7,"name":"orders","endpoints":[{"port":8443.0},3],"isPrimary":"yes","privateEndpointIds":["a",1,null]}"#,
        )
        .unwrap();
        assert_eq!((service.id, service.name.as_deref(), service.is_primary), (None, Some("orders"), None));
        assert_eq!(service.endpoints.unwrap().len(), 2);
        assert_eq!(service.private_endpoint_ids.unwrap().len(), 3);
    }

    #[test]
    fn an_item_that_cannot_be_read_does_not_end_the_list() {
        let list: Items<Service> = serde_json::from_str(r#"[{"id":"a"},"oops",{"id":"b"}]"#).unwrap();
        assert_eq!(list.0.iter().filter(|item| item.is_some()).count(), 2);
    }

    /// JSON of any shape, with the vendor's field names mixed in.
    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            let key = prop_oneof![
                Just("id".to_owned()),
                Just("result".to_owned()),
                Just("endpoints".to_owned()),
                Just("privateEndpointIds".to_owned()),
                Just("privateEndpoints".to_owned()),
                Just("port".to_owned()),
                ".{0,6}",
            ];
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((key, inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_reader_panic(value in json()) {
            let text = value.to_string();
            let _ = serde_json::from_str::<Envelope<Service>>(&text).map(|e| e.result.map(crate::ServiceDetails::try_from));
            let _ = serde_json::from_str::<Envelope<Items<Service>>>(&text);
            let _ = serde_json::from_str::<Envelope<Organization>>(&text).map(|e| e.result.map(crate::OrganizationDetails::try_from));
            let _ = serde_json::from_str::<Envelope<Whoami>>(&text).map(|e| e.result.map(crate::Whoami::try_from));
            let _ = serde_json::from_str::<Envelope<PrivateEndpointConfig>>(&text);
            let _ = crate::StaticAddresses::from_json(text.as_bytes());
        }

        #[test]
        fn an_object_is_always_read(value in json()) {
            if value.is_object() {
                prop_assert!(serde_json::from_value::<Service>(value.clone()).is_ok());
                prop_assert!(serde_json::from_value::<Organization>(value).is_ok());
            }
        }
    }
}
