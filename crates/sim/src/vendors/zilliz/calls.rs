//! What the API answers.

use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::{CloudProvider, EndpointServiceId, Region, ResourceGuid, VpcEndpointId};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::model::{Registration, ZillizDeployment, split};
use super::render;
use super::route::Route;
use super::switches::{OnDuplicate, OnMissingWhitelist, OnUnknownDelete};
use super::{ZillizState, state};

/// An endpoint that was named.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) cloud: CloudProvider,
    pub(crate) region: &'a Region,
    pub(crate) id: &'a str,
    pub(crate) gcp_project: Option<&'a str>,
}

/// What the clouds of the world know of an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// By what the data path knows it.
    pub(crate) cloud_id: String,
    /// Who owns it, where that is what lists of accounts hold.
    pub(crate) account: Option<String>,
    pub(crate) service: EndpointServiceId,
}

/// Looks for an endpoint in the clouds of the world.
pub(crate) type FindEndpoint<'a> = &'a dyn Fn(&Wanted<'_>) -> Option<Found>;

/// A request at a moment.
pub(super) struct Seen<'a> {
    pub(super) now: SystemTime,
    pub(super) request: &'a http::Request<Bytes>,
    pub(super) route: &'a Route,
    pub(super) query: &'a [(String, String)],
    pub(super) key: &'a state::Key,
}

impl Seen<'_> {
    fn given(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).filter(|v| !v.is_empty())
    }
}

pub(super) fn regions(state: &ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let cloud = seen.given("cloudId");
    if cloud.is_some_and(|cloud| !["aws", "gcp", "azure", "ali", "tc"].contains(&cloud)) {
        return Err(Refusal::new(400, 96_000, "invalid cloudId"));
    }
    let of = |service: &&super::model::Service| cloud.is_none_or(|cloud| render::cloud(&service.region) == cloud);
    Ok(state.services.iter().filter(of).map(|service| render::region(&service.region)).collect())
}

pub(super) fn projects(state: &ZillizState, seen: &Seen<'_>) -> Value {
    let projects = state.projects_in_order().into_iter().filter(|project| seen.key.covers(&project.id));
    projects.map(|project| render::project(project, state.clusters_of(&project.id).count())).collect()
}

pub(super) fn project(state: &ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let project = state.project(seen.key, seen.route.segment(1))?;
    Ok(render::project(project, state.clusters_of(&project.id).count()))
}

pub(super) fn clusters(state: &mut ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    if let Some(project) = seen.given("projectId") {
        state.project(seen.key, project)?;
    }
    let region = region_given(state, seen)?;
    let asked = |name: &str, value: &str| seen.given(name).is_none_or(|given| given == value);
    let shown: Vec<Value> = state
        .clusters_in_order()
        .into_iter()
        .filter(|cluster| seen.key.covers(&cluster.project) && asked("projectId", &cluster.project))
        .filter(|cluster| region.as_ref().is_none_or(|region| cluster.region == *region))
        .map(|cluster| render::cluster(cluster, &state.switches, false))
        .collect();
    page(state, seen, "clusters", shown, true)
}

pub(super) fn cluster(state: &mut ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let id = seen.route.segment(1);
    state.cluster(seen.key, id)?;
    state.look_at(id);
    let cluster = state.cluster(seen.key, id)?;
    Ok(render::cluster(cluster, &state.switches, true))
}

pub(super) fn switch_public(state: &mut ZillizState, seen: &Seen<'_>, on: bool) -> Result<Value, Refusal> {
    if !state.switches.public_switch {
        return Err(Refusal::no_such_path());
    }
    let cluster = state.cluster(seen.key, seen.route.segment(1))?;
    let id = cluster.id.clone();
    match cluster.deployment {
        ZillizDeployment::Free => return Err(Refusal::new(400, 96_021, "not for Free clusters")),
        ZillizDeployment::Serverless => return Err(Refusal::new(400, 96_022, "not for Serverless clusters")),
        ZillizDeployment::Dedicated => {}
    }
    if cluster.plan == "Standard" || cluster.global {
        return Err(Refusal::new(400, 96_028, "available on the Enterprise plan, and not for global clusters"));
    }
    if !cluster.linked || cluster.told_status(&state.switches) != "RUNNING" {
        return Err(Refusal::new(400, 90_003, "the cluster must be running and have a private link address"));
    }
    let looks = state.switches.switch_looks;
    if let Some(cluster) = state.clusters.get_mut(&id) {
        cluster.public = on;
        cluster.switching = looks;
    }
    Ok(json!({ "clusterId": id }))
}

pub(super) fn services(state: &ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    if let Some(project) = seen.given("projectId") {
        state.project(seen.key, project)?;
    }
    let region = region_given(state, seen)?;
    let here = state.services.iter().filter(|service| region.as_ref().is_none_or(|region| service.region == *region));
    page(state, seen, "endpointServices", here.map(render::service).collect(), false)
}

pub(super) fn endpoints(state: &mut ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let id = state.project(seen.key, seen.route.segment(1))?.id.clone();
    // A page is a look; the first one counts for the whole list.
    if seen.given("currentPage").is_none_or(|page| page == "1") {
        state.list(&id);
    }
    let project = state.project(seen.key, &id)?;
    let seen_by_now = |entry: &&Registration| entry.lists > state.switches.unseen_lists;
    let shown = project.registrations.iter().filter(seen_by_now);
    let shown = shown.map(|entry| render::registration(entry, state.is_ready(project, entry), &state.switches));
    page(state, seen, "endpoints", shown.collect(), false)
}

pub(super) fn register(state: &mut ZillizState, seen: &Seen<'_>, find: FindEndpoint<'_>) -> Result<Value, Refusal> {
    let id = state.project(seen.key, seen.route.segment(1))?.id.clone();
    let body = object(seen.request, &["regionId", "endpointId", "gcpProjectId"])?;
    let (region, endpoint) = (text(&body, "regionId")?, text(&body, "endpointId")?);
    let gcp_project = body.get("gcpProjectId").and_then(Value::as_str).filter(|project| !project.is_empty());
    let (cloud, cloud_region) = known_region(state, region)?;
    fits(cloud, endpoint, gcp_project)?;
    let service = state.service(region).ok_or_else(|| Refusal::new(400, 96_001, "invalid regionId"))?;
    let (default, required) = (service.id.clone(), service.whitelist_required);
    let found = find(&Wanted { cloud, region: &cloud_region, id: endpoint, gcp_project });
    let project = state.project(seen.key, &id)?;
    let account = found.as_ref().and_then(|found| found.account.clone());
    let is_known = |account: &String| project.whitelist.contains(&(region.to_owned(), account.clone()));
    let missing = required && account.as_ref().is_some_and(|account| !is_known(account));
    if missing && state.switches.missing_whitelist == OnMissingWhitelist::Refused {
        return Err(Refusal::new(400, 90_004, "the account of the endpoint is not on the whitelist"));
    }
    let same = |entry: &Registration| is_same(entry, region, endpoint, gcp_project);
    if project.registrations.iter().any(same) {
        return match state.switches.duplicate {
            OnDuplicate::Echo => Ok(json!({ "endpointId": endpoint, "regionId": region })),
            OnDuplicate::Failure => Err(Refusal::new(400, 90_001, "the endpoint is registered already")),
        };
    }
    let entry = Registration {
        region: region.to_owned(),
        endpoint: endpoint.to_owned(),
        gcp_project: gcp_project.map(str::to_owned),
        service: found.as_ref().map_or(default, |found| found.service.clone()),
        lists: 0,
        stuck: None,
        cloud_id: found.map_or_else(|| endpoint.to_owned(), |found| found.cloud_id),
        account,
        since: seen.now,
    };
    if let Some(project) = state.projects.get_mut(&id) {
        project.registrations.push(entry);
    }
    Ok(json!({ "endpointId": endpoint, "regionId": region }))
}

pub(super) fn deregister(state: &mut ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let id = state.project(seen.key, seen.route.segment(1))?.id.clone();
    let endpoint = seen.route.segment(3);
    let region = seen.given("regionId").ok_or_else(|| Refusal::new(400, 96_001, "regionId is required"))?;
    known_region(state, region)?;
    let (gcp_project, unknown) = (seen.given("gcpProjectId"), state.switches.unknown_delete);
    let Some(project) = state.projects.get_mut(&id) else { return Err(Refusal::new(400, 96_005, "no such project")) };
    let before = project.registrations.len();
    project.registrations.retain(|entry| !is_same(entry, region, endpoint, gcp_project));
    if project.registrations.len() == before && unknown == OnUnknownDelete::Failure {
        return Err(Refusal::new(404, 90_002, "no such endpoint"));
    }
    state.settle_links();
    Ok(json!({ "endpointId": endpoint }))
}

pub(super) fn whitelist(state: &mut ZillizState, seen: &Seen<'_>) -> Result<Value, Refusal> {
    let id = state.project(seen.key, seen.route.segment(1))?.id.clone();
    let body = object(seen.request, &["regionId", "outerUserId"])?;
    let (region, account) = (text(&body, "regionId")?, text(&body, "outerUserId")?);
    known_region(state, region)?;
    if let Some(project) = state.projects.get_mut(&id) {
        project.whitelist.insert((region.to_owned(), account.to_owned()));
    }
    Ok("success".into())
}

/// Whether an entry is the one that is named.
fn is_same(entry: &Registration, region: &str, endpoint: &str, gcp_project: Option<&str>) -> bool {
    entry.region == region
        && entry.endpoint.eq_ignore_ascii_case(endpoint)
        && (entry.gcp_project.is_none() || entry.gcp_project.as_deref() == gcp_project)
}

fn region_given(state: &ZillizState, seen: &Seen<'_>) -> Result<Option<String>, Refusal> {
    let Some(region) = seen.given("regionId") else { return Ok(None) };
    known_region(state, region)?;
    Ok(Some(region.to_owned()))
}

fn known_region(state: &ZillizState, region: &str) -> Result<(CloudProvider, Region), Refusal> {
    let known = state.services.iter().any(|service| service.region == region)
        || state.clusters.values().any(|cluster| cluster.region == region);
    split(region).filter(|_| known).ok_or_else(|| Refusal::new(400, 96_001, format!("invalid regionId: {region}")))
}

/// Refuses what is no endpoint of the region's cloud.
fn fits(cloud: CloudProvider, endpoint: &str, gcp_project: Option<&str>) -> Result<(), Refusal> {
    let fits = match cloud {
        CloudProvider::Aws => endpoint.parse::<VpcEndpointId>().is_ok(),
        CloudProvider::Azure => endpoint
            .split_once('.')
            .is_some_and(|(name, guid)| !name.is_empty() && guid.parse::<ResourceGuid>().is_ok()),
        _ => !endpoint.contains('/') && endpoint.parse::<u64>().is_err() && gcp_project.is_some(),
    };
    if fits { Ok(()) } else { Err(Refusal::new(400, 90_005, format!("invalid endpointId: {endpoint}"))) }
}

/// One page of a list. Other lists than those of private endpoints refuse a size that is out of range.
fn page(state: &ZillizState, seen: &Seen<'_>, name: &str, items: Vec<Value>, strict: bool) -> Result<Value, Refusal> {
    let number = |name: &str| seen.given(name).and_then(|text| text.parse::<u64>().ok());
    let size = match number("pageSize") {
        Some(size) if (1..=state.switches.largest_page).contains(&size) => size,
        Some(size) if size > state.switches.largest_page && size <= 100 => state.switches.largest_page,
        Some(_) if strict => return Err(Refusal::new(400, 96_008, "pageSize must be from 1 to 100")),
        _ => 10,
    };
    let current = match number("currentPage") {
        Some(0) if strict => return Err(Refusal::new(400, 96_009, "invalid currentPage")),
        other => other.unwrap_or(1).max(1),
    };
    let count = items.len();
    let from = usize::try_from((current - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let shown: Vec<Value> = items.into_iter().skip(from).take(usize::try_from(size).unwrap_or(10)).collect();
    let mut data = json!({ "currentPage": current, "pageSize": size, "count": count });
    data[name] = shown.into();
    Ok(data)
}

/// The object of a request's body, with no other fields than `known`.
fn object(request: &http::Request<Bytes>, known: &[&str]) -> Result<Map<String, Value>, Refusal> {
    let body: Option<Map<String, Value>> = serde_json::from_slice(request.body()).ok();
    let body = body.ok_or_else(|| Refusal::new(400, 90_006, "the body must be a JSON object"))?;
    match body.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(Refusal::new(400, 90_006, format!("unknown field \"{field}\""))),
        None => Ok(body),
    }
}

fn text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let text = body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| Refusal::new(400, 90_006, format!("{name} is required")))
}
