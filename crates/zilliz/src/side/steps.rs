//! The steps of this side as data.

use privlink_core::side::{Effect, Fact, Grant, SideId, Slot, Step, StepKind, StepState, TouchKey, Undo};
use privlink_core::{Error, Finding, Result, Text, Turn};
use serde::{Deserialize, Serialize};

use super::endpoint::entry_key;
use crate::{ClusterDetails, ClusterId, EndpointId, ProjectId, ProjectRegion, RegionId};

/// The side's id.
pub(super) const SIDE: SideId = SideId::new("zilliz");

/// What every step says of where it belongs.
pub(super) trait OfRegion {
    fn of(&self) -> (&ProjectId, &RegionId);

    fn cluster(&self) -> Option<&ClusterId> {
        None
    }
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $name:ident = $verb:literal { $($field:ident: $type:ty),* } $(of $cluster:ident)?;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        pub(super) struct $name {
            pub(super) project: ProjectId,
            pub(super) region: RegionId,
            $(pub(super) $field: $type,)*
        }

        impl StepKind for $name {
            const VERB: &'static str = $verb;
        }

        impl $name {
            pub(super) fn new(side: &ProjectRegion, $($field: $type),*) -> Self {
                Self { project: side.project().id().clone(), region: side.region().clone(), $($field),* }
            }
        }

        impl OfRegion for $name {
            fn of(&self) -> (&ProjectId, &RegionId) {
                (&self.project, &self.region)
            }

            $(fn cluster(&self) -> Option<&ClusterId> {
                Some(&self.$cluster)
            })?
        }
    )+};
}

kinds! {
    /// Waits until the vendor's support allows endpoints in other regions.
    CrossRegion = "zilliz.cross_region" {};
    /// Lets the consumer's account see the endpoint service. Which account, is read from the exchange.
    Whitelist = "zilliz.whitelist" {};
    /// Puts the endpoint onto the project's list. Which endpoint, is read from the exchange.
    Register = "zilliz.register" {};
    /// Waits until a cluster is reached through the endpoint.
    AwaitLink = "zilliz.await_link" { cluster: ClusterId } of cluster;
    /// Takes an endpoint off the project's list.
    Withdraw = "zilliz.withdraw" { endpoint: EndpointId };
    /// Switches a cluster's public address off.
    ClosePublic = "zilliz.close_public" { cluster: ClusterId } of cluster;
    /// Switches a cluster's public address on.
    OpenPublic = "zilliz.open_public" { cluster: ClusterId, name: String } of cluster;
}

/// Makes steps of one side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Maker<'a> {
    pub(super) side: &'a ProjectRegion,
    /// The network and the instance, which stand for the endpoint until there is one.
    pub(super) of: (&'a str, &'a str),
}

impl Maker<'_> {
    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: impl Into<Text>) -> Step {
        let project = self.side.project().id();
        Step::new(SIDE, key, kind, what)
            .slot(Slot::main())
            .place(format!("Zilliz Cloud project {project} in {}", self.side.region()))
            .grants([Grant::new("Zilliz Cloud", "Project Admin", project.to_string())])
    }

    fn key(&self, kind: &str, rest: &[&str]) -> TouchKey {
        let own = [self.side.project().id().as_str(), self.side.region().as_str()];
        TouchKey::new(kind, own.into_iter().chain(rest.iter().copied()))
    }

    /// The key of the endpoint's entry, or what stands for it until there is an endpoint.
    fn entry(&self, endpoint: Option<&EndpointId>) -> TouchKey {
        match endpoint {
            Some(id) => entry_key(self.side.project().id(), self.side.region(), id),
            None => self.key("zilliz.endpoint", &["of", self.of.0, self.of.1]),
        }
    }

    pub(super) fn cross_region(&self, state: StepState) -> Step {
        let polling = &self.side.client().facts().polling;
        let what = format!("wait until Zilliz support allows endpoints to {} in other regions", self.side.region());
        self.step(self.key("zilliz.cross_region", &[]), &CrossRegion::new(self.side), what)
            .why("the vendor has no call for it: open a support ticket that names both regions and your account")
            .gives([Fact::Service])
            .state(state)
            .undo(Undo::KeptShared)
            .waits_for(Turn::Vendor)
            .takes(polling.person, polling.person_at_most)
    }

    pub(super) fn whitelist(&self, account: Option<&str>, state: StepState) -> Step {
        let polling = &self.side.client().facts().polling;
        let rest = account.map_or(vec!["of", self.of.0, self.of.1], |account| vec![account]);
        let what = match account {
            Some(account) => format!("let {account} see the endpoint service"),
            None => "let the network's account see the endpoint service".to_owned(),
        };
        self.step(self.key("zilliz.whitelist", &rest), &Whitelist::new(self.side), what)
            .why("the vendor says that accounts must be on its list before they make an endpoint")
            .needs([Fact::Consumer])
            .gives([Fact::Invited])
            .state(state)
            .undo(Undo::KeptShared)
            .takes(polling.link, polling.link_at_most)
    }

    pub(super) fn register(&self, endpoint: Option<&EndpointId>, state: StepState) -> Step {
        let polling = &self.side.client().facts().polling;
        let what = match endpoint {
            Some(id) => format!("register endpoint {id}"),
            None => "register the endpoint".to_owned(),
        };
        self.step(self.entry(endpoint), &Register::new(self.side), what)
            .why("the vendor lets in only the endpoints that the project lists")
            .needs([Fact::Endpoint])
            .gives([Fact::Accepted])
            .state(state)
            .undo(Undo::Final)
            .takes(polling.link, polling.link_at_most)
    }

    pub(super) fn await_link(&self, cluster: &ClusterDetails, state: StepState) -> Step {
        let polling = &self.side.client().facts().polling;
        let kind = AwaitLink::new(self.side, cluster.id.clone());
        let what = format!("wait until cluster {} is reached through the endpoint", told(cluster));
        self.step(self.key("zilliz.link", &[cluster.id.as_str(), self.of.0, self.of.1]), &kind, what)
            .why("the vendor gives out the private host and its port only then")
            .needs([Fact::Endpoint, Fact::Accepted])
            .gives([Fact::Served, Fact::Names])
            .state(state)
            .undo(Undo::ReAddable)
            .waits_for(Turn::Vendor)
            .takes(polling.link_takes, polling.link_at_most)
    }

    pub(super) fn withdraw(&self, endpoint: &EndpointId) -> Step {
        let polling = &self.side.client().facts().polling;
        let kind = Withdraw::new(self.side, endpoint.clone());
        self.step(self.entry(Some(endpoint)), &kind, format!("take endpoint {endpoint} off the list"))
            .thing(format!("registration of endpoint `{endpoint}`"))
            .why("the registration is of an endpoint of this link")
            .needs([Fact::Endpoint])
            .gives([Fact::Accepted, Fact::Served])
            .undo(Undo::Final)
            .effects([Effect::CutsTraffic])
            .takes(polling.link, polling.link_at_most)
    }

    pub(super) fn close_public(&self, cluster: &ClusterDetails) -> Step {
        let kind = ClosePublic::new(self.side, cluster.id.clone());
        let address = cluster.connect_address.as_deref().unwrap_or("the public address");
        let what = format!("switch the public address of cluster {} off", told(cluster));
        self.switching(&cluster.id, &kind, what)
            .why(format!("everybody who connects to {address} loses access; the private address stays"))
            .effects([Effect::ClosesPublic])
    }

    pub(super) fn open_public(&self, cluster: &ClusterDetails, state: StepState) -> Step {
        self.opening(OpenPublic::new(self.side, cluster.id.clone(), cluster.name.clone()), state)
    }

    fn opening(&self, kind: OpenPublic, state: StepState) -> Step {
        let what = format!("switch the public address of cluster {} on", named(&kind.name, &kind.cluster));
        self.switching(&kind.cluster, &kind, what)
            .why("it was on before it was closed")
            .effects([Effect::OpensPublic])
            .state(state)
    }

    /// One writer at a time, whichever way.
    fn switching<K: StepKind>(&self, cluster: &ClusterId, kind: &K, what: String) -> Step {
        let polling = &self.side.client().facts().polling;
        self.step(TouchKey::new("zilliz.public_address", [cluster.as_str()]), kind, what)
            .undo(Undo::ReAddable)
            .turn(Turn::Vendor)
            .takes(polling.link_takes, polling.link_at_most)
    }
}

/// A cluster for people.
pub(super) fn told(cluster: &ClusterDetails) -> String {
    named(&cluster.name, &cluster.id)
}

fn named(name: &str, id: &ClusterId) -> String {
    format!("`{}` ({id})", name.escape_debug())
}

/// Refuses a step that is to open another cluster than its words and its key say.
pub(super) fn check_open_public(side: &ProjectRegion, step: &Step, kind: &OpenPublic) -> Option<Finding> {
    let told = Maker { side, of: ("", "") }.opening(kind.clone(), step.state);
    let same = (&told.id, &told.key, &told.what, &told.why, &told.effects)
        == (&step.id, &step.key, &step.what, &step.why, &step.effects);
    (!same).then(|| step.altered(format!("the step says \"{}\", and would do this: {}", step.what, told.what)))
}

/// Refuses a withdrawal whose endpoint is not the one its key stands for: a plan that was changed
/// by hand must not take somebody else's registration away.
pub(super) fn check_withdraw(step: &Step, kind: &Withdraw) -> Result<()> {
    if entry_key(&kind.project, &kind.region, &kind.endpoint) == step.key {
        return Ok(());
    }
    Err(Error::invalid(format!("the parameters of step `{}` do not fit what it says it touches", step.verb))
        .with_resource(step.key.to_string())
        .with_help("plan again; the plan was changed after it was made"))
}
