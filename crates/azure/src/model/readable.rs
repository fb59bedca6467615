//! Ids that may be unreadable, as data: each is written as its text, and read when it comes back.

use privlink_core::IdError;

fn text<T: AsRef<str>>(id: &Result<T, IdError>) -> &str {
    match id {
        Ok(id) => id.as_ref(),
        Err(error) => error.text(),
    }
}

/// One that may be missing.
pub(super) mod one {
    use std::str::FromStr;

    use privlink_core::IdError;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(in crate::model) fn serialize<T: AsRef<str>, S: Serializer>(
        id: &Option<Result<T, IdError>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        id.as_ref().map(super::text).serialize(serializer)
    }

    pub(in crate::model) fn deserialize<'de, T: FromStr<Err = IdError>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Result<T, IdError>>, D::Error> {
        Ok(Option::<String>::deserialize(deserializer)?.map(|text| text.parse()))
    }
}

/// Several.
pub(super) mod many {
    use std::str::FromStr;

    use privlink_core::IdError;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(in crate::model) fn serialize<T: AsRef<str>, S: Serializer>(
        ids: &[Result<T, IdError>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(ids.iter().map(super::text))
    }

    pub(in crate::model) fn deserialize<'de, T: FromStr<Err = IdError>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Result<T, IdError>>, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.iter().map(|text| text.parse()).collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use crate::model::PrivateEndpoint;

    #[test]
    fn an_endpoint_comes_back_as_it_was_with_what_could_not_be_read_of_it() {
        let group =
            "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";
        let answer = serde_json::json!({
            "id": format!("{group}/privateEndpoints/orders"), "location": "West Europe", "tags": {"Team": "data"},
            "properties": {
                "provisioningState": "Thawing", "resourceGuid": "22222222-2222-2222-2222-222222222222",
                "subnet": {"id": format!("{group}/virtualNetworks/main/subnets/data")},
                "networkInterfaces": [{"id": format!("{group}/networkInterfaces/a")}, {"id": "no id"}],
                "manualPrivateLinkServiceConnections": [{"name": "c", "properties": {
                    "privateLinkServiceId": "alias", "privateLinkServiceConnectionState": {"status": "Approved"}}}],
                "customDnsConfigs": [{"fqdn": "a.example.com", "ipAddresses": ["10.0.0.4"]}],
            },
        });
        let read = PrivateEndpoint::read(serde_json::from_value(answer).unwrap(), "2025-05-01").unwrap();
        let written = serde_json::to_string(&read).unwrap();
        let again: PrivateEndpoint = serde_json::from_str(&written).unwrap();
        assert_eq!(again, read);
        assert!(again.interfaces[0].is_ok() && again.interfaces[1].as_ref().unwrap_err().text() == "no id");
        assert_eq!(again.as_request().unwrap(), read.as_request().unwrap(), "what a change sends is there too");
        assert!(written.contains(r#""provisioning":"Thawing""#), "{written}");
    }
}
