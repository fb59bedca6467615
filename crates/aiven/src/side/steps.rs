//! The steps of this side as data.

use privlink_core::side::{Cx, Effect, Fact, Grant, SideId, Slot, Step, StepKind, StepState, TouchKey, Undo};
use privlink_core::{CloudProvider, Turn};
use serde::{Deserialize, Serialize};

use crate::{Consumer, ProjectName, Service, ServiceName};

/// The side's id.
pub(super) const SIDE: SideId = SideId::new("aiven");

/// Whose step it is.
pub(super) trait Of {
    fn project(&self) -> &ProjectName;
    fn service(&self) -> &ServiceName;
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $verb:literal { $($field:ident: $type:ty,)* })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub(super) struct $name {
            pub(super) project: ProjectName,
            pub(super) service: ServiceName,
            $(pub(super) $field: $type,)*
        }

        impl StepKind for $name {
            const VERB: &'static str = $verb;
        }

        impl Of for $name {
            fn project(&self) -> &ProjectName {
                &self.project
            }

            fn service(&self) -> &ServiceName {
                &self.service
            }
        }
    )+};
}

kinds! {
    /// Make the privatelink, or let one more consumer in, and wait until it is active.
    MakePrivatelink = "aiven.privatelink" { cloud: CloudProvider, consumer: Option<Consumer>, }
    /// Switch a component on.
    SwitchOn = "aiven.component" { component: String, }
    /// Wait until Aiven lists the endpoint; AWS. `refresh`: it has to be asked to look.
    Discover = "aiven.discover" { cloud: CloudProvider, refresh: bool, }
    /// Have Aiven look, and approve the endpoint; Azure and Google Cloud.
    Approve = "aiven.approve" { cloud: CloudProvider, }
    /// Wait until it is active; on Azure, tell the endpoint's address.
    Activate = "aiven.activate" { cloud: CloudProvider, }
    /// Read where clients connect.
    ReadNames = "aiven.names" { components: Vec<String>, }
    /// Delete the privatelink. `ours`: the endpoints of the link, which go first.
    DeletePrivatelink = "aiven.delete_privatelink" { cloud: CloudProvider, ours: Vec<String>, }
}

/// A connection is active at Aiven's end.
fn connection_fact() -> Fact {
    Fact::Own("aiven.connection".into())
}

fn component_fact(component: &str) -> Fact {
    Fact::Own(format!("aiven.component:{component}").into())
}

/// Makes steps of one service in one cloud.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) service: &'a Service,
    pub(super) cloud: CloudProvider,
}

impl Maker<'_> {
    fn project(&self) -> ProjectName {
        self.service.project().clone()
    }

    fn name(&self) -> ServiceName {
        self.service.name().clone()
    }

    fn key(&self, kind: &str, rest: &[&str]) -> TouchKey {
        let own = [self.service.project().as_str(), self.service.name().as_str()];
        TouchKey::new(kind, own.iter().chain(rest).copied())
    }

    pub(super) fn privatelink_key(&self) -> TouchKey {
        self.key("aiven.privatelink", &[self.cloud.as_str()])
    }

    /// The list's entry rather than the list: links of several consumers have a step each, and each
    /// changes its own entry alone.
    pub(super) fn entry_key(&self, consumer: Option<&Consumer>) -> TouchKey {
        let entry = consumer.map(ToString::to_string).unwrap_or_default();
        self.key("aiven.consumer", &[self.cloud.as_str(), &entry])
    }

    pub(super) fn component_key(&self, component: &str) -> TouchKey {
        self.key("aiven.component", &[component])
    }

    /// The connection of the link's endpoint: the same before there is one.
    fn connection_key(&self, cx: &Cx) -> TouchKey {
        self.key("aiven.connection", &["of", cx.network(), cx.instance()])
    }

    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: impl Into<privlink_core::Text>) -> Step {
        let polling = &self.service.client().facts().polling;
        let write = Grant::new("Aiven", "service:configuration:write", self.service.project().to_string());
        Step::new(SIDE, key, kind, what)
            .place(format!("Aiven service `{}` of project `{}`", self.service.name(), self.service.project()))
            .takes(polling.connection_takes, polling.at_most)
            .turn(Turn::Vendor)
            .grants([write])
    }

    /// `there`: it was made; `listed`: and lets the consumer in, so that nothing is left but to wait for it.
    pub(super) fn privatelink(&self, consumer: Option<&Consumer>, there: bool, listed: bool, state: StepState) -> Step {
        let kind = MakePrivatelink {
            project: self.project(),
            service: self.name(),
            cloud: self.cloud,
            consumer: consumer.cloned(),
        };
        let what = match (there, consumer) {
            (false, Some(consumer)) => format!("make the privatelink, for {consumer}"),
            (false, None) => "make the privatelink".to_owned(),
            (true, Some(consumer)) if !listed || state == StepState::AlreadyDone => {
                format!("have the privatelink let {consumer} in")
            }
            (true, _) => "wait until the privatelink is active".to_owned(),
        };
        let takes = &self.service.client().facts().polling;
        let step = self
            .step(self.entry_key(consumer), &kind, what)
            .slot(Slot::main())
            .why("endpoints point at it; it is the service's, and all its endpoints share it")
            .needs([Fact::Consumer])
            .gives([Fact::Service, Fact::Invited])
            .state(state)
            .undo(Undo::KeptShared)
            .effects(if there { vec![] } else { vec![Effect::Costs] })
            .takes(takes.privatelink_takes, takes.at_most);
        if listed { step.waits_for(Turn::Vendor) } else { step }
    }

    pub(super) fn component(&self, component: &str, state: StepState) -> Step {
        let kind = SwitchOn { project: self.project(), service: self.name(), component: component.to_owned() };
        self.step(self.component_key(component), &kind, format!("switch {component} on for privatelink"))
            .why("a component that is off has no address over privatelink; the load balancer takes minutes to follow")
            .gives([component_fact(component)])
            .state(state)
            .undo(Undo::KeptShared)
    }

    pub(super) fn discover(&self, cx: &Cx, refresh: bool, state: StepState) -> Step {
        let kind = Discover { project: self.project(), service: self.name(), cloud: self.cloud, refresh };
        let step = self
            .step(self.connection_key(cx), &kind, "wait until Aiven lists the endpoint")
            .slot(Slot::main())
            .why("hosts and ports are of a connection, which Aiven makes once AWS shows the endpoint available")
            .needs([Fact::Endpoint, Fact::Connected])
            .gives([connection_fact()])
            .state(state);
        // Without it, AWS tells Aiven of the endpoint.
        if refresh { step.effects([Effect::Refreshes]) } else { step.waits_for(Turn::Vendor) }
    }

    pub(super) fn approve(&self, cx: &Cx, state: StepState) -> Step {
        let kind = Approve { project: self.project(), service: self.name(), cloud: self.cloud };
        let step = self
            .step(self.connection_key(cx), &kind, "have Aiven look for the endpoint, and approve it")
            .slot(Slot::main())
            .why("the cloud tells Aiven of nothing, and Aiven accepts only what is approved")
            .needs([Fact::Endpoint])
            .gives([Fact::Accepted])
            .state(state)
            .effects([Effect::Refreshes]);
        // There the address goes with the approval, for good.
        if self.cloud == CloudProvider::Gcp { step.needs([Fact::Address]) } else { step }
    }

    pub(super) fn activate(&self, cx: &Cx, state: StepState) -> Step {
        let kind = Activate { project: self.project(), service: self.name(), cloud: self.cloud };
        let (what, why) = match self.cloud {
            CloudProvider::Azure => {
                ("tell Aiven the endpoint's address", "Aiven publishes its names for that address, and not before")
            }
            _ => ("wait until Aiven serves the endpoint", "the accept list shows late, and names come after it"),
        };
        self.step(self.connection_key(cx), &kind, what)
            .slot(Slot::main())
            .why(why)
            .needs([Fact::Endpoint, Fact::Accepted, Fact::Connected, Fact::Address])
            .gives([connection_fact()])
            .state(state)
            .effects([Effect::Refreshes])
    }

    pub(super) fn names(&self, cx: &Cx, components: &[String], state: StepState) -> Step {
        let kind = ReadNames { project: self.project(), service: self.name(), components: components.to_vec() };
        let key = self.key("aiven.names", &["of", cx.network(), cx.instance()]);
        self.step(key, &kind, format!("read where {} is reached", components.join(", ")))
            .slot(Slot::main())
            .why("host and port over privatelink are Aiven's to say, once the connection is active")
            .needs([connection_fact()])
            .needs(components.iter().map(|component| component_fact(component)))
            .gives([Fact::Names, Fact::Served])
            .waits_for(Turn::Vendor)
            .state(state)
    }

    pub(super) fn delete(&self, ours: Vec<String>) -> Step {
        let kind = DeletePrivatelink { project: self.project(), service: self.name(), cloud: self.cloud, ours };
        self.step(self.privatelink_key(), &kind, "delete the privatelink")
            .thing(format!("privatelink of Aiven service `{}`", self.service.name()))
            .slot(Slot::main())
            .why("asked for, and no other endpoint is connected; a new one has other ids")
            .gives([Fact::Service])
            .undo(Undo::Final)
            .effects([Effect::CutsTraffic])
    }
}

/// Holds what a step of this side would have given, where that is there already.
pub(super) fn hold_connection(known: &mut privlink_core::side::Exchange) {
    known.hold(Some(Slot::main()), connection_fact());
}

pub(super) fn hold_component(known: &mut privlink_core::side::Exchange, component: &str) {
    known.hold(None, component_fact(component));
}
