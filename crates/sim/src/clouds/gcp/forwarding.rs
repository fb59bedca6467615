//! `forwardingRules`: reading, changing and deleting. Making one is next door.

use serde_json::Value;

use super::Call;
use super::body::{Fields, object};
use super::error::{Answer, ApiError};
use super::insert::FIELDS;
use super::label;
use super::link::{RULES, Regional, partial};
use super::list;
use super::operation::{self, Begin};
use super::rule::Rule;
use super::state::GcpState;

pub(super) fn get(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    let key = Regional::new(call.project, &call.region()?, RULES, call.name(1));
    call.require("compute.forwardingRules.get", &key)?;
    if !state.sees(&key) {
        return Err(ApiError::not_found(&key.to_string()));
    }
    let rule = state.rule(call.now, &key).ok_or_else(|| ApiError::not_found(&key.to_string()))?;
    Ok(rule.render(call.now))
}

pub(super) fn list(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    let region = call.region()?;
    call.require_in_project("compute.forwardingRules.list")?;
    let items = state
        .rules
        .values()
        .filter(|rule| rule.key.project == *call.project && rule.key.region == region && rule.exists(call.now))
        .map(|rule| rule.render(call.now))
        .collect();
    let path = format!("projects/{}/regions/{region}/forwardingRules", call.project);
    list::page(call, "compute#forwardingRuleList", &path, items)
}

pub(super) fn patch(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let rule = present(state, call, &["compute.forwardingRules.update", "compute.forwardingRules.pscUpdate"])?;
    let (key, id) = (rule.key.clone(), rule.id);
    let body = object(call.request)?;
    let fields = Fields::of("resource", &body, FIELDS)?;
    let on = fields.flag("allowPscGlobalAccess")?;
    let fresh = match fields.text("fingerprint")? {
        Some(known) => label::same(known, &rule.fingerprint(call.now)),
        None => !state.behaviour.patch_needs_fingerprint,
    };
    if !fresh {
        return Err(ApiError::stale("Supplied fingerprint does not match current metadata fingerprint."));
    }
    let shown = rule.render(call.now);
    for (name, value) in &body {
        let free = matches!(name.as_str(), "allowPscGlobalAccess" | "fingerprint");
        if !free && !value.is_null() && !same(value, &shown[name]) {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            return Err(ApiError::value(
                &format!("resource.{name}"),
                &text,
                "The field cannot be changed on a forwarding rule whose target is a service attachment.",
            ));
        }
    }
    if on == Some(true) {
        global_access(state, rule)?;
    }
    not_busy(rule, call)?;
    let takes = state.behaviour.rule_operation;
    let plan = Begin { kind: "patch", target: &key, target_id: id, takes, failure: None };
    let (begun, shown) = operation::begin(state, call, plan)?;
    if let Some(rule) = state.rules.get_mut(&key) {
        rule.busy = begun.ends;
        if let Some(on) = on.filter(|_| begun.works) {
            rule.global_access.change(begun.ends, on);
        }
    }
    Ok(shown)
}

pub(super) fn delete(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let rule = present(state, call, &["compute.forwardingRules.delete", "compute.forwardingRules.pscDelete"])?;
    let (key, id) = (rule.key.clone(), rule.id);
    not_busy(rule, call)?;
    let takes = state.behaviour.rule_operation;
    let plan = Begin { kind: "delete", target: &key, target_id: id, takes, failure: None };
    let (begun, shown) = operation::begin(state, call, plan)?;
    if let Some(rule) = state.rules.get_mut(&key) {
        rule.busy = begun.ends;
        rule.gone = begun.works.then_some(begun.ends);
    }
    Ok(shown)
}

pub(super) fn set_labels(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let rule = present(state, call, &["compute.forwardingRules.setLabels", "compute.forwardingRules.pscSetLabels"])?;
    let (key, id) = (rule.key.clone(), rule.id);
    let wanted = label::wanted(call, &rule.labels)?;
    not_busy(rule, call)?;
    let takes = state.behaviour.rule_operation;
    let plan = Begin { kind: "setLabels", target: &key, target_id: id, takes, failure: None };
    let (begun, shown) = operation::begin(state, call, plan)?;
    if let Some(rule) = state.rules.get_mut(&key) {
        rule.busy = begun.ends;
        if begun.works {
            rule.labels.change(begun.ends, wanted);
        }
    }
    Ok(shown)
}

/// A target that is a service attachment stays what it is.
pub(super) fn set_target(state: &GcpState, call: &Call<'_>) -> Answer<Value> {
    present(state, call, &["compute.forwardingRules.setTarget"])?;
    let body = object(call.request)?;
    let fields = Fields::of("resource", &body, &["target"])?;
    let target = fields.required("target")?;
    Err(ApiError::value("target", target, "The target is not mutable once it is set to a service attachment."))
}

/// Refuses unless the producer lets consumers turn on global access.
pub(super) fn global_access(state: &GcpState, rule: &Rule) -> Answer<()> {
    match state.attachments.get(&rule.target) {
        Some(attachment) if !attachment.global_access => Err(no_global_access(attachment.name.as_str())),
        _ => Ok(()),
    }
}

pub(super) fn no_global_access(target: &str) -> ApiError {
    ApiError::new(
        400,
        "invalid",
        format!("Consumer global access is not supported by the service attachment '{target}'."),
    )
}

fn present<'a>(state: &'a GcpState, call: &Call<'_>, permissions: &[&str]) -> Answer<&'a Rule> {
    let key = Regional::new(call.project, &call.region()?, RULES, call.name(1));
    for permission in permissions {
        call.require(permission, &key)?;
    }
    state.rule(call.now, &key).ok_or_else(|| ApiError::not_found(&key.to_string()))
}

fn not_busy(rule: &Rule, call: &Call<'_>) -> Answer<()> {
    if call.now < rule.busy { Err(ApiError::not_ready(&rule.key.to_string())) } else { Ok(()) }
}

/// Whether a field of a patch says what is there: links by their path.
fn same(sent: &Value, shown: &Value) -> bool {
    match (sent, shown) {
        (Value::String(sent), Value::String(shown)) => partial(sent) == partial(shown),
        (Value::String(sent), Value::Null) => sent.is_empty(),
        (Value::Bool(false), Value::Null) => true,
        _ => sent == shown,
    }
}
