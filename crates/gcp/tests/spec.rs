//! Every request against Google's official discovery documents, found through the environment
//! variable `PRIVLINK_SPECS` (a directory with `gcp/compute.v1.trimmed.json` and
//! `gcp/dns.v1.trimmed.json`): method, path, query and body must be in them, with unknown fields
//! forbidden, and answers made of their schemas must be read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod simulated;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bytes::Bytes;
use http::Request;
use privlink_gcp::{
    CreateManagedZone, InsertAddress, InsertForwardingRule, ManagedZoneName, NetworkPath, RecordSet, RecordType,
};
use serde_json::{Value, json};
use support::{Answer, Google, region};

/// The operations of the documents this library leaves alone.
const UNUSED: [&str; 4] =
    ["compute.addresses.setLabels", "compute.regionOperations.list", "dns.changes.list", "dns.projects.get"];

/// The operations this library uses that the documents, cut to what endpoints and zones take, lack.
const ELSEWHERE: [&str; 1] = ["compute.firewalls.list"];

struct Documents(Vec<Value>);

fn documents() -> Option<Documents> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    let read = |name: &str| {
        let path = Path::new(&directory).join("gcp").join(name);
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_str(&text).expect("the document is JSON")
    };
    Some(Documents(["compute.v1.trimmed.json", "dns.v1.trimmed.json"].map(read).to_vec()))
}

/// One operation of a document.
#[derive(Clone, Copy)]
struct Found<'a> {
    document: &'a Value,
    method: &'a Value,
}

impl Documents {
    fn operations(&self) -> Vec<Found<'_>> {
        fn walk<'a>(document: &'a Value, of: &'a Value, into: &mut Vec<Found<'a>>) {
            for resource in of["resources"].as_object().into_iter().flat_map(|resources| resources.values()) {
                let methods = resource["methods"].as_object().into_iter().flat_map(|methods| methods.values());
                into.extend(methods.map(|method| Found { document, method }));
                walk(document, resource, into);
            }
        }
        let mut all = Vec::new();
        for document in &self.0 {
            walk(document, document, &mut all);
        }
        all
    }

    /// The operation of a request; `None` when no document has it.
    fn of(&self, request: &Request<Bytes>) -> Option<Found<'_>> {
        let path = request.uri().path();
        self.operations()
            .into_iter()
            .find(|found| found.method["httpMethod"] == request.method().as_str() && fits(&found.template(), path))
    }
}

impl<'a> Found<'a> {
    fn id(self) -> &'a str {
        self.method["id"].as_str().unwrap()
    }

    fn template(self) -> String {
        let service = self.document["servicePath"].as_str().unwrap();
        format!("/{service}{}", self.method["path"].as_str().unwrap())
    }

    fn schema(self, of: &str) -> Option<&'a Value> {
        let name = self.method[of]["$ref"].as_str()?;
        let schema = &self.document["schemas"][name];
        assert!(schema.is_object(), "no schema {name}");
        Some(schema)
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

/// Uses every call there is, each answered with what its schema says.
async fn everything(documents: Documents) -> Vec<Request<Bytes>> {
    let google = Google::new(move |request, _| {
        let made = documents.of(request).and_then(|found| {
            let schema = found.schema("response")?;
            Some(example(found.document, schema, found.method["response"]["$ref"].as_str().unwrap(), 0))
        });
        Answer::Said(200, made.unwrap_or_else(|| json!({})).to_string())
    });
    let client = google.client();
    let (compute, dns, region) = (client.compute(), client.dns(), region());

    let network: NetworkPath = "projects/host-project/global/networks/prod".parse().unwrap();
    let subnetwork = "projects/host-project/regions/us-central1/subnetworks/apps";
    assert!(compute.of(&network.project()).network(&network.name()).await.unwrap().is_some());
    compute.networks().all().await.expect("networks");
    compute.firewalls().all().await.expect("firewalls");
    assert!(compute.subnetwork(&region, &"apps".parse().unwrap()).await.unwrap().is_some());
    assert_eq!(compute.subnetworks(&region).all().await.expect("subnetworks").len(), 1);

    let mut address = InsertAddress::new("orders".parse().unwrap(), subnetwork.parse().unwrap());
    address.description = Some("for orders".into());
    address.address = "10.0.0.7".parse().ok();
    address.labels = BTreeMap::from([("team".to_owned(), "data".to_owned())]);
    let operation = compute.insert_address(&region, &address).await.expect("insert");
    assert!(compute.address(&region, &address.name).await.unwrap().is_some());
    assert_eq!(compute.addresses(&region).all().await.expect("addresses").len(), 1);

    let mut rule = InsertForwardingRule::new(
        "orders".parse().unwrap(),
        "projects/producer/regions/us-central1/serviceAttachments/clickhouse".parse().unwrap(),
        network.clone(),
        address.name.clone(),
    );
    compute.insert_forwarding_rule(&region, &rule).await.expect("insert");
    rule.subnetwork = subnetwork.parse().ok();
    rule.description = Some("for orders".into());
    rule.allow_psc_global_access = true;
    rule.namespace = Some("orders".into());
    compute.insert_forwarding_rule(&region, &rule).await.expect("insert");
    let read = compute.forwarding_rule(&region, &rule.name).await.unwrap().expect("a rule");
    assert_eq!(read.psc_connection_id.unwrap().to_string(), UINT64, "exact, and of this field");
    assert_eq!(compute.forwarding_rules(&region).all().await.expect("rules").len(), 1);
    let fingerprint = read.fingerprint.expect("a fingerprint");
    compute.set_global_access(&region, &rule.name, true, &fingerprint).await.expect("patch");
    let labels = BTreeMap::from([("team".to_owned(), "data".to_owned())]);
    compute.set_labels(&region, &rule.name, &labels, read.label_fingerprint.as_deref()).await.expect("labels");

    assert!(compute.operation(&region, &operation.name).await.unwrap().is_some());
    compute.wait_operation(&region, &operation.name).await.expect("wait");
    compute.delete_forwarding_rule(&region, &rule.name).await.expect("delete");
    compute.delete_address(&region, &address.name).await.expect("delete");

    let zone: ManagedZoneName = "orders".parse().unwrap();
    let name = "orders.example.com".parse().unwrap();
    let mut wanted = CreateManagedZone::new(zone.clone(), "orders.example.com".parse().unwrap(), "d", vec![network]);
    wanted.labels = labels;
    let made = dns.create_managed_zone(&wanted).await.expect("create");
    let other = "projects/host-project/global/networks/test".parse().unwrap();
    assert!(dns.show_to(&made, &[other]).await.expect("patch"));
    assert!(dns.managed_zone(&zone).await.unwrap().is_some());
    assert_eq!(dns.managed_zones().all().await.expect("zones").len(), 1);
    dns.managed_zones_named(&name).all().await.expect("zones");
    let set = RecordSet::new(&name, RecordType::A, 300, vec!["10.0.0.7".into()]);
    dns.create_record_set(&zone, &set).await.expect("create");
    dns.replace_record_set(&zone, &set).await.expect("replace");
    assert!(dns.record_set(&zone, &name, &RecordType::A).await.unwrap().is_some());
    assert_eq!(dns.record_sets(&zone).all().await.expect("records").len(), 1);
    dns.record_sets_of(&zone, &name).all().await.expect("records");
    let change =
        dns.change_record_sets(&zone, std::slice::from_ref(&set), std::slice::from_ref(&set)).await.expect("change");
    assert!(dns.change(&zone, &change.id).await.unwrap().is_some());
    dns.delete_record_set(&zone, &name, &RecordType::A).await.expect("delete");
    dns.delete_managed_zone(&zone).await.expect("delete");
    google.seen()
}

/// What the steps of a link send, up and down, with everything asked for that can be.
async fn by_steps() -> Vec<Request<Bytes>> {
    use privlink_core::side::{NetworkSide, Side};
    use simulated::{cx, plan, set_up, take_down, vendor};

    let world = privlink_sim::World::new();
    let vendor = vendor(&world);
    let second = world.gcp().add_network(&world.gcp().project(), "second").parse().unwrap();
    set_up(&simulated::network(&world).naming(privlink_core::side::Naming::SelfManaged), &vendor).await;
    let network = simulated::network(&world)
        .client_regions(["us-east1".parse().unwrap()])
        .also_resolve_in([second])
        .automate_dns_zone(true);
    let known = set_up(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.expect("removal");
    take_down(&network, &world, &known, &removal.steps).await;
    let theirs = world.gcp().make_endpoint("theirs", &simulated::service(&world));
    let known = simulated::services(&vendor);
    network.adopt(&theirs.connection.into(), &known, &cx(&world)).await.expect("adopted");
    let (known, _) = plan(&network, &vendor).await;
    let removal = network.removal(&known, &cx(&world)).await.expect("removal");
    take_down(&network, &world, &known, &removal.steps).await;
    let ours = world.requests().into_iter().filter(|request| request.side.as_str() == "gcp");
    ours.map(|request| {
        let query = request.query.as_deref().map(|query| format!("?{query}")).unwrap_or_default();
        let uri = format!("https://google.example{}{query}", request.path);
        Request::builder().method(request.method).uri(uri).body(request.body).expect("a request")
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn every_request_is_in_googles_documents_and_every_answer_is_read() {
    let Some(documents) = documents() else { return };
    let mut requests = everything(Documents(documents.0.clone())).await;
    requests.extend(by_steps().await);
    let mut used = BTreeSet::new();
    for request in &requests {
        let line = format!("{} {} {}", request.method(), request.uri(), String::from_utf8_lossy(request.body()));
        match documents.of(request) {
            Some(found) => {
                check(found, request).unwrap_or_else(|wrong| panic!("{line}\n{wrong}"));
                used.insert(found.id());
            }
            None => assert!(request.uri().path().ends_with("/global/firewalls"), "in no document: {line}"),
        }
    }
    let said: BTreeSet<&str> = privlink_gcp::operations().map(|operation| operation.name).collect();
    let elsewhere = said.difference(&used).copied().collect::<Vec<_>>();
    assert_eq!(elsewhere, ELSEWHERE, "said to be used, and in no document");
    assert!(used.is_subset(&said), "{used:?}");
}

#[test]
fn every_operation_of_the_documents_is_used_or_left_alone_on_purpose() {
    let Some(documents) = documents() else { return };
    let all: BTreeSet<&str> = documents.operations().iter().map(|found| found.id()).collect();
    let known: BTreeSet<&str> = privlink_gcp::operations()
        .map(|operation| operation.name)
        .filter(|name| !ELSEWHERE.contains(name))
        .chain(UNUSED)
        .collect();
    assert_eq!(all, known);
}

#[test]
fn the_words_of_the_documents_are_known() {
    let Some(documents) = documents() else { return };
    let words = |document: usize, schema: &str, field: &str| -> Vec<String> {
        let all = &documents.0[document]["schemas"][schema]["properties"][field]["enum"];
        all.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
    };
    use privlink_gcp::{AddressStatus, ChangeStatus, OperationStatus, PscConnectionStatus};
    for word in words(0, "ForwardingRule", "pscConnectionStatus") {
        assert!(!matches!(PscConnectionStatus::from(word.as_str()), PscConnectionStatus::Unknown(_)), "{word}");
    }
    for word in words(0, "Address", "status") {
        assert!(!matches!(AddressStatus::from(word.as_str()), AddressStatus::Unknown(_)), "{word}");
    }
    for word in words(0, "Operation", "status") {
        assert!(!matches!(OperationStatus::from(word.as_str()), OperationStatus::Unknown(_)), "{word}");
    }
    for word in words(1, "Change", "status") {
        assert!(!matches!(ChangeStatus::from(word.as_str()), ChangeStatus::Unknown(_)), "{word}");
    }
}

// ── a validator of as much of discovery as the documents use

/// What is wrong with a request of an operation.
fn check(found: Found<'_>, request: &Request<Bytes>) -> Result<(), String> {
    let parameters = &found.method["parameters"];
    let template = found.template();
    for (part, value) in template.split('/').zip(request.uri().path().split('/')) {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            let of = &parameters[name];
            if of["location"] != "path" || value.is_empty() {
                return Err(format!("no path parameter {name}"));
            }
        }
    }
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    for (name, value) in &query {
        let of = match &parameters[name] {
            Value::Null => &found.document["parameters"][name],
            of => of,
        };
        match of["type"].as_str().filter(|_| of["location"] == "query") {
            Some("integer") => drop(value.parse::<u32>().map_err(|error| format!("{name}: {error}"))?),
            Some("string") => {}
            _ => return Err(format!("no query parameter {name}")),
        }
        if name == "requestId" && value.parse::<uuid::Uuid>().map_or(true, |id| id.is_nil()) {
            return Err(format!("requestId is {value}"));
        }
    }
    let takes_id = parameters["requestId"].is_object();
    if takes_id && !query.iter().any(|(name, _)| name == "requestId") {
        return Err("a write without a requestId".into());
    }
    match (found.schema("request"), request.body().is_empty()) {
        (None, true) => Ok(()),
        (None, false) => Err("a body where none belongs".into()),
        (Some(_), true) => Err("no body".into()),
        (Some(schema), false) => {
            let sent: Value = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
            validate(found.document, schema, &sent, "body")
        }
    }
}

/// Whether `value` is what `schema` says; fields it does not name, or that only Google writes, are
/// forbidden.
fn validate(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &document["schemas"][name],
        None => schema,
    };
    let text = |field: &str| schema[field].as_str().unwrap_or_default();
    if text("description").starts_with("[Output Only]") || text("description").starts_with("Output only") {
        return Err(format!("{at} is Google's to write"));
    }
    let fits = match text("type") {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => return Err(format!("{at}: the document says the type `{other}`")),
    };
    if !fits {
        return Err(format!("{at} is {value}, not {}", text("type")));
    }
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !allowed.contains(value)) {
        return Err(format!("{at} is {value}, not one of {allowed:?}"));
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(document, &schema["items"], item, &format!("{at}[{place}]"))?;
    }
    for (name, field) in value.as_object().into_iter().flatten() {
        let of = match &schema["properties"][name] {
            Value::Null => &schema["additionalProperties"],
            of => of,
        };
        if of.is_null() {
            return Err(format!("{at} has no field {name}"));
        }
        validate(document, of, field, &format!("{at}.{name}"))?;
    }
    Ok(())
}

/// Beyond 2⁵³, so that a float on the way would show.
const UINT64: &str = "18446744073709551557";

/// A value of a schema; every field it has is there. The documents give forms, not examples, so
/// the few fields that are read for what they say are given their form here.
fn example(document: &Value, schema: &Value, of: &str, depth: usize) -> Value {
    let link = |path: &str| json!(format!("https://www.googleapis.com/compute/v1/projects/host-project/{path}"));
    if let Some(fields) = schema["properties"].as_object() {
        let made = fields.iter().filter(|_| depth < 8).map(|(name, field)| {
            let value = match (of, name.as_str()) {
                (_, "name") => json!("orders"),
                (_, "dnsName") => json!("orders.example.com."),
                (_, "nextPageToken") => json!(""),
                ("Network", "selfLink") | (_, "network" | "networkUrl") => link("global/networks/prod"),
                ("Subnetwork", "selfLink") | (_, "subnetwork") => link("regions/us-central1/subnetworks/apps"),
                ("Subnetwork", "ipCidrRange") => json!("10.0.0.0/24"),
                // An operation that went well says nothing of errors.
                ("Operation", "error" | "httpErrorStatusCode" | "httpErrorMessage") => Value::Null,
                ("ManagedZone", "visibility") => json!("private"),
                ("Operation", "status") => field["enum"][0].clone(),
                _ => inner(document, field, depth),
            };
            (name.clone(), value)
        });
        return made.collect();
    }
    inner(document, schema, depth)
}

fn inner(document: &Value, schema: &Value, depth: usize) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(document, &document["schemas"][name], name, depth + 1);
    }
    if let Some(word) = schema["enum"].as_array().and_then(|all| all.first()) {
        return word.clone();
    }
    match (schema["type"].as_str(), schema["format"].as_str()) {
        (Some("string"), Some("uint64")) => json!(UINT64),
        (Some("string"), Some("byte")) => json!("c29tZXRoaW5n"),
        (Some("string"), _) => json!("text"),
        (Some("integer"), _) => json!(7),
        (Some("number"), _) => json!(7.5),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([inner(document, &schema["items"], depth + 1)]),
        (Some("object"), _) if schema["additionalProperties"].is_object() => {
            json!({ "key": inner(document, &schema["additionalProperties"], depth + 1) })
        }
        (Some("object"), _) => example(document, schema, "", depth + 1),
        _ => Value::Null,
    }
}
