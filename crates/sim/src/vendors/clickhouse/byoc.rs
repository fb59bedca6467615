//! What the API answers about deployments in a customer's own cloud account.

use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::CloudProvider;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::{Answer, Refusal};
use super::body::{self, Body};
use super::model::Infrastructure;
use super::{ClickHouseState, render};

pub(super) fn get(state: &ClickHouseState, organization: Uuid, id: Uuid) -> Result<Answer, Refusal> {
    find(state, organization, id).map(|found| Answer::Result(shown(id, found)))
}

pub(super) fn update(
    state: &mut ClickHouseState,
    now: SystemTime,
    organization: Uuid,
    id: Uuid,
    request: &http::Request<Bytes>,
) -> Result<Answer, Refusal> {
    let json = body::parse(request)?;
    let body = Body::root(&json, state.switches.unknown_request_fields)?.only(&[
        "displayName",
        "enablePrivateLink",
        "gcpPscSubnetId",
        "enablePrivateLoadBalancer",
        "enablePublicLoadBalancer",
        "tags",
    ])?;
    let display_name = body.text("displayName")?;
    let link = body.flag("enablePrivateLink")?;
    let subnet = body.text("gcpPscSubnetId")?;
    let private_balancer = body.flag("enablePrivateLoadBalancer")?;
    let public_balancer = body.flag("enablePublicLoadBalancer")?;

    let found = find(state, organization, id)?;
    if subnet.is_some() && link != Some(true) {
        return Err(body.refuse("gcpPscSubnetId", "is taken only together with enablePrivateLink"));
    }
    let balancer = private_balancer.unwrap_or(found.private_load_balancer);
    if link == Some(true) && !balancer {
        return Err(Refusal::bad_request("the private load balancer must be enabled before private link"));
    }
    let in_use =
        state.services.values().any(|service| service.organization == organization && !service.endpoints.is_empty());
    let disables = (link == Some(false) && found.private_link) || (!balancer && found.private_load_balancer);
    if disables && in_use {
        return Err(Refusal::bad_request("a service of the organization has active private endpoints"));
    }
    let ready = now + state.switches.byoc_delay;
    let Some(found) = state.infrastructures.get_mut(&id) else {
        return Err(Refusal::not_found("deployment not found"));
    };
    if link == Some(true) && !found.private_link {
        found.ready = ready;
    }
    found.private_link = link.unwrap_or(found.private_link);
    found.private_load_balancer = balancer;
    found.public_load_balancer = public_balancer.unwrap_or(found.public_load_balancer);
    found.display_name = display_name.map_or_else(|| found.display_name.clone(), str::to_owned);
    found.psc_subnet = subnet.map(str::to_owned).or_else(|| found.psc_subnet.clone());
    if let Some(tags) = body.raw("tags") {
        found.tags = tags.clone();
    }
    // By the document a change answers less than a read does.
    Ok(Answer::Result(render::deployment(id, found)))
}

pub(super) fn endpoint_config(
    state: &ClickHouseState,
    now: SystemTime,
    organization: Uuid,
    id: Uuid,
) -> Result<Answer, Refusal> {
    let found = find(state, organization, id)?;
    if !found.private_link {
        return Err(Refusal::bad_request("private link is not enabled for this deployment"));
    }
    if now < found.ready {
        return Err(Refusal::bad_request("the endpoint service of this deployment is not there yet"));
    }
    let Infrastructure { label, region, .. } = found;
    let host = match found.provider {
        CloudProvider::Aws => format!("vpce.{label}.{region}.aws.clickhouse-byoc.com"),
        CloudProvider::Gcp => format!("p.{label}.{region}.gcp.clickhouse-byoc.com"),
        _ => format!("privatelink.{label}.{region}.azure.clickhouse-byoc.com"),
    };
    Ok(Answer::Result(json!({ "endpointName": found.service.as_str(), "privateDnsHostname": host })))
}

fn find(state: &ClickHouseState, organization: Uuid, id: Uuid) -> Result<&Infrastructure, Refusal> {
    let found = state.infrastructures.get(&id).filter(|found| found.organization == organization);
    found.ok_or_else(|| Refusal::not_found("deployment not found"))
}

fn shown(id: Uuid, found: &Infrastructure) -> Value {
    let mut out = json!({
        "id": id.to_string(),
        "state": found.state,
        "accountId": found.account,
        "regionId": found.region.as_str(),
        "cloudProvider": found.provider.as_str(),
        "displayName": found.display_name,
        "enablePrivateLink": found.private_link,
        "enablePrivateLoadBalancer": found.private_load_balancer,
        "enablePublicLoadBalancer": found.public_load_balancer,
        "vpcCidrRange": "10.240.0.0/16",
        "isByoVpc": false,
    });
    if let Some(subnet) = &found.psc_subnet {
        render::set(&mut out, "gcpPscSubnetId", subnet.clone().into());
    }
    out
}
