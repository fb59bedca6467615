//! Route 53's REST API, version 2013-04-01.

mod association;
mod batch;
mod body;
mod change;
mod list;
mod record;
mod tag;
mod zone;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use percent_encoding::percent_decode_str;
use privlink_core::{DnsName, HostedZoneId};

use self::body::Element;
use super::error::{Answer, ApiError};
use super::state::AwsState;
use super::xml::Xml;
use super::zone::{FullName, Zone};
use super::{Call, Reply};

pub(super) const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// An operation, told by method and path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    CreateHostedZone,
    GetHostedZone,
    DeleteHostedZone,
    ListHostedZones,
    ListHostedZonesByName,
    ListHostedZonesByVpc,
    AssociateVpc,
    DisassociateVpc,
    ChangeRecords,
    ListRecords,
    GetChange,
    ChangeTags,
    ListTags,
    ListTagsOfMany,
}

impl Operation {
    /// The operation a request asks for, and the id in its path.
    pub(super) fn of(request: &http::Request<Bytes>) -> Option<(Self, String)> {
        let path = request.uri().path().strip_prefix("/2013-04-01/")?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let parts: Vec<String> =
            path.split('/').map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned()).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        // An id may come with its own prefix, `/hostedzone/Z…`, encoded or not.
        let plain = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
        let (operation, id) = match (request.method(), parts.as_slice()) {
            (&Method::POST, ["hostedzone"]) => (Self::CreateHostedZone, ""),
            (&Method::GET, ["hostedzone"]) => (Self::ListHostedZones, ""),
            (&Method::GET, ["hostedzonesbyname"]) => (Self::ListHostedZonesByName, ""),
            (&Method::GET, ["hostedzonesbyvpc"]) => (Self::ListHostedZonesByVpc, ""),
            (&Method::GET, ["hostedzone", id]) => (Self::GetHostedZone, *id),
            (&Method::DELETE, ["hostedzone", id]) => (Self::DeleteHostedZone, *id),
            (&Method::POST, ["hostedzone", id, "associatevpc"]) => (Self::AssociateVpc, *id),
            (&Method::POST, ["hostedzone", id, "disassociatevpc"]) => (Self::DisassociateVpc, *id),
            (&Method::POST, ["hostedzone", id, "rrset"]) => (Self::ChangeRecords, *id),
            (&Method::GET, ["hostedzone", id, "rrset"]) => (Self::ListRecords, *id),
            (&Method::GET, ["change", id]) => (Self::GetChange, *id),
            (&Method::POST, ["tags", "hostedzone", id]) => (Self::ChangeTags, *id),
            (&Method::GET, ["tags", "hostedzone", id]) => (Self::ListTags, *id),
            (&Method::POST, ["tags", "hostedzone"]) => (Self::ListTagsOfMany, ""),
            _ => return None,
        };
        Some((operation, plain(id)))
    }

    /// The API's own name, which is also the action's name in policies.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::CreateHostedZone => "CreateHostedZone",
            Self::GetHostedZone => "GetHostedZone",
            Self::DeleteHostedZone => "DeleteHostedZone",
            Self::ListHostedZones => "ListHostedZones",
            Self::ListHostedZonesByName => "ListHostedZonesByName",
            Self::ListHostedZonesByVpc => "ListHostedZonesByVPC",
            Self::AssociateVpc => "AssociateVPCWithHostedZone",
            Self::DisassociateVpc => "DisassociateVPCFromHostedZone",
            Self::ChangeRecords => "ChangeResourceRecordSets",
            Self::ListRecords => "ListResourceRecordSets",
            Self::GetChange => "GetChange",
            Self::ChangeTags => "ChangeTagsForResource",
            Self::ListTags => "ListTagsForResource",
            Self::ListTagsOfMany => "ListTagsForResources",
        }
    }

    /// Whether it names a VPC.
    fn is_about_a_vpc(self, request: &http::Request<Bytes>) -> bool {
        match self {
            Self::AssociateVpc | Self::DisassociateVpc | Self::ListHostedZonesByVpc => true,
            Self::CreateHostedZone => request.body().windows(5).any(|window| window == b"<VPC>"),
            _ => false,
        }
    }

    /// Whether it changes anything.
    pub(super) fn writes(self) -> bool {
        matches!(
            self,
            Self::CreateHostedZone
                | Self::DeleteHostedZone
                | Self::AssociateVpc
                | Self::DisassociateVpc
                | Self::ChangeRecords
                | Self::ChangeTags
        )
    }
}

/// Answers one call.
pub(super) fn answer(state: &mut AwsState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let (operation, id) = Operation::of(request)
        .ok_or_else(|| ApiError::new("UnknownOperationException", "There is no such operation.").status(404))?;
    call.require(&format!("route53:{}", operation.name()))?;
    if operation.is_about_a_vpc(request) {
        // Route 53 looks the VPC up on behalf of the caller.
        call.require("ec2:DescribeVpcs")?;
    }
    let query = Query::of(request);
    let body = |root: &str| Element::parse(request.body(), root);
    let mut location = None;
    let inside = match operation {
        Operation::CreateHostedZone => {
            let (made, x) = zone::create(state, call, &body("CreateHostedZoneRequest")?)?;
            let host = request.headers().get("host").and_then(|host| host.to_str().ok());
            location =
                Some(format!("https://{}/2013-04-01/hostedzone/{made}", host.unwrap_or("route53.amazonaws.com")));
            x
        }
        Operation::GetHostedZone => zone::get(state, call, &id)?,
        Operation::DeleteHostedZone => zone::delete(state, call, &id)?,
        Operation::ListHostedZones => list::all(state, call, &query)?,
        Operation::ListHostedZonesByName => list::by_name(state, call, &query)?,
        Operation::ListHostedZonesByVpc => list::by_vpc(state, call, &query)?,
        Operation::AssociateVpc => {
            association::associate(state, call, &id, &body("AssociateVPCWithHostedZoneRequest")?)?
        }
        Operation::DisassociateVpc => {
            association::disassociate(state, call, &id, &body("DisassociateVPCFromHostedZoneRequest")?)?
        }
        Operation::ChangeRecords => batch::apply(state, call, &id, &body("ChangeResourceRecordSetsRequest")?)?,
        Operation::ListRecords => record::list(state, call, &id, &query)?,
        Operation::GetChange => change::get(state, call, &id)?,
        Operation::ChangeTags => tag::change(state, call, &id, &body("ChangeTagsForResourceRequest")?)?,
        Operation::ListTags => tag::list(state, call, &id)?,
        Operation::ListTagsOfMany => tag::list_many(state, call, &body("ListTagsForResourcesRequest")?)?,
    };
    let mut reply =
        Reply::ok(Xml::document(&format!("{}Response", operation.name()), NAMESPACE, |x| x.append(&inside)));
    reply.location = location;
    if operation == Operation::CreateHostedZone {
        reply.status = 201;
    }
    Ok(reply)
}

/// The query of a request.
#[derive(Debug)]
struct Query(BTreeMap<String, String>);

impl Query {
    fn of(request: &http::Request<Bytes>) -> Self {
        let text = request.uri().query().unwrap_or_default();
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `maxitems`, at least one and at most `most`.
    fn max_items(&self, most: usize) -> Answer<usize> {
        let Some(text) = self.get("maxitems") else { return Ok(most) };
        match text.parse::<usize>() {
            Ok(number) if number > 0 => Ok(number.min(most)),
            _ => Err(ApiError::new("InvalidInput", format!("The value '{text}' for maxitems is not valid."))),
        }
    }
}

/// The caller's zone with this id.
fn find_zone<'a>(state: &'a mut AwsState, call: &Call<'_>, text: &str) -> Answer<&'a mut Zone> {
    let missing = || ApiError::new("NoSuchHostedZone", format!("No hosted zone found with ID: {text}")).status(404);
    let id: HostedZoneId = text.parse().map_err(|_| missing())?;
    state.zones.get_mut(&id).filter(|zone| zone.account == call.caller.account).ok_or_else(missing)
}

/// Whether two spellings name the same zone.
pub(super) fn same_zone(zone: &FullName, name: &DnsName) -> bool {
    FullName::parse(name.as_str()).is_some_and(|name| name == *zone)
}
