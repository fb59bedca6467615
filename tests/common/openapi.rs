//! As much of OpenAPI as the vendors' documents use, with unknown fields forbidden; the crates' tests take it in.

use std::path::Path;

use privlink_sim::Request;
use serde_json::Value;

/// The document of this name in the directory that `PRIVLINK_SPECS` names; without it there is none.
pub(crate) fn document(name: &str) -> Option<Value> {
    let Ok(directory) = std::env::var("PRIVLINK_SPECS") else {
        eprintln!("skipped: PRIVLINK_SPECS names no directory with the vendors' API documents");
        return None;
    };
    let path = Path::new(&directory).join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// Every path, method and operation of a document.
pub(crate) fn operations_of(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").iter();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The operation a request belongs to, or what is wrong with the request.
pub(crate) fn check<'a>(document: &'a Value, request: &Request) -> Result<&'a Value, String> {
    let method = request.method.as_str().to_ascii_lowercase();
    let (template, _, operation) = operations_of(document)
        .find(|(template, of, _)| *of == method && fits(template, &request.path))
        .ok_or("no such method and path in the document")?;
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let parameters: Vec<&Value> = parameters.map(|one| resolved(document, one)).collect();
    let schema_of = |at: &str, name: &str| {
        let found = parameters.iter().find(|one| one["in"] == at && one["name"] == name);
        found.map(|one| &one["schema"]).ok_or(format!("no {at} parameter {name}"))
    };
    let typed = |schema: &Value, text: &str| match schema["type"] == "integer" {
        true => text.parse::<i64>().map(Value::from).map_err(|error| format!("{text}: {error}")),
        false => Ok(Value::from(text)),
    };
    for (part, given) in template.split('/').zip(request.path.split('/')) {
        if let Some(name) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            let schema = schema_of("path", name)?;
            validate(document, schema, &typed(schema, given)?, name)?;
        }
    }
    for (name, given) in url::form_urlencoded::parse(request.query.as_deref().unwrap_or_default().as_bytes()) {
        let schema = schema_of("query", &name)?;
        validate(document, schema, &typed(schema, &given)?, &name)?;
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    match (body.is_null(), request.body.is_empty()) {
        (true, true) => {}
        (true, false) => return Err("a body where none belongs".into()),
        (false, true) => return Err("no body".into()),
        (false, false) => {
            let sent = serde_json::from_slice(&request.body).map_err(|error| error.to_string())?;
            validate(document, body, &sent, "body")?;
        }
    }
    Ok(operation)
}

fn fits(template: &str, path: &str) -> bool {
    template.split('/').count() == path.split('/').count()
        && template.split('/').zip(path.split('/')).all(|(part, given)| part.starts_with('{') || part == given)
}

/// What a reference leads to.
fn resolved<'a>(document: &'a Value, one: &'a Value) -> &'a Value {
    match one["$ref"].as_str() {
        Some(name) => document.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no {name}")),
        None => one,
    }
}

/// Whether `value` is what `schema` says; fields the schema does not name are forbidden.
pub(crate) fn validate(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let schema = resolved(document, schema);
    if value.is_null() && schema["nullable"] == true {
        return Ok(());
    }
    let fits = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        _ => true,
    };
    if !fits {
        return Err(format!("{at} is {value}, not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|allowed| !allowed.contains(value)) {
        return Err(format!("{at} is {value}, not one of {}", schema["enum"]));
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        validate(document, &schema["items"], item, &format!("{at}[{place}]"))?;
    }
    let Some(fields) = value.as_object() else { return Ok(()) };
    for (name, field) in fields {
        let known = schema["properties"].get(name).or(schema.get("additionalProperties"));
        // What says nothing at all takes anything.
        if known.is_none() && (schema.get("properties").is_some() || schema["type"] == "object") {
            return Err(format!("{at} has no field {name}"));
        }
        validate(document, known.unwrap_or(&Value::Null), field, &format!("{at}.{name}"))?;
    }
    let wanted = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    match wanted.into_iter().find(|wanted| !fields.contains_key(*wanted)) {
        Some(wanted) => Err(format!("{at} lacks {wanted}")),
        None => Ok(()),
    }
}

#[test]
fn the_validator_finds_what_is_wrong() {
    let document = serde_json::json!({"components": {"schemas": {"Entry": {"type": "object",
        "properties": {"source": {"type": "string"}, "port": {"type": "integer"}}, "required": ["source"]}}}});
    let schema = serde_json::json!({"type": "array", "items": {"$ref": "#/components/schemas/Entry"}});
    let wrong = |value: Value| validate(&document, &schema, &value, "body").err().unwrap_or_default();
    assert_eq!(wrong(serde_json::json!([{"source": "a", "port": 1}])), "");
    assert_eq!(wrong(serde_json::json!([{"source": "a", "ports": 1}])), "body[0] has no field ports");
    assert_eq!(wrong(serde_json::json!([{"port": 1}])), "body[0] lacks source");
    assert_eq!(wrong(serde_json::json!([{"source": "a", "port": 1.5}])), "body[0].port is 1.5, not \"integer\"");
    assert_eq!(wrong(serde_json::json!({})), "body is {}, not \"array\"");
}
