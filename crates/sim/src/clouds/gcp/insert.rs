//! `forwardingRules.insert`: making an endpoint.

use std::net::Ipv4Addr;

use privlink_core::{Region, ServiceAttachment};
use serde_json::{Map, Value};

use super::address::{usable_subnet, wanted};
use super::body::{Fields, object};
use super::error::{Answer, ApiError};
use super::forwarding::no_global_access;
use super::label::{self, Labels};
use super::link::{ADDRESSES, Global, NETWORKS, RULES, Regional, is_name, partial};
use super::operation::{self, Begin, Failure};
use super::psc::{Acceptance, Connection, PscStatus};
use super::rule::{GlobalAccess, Rule};
use super::state::{Attachment, GcpState, Subnet};
use super::{Call, auth, directory};

/// The fields of a forwarding rule that the API's document has.
pub(super) const FIELDS: &[&str] = &[
    "IPAddress",
    "IPAddresses",
    "IPProtocol",
    "allPorts",
    "allowGlobalAccess",
    "allowPscGlobalAccess",
    "attachedExtensions",
    "availabilityGroup",
    "backendService",
    "baseForwardingRule",
    "childForwardingRules",
    "creationTimestamp",
    "description",
    "externalManagedBackendBucketMigrationState",
    "externalManagedBackendBucketMigrationTestingPercentage",
    "fingerprint",
    "id",
    "ipCollection",
    "ipVersion",
    "isMirroringCollector",
    "kind",
    "labelFingerprint",
    "labels",
    "loadBalancingScheme",
    "metadataFilters",
    "name",
    "network",
    "networkTier",
    "noAutomateDnsZone",
    "parentForwardingRule",
    "portRange",
    "ports",
    "pscConnectionId",
    "pscConnectionStatus",
    "region",
    "selfLink",
    "selfLinkWithId",
    "serviceDirectoryRegistrations",
    "serviceLabel",
    "serviceName",
    "sourceIpRanges",
    "subnetwork",
    "target",
];

/// What an endpoint of Private Service Connect cannot have.
const FOREIGN: &[&str] = &[
    "IPProtocol",
    "allPorts",
    "allowGlobalAccess",
    "backendService",
    "isMirroringCollector",
    "loadBalancingScheme",
    "metadataFilters",
    "portRange",
    "ports",
    "serviceLabel",
    "sourceIpRanges",
];

pub(super) fn insert(state: &mut GcpState, call: &Call<'_>) -> Answer<Value> {
    if let Some(known) = operation::replay(state, call)? {
        return Ok(known);
    }
    let region = call.region()?;
    let body = object(call.request)?;
    let fields = Fields::of("resource", &body, FIELDS)?;
    let name = fields.required("name")?;
    if !is_name(name) {
        let why = "Must be a match of regex '(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?)'";
        return Err(ApiError::value("resource.name", name, why));
    }
    let key = Regional::new(call.project, &region, RULES, name);
    for permission in ["compute.forwardingRules.create", "compute.forwardingRules.pscCreate"] {
        call.require(permission, &key)?;
    }
    let attachment = target(state, &fields, &region)?;
    belongs(&fields)?;
    let global_access = fields.flag("allowPscGlobalAccess")?.unwrap_or(false);
    if global_access && !attachment.global_access {
        return Err(no_global_access(attachment.name.as_str()));
    }
    let no_automate_dns_zone = fields.flag("noAutomateDnsZone")?.unwrap_or(false);
    let namespace = namespace(call, &fields, &region)?;
    let description = fields.text("description")?.unwrap_or_default().to_owned();
    let given = fields.labels("labels")?.unwrap_or_default();
    let labels = label::at_insert(state, "resource.labels", given)?;
    let (network, subnet) = place(state, call, &fields, &key)?;
    let Chosen { ip, address, failure } = choose(state, call, &fields, &region, &network, subnet.as_ref())?;
    auth::enabled(state, "servicedirectory", call.project)?;
    for permission in ["servicedirectory.namespaces.create", "servicedirectory.services.create"] {
        call.require(permission, &key)?;
    }
    if state.rule(call.now, &key).is_some() {
        return Err(ApiError::exists(&key.to_string()));
    }
    let failure = failure.or(full(state, call)?);

    let (id, connection) = (state.ids.number(), state.ids.connection());
    let takes = state.behaviour.rule_operation;
    let plan = Begin { kind: "insert", target: &key, target_id: id, takes, failure };
    let (begun, shown) = operation::begin(state, call, plan)?;
    state.remember_fresh(&key);
    let mut connection = Connection::new(connection, attachment.generation, begun.ends);
    let answered = begun.ends + state.behaviour.accept_after;
    if attachment.refuses.contains(call.project) {
        connection.turn(answered, PscStatus::Rejected);
    } else if attachment.acceptance.unwrap_or(state.behaviour.acceptance) == Acceptance::Automatic {
        connection.turn(answered, PscStatus::Accepted);
    }
    let rule = Rule {
        key: key.clone(),
        id,
        description,
        target: attachment.name.clone(),
        network,
        subnet,
        ip,
        address,
        no_automate_dns_zone,
        namespace,
        labels: Labels::new(labels),
        global_access: GlobalAccess::new(global_access),
        connection,
        made: call.now,
        ready: begun.ends,
        gone: (!begun.works).then_some(begun.ends),
        busy: begun.ends,
    };
    if begun.works && !no_automate_dns_zone {
        directory::automate(state, call, &rule, attachment.domain.as_ref());
    }
    state.rules.insert(key, rule);
    Ok(shown)
}

/// The attachment that a rule in `region` may point at.
fn target(state: &GcpState, fields: &Fields<'_>, region: &Region) -> Answer<Attachment> {
    let text = fields.required("target")?;
    let wrong = |why: &str| ApiError::value("resource.target", text, why);
    let Ok(name) = partial(text).parse::<ServiceAttachment>() else {
        return Err(wrong("The URL is malformed, or its resource is no service attachment."));
    };
    if name.region() != *region {
        return Err(wrong(&format!("The target must be in the region '{region}' of the forwarding rule.")));
    }
    state
        .attachments
        .get(&name)
        .cloned()
        .ok_or_else(|| wrong("The referenced service attachment resource cannot be found."))
}

/// Refuses fields of load balancers.
fn belongs(fields: &Fields<'_>) -> Answer<()> {
    for name in FOREIGN {
        let Some(value) = fields.get(name) else { continue };
        let empty = match value {
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Bool(flag) => !flag,
            _ => false,
        };
        if !empty {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let why = "The field must not be set on a forwarding rule whose target is a service attachment.";
            return Err(ApiError::value(&fields.place(name), &text, why));
        }
    }
    Ok(())
}

/// The Service Directory namespace it is registered in.
fn namespace(call: &Call<'_>, fields: &Fields<'_>, region: &Region) -> Answer<String> {
    let place = "resource.serviceDirectoryRegistrations";
    let registrations = fields.list("serviceDirectoryRegistrations")?.unwrap_or_default();
    let default = || "goog-psc-default".to_owned();
    let first = match registrations {
        [] => return Ok(default()),
        [one] => one,
        more => return Err(ApiError::value(place, &more.len().to_string(), "There can be at most one registration.")),
    };
    let empty = Map::new();
    let map = first.as_object().unwrap_or(&empty);
    let first = Fields::of(place, map, &["namespace", "service", "serviceDirectoryRegion"])?;
    let Some(text) = first.text("namespace")? else { return Ok(default()) };
    let name = match text.split('/').collect::<Vec<_>>().as_slice() {
        [name] => *name,
        ["projects", project, "locations", location, "namespaces", name]
            if *location == region.as_str() && *project == call.project.as_str() =>
        {
            *name
        }
        _ => "",
    };
    if is_name(name) {
        Ok(name.to_owned())
    } else {
        Err(ApiError::value(
            &first.place("namespace"),
            text,
            "The namespace must be one of the rule's project and region.",
        ))
    }
}

/// The network, and the subnet if one is given: of that the caller needs no more than its use.
/// Without either it is the project's network `default`.
fn place(state: &GcpState, call: &Call<'_>, fields: &Fields<'_>, key: &Regional) -> Answer<(Global, Option<Regional>)> {
    let wrong = |text: &str, why: &str| ApiError::value("resource.network", text, why);
    let given = match fields.text("network")? {
        None => None,
        Some(text) => match Global::parse(text, NETWORKS, Some(call.project)) {
            None => return Err(wrong(text, "The URL is malformed.")),
            known => known,
        },
    };
    if let Some(text) = fields.text("subnetwork")? {
        let subnet = usable_subnet(state, call, "resource.subnetwork", text, key)?;
        let network = state.subnets.get(&subnet).map(|subnet| subnet.network.clone());
        let network = network.ok_or_else(|| ApiError::not_found(&subnet.to_string()))?;
        if given.is_some_and(|given| given != network) {
            return Err(ApiError::value("resource.subnetwork", text, "The subnetwork is not in the given network."));
        }
        return Ok((network, Some(subnet)));
    }
    let network = given.unwrap_or_else(|| Global::new(call.project, NETWORKS, "default"));
    let text = network.to_string();
    call.caller.require(&network.project, "compute.networks.use", &text)?;
    if !state.networks.contains_key(&network) {
        return Err(wrong(&text, "The referenced network resource cannot be found."));
    }
    if !state.shares(call.project, &network.project) {
        return Err(wrong(&text, "The project is not a service project of the network's project."));
    }
    Ok((network, None))
}

/// The address a rule gets.
struct Chosen {
    ip: Ipv4Addr,
    /// The reserved address it is.
    address: Option<Regional>,
    /// Why the operation cannot have it.
    failure: Option<Failure>,
}

fn choose(
    state: &GcpState,
    call: &Call<'_>,
    fields: &Fields<'_>,
    region: &Region,
    network: &Global,
    subnet: Option<&Regional>,
) -> Answer<Chosen> {
    let here = |own: &&Subnet| {
        own.network == *network && own.key.region == *region && subnet.is_none_or(|wanted| own.key == *wanted)
    };
    let no_subnet = || {
        let why = format!("The network has no subnetwork in the region '{region}'.");
        ApiError::value("resource.network", &network.to_string(), &why)
    };
    let Some(text) = fields.text("IPAddress")? else {
        let subnet = state.subnets.values().find(here).ok_or_else(no_subnet)?;
        return Ok(Chosen { ip: state.free_address(call.now, subnet)?, address: None, failure: None });
    };
    let wrong = |why: &str| ApiError::value("resource.IPAddress", text, why);
    if let Ok(ip) = text.parse::<Ipv4Addr>() {
        let subnet = state.subnets.values().filter(here).find(|subnet| subnet.range.contains(&ip));
        let subnet = subnet.ok_or_else(|| wrong("The address is in no subnetwork of the network and region."))?;
        // An address that the project has reserved may be given by its number too.
        let reserved = state.addresses.values().find(|address| {
            address.exists(call.now)
                && address.ip == ip
                && address.key.project == *call.project
                && address.subnet.as_ref() == Some(&subnet.key)
        });
        return match reserved {
            Some(address) => reserve(state, call, &address.key, network, text),
            None => wanted(state, call.now, "resource.IPAddress", text, subnet).map(|(ip, failure)| Chosen {
                ip,
                address: None,
                failure,
            }),
        };
    }
    let key = match Regional::parse(text, ADDRESSES, Some(call.project)) {
        Some(key) => key,
        None if is_name(text) => Regional::new(call.project, region, ADDRESSES, text),
        None => return Err(wrong("The URL is malformed.")),
    };
    if key.region != *region {
        return Err(wrong(&format!("The address must be in the region '{region}' of the forwarding rule.")));
    }
    reserve(state, call, &key, network, text)
}

/// Takes an address that is reserved.
fn reserve(state: &GcpState, call: &Call<'_>, key: &Regional, network: &Global, text: &str) -> Answer<Chosen> {
    let wrong = |why: &str| ApiError::value("resource.IPAddress", text, why);
    call.caller.require(&key.project, "compute.addresses.use", &key.to_string())?;
    let Some(address) = state.address(call.now, key) else {
        return Err(wrong("The referenced address resource cannot be found."));
    };
    let subnet = address.subnet.as_ref().and_then(|subnet| state.subnets.get(subnet));
    let Some(subnet) = subnet else { return Err(wrong("The address must be an internal one.")) };
    if subnet.network != *network {
        return Err(wrong("The address is not in the network of the forwarding rule."));
    }
    if state.rules.values().any(|rule| rule.exists(call.now) && rule.address.as_ref() == Some(&address.key)) {
        return Err(wrong("Specified IP address is in-use and would result in a conflict."));
    }
    if call.now < address.busy {
        return Err(ApiError::not_ready(&key.to_string()));
    }
    Ok(Chosen { ip: address.ip, address: Some(address.key.clone()), failure: None })
}

/// Why there can be no more endpoints.
fn full(state: &GcpState, call: &Call<'_>) -> Answer<Option<Failure>> {
    let limit = state.behaviour.endpoint_quota;
    let used = state.rules.values().filter(|r| r.exists(call.now) && r.key.project == *call.project).count();
    if used < limit {
        return Ok(None);
    }
    let full = Failure::quota("PSC_INTERNAL_LB_FORWARDING_RULES", limit);
    if state.behaviour.quota_in_operation { Ok(Some(full)) } else { Err(full.refusal()) }
}
