//! The side: what was typed in, and steps that tell a person what to do where.

use std::time::Duration;

use privlink_core::render::{Format, Fragment, Guidance};
use privlink_core::side::{
    Acceptance, Capabilities, ConsumerIdentity, Cx, DatabaseSide, EndpointFacts, EndpointIds, EndpointState, Exchange,
    Fact, Kept, Outcome, Sharing, Side, SideId, Slot, Step, StepKind, StepState, Survey, TouchKey, Undo, Users,
};
use privlink_core::{BoxFuture, CloudProvider, Dated, Error, ErrorKind, Finding, Result, Severity, Text, Turn};
use serde::{Deserialize, Serialize};

use super::Database;

const SIDE: SideId = SideId::new("manual");

/// How often a person is asked after, and how long one may take.
const LOOK: Duration = Duration::from_secs(60);
const AT_MOST: Duration = Duration::from_secs(7 * 86_400);

/// Waits until the account is let in.
#[derive(Debug, Serialize, Deserialize)]
struct Invite {
    database: Text,
}

impl StepKind for Invite {
    const VERB: &'static str = "manual.invite";
}

/// Waits until the endpoint is let in.
#[derive(Debug, Serialize, Deserialize)]
struct Admit {
    database: Text,
}

impl StepKind for Admit {
    const VERB: &'static str = "manual.admit";
}

impl Side for Database {
    fn id(&self) -> SideId {
        SIDE
    }

    fn subject(&self) -> Text {
        format!("{} {}", self.vendor, self.name).into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move { Ok(self.surveyed(known, cx)) })
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, _: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            match &*step.verb {
                Invite::VERB => {
                    self.own(&step.kind::<Invite>()?.database)?;
                    Ok(self.invite(known))
                }
                Admit::VERB => {
                    self.own(&step.kind::<Admit>()?.database)?;
                    Ok(self.admit(known))
                }
                other => Err(Error::new(ErrorKind::Unsupported, format!("`{other}` is no step that is done by hand"))),
            }
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move {
            let mut survey = Survey::new();
            // What was entered by hand is taken out by hand; nothing here can see whether it was.
            let console = self.where_to();
            if self.listed.is_some()
                && let Some(endpoint) = live(known)
            {
                let key = self.key("manual.entry", cx);
                let kept = Kept::new(key, format!("it was entered by hand; take it out there: {console}"));
                survey.kept.push(kept.what(format!("entry of {} at {}", ids(endpoint), self.vendor)));
            }
            if self.invited.is_some() {
                let kept = Kept::new(self.key("manual.invited", cx), format!("it was let in by hand: {console}"));
                survey.kept.push(kept.what(format!("{} on the list of {}", account(known), self.vendor)));
            }
            Ok(survey)
        })
    }

    fn render(&self, step: &Step, _: &Exchange, _: &Cx, format: Format) -> Result<Option<Fragment>> {
        Ok((format == Format::RunBook).then(|| Fragment::Guidance(guidance(self.where_to(), &step.verb))))
    }
}

/// What a run-book says of a step that a person does.
fn guidance(console: &str, verb: &str) -> Guidance {
    let back = match verb {
        Invite::VERB => "take the account off the list there, once nobody uses it",
        _ => "take the endpoint out there, once nothing leads to it",
    };
    Guidance::new().console(Dated::by_caller(console.to_owned())).back(back)
}

impl DatabaseSide for Database {
    fn users<'a>(&'a self, _: &'a EndpointFacts, _: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        // This database's own use goes with its link; of others nobody can be asked.
        Box::pin(async move { Ok((Vec::new(), self.service.shared_by == Sharing::OneDatabase)) })
    }
}

impl Database {
    fn surveyed(&self, known: &Exchange, cx: &Cx) -> Survey {
        let mut survey = Survey::new();
        let cloud = self.service.id.cloud();
        survey.known.services.insert(Slot::main(), self.service.clone());
        survey.known.hold(Some(Slot::main()), Fact::Service);
        survey.known.names.clone_from(&self.names);
        survey.known.public_hosts.extend(self.public_hosts.iter().cloned());
        let users = match self.service.shared_by {
            Sharing::OneDatabase => Users::Countable,
            _ => Users::Uncountable,
        };
        survey.known.capabilities = Some(Capabilities::new(self.naming.clone(), Undo::ReAddable, users));
        if self.names.is_empty() {
            survey.findings.push(no_names(self));
        } else {
            survey.known.hold(None, Fact::Names);
        }
        if let Some(here) = consumer_cloud(known).filter(|here| *here != cloud) {
            survey.findings.push(other_cloud(self, cloud, here));
        }
        if let Some(invited) = &self.invited {
            // An endpoint that is connected was let in, whoever remembers.
            let done = invited.is_given() || is_connected(known);
            if done {
                survey.known.hold(Some(Slot::main()), Fact::Invited);
            }
            let kind = Invite { database: self.subject() };
            let what = format!("let {} in by hand", account(known));
            let step = self.step(self.key("manual.invited", cx), &kind, what, done);
            survey.steps.push(step.needs([Fact::Consumer]).gives([Fact::Invited]).undo(Undo::KeptShared));
        }
        if !self.waits() {
            survey.known.hold(Some(Slot::main()), Fact::Served);
            return survey;
        }
        let done = self.is_admitted(known);
        if done {
            survey.known.hold(Some(Slot::main()), Fact::Served);
        } else {
            survey.findings.push(by_hand(self));
        }
        let kind = Admit { database: self.subject() };
        let step = self.step(self.key("manual.entry", cx), &kind, "let the endpoint in by hand".to_owned(), done);
        survey.steps.push(step.needs([Fact::Endpoint]).gives([Fact::Served]).undo(Undo::ReAddable));
        survey
    }

    fn step<K: StepKind>(&self, key: TouchKey, kind: &K, what: String, done: bool) -> Step {
        Step::new(SIDE, key, kind, what)
            .slot(Slot::main())
            .place(self.subject())
            .why(format!("the vendor has no API for it: {}", self.where_to()))
            .state(if done { StepState::AlreadyDone } else { StepState::Manual })
            .turn(Turn::You)
            .takes(Duration::from_secs(600), AT_MOST)
    }

    fn key(&self, kind: &str, cx: &Cx) -> TouchKey {
        TouchKey::new(kind, [&*self.subject(), cx.network(), cx.instance()])
    }

    fn where_to(&self) -> &str {
        if self.console.is_empty() { "in the vendor's console" } else { &self.console }
    }

    /// Whether anything has to be done by hand once there is an endpoint.
    fn waits(&self) -> bool {
        self.listed.is_some() || self.service.acceptance != Acceptance::Automatic
    }

    /// Whether all that is done by hand is done: what the cloud shows is seen there, the rest is said.
    fn is_admitted(&self, known: &Exchange) -> bool {
        let accepted = self.service.acceptance == Acceptance::Automatic || is_connected(known);
        accepted && live(known).is_some() && self.listed.as_ref().is_none_or(|listed| listed.is_given())
    }

    fn invite(&self, known: &Exchange) -> Outcome {
        let given = self.invited.as_ref().is_none_or(|invited| invited.is_given());
        if given || is_connected(known) {
            return Outcome::already(Exchange::new());
        }
        let (account, service) = (account(known), &self.service.id);
        Outcome::waiting(format!("let {account} see {service}: {}", self.where_to()), Turn::You, LOOK)
    }

    fn admit(&self, known: &Exchange) -> Outcome {
        let Some(endpoint) = live(known) else { return Outcome::moved(no_endpoint(self)) };
        if let Some(here) = endpoint.ids.all().next().map(|id| id.cloud()).filter(|id| *id != self.service.id.cloud()) {
            return Outcome::refused(other_cloud(self, self.service.id.cloud(), here));
        }
        if self.is_admitted(known) {
            return Outcome::already(Exchange::new());
        }
        let act = match (&self.listed, self.service.acceptance) {
            (Some(_), Acceptance::Automatic) => "enter",
            (Some(_), _) => "accept and enter",
            _ => "accept",
        };
        Outcome::waiting(format!("{act} {}: {}", ids(endpoint), self.where_to()), Turn::You, LOOK)
    }

    /// Refuses a step of another database.
    fn own(&self, database: &str) -> Result<()> {
        if database == self.subject() {
            return Ok(());
        }
        Err(Error::invalid(format!("the step is of {}, not of {}", database.escape_debug(), self.subject())))
    }
}

fn live(known: &Exchange) -> Option<&EndpointFacts> {
    known.endpoints.get(&Slot::main()).filter(|endpoint| endpoint.state != EndpointState::Gone)
}

/// Whether the cloud shows the endpoint connected.
fn is_connected(known: &Exchange) -> bool {
    let shown = live(known).is_some_and(|endpoint| endpoint.state == EndpointState::Ready);
    shown || known.holds(Some(&Slot::main()), &Fact::Connected)
}

/// All that a console may ask for to tell the endpoint by.
fn ids(endpoint: &EndpointFacts) -> String {
    match &endpoint.ids {
        EndpointIds::Aws { id, account } => format!("endpoint {id} of account {account}"),
        EndpointIds::Azure { id, guid: Some(guid) } => format!("endpoint {id} (resource GUID {guid})"),
        EndpointIds::Gcp { project, rule, psc: Some(psc) } => {
            format!("endpoint {rule} of project {project} (connection {psc})")
        }
        EndpointIds::Gcp { project, rule, .. } => format!("endpoint {rule} of project {project}"),
        other => match other.primary() {
            Some(id) => format!("endpoint {id}"),
            None => "the endpoint".to_owned(),
        },
    }
}

fn account(known: &Exchange) -> String {
    match &known.consumer {
        Some(ConsumerIdentity::Aws { account, .. }) => format!("AWS account {account}"),
        Some(ConsumerIdentity::Azure { subscription, .. }) => format!("Azure subscription {subscription}"),
        Some(ConsumerIdentity::Gcp { project }) => format!("Google Cloud project {project}"),
        _ => "the network's account".to_owned(),
    }
}

fn consumer_cloud(known: &Exchange) -> Option<CloudProvider> {
    match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { .. } => Some(CloudProvider::Aws),
        ConsumerIdentity::Azure { .. } => Some(CloudProvider::Azure),
        ConsumerIdentity::Gcp { .. } => Some(CloudProvider::Gcp),
        _ => None,
    }
}

fn by_hand(database: &Database) -> Finding {
    Finding::new(
        "MANUAL-001",
        Severity::Info,
        format!("{} is asked by hand: the link waits for you", database.vendor),
        format!("do what the waiting step says, here: {}", database.where_to()),
    )
    .turn(Turn::You)
}

fn no_names(database: &Database) -> Finding {
    Finding::new(
        "MANUAL-002",
        Severity::Blocks,
        "no private host was given",
        "give what the vendor's console shows with `host(…)`, ports included",
    )
    .evidence(database.subject())
}

fn no_endpoint(database: &Database) -> Finding {
    Finding::new(
        "MANUAL-003",
        Severity::Blocks,
        "the endpoint this step is about is not known",
        "plan again: the endpoint was made or removed meanwhile",
    )
    .evidence(database.subject())
}

fn other_cloud(database: &Database, there: CloudProvider, here: CloudProvider) -> Finding {
    Finding::new(
        "MANUAL-004",
        Severity::Blocks,
        format!("the endpoint service is in {}, the network is in {}", there.name(), here.name()),
        "link the database to a network in its own cloud",
    )
    .evidence(database.subject())
}
