//! EC2's Query API, version 2016-11-15.

mod change;
mod create;
mod endpoint;
mod group;
mod interface;
mod names;
mod rules;
mod service;
mod subnet;
mod tag;
mod vpc;

use privlink_core::AwsPartition;

use super::Call;
use super::error::{Answer, ApiError};
use super::query::Params;
use super::state::AwsState;
use super::xml::Xml;

const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// Answers one call.
pub(super) fn answer(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<String> {
    let action = params.get("Action").ok_or_else(|| ApiError::missing("Action"))?;
    if params.get("Version") != Some("2016-11-15") {
        let version = params.get("Version").unwrap_or_default();
        return Err(ApiError::new("InvalidAction", format!("The action {action} is not valid for version {version}.")));
    }
    let known = names::parameters(action).ok_or_else(|| {
        ApiError::new("InvalidAction", format!("The action {action} is not valid for this web service."))
    })?;
    if let Some(unknown) = params.top_names().find(|name| !known.contains(name)) {
        return Err(ApiError::new("UnknownParameter", format!("The parameter {unknown} is not recognized")));
    }
    if let Some(unknown) = params.nested_names().find(|name| !names::NESTED.contains(&name.as_str())) {
        return Err(ApiError::new("UnknownParameter", format!("The parameter {unknown} is not recognized")));
    }
    call.require(&format!("ec2:{action}"))?;
    if params.flag("DryRun")? == Some(true) {
        return Err(
            ApiError::new("DryRunOperation", "Request would have succeeded, but DryRun flag is set.").status(412)
        );
    }
    let body = match action {
        "DescribeVpcs" => vpc::describe(state, call, params),
        "DescribeVpcAttribute" => vpc::describe_attribute(state, call, params),
        "ModifyVpcAttribute" => vpc::modify_attribute(state, call, params),
        "DescribeSubnets" => subnet::describe(state, call, params),
        "DescribeAvailabilityZones" => subnet::describe_zones(state, call, params),
        "DescribeVpcEndpointServices" => service::describe(state, call, params),
        "CreateSecurityGroup" => group::create(state, call, params),
        "DescribeSecurityGroups" => group::describe(state, call, params),
        "DeleteSecurityGroup" => group::delete(state, call, params),
        "AuthorizeSecurityGroupIngress" => rules::authorize(state, call, params),
        "RevokeSecurityGroupIngress" => rules::revoke(state, call, params),
        "DescribeSecurityGroupRules" => rules::describe(state, call, params),
        "CreateVpcEndpoint" => create::create(state, call, params),
        "DescribeVpcEndpoints" => endpoint::describe(state, call, params),
        "ModifyVpcEndpoint" => change::modify(state, call, params),
        "DeleteVpcEndpoints" => change::delete(state, call, params),
        "CreateTags" => tag::create(state, call, params),
        "DeleteTags" => tag::delete(state, call, params),
        "DescribeTags" => tag::describe(state, call, params),
        "DescribeNetworkInterfaces" => interface::describe(state, call, params),
        // `names` and this list hold the same actions; a test asserts it.
        other => Err(ApiError::new("InvalidAction", format!("The action {other} is not valid for this web service."))),
    }?;
    Ok(Xml::document(&format!("{action}Response"), NAMESPACE, |x| {
        x.text("requestId", call.request_id);
        x.append(&body);
    }))
}

/// Parses an id, refusing with EC2's `…Malformed` code.
fn parse_id<T: std::str::FromStr>(text: &str, code: &'static str, prefix: &str) -> Answer<T> {
    text.parse().map_err(|_| ApiError::new(code, format!("Invalid id: \"{text}\" (expecting \"{prefix}-...\")")))
}

/// `<return>true</return>`.
fn yes() -> Xml {
    let mut x = Xml::default();
    x.text("return", true);
    x
}

/// The ARN of a resource of the caller.
fn arn(call: &Call<'_>, kind: &str, id: &str) -> String {
    let (account, region) = (&call.caller.account, &call.caller.region);
    format!("arn:{}:ec2:{region}:{account}:{kind}/{id}", AwsPartition::of(region).as_str())
}

/// Every action of the table of names.
#[cfg(test)]
pub(super) fn actions() -> impl Iterator<Item = &'static str> {
    names::ACTIONS.iter().map(|(action, _)| *action)
}
