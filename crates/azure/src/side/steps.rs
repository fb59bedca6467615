//! The steps of this side: their parameters, what they need and give, what they cost.

use std::net::Ipv4Addr;
use std::time::Duration;

use privlink_core::side::{Cx, Effect, Fact, Grant, SideId, Slot, Step, StepKind, TouchKey, Undo};
use privlink_core::{AzurePrivateEndpointId, DnsName, EndpointServiceId, Region, Text, Turn};
use serde::{Deserialize, Serialize};

use super::mark::{self, Keys};
use super::naming;
use crate::ids::{
    ApplicationSecurityGroupId, PrivateDnsZoneId, ResourceGroup, SubnetId, VirtualNetworkId, VirtualNetworkLinkId,
};

/// The name of this side.
pub(super) const SIDE: SideId = SideId::new("azure");

/// The facts of one zone, one record and one link, so that what follows waits for its own alone.
pub(super) fn zone_fact(zone: &PrivateDnsZoneId) -> Fact {
    own("zone", zone.as_str())
}

pub(super) fn record_fact(zone: &PrivateDnsZoneId, record: &DnsName) -> Fact {
    own("record", &format!("{zone}|{record}"))
}

fn link_fact(zone: &PrivateDnsZoneId, network: &VirtualNetworkId) -> Fact {
    own("zone_link", &format!("{zone}|{network}"))
}

fn own(kind: &str, what: &str) -> Fact {
    Fact::Own(format!("azure.{kind}:{}", what.to_ascii_lowercase()).into())
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $verb:literal { $($field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(super) struct $name { $(pub(super) $field: $type,)* }

        impl StepKind for $name {
            const VERB: &'static str = $verb;
        }
    )+};
}

kinds! {
    /// Make the endpoint.
    MakeEndpoint = "azure.endpoint" {
        service: EndpointServiceId,
        location: Region,
        subnet: SubnetId,
        security_groups: Vec<ApplicationSecurityGroupId>,
        address: Option<Ipv4Addr>,
        request_message: Option<String>,
    }
    /// Read the address of its interface.
    ReadAddress = "azure.address" { service: EndpointServiceId, }
    /// Wait until its connection is approved.
    AwaitConnected = "azure.await_connected" { service: EndpointServiceId, }
    /// Make the private zone.
    MakeZone = "azure.zone" { zone: PrivateDnsZoneId, }
    /// Write the record.
    WriteRecord = "azure.record" {
        service: EndpointServiceId,
        zone: PrivateDnsZoneId,
        given: bool,
        record: DnsName,
    }
    /// Link the zone to a network.
    LinkZone = "azure.zone_link" { zone: PrivateDnsZoneId, given: bool, network: VirtualNetworkId, }
    /// Take a link away.
    RemoveLink = "azure.remove_zone_link" { link: VirtualNetworkLinkId, network: VirtualNetworkId, }
    /// Take a record away.
    RemoveRecord = "azure.remove_record" { zone: PrivateDnsZoneId, record: DnsName, }
    /// Take a zone away.
    RemoveZone = "azure.remove_zone" { zone: PrivateDnsZoneId, }
    /// Delete endpoints of ours for a service: those that were told to the vendor's side, or dead.
    RemoveEndpoint = "azure.remove_endpoint" { service: EndpointServiceId, endpoints: Vec<AzurePrivateEndpointId>, }
    /// Take the tag of this user off an endpoint of ours.
    LeaveEndpoint = "azure.leave_endpoint" { service: EndpointServiceId, endpoint: AzurePrivateEndpointId, }
    /// Take our marks off an adopted endpoint.
    ReleaseEndpoint = "azure.release_endpoint" { service: EndpointServiceId, endpoint: AzurePrivateEndpointId, }
}

impl MakeEndpoint {
    /// What the owner of the service is shown.
    pub(super) fn message(&self, cx: &Cx) -> String {
        self.request_message.clone().unwrap_or_else(|| format!("privlink: {}", cx.link()))
    }
}

/// Makes steps of one network: key, place and permissions are the same kind of thing for all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) keys: Keys<'a>,
    pub(super) group: &'a str,
}

impl Maker<'_> {
    fn network(&self) -> &VirtualNetworkId {
        self.keys.network
    }

    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: impl Into<Text>) -> Step {
        let place = format!("{} {} {}", self.keys.subscription(), self.group, self.network().name());
        Step::new(SIDE, key, kind, what).place(place)
    }

    /// The resource group that endpoints are made in, as permissions name it.
    fn group_scope(&self) -> String {
        format!("/subscriptions/{}/resourceGroups/{}", self.keys.subscription(), self.group)
    }

    /// The resource group of an endpoint: our own, unless one that was taken in is in another.
    fn scope_of_endpoint(&self, id: Option<&AzurePrivateEndpointId>) -> String {
        let theirs = id.map(|id| ResourceGroup::of(id.resource()).to_string());
        theirs.filter(|theirs| !theirs.eq_ignore_ascii_case(&self.group_scope())).unwrap_or_else(|| self.group_scope())
    }

    /// Where endpoints are listed to find this one: only the list of the whole subscription shows
    /// what is in a group that is not ours.
    fn scope_of_list(&self, id: Option<&AzurePrivateEndpointId>) -> String {
        let group = self.group_scope();
        match self.scope_of_endpoint(id) == group {
            true => group,
            false => format!("/subscriptions/{}", self.keys.subscription()),
        }
    }

    /// What every plan reads, whatever it finds; `id` is the endpoint that is there.
    fn looks(&self, id: Option<&AzurePrivateEndpointId>) -> [Grant; 7] {
        let (group, own) = (self.group_scope(), ResourceGroup::of(self.network().resource()));
        let [endpoint, interface] = self.follows(id);
        [
            grant("Microsoft.Network/virtualNetworks/read", self.network().to_string()),
            grant("Microsoft.Network/networkSecurityGroups/read", own.to_string()),
            endpoint,
            interface,
            grant("Microsoft.Network/privateDnsZones/read", group.clone()),
            grant("Microsoft.Network/privateDnsZones/A/read", group.clone()),
            grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", group),
        ]
    }

    /// What it takes to look at an endpoint again: itself, and the address of its interface.
    fn follows(&self, id: Option<&AzurePrivateEndpointId>) -> [Grant; 2] {
        [
            grant("Microsoft.Network/privateEndpoints/read", self.scope_of_list(id)),
            grant("Microsoft.Network/networkInterfaces/read", self.scope_of_endpoint(id)),
        ]
    }

    /// What it takes to follow an operation on an endpoint: granted on its group, or above.
    fn polls(&self, id: Option<&AzurePrivateEndpointId>) -> [Grant; 2] {
        let scope = self.scope_of_endpoint(id);
        [
            grant("Microsoft.Network/locations/operations/read", scope.clone()),
            grant("Microsoft.Network/locations/operationResults/read", scope),
        ]
    }

    /// What it takes to change the tags of an endpoint: all of it is sent, its subnet too.
    fn changes(&self, id: &AzurePrivateEndpointId) -> Vec<Grant> {
        let mut all = vec![
            grant("Microsoft.Network/privateEndpoints/write", id.to_string()),
            grant("Microsoft.Network/virtualNetworks/subnets/join/action", self.network().to_string()),
        ];
        all.extend(self.polls(Some(id)));
        all.extend(self.looks(Some(id)));
        all
    }

    /// What it takes to follow one on a zone or link.
    fn polls_of(zone: &PrivateDnsZoneId) -> [Grant; 2] {
        [
            grant("Microsoft.Network/privateDnsOperationStatuses/read", scope_of(zone)),
            grant("Microsoft.Network/privateDnsOperationResults/read", scope_of(zone)),
        ]
    }

    /// `user` is whose databases will use it.
    pub(super) fn endpoint(&self, slot: &Slot, kind: &MakeEndpoint, user: Option<&str>) -> Step {
        let group = self.group_scope();
        let groups = kind
            .security_groups
            .iter()
            .map(|id| grant("Microsoft.Network/applicationSecurityGroups/joinIpConfiguration/action", id.to_string()));
        self.step(self.keys.taken(&kind.service, user), kind, "make the private endpoint")
            .why(format!("it is the network's end of the link to {}", kind.service))
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([Fact::Endpoint])
            .effects([Effect::Costs])
            .takes(Duration::from_secs(60), Duration::from_secs(3_600))
            .turn(Turn::Cloud)
            .grants([
                grant("Microsoft.Network/privateEndpoints/write", group),
                grant("Microsoft.Network/virtualNetworks/subnets/join/action", kind.subnet.to_string()),
            ])
            .grants(self.polls(None))
            .grants(self.looks(None))
            .grants(groups)
    }

    /// `id` is the endpoint that is there.
    pub(super) fn address(
        &self,
        slot: &Slot,
        service: &EndpointServiceId,
        id: Option<&AzurePrivateEndpointId>,
    ) -> Step {
        let kind = ReadAddress { service: service.clone() };
        self.step(self.keys.address(service), &kind, "read the endpoint's address")
            .why("the endpoint's interface has it, before and after the connection is approved")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Address])
            .waits_for(Turn::Cloud)
            .grants(self.follows(id))
    }

    /// `id` is the endpoint that is there.
    pub(super) fn await_connected(
        &self,
        slot: &Slot,
        service: &EndpointServiceId,
        id: Option<&AzurePrivateEndpointId>,
        by_vendor: bool,
    ) -> Step {
        let kind = AwaitConnected { service: service.clone() };
        let step = self
            .step(self.keys.connection(service), &kind, "wait until the endpoint's connection is approved")
            .why("nothing may lead to the endpoint before it works")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Connected])
            .waits_for(Turn::Vendor)
            .takes(Duration::from_secs(120), Duration::from_secs(3_600))
            .grants(self.follows(id));
        // The vendor approves once its list names the endpoint, and not before.
        if by_vendor { step.needs([Fact::Accepted]) } else { step }
    }

    pub(super) fn zone(&self, slot: &Slot, zone: &PrivateDnsZoneId, exact: bool) -> Step {
        let why = if exact {
            "a zone named exactly the host answers for it alone and hides no other name"
        } else {
            "the vendor's shared zone is answered inside the network"
        };
        let kind = MakeZone { zone: zone.clone() };
        self.step(mark::zone_key(self.network(), zone), &kind, format!("make the private zone {}", zone.zone()))
            .why(why)
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .gives([zone_fact(zone)])
            .effects([Effect::Costs])
            .takes(Duration::from_secs(40), Duration::from_secs(1_800))
            .turn(Turn::Cloud)
            .grants([
                grant("Microsoft.Network/privateDnsZones/read", scope_of(zone)),
                grant("Microsoft.Network/privateDnsZones/write", scope_of(zone)),
            ])
            .grants(Self::polls_of(zone))
    }

    /// `last`: the zone answers in the network already, so that the record is all that is missing.
    pub(super) fn record(&self, slot: &Slot, kind: &WriteRecord, last: bool) -> Step {
        let key = mark::record_key(self.network(), &kind.zone, &kind.record);
        let step = self
            .step(key, kind, format!("write the record {}", kind.record))
            .why("clients in the network then reach the database by its own name")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names, Fact::Address])
            .gives([record_fact(&kind.zone, &kind.record)])
            .grants([
                grant("Microsoft.Network/privateDnsZones/A/read", kind.zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/A/write", kind.zone.to_string()),
            ]);
        let step = if kind.given { step } else { step.needs([zone_fact(&kind.zone)]) };
        if last { step.gives([Fact::Resolving]) } else { step }
    }

    /// `after`: the records that must be there before the zone answers, so that it never answers
    /// that there is no such name. `resolves`: it is this link that makes the names resolve.
    pub(super) fn link(&self, slot: &Slot, kind: &LinkZone, after: &[DnsName], resolves: bool, exact: bool) -> Step {
        let own_network = kind.network == *self.network();
        let step = self
            .step(
                mark::link_key(self.network(), &kind.zone, &kind.network),
                kind,
                format!("link the zone {} to {}", kind.zone.zone(), kind.network.name()),
            )
            .why(match own_network {
                true => "a private zone answers in the networks it is linked to, and in no other",
                false => "clients in that network are to resolve the name too",
            })
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .needs(after.iter().map(|record| record_fact(&kind.zone, record)))
            .gives([link_fact(&kind.zone, &kind.network)])
            .takes(Duration::from_secs(60), Duration::from_secs(1_800))
            .turn(Turn::Cloud)
            .grants([
                grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", kind.zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/write", kind.zone.to_string()),
                grant("Microsoft.Network/virtualNetworks/join/action", kind.network.to_string()),
            ])
            .grants(Self::polls_of(&kind.zone));
        let step = if kind.given { step } else { step.needs([zone_fact(&kind.zone)]) };
        let step = if exact { step } else { step.effects([Effect::ShadowsNames]) };
        if resolves { step.gives([Fact::Resolving]) } else { step }
    }

    /// `shared`: of a zone that may serve other links too.
    pub(super) fn remove_link(
        &self,
        slot: &Slot,
        link: &VirtualNetworkLinkId,
        network: &VirtualNetworkId,
        records: &[DnsName],
        shared: bool,
    ) -> Step {
        let zone = link.zone();
        let kind = RemoveLink { link: link.clone(), network: network.clone() };
        let step = self
            .step(
                mark::link_key(self.network(), &zone, network),
                &kind,
                format!("unlink the zone {} from {}", zone.zone(), network.name()),
            )
            .thing(format!("link of zone {} to {}", zone.zone(), network.name()))
            .why("the zone must answer nowhere before it can go")
            .slot(slot.clone())
            .needs([zone_fact(&zone)])
            // A zone of one host stops answering before its record goes; a shared one after the endpoint.
            .needs(records.iter().filter(|_| !shared).map(|record| record_fact(&zone, record)))
            .gives([link_fact(&zone, network)])
            .undo(Undo::ReAddable)
            .effects([Effect::CutsTraffic])
            .takes(Duration::from_secs(60), Duration::from_secs(1_800))
            .turn(Turn::Cloud)
            .grants([
                grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/delete", zone.to_string()),
            ])
            .grants(Self::polls_of(&zone));
        self.before_or_after_the_endpoint(step, shared)
    }

    /// `shared`: a wildcard, which may serve other links too.
    pub(super) fn remove_record(&self, slot: &Slot, kind: &RemoveRecord, shared: bool) -> Step {
        let step = self
            .step(
                mark::record_key(self.network(), &kind.zone, &kind.record),
                kind,
                format!("remove the record {}", kind.record),
            )
            .thing(format!("record {} in zone {}", kind.record, kind.zone.zone()))
            .why(if shared {
                "the endpoint it leads to is gone"
            } else {
                "nothing may lead to the endpoint when it goes"
            })
            .slot(slot.clone())
            .needs([zone_fact(&kind.zone)])
            .gives([record_fact(&kind.zone, &kind.record)])
            .undo(Undo::ReAddable)
            .effects([Effect::CutsTraffic])
            .grants([
                grant("Microsoft.Network/privateDnsZones/A/read", kind.zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/A/delete", kind.zone.to_string()),
            ]);
        self.before_or_after_the_endpoint(step, shared)
    }

    /// `shared`: not named exactly one host, so that it may serve other links too.
    pub(super) fn remove_zone(&self, slot: &Slot, zone: &PrivateDnsZoneId, shared: bool) -> Step {
        let kind = RemoveZone { zone: zone.clone() };
        let step = self
            .step(mark::zone_key(self.network(), zone), &kind, format!("remove the private zone {}", zone.zone()))
            .thing(format!("private zone {}", zone.zone()))
            .why("it is ours, and holds nothing else")
            .slot(slot.clone())
            .gives([zone_fact(zone)])
            .undo(Undo::ReAddable)
            .takes(Duration::from_secs(40), Duration::from_secs(1_800))
            .turn(Turn::Cloud)
            .grants([
                grant("Microsoft.Network/privateDnsZones/read", scope_of(zone)),
                grant("Microsoft.Network/privateDnsZones/A/read", zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/virtualNetworkLinks/read", zone.to_string()),
                grant("Microsoft.Network/privateDnsZones/delete", scope_of(zone)),
            ])
            .grants(Self::polls_of(zone));
        self.before_or_after_the_endpoint(step, shared)
    }

    fn before_or_after_the_endpoint(&self, step: Step, shared: bool) -> Step {
        if shared {
            step.gives([Fact::SharedNames])
        } else {
            step.needs([Fact::Connected, Fact::Served, Fact::Names]).gives([Fact::Resolving])
        }
    }

    pub(super) fn remove_endpoint(
        &self,
        slot: &Slot,
        service: &EndpointServiceId,
        ids: &[&AzurePrivateEndpointId],
    ) -> Step {
        let listed = ids.iter().map(|id| id.resource().name()).collect::<Vec<_>>().join(", ");
        let endpoints = ids.iter().map(|id| (*id).clone()).collect();
        let kind = RemoveEndpoint { service: service.clone(), endpoints };
        self.step(self.keys.endpoint(service), &kind, format!("delete the private endpoint {listed}"))
            .thing(format!("private endpoint {listed}"))
            .why("it is ours; a new one has to be approved again")
            .slot(slot.clone())
            .needs([Fact::Service, Fact::SharedNames])
            .gives([Fact::Endpoint, Fact::Address, Fact::Connected])
            .undo(Undo::ReAddable)
            .effects([Effect::CutsTraffic])
            .takes(Duration::from_secs(60), Duration::from_secs(3_600))
            .turn(Turn::Cloud)
            .grants([grant("Microsoft.Network/privateEndpoints/delete", self.group_scope())])
            .grants(self.polls(None))
            .grants(self.looks(None))
    }

    /// Before the endpoint goes, or although it stays: whoever still uses it has a tag of its own.
    pub(super) fn leave_endpoint(
        &self,
        slot: &Slot,
        service: &EndpointServiceId,
        id: &AzurePrivateEndpointId,
        user: &str,
    ) -> Step {
        let kind = LeaveEndpoint { service: service.clone(), endpoint: id.clone() };
        let name = id.resource().name().to_owned();
        self.step(self.keys.user(service, user), &kind, format!("take our user's mark off the endpoint {name}"))
            .thing(format!("our user's mark on the endpoint {name}"))
            .why("once nobody's mark is left, the endpoint can go")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Claimed, Fact::Connected])
            .undo(Undo::ReAddable)
            .turn(Turn::Cloud)
            .takes(Duration::from_secs(30), Duration::from_secs(1_800))
            .grants(self.changes(id))
    }

    /// `tag` is the database's own on the endpoint.
    pub(super) fn release_endpoint(
        &self,
        slot: &Slot,
        service: &EndpointServiceId,
        id: &AzurePrivateEndpointId,
        tag: &str,
    ) -> Step {
        let kind = ReleaseEndpoint { service: service.clone(), endpoint: id.clone() };
        let (key, name) = (self.keys.adopted(service, id.as_str(), tag), id.resource().name());
        self.step(key, &kind, format!("take our marks off the endpoint {name}"))
            .thing(format!("our marks on the private endpoint {name}"))
            .why("it was there before and was taken in; it stays")
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([Fact::Connected, Fact::Address])
            .undo(Undo::ReAddable)
            .turn(Turn::Cloud)
            .takes(Duration::from_secs(30), Duration::from_secs(1_800))
            .grants(self.changes(id))
    }
}

/// The step of an endpoint that another user's link made: nothing but the mark is missing.
pub(super) fn taking(mut step: Step, id: &AzurePrivateEndpointId) -> Step {
    step.what = format!("leave our user's mark on the endpoint {}", id.resource().name()).into();
    step.why = "another user's link made it, and its removal leaves what carries other marks".into();
    step.effects.clear();
    step
}

/// The resource group a zone is in, as permissions name it.
fn scope_of(zone: &PrivateDnsZoneId) -> String {
    let id = zone.resource();
    format!("/subscriptions/{}/resourceGroups/{}", id.subscription(), id.resource_group())
}

/// The record's name within its zone.
pub(super) fn label_of(zone: &PrivateDnsZoneId, record: &DnsName) -> privlink_core::Result<String> {
    naming::label(record, &zone.zone()).ok_or_else(|| {
        privlink_core::Error::invalid(format!("the step's record {record} is not in its zone {}", zone.zone()))
    })
}

fn grant(action: &'static str, resource: impl Into<Text>) -> Grant {
    Grant::new("Azure RBAC", action, resource)
}
