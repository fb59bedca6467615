//! Making and changing a private endpoint.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use privlink_core::AzureResourceId;

use super::super::body::{self, Fields};
use super::super::error::{Answer, ApiError};
use super::super::state::{AzureState, OnLongRunning};
use super::super::work::{End, Verb};
use super::super::{Call, Reply};
use super::endpoint::{Connection, Endpoint, Interface, Status, busy};

/// The longest request message.
const LONGEST_MESSAGE: usize = 140;

/// What a request asks for.
struct Wish {
    location: String,
    tags: BTreeMap<String, String>,
    subnet: AzureResourceId,
    connection: Connection,
    application_groups: Vec<AzureResourceId>,
    custom_interface: Option<String>,
    static_address: Option<(String, Ipv4Addr)>,
}

pub(in super::super) fn put(state: &mut AzureState, call: &Call<'_>, request: &http::Request<Bytes>) -> Answer<Reply> {
    let id = call.route.id()?;
    check_name(id.name())?;
    let json = body::parse(request)?;
    let wish = read(state, call, &id, &Fields::root(&json)?)?;
    match state.endpoints.get(&id).cloned() {
        // What could not be made is made anew.
        Some(known) if known.work.verb == Verb::Create && !known.work.runs(call.now) && known.work.end != End::Done => {
            make(state, call, id, wish, Some(known))
        }
        Some(known) => change(state, call, known, wish),
        None => make(state, call, id, wish, None),
    }
}

fn make(
    state: &mut AzureState,
    call: &Call<'_>,
    id: AzureResourceId,
    wish: Wish,
    failed: Option<Endpoint>,
) -> Answer<Reply> {
    let subnet = state
        .subnets
        .get(&wish.subnet)
        .cloned()
        .ok_or_else(|| ApiError::reference(wish.subnet.as_str(), id.as_str()))?;
    if subnet.busy_until.is_some_and(|until| until > call.now) {
        return Err(ApiError::new(429, "RetryableError", "A retryable error occurred.").detail(
            "ReferencedResourceNotProvisioned",
            format!("Cannot proceed with operation because resource {} used by resource {id} is not in Succeeded state. Resource is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation.", subnet.id),
        ));
    }
    if failed.is_some() {
        state.endpoints.remove(&id);
    }
    let wanted = wish.static_address.as_ref().map(|(_, address)| *address);
    let address = state.free_address(call.now, &subnet, wanted).map_err(|code| {
        let text = match wanted {
            Some(wanted) => format!("IP address {wanted} cannot be used in subnet {}.", subnet.id),
            None => format!("Subnet {} has no free address.", subnet.id),
        };
        ApiError::bad(code, text)
    })?;
    let interface = match &wish.custom_interface {
        Some(name) => name.clone(),
        None => format!("{}.nic.{}", id.name(), state.ids.guid()),
    };
    let interface: AzureResourceId = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network/networkInterfaces/{interface}",
        id.subscription(),
        id.resource_group()
    )
    .parse()
    .map_err(|_| ApiError::bad("InvalidResourceName", format!("Resource name {interface} is invalid.")))?;
    if state.endpoints.values().any(|other| other.interface.id == interface) {
        let text = format!("Network interface {interface} already exists.");
        return Err(ApiError::new(409, "ResourceExists", text));
    }
    let work = state.begin(call, &id, Verb::Create);
    let mut timeline = vec![(call.now, Status::Pending, "Awaiting approval".to_owned())];
    if work.end == End::Done && (state.behaviour.auto_approval || !wish.connection.manual) {
        timeline.push((work.until, Status::Approved, "Auto-approved".to_owned()));
    }
    let endpoint = Endpoint {
        id: id.clone(),
        location: wish.location,
        tags: wish.tags,
        subnet: subnet.id,
        guid: state.ids.guid(),
        etag: state.ids.guid(),
        connection: wish.connection,
        timeline,
        interface: Interface { id: interface, guid: state.ids.guid(), mac: state.ids.mac() },
        address: IpAddr::V4(address),
        static_address: wish.static_address.map(|(name, _)| name),
        application_groups: wish.application_groups,
        custom_interface: wish.custom_interface,
        work: work.clone(),
        unseen: state.behaviour.unseen_reads,
    };
    state.endpoints.insert(id.clone(), endpoint);
    Ok(answer(state, call, &id, 201).headers(state.poll_headers(call, &work)))
}

/// The body with `status`, or without one where a `Location` is all that is told.
fn answer(state: &AzureState, call: &Call<'_>, id: &AzureResourceId, status: u16) -> Reply {
    if state.behaviour.long_running == OnLongRunning::LocationOnly {
        return Reply::empty(202);
    }
    Reply::json(status, state.render(call, id))
}

fn change(state: &mut AzureState, call: &Call<'_>, known: Endpoint, wish: Wish) -> Answer<Reply> {
    let id = known.id.clone();
    if !known.location.eq_ignore_ascii_case(&wish.location) {
        return Err(ApiError::new(
            409,
            "InvalidResourceLocation",
            format!(
                "The resource '{}' already exists in location '{}' in resource group '{}'. A resource with the same \
                 name cannot be created in location '{}'. Please select a new resource name.",
                id.name(),
                known.location,
                id.resource_group(),
                wish.location
            ),
        ));
    }
    let fixed = |property: &str| {
        ApiError::bad(
            "PropertyChangeNotAllowed",
            format!("Changing property '{property}' of private endpoint {id} is not allowed."),
        )
    };
    let (old, new) = (&known.connection, &wish.connection);
    if known.subnet != wish.subnet {
        return Err(fixed("subnet"));
    }
    if old.manual != new.manual || old.alias != new.alias {
        return Err(fixed("privateLinkServiceConnections.privateLinkServiceId"));
    }
    if old.name != new.name {
        return Err(fixed("privateLinkServiceConnections.name"));
    }
    if known.custom_interface != wish.custom_interface {
        return Err(fixed("customNetworkInterfaceName"));
    }
    let address = wish.static_address.as_ref().map(|(name, address)| (name.as_str(), IpAddr::V4(*address)));
    if address != known.static_address.as_deref().map(|name| (name, known.address)) {
        return Err(fixed("ipConfigurations"));
    }
    let same =
        known.tags == wish.tags && known.application_groups == wish.application_groups && old.message == new.message;
    let running = known.work.runs(call.now);
    if running && (known.work.verb == Verb::Delete || !same) {
        return Err(busy(&id));
    }
    if same {
        let headers = if running { state.poll_headers(call, &known.work) } else { Vec::new() };
        return Ok(Reply::json(200, state.render(call, &id)).headers(headers));
    }
    let (work, etag) = (state.begin(call, &id, Verb::Update), state.ids.guid());
    if let Some(endpoint) = state.endpoints.get_mut(&id) {
        endpoint.tags = wish.tags;
        endpoint.application_groups = wish.application_groups;
        endpoint.connection.message = wish.connection.message;
        endpoint.etag = etag;
        endpoint.work = work.clone();
    }
    Ok(answer(state, call, &id, 200).headers(state.poll_headers(call, &work)))
}

fn read(state: &AzureState, call: &Call<'_>, id: &AzureResourceId, root: &Fields<'_>) -> Answer<Wish> {
    let root = root.known(&["id", "name", "type", "etag", "location", "tags", "properties", "extendedLocation"])?;
    let location = root
        .text("location")?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| ApiError::bad("LocationRequired", "The location property is required for this definition."))?;
    let tags = body::tags(root)?;
    let missing = |what: &str| ApiError::unreadable(format!("Required property '{what}' was not found."));
    let properties = root.object("properties")?.ok_or_else(|| missing("properties"))?.only(&[
        "subnet",
        "networkInterfaces",
        "provisioningState",
        "ipVersionType",
        "privateLinkServiceConnections",
        "manualPrivateLinkServiceConnections",
        "customDnsConfigs",
        "applicationSecurityGroups",
        "ipConfigurations",
        "customNetworkInterfaceName",
        // Not in the specification either, but clients send back what they were given.
        "resourceGuid",
    ])?;
    let subnet = properties.reference("subnet")?.ok_or_else(|| missing("properties.subnet"))?;
    call.require_linked("Microsoft.Network/virtualNetworks/subnets/join/action", subnet.as_str())?;
    let known = state.subnets.get(&subnet).and_then(|known| Some((known, state.vnets.get(&known.vnet)?)));
    let Some((known, vnet)) = known.filter(|(_, vnet)| {
        vnet.id.subscription() == id.subscription() && vnet.location.eq_ignore_ascii_case(&plain(location))
    }) else {
        return Err(ApiError::reference(subnet.as_str(), id.as_str()));
    };
    let connection = connection(state, call, &properties)?;
    let mut application_groups = Vec::new();
    for group in properties.objects("applicationSecurityGroups")?.unwrap_or_default() {
        let text = group.text("id")?.unwrap_or_default();
        let group: AzureResourceId =
            text.parse().map_err(|_| body::not_an_id(text, "properties.applicationSecurityGroups.id"))?;
        call.require_linked("Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action", group.as_str())?;
        let known = state.application_groups.get(&group).ok_or_else(|| ApiError::reference(text, id.as_str()))?;
        application_groups.push(known.id.clone());
    }
    let mut addresses = Vec::new();
    for address in properties.objects("ipConfigurations")?.unwrap_or_default() {
        let address = address.only(&["name", "id", "type", "etag", "properties"])?;
        let name = address.text("name")?.ok_or_else(|| missing("properties.ipConfigurations.name"))?.to_owned();
        let inner = address.object("properties")?.ok_or_else(|| missing("properties.ipConfigurations.properties"))?;
        let inner = inner.only(&["groupId", "memberName", "privateIPAddress", "provisioningState"])?;
        for own in ["groupId", "memberName"] {
            if inner.text(own)?.is_some_and(|text| !text.is_empty()) {
                let text = format!("A Private Link service has no {own}; leave it out of ipConfigurations.");
                return Err(ApiError::unreadable(text));
            }
        }
        let text = inner.text("privateIPAddress")?.unwrap_or_default();
        let wanted =
            text.parse().map_err(|_| ApiError::bad("InvalidIPAddress", format!("'{text}' is not an IPv4 address.")))?;
        addresses.push((name, wanted));
    }
    if addresses.len() > 1 {
        return Err(ApiError::unreadable("A connection to a Private Link service has one address."));
    }
    let custom = properties.text("customNetworkInterfaceName")?.filter(|name| !name.is_empty());
    Ok(Wish {
        location: vnet.location.clone(),
        tags,
        subnet: known.id.clone(),
        connection,
        application_groups,
        custom_interface: custom.map(str::to_owned),
        static_address: addresses.pop(),
    })
}

/// The one connection that an endpoint has.
fn connection(state: &AzureState, call: &Call<'_>, properties: &Fields<'_>) -> Answer<Connection> {
    const AUTOMATIC: &str = "privateLinkServiceConnections";
    const MANUAL: &str = "manualPrivateLinkServiceConnections";
    let mut found = Vec::new();
    for (array, manual) in [(AUTOMATIC, false), (MANUAL, true)] {
        for connection in properties.objects(array)?.unwrap_or_default() {
            found.push((connection.only(&["id", "name", "type", "etag", "properties"])?, array, manual));
        }
    }
    let [(connection, array, manual)] = found.as_slice() else {
        return Err(ApiError::unreadable(format!(
            "A private endpoint has exactly one connection in {AUTOMATIC} or {MANUAL}, not {}.",
            found.len()
        )));
    };
    let missing = |what: &str| ApiError::unreadable(format!("Required property '{what}' was not found in {array}."));
    let name = connection.text("name")?.filter(|name| !name.is_empty()).ok_or_else(|| missing("name"))?;
    let inner = connection.object("properties")?.ok_or_else(|| missing("properties"))?.only(&[
        "provisioningState",
        "privateLinkServiceId",
        "groupIds",
        "requestMessage",
        "privateLinkServiceConnectionState",
    ])?;
    let service = inner.text("privateLinkServiceId")?.ok_or_else(|| missing("privateLinkServiceId"))?;
    let by_alias = service.to_ascii_lowercase().ends_with(".azure.privatelinkservice");
    // An alias can be given where somebody else approves, and nowhere else.
    let fits = service.starts_with('/') || (by_alias && *manual);
    if !fits {
        return Err(body::not_an_id(service, &format!("properties.{array}[0].properties.privateLinkServiceId")));
    }
    if !inner.texts("groupIds")?.is_empty() {
        return Err(ApiError::unreadable("A Private Link service has no sub-resources; leave groupIds out."));
    }
    let message = inner.text("requestMessage")?;
    if message.is_some_and(|message| message.chars().count() > LONGEST_MESSAGE) {
        let text = format!("requestMessage has more than {LONGEST_MESSAGE} characters.");
        return Err(ApiError::unreadable(text));
    }
    let subscription = call.route.subscription_id()?;
    let seen = state
        .service(service)
        .filter(|service| service.visible_to.as_ref().is_none_or(|those| those.contains(&subscription)));
    let Some(known) = seen else {
        return Err(ApiError::bad(
            "ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible",
            format!(
                "The private link service {service} does not exist or is not visible to subscription {subscription}."
            ),
        ));
    };
    Ok(Connection {
        name: name.to_owned(),
        manual: *manual,
        service: service.to_owned(),
        alias: known.alias.clone(),
        message: message.map(str::to_owned),
    })
}

/// A region's name without spaces and capitals: `West US 3` is `westus3`.
fn plain(location: &str) -> String {
    location.chars().filter(|c| *c != ' ').collect::<String>().to_ascii_lowercase()
}

fn check_name(name: &str) -> Answer<()> {
    let own = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let whole = name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(own)
        && name.len() <= 80
        && name.chars().all(|c| own(c) || matches!(c, '.' | '-'));
    if whole {
        return Ok(());
    }
    Err(ApiError::bad(
        "InvalidResourceName",
        format!(
            "Resource name {name} is invalid. The name can be up to 80 characters long. It must begin with a word \
             character, and it must end with a word character or with '_'. The name may contain word characters or \
             '.', '-', '_'."
        ),
    ))
}
