//! Compute's operations: what a change takes, and how it ended.

use std::time::{Duration, SystemTime};

use privlink_core::{ProjectId, Region};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Call;
use super::error::{Answer, ApiError};
use super::link::{OPERATIONS, Regional};
use super::list;
use super::state::GcpState;
use super::time::{millis, rfc3339};

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    key: Regional,
    id: u64,
    /// `insert`, `delete`, `patch`, `setLabels`.
    kind: &'static str,
    target: Regional,
    target_id: u64,
    user: String,
    request_id: Option<String>,
    began: SystemTime,
    ends: SystemTime,
    failure: Option<Failure>,
}

/// How an operation failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Compute's own code: `QUOTA_EXCEEDED`.
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) http: u16,
    /// A quota that is full: its metric and its limit.
    pub(crate) quota: Option<(&'static str, usize)>,
}

/// What an operation is about to do.
#[derive(Clone, Debug)]
pub(super) struct Begin<'a> {
    pub(super) kind: &'static str,
    pub(super) target: &'a Regional,
    pub(super) target_id: u64,
    pub(super) takes: Duration,
    /// Why it cannot come to a good end, found when it runs.
    pub(super) failure: Option<Failure>,
}

/// An operation that has begun: when it ends, and whether what it does comes to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) ends: SystemTime,
    pub(super) works: bool,
}

impl Failure {
    pub(super) fn new(code: &str, http: u16, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), http, quota: None }
    }

    /// A quota that is full, as an operation tells it.
    pub(super) fn quota(metric: &'static str, limit: usize) -> Self {
        let message = format!("Quota '{metric}' exceeded.  Limit: {limit}.0 globally.");
        Self { quota: Some((metric, limit)), ..Self::new("QUOTA_EXCEEDED", 403, message) }
    }

    /// The same, as a request tells it.
    pub(super) fn refusal(self) -> ApiError {
        ApiError::new(403, "quotaExceeded", self.message)
    }
}

impl Operation {
    fn status_at(&self, now: SystemTime) -> &'static str {
        let third = self.ends.duration_since(self.began).unwrap_or_default() / 3;
        match () {
            () if now >= self.ends => "DONE",
            () if now >= self.began + third => "RUNNING",
            () => "PENDING",
        }
    }

    pub(super) fn ends(&self) -> SystemTime {
        self.ends
    }

    fn render(&self, now: SystemTime) -> Value {
        let status = self.status_at(now);
        let progress = match status {
            "DONE" => 100,
            "RUNNING" => 50,
            _ => 0,
        };
        let mut out = Map::new();
        let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
        put("kind", json!("compute#operation"));
        put("id", json!(self.id.to_string()));
        put("name", json!(self.key.name));
        put("operationType", json!(self.kind));
        put("targetLink", json!(self.target.url()));
        put("targetId", json!(self.target_id.to_string()));
        put("status", json!(status));
        put("user", json!(self.user));
        put("progress", json!(progress));
        put("insertTime", json!(rfc3339(self.began)));
        if status != "PENDING" {
            put("startTime", json!(rfc3339(self.began)));
        }
        put("region", json!(self.key.region_url()));
        put("selfLink", json!(self.key.url()));
        if let Some(id) = &self.request_id {
            put("clientOperationId", json!(id));
        }
        if status == "DONE" {
            put("endTime", json!(rfc3339(self.ends)));
            if let Some(failure) = &self.failure {
                put("httpErrorStatusCode", json!(failure.http));
                put("httpErrorMessage", json!(http_message(failure.http)));
                put("error", json!({ "errors": [failure.render()] }));
            }
        }
        Value::Object(out)
    }
}

impl Failure {
    fn render(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some((metric, limit)) = self.quota {
            error["errorDetails"] = json!([{ "quotaInfo": {
                "metricName": format!("compute.googleapis.com/{}", metric.to_ascii_lowercase()),
                "limitName": metric.replace('_', "-"),
                "dimensions": {},
                "limit": limit,
            }}]);
        }
        error
    }
}

fn http_message(status: u16) -> String {
    let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("Error").to_ascii_uppercase()
}

/// The request id, if one is given: a UUID, and not the nil one.
pub(super) fn request_id(call: &Call<'_>) -> Answer<Option<String>> {
    let Some(text) = call.parameter("requestId").filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse::<Uuid>() {
        Ok(id) if !id.is_nil() => Ok(Some(id.to_string())),
        _ => Err(ApiError::value("requestId", &text, "Must be a valid UUID that is not zero.")),
    }
}

/// What the same request id has started before, whatever it asks for now.
pub(super) fn replay(state: &GcpState, call: &Call<'_>) -> Answer<Option<Value>> {
    let Some(id) = request_id(call)? else { return Ok(None) };
    let known = state.request_ids.get(&(call.project.clone(), id)).and_then(|key| state.operations.get(key));
    Ok(known.map(|operation| operation.render(call.now)))
}

/// Starts an operation.
pub(super) fn begin(state: &mut GcpState, call: &Call<'_>, plan: Begin<'_>) -> Answer<(Begun, Value)> {
    let request_id = request_id(call)?;
    let planned = state.failures.iter().position(|(kind, _)| kind == plan.kind || kind == "*");
    let failure = planned.and_then(|n| state.failures.remove(n)).map(|(_, failure)| failure).or(plan.failure);
    let id = state.ids.number();
    let tail = state.ids.hex("operation");
    let name = format!("operation-{}-{}-{}-{}", millis(call.now), &tail[..13], &tail[13..21], &tail[21..29]);
    let key = Regional::new(&plan.target.project, &plan.target.region, OPERATIONS, &name);
    let ends = call.now + plan.takes;
    let operation = Operation {
        key: key.clone(),
        id,
        kind: plan.kind,
        target: plan.target.clone(),
        target_id: plan.target_id,
        user: call.caller.principal.clone(),
        request_id: request_id.clone(),
        began: call.now,
        ends,
        failure,
    };
    let begun = Begun { ends, works: operation.failure.is_none() };
    let shown = operation.render(call.now);
    if let Some(id) = request_id {
        state.request_ids.insert((call.project.clone(), id), key.clone());
    }
    state.operations.insert(key, operation);
    Ok((begun, shown))
}

/// The operation of a name or a number.
pub(super) fn find<'a>(state: &'a GcpState, project: &ProjectId, region: &Region, name: &str) -> Option<&'a Operation> {
    state.operations.values().find(|operation| {
        operation.key.project == *project
            && operation.key.region == *region
            && (operation.key.name == name || operation.id.to_string() == name)
    })
}

pub(super) fn get(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let (region, name) = (call.region()?, call.name(1));
    let key = Regional::new(call.project, &region, OPERATIONS, name);
    call.require("compute.regionOperations.get", &key)?;
    match find(state, call.project, &region, name) {
        Some(operation) => Ok(operation.render(call.now)),
        None => Err(ApiError::not_found(&key.to_string())),
    }
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let region = call.region()?;
    call.require_in_project("compute.regionOperations.list")?;
    let items = state
        .operations
        .values()
        .filter(|operation| operation.key.project == *call.project && operation.key.region == region)
        .map(|operation| operation.render(call.now))
        .collect();
    list::page(call, "compute#operationList", &format!("projects/{}/regions/{region}/operations", call.project), items)
}
