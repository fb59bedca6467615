//! Every request against Microsoft's published documents, found through the environment variable
//! `PRIVLINK_SPECS` (a directory with `azure/*.trimmed.json` and `azure/examples`): method, path,
//! query, headers and body must be in them, with unknown and read-only fields forbidden, and the
//! official examples must be read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;
mod world;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use privlink_azure::{
    ARecordSet, Client, CreatePrivateEndpoint, Expect, NetworkInterfaceId, PrivateDnsZoneId, ResourceGroup,
    StaticAddress, Tags,
};
use privlink_core::side::{NetworkSide, Side};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, PrivateEndpointId};
use privlink_sim::World;
use serde_json::Value;

/// The operations of the documents this library leaves alone.
const UNUSED: [&str; 1] = ["RecordSets_Update"];

/// The operations this library uses that the documents, cut to endpoints and zones, lack.
const ELSEWHERE: [&str; 4] = ["NetworkSecurityGroups_Get", "PrivateZones_List", "Subnets_Get", "VirtualNetworks_Get"];

fn directory() -> Option<PathBuf> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    Some(Path::new(&directory).join("azure"))
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("it is JSON")
}

fn documents() -> Option<Vec<Value>> {
    let directory = directory()?;
    let names = ["network-2025-05-01.trimmed.json", "privatedns-2024-06-01.trimmed.json"];
    Some(names.map(|name| json(&directory.join(name))).to_vec())
}

/// Passes requests on and remembers them, headers and all.
#[derive(Debug)]
struct Recording<T>(T, Arc<Mutex<Vec<Request<Bytes>>>>);

impl<T: Transport> Transport for Recording<T> {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.1.lock().unwrap().push(request.clone());
        self.0.send(request, limits)
    }
}

/// Uses every call there is, and performs every step.
async fn everything() -> Vec<Request<Bytes>> {
    let world = World::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let azure = world.azure();
    let client = Client::over(Recording(world.transport(), Arc::clone(&seen)), azure.subscription())
        .token(azure.token())
        .clock(world.clock())
        .build()
        .unwrap();
    let (networking, dns) = (client.networking(), client.private_dns());
    let group = ResourceGroup::new(azure.subscription(), &azure.resource_group()).unwrap();

    let subnet = world::subnet(&world);
    assert!(networking.subnet(&subnet).await.unwrap().is_some());
    let rules = azure.add_security_group("db", &azure.subnet_id());
    assert!(networking.network_security_group(&rules.try_into().unwrap()).await.unwrap().is_some());
    let asg = azure.add_application_group("db");
    let id = azure.id_of("privateEndpoints", "orders").try_into().unwrap();
    let alias = azure.services().remove(0).into();
    let request = CreatePrivateEndpoint::new(id, azure.region(), subnet, &alias)
        .unwrap()
        .request_message("for orders")
        .unwrap()
        .interface_name("orders-nic")
        .static_addresses([StaticAddress::new("fixed", "10.0.64.40".parse().unwrap())])
        .security_groups([asg.try_into().unwrap()])
        .tag("team", "data");
    let made = networking.put_private_endpoint(&request).await.unwrap().await.unwrap();
    assert!(made.resource_guid().is_ok());
    let again = made.as_request().unwrap().tag("team", "platform");
    let made = networking.put_private_endpoint(&again).await.unwrap().await.unwrap();
    assert_eq!(made.security_groups.len(), 1, "what is not named is lost, so it is named");
    let nic = made.interfaces[0].clone().unwrap();
    assert!(networking.network_interface(&nic).await.unwrap().is_some());
    assert_eq!(networking.private_endpoints_in(&group).all().await.unwrap().len(), 1);
    assert_eq!(networking.private_endpoints().all().await.unwrap().len(), 1);
    assert_eq!(dns.zones_in(&group).all().await.unwrap().len(), 0);
    networking.delete_private_endpoint(&made.id).await.unwrap().await.unwrap();

    let name = "orders.example.com".parse().unwrap();
    let zone = PrivateDnsZoneId::of(azure.subscription(), group.name(), &name).unwrap();
    let tags = Tags::from([("team".to_owned(), "data".to_owned())]);
    let made = dns.create_zone(&zone, &tags).await.unwrap().await.unwrap();
    dns.tag_zone(&zone, &tags, made.etag.as_deref().unwrap()).await.unwrap().await.unwrap();
    let set = ARecordSet::new(["10.0.64.40".parse().unwrap()]).metadata("team", "data");
    let written = dns.write_a(&zone, "*", &set, Expect::Absent).await.unwrap();
    let etag = written.etag.unwrap();
    dns.write_a(&zone, "*", &set.ttl(60), Expect::Unchanged(&etag)).await.unwrap();
    let read = dns.a(&zone, "*").await.unwrap().unwrap();
    assert_eq!(dns.a_sets(&zone).all().await.unwrap().len(), 1);
    let link = zone.link("main").unwrap();
    dns.create_link(&link, &world::vnet(&world), &tags).await.unwrap().await.unwrap();
    assert!(dns.link(&link).await.unwrap().unwrap().is_complete());
    dns.delete_link(&link, None).await.unwrap().await.unwrap();
    dns.delete_a(&zone, "*", read.etag.as_deref()).await.unwrap();
    dns.delete_zone(&zone, None).await.unwrap().await.unwrap();

    // And what the steps send.
    let (side, vendor) = (client.network(world::vnet(&world)).subnet(world::subnet(&world)), world::vendor(&world));
    let known = world::set_up(&side, &vendor).await;
    let removal = side.removal(&known, &world::cx(&world)).await.unwrap();
    world::take_down(&side, &world, &known, &removal.steps).await;
    let id = networking.put_private_endpoint(&request.without_tag("team")).await.unwrap().await.unwrap().id;
    side.adopt(&PrivateEndpointId::AzureResource(id), &known, &world::cx(&world)).await.unwrap();
    seen.lock().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn every_request_is_in_the_published_documents() {
    let Some(documents) = documents() else { return };
    let mut used = BTreeSet::new();
    for request in &everything().await {
        let line = format!("{} {}", request.method(), request.uri());
        match check(&documents, request) {
            Some(Ok(operation)) => drop(used.insert(operation)),
            Some(Err(wrong)) => panic!("{line} {}\n{wrong}", String::from_utf8_lossy(request.body())),
            None => assert!(is_elsewhere(request.uri().path()), "no document has it: {line}"),
        }
    }
    let said: BTreeSet<String> = privlink_azure::operations().map(|operation| operation.name.to_owned()).collect();
    let found: BTreeSet<String> = used.into_iter().chain(ELSEWHERE.map(str::to_owned)).collect();
    assert_eq!(found, said, "used, and said to be used");
}

#[test]
fn every_operation_of_the_documents_is_used_or_left_alone_on_purpose() {
    let Some(documents) = documents() else { return };
    let all: BTreeSet<String> = documents
        .iter()
        .flat_map(operations)
        .map(|(_, _, operation)| text(operation, "operationId").to_owned())
        .collect();
    let known: BTreeSet<String> = privlink_azure::operations()
        .map(|operation| operation.name.to_owned())
        .filter(|name| !ELSEWHERE.contains(&name.as_str()))
        .chain(UNUSED.map(str::to_owned))
        .collect();
    assert_eq!(all, known);
}

/// Placeholders of the examples where ids want GUIDs.
fn real(example: &Value) -> String {
    let mut text = example.to_string();
    for placeholder in ["subId", "subid", "subscriptionId", "virtualNetworkSubscriptionId"] {
        text = text
            .replace(&format!("/subscriptions/{placeholder}/"), &format!("/subscriptions/{}/", support::SUBSCRIPTION));
    }
    text
}

#[tokio::test(start_paused = true)]
async fn the_official_examples_are_read() {
    let Some(directory) = directory() else { return };
    let documents = documents().unwrap();
    let group = ResourceGroup::new(support::SUBSCRIPTION.parse().unwrap(), "rg1").unwrap();
    let mut read = 0;
    for name in [
        "PrivateEndpointCreateForManualApproval",
        "PrivateEndpointGetForManualApproval",
        "NetworkInterfaceGet",
        "PrivateZonePut",
        "VirtualNetworkLinkPut",
        "RecordSetAPut",
    ] {
        let example = json(&directory.join("examples").join(format!("{name}.json")));
        if let Some(body) = example["parameters"]["parameters"].as_object() {
            let schema = match name {
                "PrivateEndpointCreateForManualApproval" => "PrivateEndpoint",
                "PrivateZonePut" => "PrivateZone",
                "VirtualNetworkLinkPut" => "VirtualNetworkLink",
                _ => "RecordSet",
            };
            let document = documents.iter().find(|document| document["definitions"][schema].is_object()).unwrap();
            let body = Value::Object(body.clone());
            validate(document, &document["definitions"][schema], &body, "body")
                .unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        }
        for (status, response) in example["responses"].as_object().unwrap() {
            let Some(body) = response.get("body") else { continue };
            let azure = support::Azure::script([support::Answer::said(status.parse().unwrap(), real(body))]);
            let client = azure.client();
            let (networking, dns) = (client.networking(), client.private_dns());
            let zone: PrivateDnsZoneId =
                format!("{group}/providers/Microsoft.Network/privateDnsZones/privatezone1.com").parse().unwrap();
            match name {
                "NetworkInterfaceGet" => {
                    let id: NetworkInterfaceId =
                        format!("{group}/providers/Microsoft.Network/networkInterfaces/test-nic").parse().unwrap();
                    let interface = networking.network_interface(&id).await.unwrap().unwrap();
                    assert_eq!(interface.address(), "172.20.2.4".parse().ok());
                    assert_eq!(interface.addresses.len(), 1, "a prefix is no address");
                }
                "PrivateZonePut" => {
                    let made = dns.create_zone(&zone, &Tags::new()).await.unwrap().await.unwrap();
                    assert_eq!((made.record_sets, made.most_record_sets), (Some(1), Some(5000)));
                }
                "VirtualNetworkLinkPut" => {
                    let link = zone.link("virtualNetworkLink1").unwrap();
                    let made = dns.create_link(&link, &support::vnet(), &Tags::new()).await.unwrap().await.unwrap();
                    assert!(made.is_complete() && matches!(made.network, Some(Ok(_))));
                }
                "RecordSetAPut" => {
                    let set = ARecordSet::new([]);
                    let made = dns.write_a(&zone, "recordA", &set, Expect::Absent).await.unwrap();
                    assert_eq!((made.name.as_str(), made.ttl), ("recorda", Some(3600)));
                    assert_eq!(made.addresses, ["1.2.3.4".parse::<std::net::Ipv4Addr>().unwrap()]);
                }
                _ => {
                    let id = format!("{group}/providers/Microsoft.Network/privateEndpoints/testPe").parse().unwrap();
                    let endpoint = networking.private_endpoint(&id).await.unwrap().unwrap();
                    assert_eq!(endpoint.connections.len(), 1, "in whichever array it is");
                    // Microsoft's example misspells `providers`: one unreadable id is not the end.
                    assert!(endpoint.interfaces[0].is_err());
                    assert!(endpoint.resource_guid().is_err(), "it is in no document");
                    assert!(endpoint.as_request().is_ok());
                }
            }
            read += 1;
        }
    }
    assert_eq!(read, 10);
}

// ── a validator of as much of Swagger 2.0 as the documents use

fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if operation["operationId"].is_string() {
                all.push((path.as_str(), method.as_str(), operation));
            }
        }
    }
    all
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// Polls go to opaque addresses; networks, subnets and rules are in documents that are not here, and
/// the list of a subscription's zones was cut from the one that is.
fn is_elsewhere(path: &str) -> bool {
    let zones = path.ends_with("/providers/Microsoft.Network/privateDnsZones") && !path.contains("/resourceGroups/");
    zones
        || [
            "/virtualNetworks/",
            "/networkSecurityGroups/",
            "/operations/",
            "/operationResults/",
            "/privateDnsOperation",
        ]
        .iter()
        .any(|part| path.contains(part))
}

/// The `operationId` a request belongs to, or what is wrong with it; `None` when no document has it.
fn check(documents: &[Value], request: &Request<Bytes>) -> Option<Result<String, String>> {
    let method = request.method().as_str().to_ascii_lowercase();
    let path = request.uri().path();
    documents.iter().find_map(|document| {
        let of_method = operations(document).into_iter().filter(|(_, of, _)| *of == method);
        let mut fitting: Vec<_> = of_method.filter(|(template, ..)| fits(template, path)).collect();
        // A fixed segment is a better fit than a parameter.
        fitting.sort_by_key(|(template, ..)| template.matches('{').count());
        let (template, _, operation) = *fitting.first()?;
        Some(judge(document, template, operation, request))
    })
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, given)| part.starts_with('{') || part == given)
}

fn judge(document: &Value, template: &str, operation: &Value, request: &Request<Bytes>) -> Result<String, String> {
    let parameters: Vec<&Value> =
        operation["parameters"].as_array().into_iter().flatten().map(|one| resolve(document, one)).collect();
    let of = |at: &str, name: &str| {
        parameters.iter().find(|one| text(one, "in") == at && text(one, "name").eq_ignore_ascii_case(name)).copied()
    };
    for (part, value) in template.split('/').zip(request.uri().path().split('/')) {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            let parameter = of("path", name).ok_or(format!("no path parameter {name}"))?;
            validate(document, parameter, &Value::from(value), name)?;
        }
    }
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    for (name, _) in &query {
        of("query", name).ok_or(format!("no query parameter {name}"))?;
    }
    if !query.iter().any(|(name, value)| name == "api-version" && !value.is_empty()) {
        return Err("no api-version".into());
    }
    for name in ["if-match", "if-none-match"] {
        if request.headers().contains_key(name) {
            of("header", name).ok_or(format!("no header {name}"))?;
        }
    }
    let body = parameters.iter().find(|one| text(one, "in") == "body");
    match (body, request.body().is_empty()) {
        (None, true) => {}
        (None, false) => return Err("a body where none belongs".into()),
        (Some(_), true) => return Err("no body".into()),
        (Some(body), false) => {
            let sent: Value = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
            validate(document, &body["schema"], &sent, "body")?;
        }
    }
    Ok(text(operation, "operationId").to_owned())
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(pointer) => document.pointer(pointer.trim_start_matches('#')).unwrap_or_else(|| panic!("no {pointer}")),
        None => schema,
    }
}

/// The schema of a field, in the schema itself or in those it is made of.
fn field<'a>(document: &'a Value, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let schema = resolve(document, schema);
    let own = &schema["properties"][name];
    if own.is_object() {
        return Some(own);
    }
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let inherited = parts.into_iter().find_map(|part| field(document, part, name));
    inherited.or_else(|| schema["additionalProperties"].is_object().then_some(&schema["additionalProperties"]))
}

/// Whether a request's `value` is what `schema` says; fields that the schema does not name, or that
/// only Azure sets, are forbidden.
fn validate(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = resolve(document, schema);
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let wanted =
        if schema["properties"].is_object() || schema["allOf"].is_array() { "object" } else { text(schema, "type") };
    if !wanted.is_empty() && wanted != is {
        return Err(format!("{at} is {is}, not {wanted}"));
    }
    let open = schema["x-ms-enum"]["modelAsString"] == true;
    if let Some(allowed) = schema["enum"].as_array().filter(|allowed| !open && !allowed.contains(value)) {
        return Err(format!("{at} is {value}, not one of {allowed:?}"));
    }
    if let (Some(text), Some(most)) = (value.as_str(), schema["maxLength"].as_u64())
        && text.chars().count() as u64 > most
    {
        return Err(format!("{at} is longer than {most}"));
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(document, &schema["items"], item, &format!("{at}[{place}]"))?;
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let of = field(document, schema, name).ok_or(format!("{at} has no field {name}"))?;
        if of["readOnly"] == true {
            return Err(format!("{at}.{name} is Azure's to set"));
        }
        validate(document, of, inner, &format!("{at}.{name}"))?;
    }
    Ok(())
}

#[test]
fn the_validator_forbids_what_the_documents_do_not_have() {
    let Some(documents) = documents() else { return };
    let network = &documents[0];
    let schema = &network["definitions"]["PrivateEndpoint"];
    for (body, wrong) in [
        (r#"{"location":"westus3","nonsense":1}"#, "no field nonsense"),
        (r#"{"properties":{"provisioningState":"Succeeded"}}"#, "Azure's to set"),
        (r#"{"properties":{"resourceGuid":"x"}}"#, "no field resourceGuid"),
        (r#"{"properties":{"subnet":"x"}}"#, "is string"),
    ] {
        let body: Value = serde_json::from_str(body).unwrap();
        let error = validate(network, schema, &body, "body").unwrap_err();
        assert!(error.contains(wrong), "{error}");
    }
}
