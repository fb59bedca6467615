//! The steps of this side: their parameters, what they need and give, what they cost.

use std::net::IpAddr;
use std::time::Duration;

use privlink_core::side::{Effect, Fact, Grant, SideId, Slot, Step, StepKind, TouchKey, Undo};
use privlink_core::{DnsName, ForwardingRuleName, ProjectId, PscConnectionId, Region, ServiceAttachment, Text, Turn};
use serde::{Deserialize, Serialize};

use super::mark::{self, Keys};
use crate::ids::{AddressName, ManagedZoneName, NetworkPath, SubnetworkPath};

/// The name of this side.
pub(super) const SIDE: SideId = SideId::new("gcp");

/// Own facts of this side.
pub(super) fn address_fact() -> Fact {
    Fact::Own("gcp.address".into())
}

/// The closed endpoint that stood in the new one's place is gone.
fn place_fact() -> Fact {
    Fact::Own("gcp.place".into())
}

/// The fact of one zone, so that a record waits for its own zone alone.
pub(super) fn zone_fact(zone: &DnsName) -> Fact {
    Fact::Own(format!("gcp.zone:{zone}").into())
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
    /// Reserve the endpoint's address.
    MakeAddress = "gcp.address" {
        service: ServiceAttachment,
        subnetwork: Option<SubnetworkPath>,
        address: Option<IpAddr>,
    }
    /// Delete an endpoint of ours that the producer closed, so that a new one can take its place.
    ClearPlace = "gcp.clear_closed" { service: ServiceAttachment, connection: Option<PscConnectionId>, }
    /// Make the endpoint.
    MakeEndpoint = "gcp.endpoint" {
        service: ServiceAttachment,
        subnetwork: Option<SubnetworkPath>,
        global_access: bool,
        automate_dns_zone: bool,
    }
    /// Let clients of other regions use an endpoint that is there.
    GlobalAccess = "gcp.global_access" { service: ServiceAttachment, }
    /// Wait until the producer has accepted the endpoint.
    AwaitConnected = "gcp.await_connected" { service: ServiceAttachment, }
    /// Make the private zone.
    MakeZone = "gcp.zone" { zone: DnsName, }
    /// Write the record.
    WriteRecord = "gcp.record" {
        service: ServiceAttachment,
        zone: DnsName,
        given: Option<ManagedZoneName>,
        record: DnsName,
    }
    /// Let another network see the zone.
    ShowZone = "gcp.show_zone" { zone: DnsName, given: Option<ManagedZoneName>, network: NetworkPath, }
    /// Take a record away.
    RemoveRecord = "gcp.remove_record" { zone: DnsName, name: ManagedZoneName, record: DnsName, }
    /// Take a zone away.
    RemoveZone = "gcp.remove_zone" { zone: DnsName, name: ManagedZoneName, }
    /// Delete the endpoint of ours for a service.
    RemoveEndpoint = "gcp.remove_endpoint" { service: ServiceAttachment, rule: ForwardingRuleName, }
    /// Take the label of this user off an endpoint of ours.
    LeaveEndpoint = "gcp.leave_endpoint" { service: ServiceAttachment, rule: ForwardingRuleName, }
    /// Take our marks off an adopted endpoint.
    ReleaseEndpoint = "gcp.release_endpoint" { service: ServiceAttachment, rule: ForwardingRuleName, }
    /// Release the address of ours for a service.
    RemoveAddress = "gcp.remove_address" { service: ServiceAttachment, name: AddressName, }
}

/// Makes steps of one network: key, place and permissions are the same kind of thing for all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) region: &'a Region,
    pub(super) dns_project: &'a ProjectId,
    pub(super) keys: &'a Keys<'a>,
}

impl Maker<'_> {
    fn network(&self) -> &NetworkPath {
        self.keys.network
    }

    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: impl Into<Text>) -> Step {
        Step::new(SIDE, key, kind, what).place(format!(
            "project {}, {}, network {}",
            self.keys.project,
            self.region,
            self.network().as_str().trim_start_matches("projects/")
        ))
    }

    /// A permission in the endpoint's own project.
    fn own(&self, permission: &'static str) -> Grant {
        grant(permission, self.keys.project)
    }

    /// A permission in the project of the network: of a Shared VPC, the host.
    fn host(&self, permission: &'static str) -> Grant {
        grant(permission, &self.network().project())
    }

    fn dns(&self, permission: &'static str) -> Grant {
        grant(permission, self.dns_project)
    }

    /// What every plan reads, whatever it finds.
    fn looks(&self) -> [Grant; 7] {
        [
            self.host("compute.networks.get"),
            self.host("compute.subnetworks.list"),
            self.host("compute.firewalls.list"),
            self.own("compute.forwardingRules.list"),
            self.own("compute.addresses.list"),
            self.dns("dns.managedZones.list"),
            self.dns("dns.resourceRecordSets.list"),
        ]
    }

    pub(super) fn address(&self, slot: &Slot, kind: &MakeAddress) -> Step {
        self.step(self.keys.address(&kind.service), kind, "reserve the endpoint's address")
            .why("a reserved address stays when the endpoint has to be made anew")
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([address_fact()])
            .effects([Effect::Costs])
            .takes(Duration::from_secs(5), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants([
                self.own("compute.addresses.createInternal"),
                self.own("compute.addresses.get"),
                self.own("compute.regionOperations.get"),
                self.host("compute.subnetworks.use"),
            ])
    }

    pub(super) fn clear_place(&self, slot: &Slot, kind: &ClearPlace, rule: &ForwardingRuleName) -> Step {
        self.step(self.keys.closed(&kind.service), kind, format!("delete the closed endpoint {rule}"))
            .why("the producer closed its connection for good; a new one with another connection id takes its place")
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([place_fact()])
            .undo(Undo::Final)
            .takes(Duration::from_secs(20), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants(self.deletion())
    }

    fn deletion(&self) -> [Grant; 5] {
        [
            self.own("compute.regionOperations.get"),
            self.own("compute.forwardingRules.delete"),
            self.own("compute.forwardingRules.pscDelete"),
            self.own("compute.forwardingRules.get"),
            self.own("servicedirectory.services.delete"),
        ]
    }

    /// `cleared`: a closed one is deleted first. `user` is whose databases will use it.
    pub(super) fn endpoint(&self, slot: &Slot, kind: &MakeEndpoint, cleared: bool, user: Option<&str>) -> Step {
        let step = self
            .step(self.keys.taken(&kind.service, user), kind, "make the Private Service Connect endpoint")
            .why(format!("it is the network's end of the link to {}", kind.service))
            .slot(slot.clone())
            .needs([Fact::Service, address_fact()])
            .gives([Fact::Endpoint, Fact::Address])
            .effects([Effect::Costs])
            .takes(Duration::from_secs(15), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants([
                self.own("compute.addresses.use"),
                self.own("compute.forwardingRules.create"),
                self.own("compute.forwardingRules.pscCreate"),
                self.own("compute.forwardingRules.setLabels"),
                self.own("compute.forwardingRules.pscSetLabels"),
                self.own("compute.forwardingRules.get"),
                self.own("compute.forwardingRules.list"),
                self.own("compute.regionOperations.get"),
                self.own("servicedirectory.namespaces.create"),
                self.own("servicedirectory.services.create"),
                self.host("compute.networks.use"),
            ]);
        let step = if kind.automate_dns_zone {
            step.grants([self.own("servicedirectory.namespaces.associatePrivateZone")])
        } else {
            step
        };
        if cleared { step.needs([place_fact()]) } else { step }
    }

    pub(super) fn global_access(&self, slot: &Slot, service: &ServiceAttachment) -> Step {
        let kind = GlobalAccess { service: service.clone() };
        self.step(self.keys.global_access(service), &kind, "let clients of other regions use the endpoint")
            .why("without global access it answers clients of its own region alone")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Own("gcp.global_access".into())])
            .takes(Duration::from_secs(10), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants([
                self.own("compute.forwardingRules.update"),
                self.own("compute.forwardingRules.pscUpdate"),
                self.own("compute.regionOperations.get"),
            ])
    }

    pub(super) fn await_connected(&self, slot: &Slot, service: &ServiceAttachment, by_vendor: bool) -> Step {
        let kind = AwaitConnected { service: service.clone() };
        let step = self
            .step(self.keys.connection(service), &kind, "wait until the endpoint is accepted")
            .why("nothing may lead to the endpoint before it works")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Connected])
            .waits_for(Turn::Vendor)
            .grants([self.own("compute.forwardingRules.get")])
            .grants(self.looks());
        if by_vendor {
            step.needs([Fact::Accepted]).takes(Duration::from_secs(60), Duration::from_secs(3_600))
        } else {
            step.takes(Duration::from_secs(30), Duration::from_secs(900))
        }
    }

    pub(super) fn zone(&self, slot: &Slot, zone: &DnsName, exact: bool) -> Step {
        let why = if exact {
            "a zone named exactly the host answers for it alone and hides no other name"
        } else {
            "the vendor's shared zone is answered inside the network"
        };
        let key = mark::zone_key(self.network(), zone);
        let step = self
            .step(key, &MakeZone { zone: zone.clone() }, format!("make the private zone {zone}"))
            .why(why)
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .gives([zone_fact(zone)])
            .effects([Effect::Costs])
            .grants([
                self.dns("dns.managedZones.create"),
                self.dns("dns.managedZones.get"),
                self.dns("dns.managedZones.list"),
                self.host("dns.networks.bindPrivateDNSZone"),
            ]);
        if exact { step } else { step.effects([Effect::ShadowsNames]) }
    }

    /// `replaces`: a record of ours that leads to an endpoint which is gone.
    pub(super) fn record(&self, slot: &Slot, kind: &WriteRecord, replaces: bool) -> Step {
        let key = mark::record_key(self.network(), &kind.zone, &kind.record);
        let step = self
            .step(key, kind, format!("write the record {}", kind.record))
            .why("clients in the network then reach the database by its own name")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served, Fact::Names])
            .gives([Fact::Resolving])
            .takes(Duration::from_secs(10), Duration::from_secs(600))
            .turn(Turn::Cloud)
            .grants(self.records("dns.resourceRecordSets.create"))
            .grants(replaces.then(|| self.dns("dns.resourceRecordSets.delete")));
        if kind.given.is_none() { step.needs([zone_fact(&kind.zone)]) } else { step }
    }

    /// What a change of records takes.
    fn records(&self, change: &'static str) -> [Grant; 4] {
        [
            self.dns("dns.changes.create"),
            self.dns("dns.changes.get"),
            self.dns(change),
            self.dns("dns.resourceRecordSets.list"),
        ]
    }

    pub(super) fn show_zone(&self, slot: &Slot, kind: &ShowZone) -> Step {
        let key = mark::showing_key(self.network(), &kind.zone, &kind.network);
        let step = self
            .step(key, kind, format!("let {} see the zone {}", kind.network, kind.zone))
            .why("clients in that network are to resolve the name too")
            .slot(slot.clone())
            .needs([Fact::Connected, Fact::Served])
            .gives([Fact::Own(format!("gcp.shown:{}:{}", kind.zone, kind.network).into())])
            .grants([
                self.dns("dns.managedZones.update"),
                grant("dns.networks.bindPrivateDNSZone", &kind.network.project()),
            ]);
        if kind.given.is_none() { step.needs([zone_fact(&kind.zone)]) } else { step }
    }

    /// `shared`: a wildcard, which may serve other links too.
    pub(super) fn remove_record(&self, slot: &Slot, kind: &RemoveRecord, shared: bool) -> Step {
        let key = mark::record_key(self.network(), &kind.zone, &kind.record);
        let step = self
            .step(key, kind, format!("remove the record {}", kind.record))
            .thing(format!("record {} in zone {}", kind.record, kind.zone))
            .slot(slot.clone())
            .needs([zone_fact(&kind.zone)])
            .undo(Undo::ReAddable)
            .effects([Effect::CutsTraffic])
            .grants(self.records("dns.resourceRecordSets.delete"))
            .takes(Duration::from_secs(10), Duration::from_secs(600));
        if shared {
            step.why("the endpoint it leads to is gone").gives([Fact::SharedNames])
        } else {
            step.why("nothing may lead to the endpoint when it goes")
                .needs([Fact::Connected, Fact::Served, Fact::Names])
                .gives([Fact::Resolving])
        }
    }

    /// `shared`: not named exactly one host, so that it may serve other links too.
    pub(super) fn remove_zone(&self, slot: &Slot, kind: &RemoveZone, shared: bool) -> Step {
        let key = mark::zone_key(self.network(), &kind.zone);
        let step = self
            .step(key, kind, format!("remove the private zone {}", kind.zone))
            .why("it is ours, and holds nothing else")
            .thing(format!("private zone {}", kind.zone))
            .slot(slot.clone())
            .gives([zone_fact(&kind.zone)])
            .undo(Undo::ReAddable)
            .grants([self.dns("dns.managedZones.delete"), self.dns("dns.managedZones.get")]);
        if shared { step.gives([Fact::SharedNames]) } else { step.needs([Fact::Connected, Fact::Served, Fact::Names]) }
    }

    pub(super) fn remove_endpoint(&self, slot: &Slot, kind: &RemoveEndpoint) -> Step {
        self.step(self.keys.endpoint(&kind.service), kind, format!("delete the endpoint {}", kind.rule))
            .why("it is ours; a new one gets another connection id")
            .thing(format!("endpoint {}", kind.rule))
            .slot(slot.clone())
            .needs([Fact::Service, address_fact(), Fact::SharedNames])
            .gives([Fact::Endpoint, Fact::Address, Fact::Connected])
            .undo(Undo::Final)
            .effects([Effect::CutsTraffic])
            .takes(Duration::from_secs(20), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants(self.deletion())
            .grants(self.looks())
    }

    /// Before the endpoint goes, or although it stays: whoever still uses it has a label of its own.
    pub(super) fn leave_endpoint(&self, slot: &Slot, kind: &LeaveEndpoint, user: &str) -> Step {
        let key = self.keys.user(&kind.service, user);
        self.step(key, kind, format!("take our user's mark off the endpoint {}", kind.rule))
            .thing(format!("our user's mark on the endpoint {}", kind.rule))
            .why("once nobody's mark is left, the endpoint can go")
            .slot(slot.clone())
            .needs([Fact::Endpoint])
            .gives([Fact::Claimed, Fact::Connected])
            .undo(Undo::ReAddable)
            .turn(Turn::Cloud)
            .takes(Duration::from_secs(10), Duration::from_secs(600))
            .grants([
                self.own("compute.forwardingRules.get"),
                self.own("compute.forwardingRules.setLabels"),
                self.own("compute.forwardingRules.pscSetLabels"),
                self.own("compute.regionOperations.get"),
            ])
            .grants(self.looks())
    }

    /// `label` is the one of the link's own database. No endpoint goes, so that none is given:
    /// others may go on using it. The records that lead to it are told by its marks, and go first.
    pub(super) fn release_endpoint(&self, slot: &Slot, kind: &ReleaseEndpoint, label: &str) -> Step {
        let key = self.keys.adopted(&kind.service, &kind.rule, label);
        self.step(key, kind, format!("take our marks off the endpoint {}", kind.rule))
            .why("it was there before and was taken in; it stays")
            .thing(format!("our marks on the endpoint {}", kind.rule))
            .slot(slot.clone())
            .needs([Fact::Service])
            .gives([Fact::Connected, Fact::Address])
            .undo(Undo::ReAddable)
            .grants([
                self.own("compute.forwardingRules.setLabels"),
                self.own("compute.forwardingRules.pscSetLabels"),
                self.own("compute.regionOperations.get"),
            ])
            .grants(self.looks())
    }

    pub(super) fn remove_address(&self, slot: &Slot, kind: &RemoveAddress) -> Step {
        self.step(self.keys.address(&kind.service), kind, format!("release the address {}", kind.name))
            .why("it is ours, and nothing uses it once the endpoint is gone")
            .thing(format!("address {}", kind.name))
            .slot(slot.clone())
            .gives([address_fact()])
            .undo(Undo::Final)
            .takes(Duration::from_secs(10), Duration::from_secs(900))
            .turn(Turn::Cloud)
            .grants([
                self.own("compute.addresses.get"),
                self.own("compute.addresses.deleteInternal"),
                self.own("compute.regionOperations.get"),
            ])
            .grants(self.looks())
    }
}

/// The step of an endpoint that another user's link made: nothing but the mark is missing.
pub(super) fn taking(mut step: Step, rule: &ForwardingRuleName) -> Step {
    step.what = format!("leave our user's mark on the endpoint {rule}").into();
    step.why = "another user's link made it, and its removal leaves what carries other marks".into();
    step.effects.clear();
    step
}

fn grant(permission: &'static str, project: &ProjectId) -> Grant {
    Grant::new("Google Cloud IAM", permission, format!("projects/{project}"))
}
