//! Whatever comes back is read or refused; nothing panics.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;
use serde_json::{Value, json};

/// Names that the readers look for, and some they do not.
const FIELDS: [&str; 24] = [
    "name",
    "status",
    "selfLink",
    "network",
    "networkUrl",
    "networks",
    "privateVisibilityConfig",
    "dnsName",
    "IPAddress",
    "pscConnectionId",
    "pscConnectionStatus",
    "target",
    "error",
    "errors",
    "code",
    "message",
    "httpErrorStatusCode",
    "rrdatas",
    "ttl",
    "type",
    "priority",
    "denied",
    "ports",
    "somethingNew",
];

fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[ -~]{0,20}",
        Just("projects/example-project/global/networks/a".to_owned()),
        Just("https://x/projects/p".to_owned()),
        Just("9".repeat(90)),
        Just("DONE".to_owned()),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(&FIELDS[..]), inner), 0..6)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_is_a_panic(answer in value()) {
        privlink_gcp::read_as_every_answer(answer.to_string().as_bytes());
        privlink_gcp::read_as_every_answer(json!({ "error": answer }).to_string().as_bytes());
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        privlink_gcp::read_as_every_answer(&bytes);
    }
}
