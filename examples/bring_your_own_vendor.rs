//! A vendor of one's own, whole and in one file: Orchard, which nobody here knows, joined with a
//! network in AWS.
//!
//! ```sh
//! cargo run --example bring_your_own_vendor
//! cargo test --example bring_your_own_vendor   # the contract that every database side keeps
//! ```
//!
//! The workflow needs no change for it, and neither does the network's side. `Orchard` stands for
//! the client of the vendor's API; a real one is built on `privlink::core::transport`. `Tree` is
//! the side; `privlink::core::side` explains what it has to do and why.

use std::collections::BTreeSet;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use privlink::core::side::{
    Admission, Capabilities, Cx, DatabaseSide, EndpointFacts, EndpointService, EntryState, Evidence, Exchange, Fact,
    Kept, Naming, Outcome, Ownership, PortRange, PrivateName, Protocol, RecordShape, Side, SideId, Slot, Step,
    StepKind, StepState, Survey, TouchKey, Undo, Users,
};
use privlink::core::{BoxFuture, CloudProvider, Error, ErrorKind, Finding, PrivateEndpointId, Result, Severity, Turn};
use privlink::{Link, aws};
use privlink_sim::World;
use serde::{Deserialize, Serialize};

// ── the vendor's API: one database, with a list of the endpoints it answers

const HOST: &str = "pear.orchard.example.com";
const SERVICE: &str = "com.amazonaws.vpce.us-east-1.vpce-svc-0c0ffee0c0ffee0c0";

/// The client; clones speak to the same account.
#[derive(Clone, Debug, Default)]
struct Orchard(Arc<Mutex<Account>>);

#[derive(Debug, Default)]
struct Account {
    deleted: bool,
    endpoints: BTreeSet<String>,
    requests: usize,
    writes: usize,
    /// How many answers to writes were lost; `None` while none is.
    losing: Option<u32>,
}

impl Orchard {
    /// The endpoints that the database answers.
    async fn endpoints(&self) -> Result<BTreeSet<String>> {
        Ok(self.called()?.endpoints.clone())
    }

    async fn admit(&self, endpoint: &str) -> Result<()> {
        let mut account = self.called()?;
        account.endpoints.insert(endpoint.to_owned());
        account.written()
    }

    async fn withdraw(&self, endpoint: &str) -> Result<()> {
        let mut account = self.called()?;
        account.endpoints.remove(endpoint);
        account.written()
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn called(&self) -> Result<MutexGuard<'_, Account>> {
        let mut account = self.account();
        account.requests += 1;
        if account.deleted {
            return Err(Error::new(ErrorKind::NotFound, "there is no such tree"));
        }
        Ok(account)
    }
}

impl Account {
    fn written(&mut self) -> Result<()> {
        self.writes += 1;
        let Some(lost) = &mut self.losing else { return Ok(()) };
        *lost += 1;
        Err(Error::new(ErrorKind::OutcomeUnknown, "the connection broke before the answer came"))
    }
}

// ── its side

const SIDE: SideId = SideId::new("orchard");

/// Lets the link's endpoint in. Which one that is, is known only once it has been made, so it is
/// read from the exchange and is no parameter.
#[derive(Serialize, Deserialize)]
struct Admit {
    host: String,
}

impl StepKind for Admit {
    const VERB: &'static str = "orchard.admit";
}

/// Withdraws an endpoint that was let in.
#[derive(Serialize, Deserialize)]
struct Withdraw {
    endpoint: String,
}

impl StepKind for Withdraw {
    const VERB: &'static str = "orchard.withdraw";
}

/// One database of Orchard's.
#[derive(Clone, Debug)]
struct Tree {
    orchard: Orchard,
}

impl Tree {
    /// What one entry of the list touches: the same wherever the entry is spoken of.
    fn entry(endpoint: &str) -> TouchKey {
        TouchKey::new("orchard.entry", [HOST, endpoint])
    }

    /// The list, asked for once a run: surveys are repeated until neither side learns anything new.
    async fn listed(&self, cx: &Cx) -> Result<BTreeSet<String>> {
        let orchard = self.orchard.clone();
        cx.memo().read(format!("orchard endpoints {HOST}"), || async move { orchard.endpoints().await }).await
    }

    /// Looks, acts once, looks: no answer is taken at its word, and none is needed.
    async fn change(&self, endpoint: &str, wanted: bool, known: Exchange) -> Result<Outcome> {
        if self.orchard.endpoints().await?.contains(endpoint) == wanted {
            return Ok(Outcome::already(known));
        }
        let answer = match wanted {
            true => self.orchard.admit(endpoint).await,
            false => self.orchard.withdraw(endpoint).await,
        };
        match answer {
            Err(error) if error.kind() != ErrorKind::OutcomeUnknown => return Err(error),
            _ => {}
        }
        if self.orchard.endpoints().await?.contains(endpoint) == wanted {
            return Ok(Outcome::done(known));
        }
        let soon = std::time::Duration::from_secs(5);
        Ok(Outcome::waiting("the list does not show the change yet", Turn::Vendor, soon))
    }
}

/// The link's endpoint, once its cloud has given it an id.
fn endpoint_of(known: &Exchange) -> Option<(PrivateEndpointId, &EndpointFacts)> {
    let facts = known.endpoints.get(&Slot::main())?;
    Some((facts.ids.primary()?, facts))
}

impl Side for Tree {
    fn id(&self) -> SideId {
        SIDE
    }

    fn subject(&self) -> privlink::core::Text {
        format!("Orchard tree {HOST}").into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move {
            let listed = self.listed(cx).await?;
            let mut survey = Survey::new();
            let service = EndpointService::new(SERVICE.parse()?, "us-east-1".parse()?);
            survey.known.services.insert(Slot::main(), service);
            survey.known.hold(Some(Slot::main()), Fact::Service);
            let ports = vec![PortRange::single(443)];
            survey.known.names.push(PrivateName::new(HOST.parse()?, ports, Protocol::Https));
            survey.known.hold(None, Fact::Names);
            let naming = vec![Naming::PrivateZone(RecordShape::Apex), Naming::SelfManaged];
            survey.known.capabilities = Some(Capabilities::new(naming, Undo::ReAddable, Users::Countable));

            // The endpoint may not exist yet, so the key is made of what is known from the start.
            let key = TouchKey::new("orchard.admission", [HOST, cx.network(), cx.instance()]);
            let mut step = Step::new(SIDE, key, &Admit { host: HOST.to_owned() }, "let the endpoint in")
                .slot(Slot::main())
                .place(HOST)
                .why("the database answers the endpoints on its list alone")
                .needs([Fact::Endpoint])
                .gives([Fact::Served])
                .undo(Undo::ReAddable);
            if let Some((endpoint, facts)) = endpoint_of(known)
                && listed.contains(&endpoint.to_string())
            {
                let admission = admission(&endpoint, facts);
                survey.known.admissions.insert(Slot::main(), admission);
                step = step.state(StepState::AlreadyDone);
            }
            survey.steps.push(step);
            Ok(survey)
        })
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, _: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            match &*step.verb {
                Admit::VERB => {
                    step.kind::<Admit>()?;
                    let Some((endpoint, facts)) = endpoint_of(known) else {
                        return Ok(Outcome::moved(no_endpoint()));
                    };
                    if endpoint.cloud() != CloudProvider::Aws {
                        return Ok(Outcome::refused(other_cloud(endpoint.cloud())));
                    }
                    let mut learnt = Exchange::new();
                    learnt.admissions.insert(Slot::main(), admission(&endpoint, facts));
                    self.change(&endpoint.to_string(), true, learnt).await
                }
                Withdraw::VERB => {
                    let Withdraw { endpoint } = step.kind()?;
                    match self.change(&endpoint, false, Exchange::new()).await {
                        // With the database its list is gone too.
                        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Outcome::already(Exchange::new())),
                        other => other,
                    }
                }
                other => Err(Error::new(ErrorKind::Unsupported, format!("`{other}` is no step of Orchard's"))),
            }
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move {
            let mut survey = Survey::new();
            let listed = match self.listed(cx).await {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(survey),
                listed => listed?,
            };
            let Some((endpoint, facts)) = endpoint_of(known) else { return Ok(survey) };
            let text = endpoint.to_string();
            if !listed.contains(&text) {
                return Ok(survey);
            }
            let key = Self::entry(&text);
            // An entry carries no mark, so it is ours when the endpoint that it names is.
            if facts.ownership.is_ours() {
                let kind = Withdraw { endpoint: text };
                // Needs and gives are those of what is taken away; the workflow runs them backwards.
                let step = Step::new(SIDE, key, &kind, "withdraw the endpoint").place(HOST).slot(Slot::main());
                survey.steps.push(step.needs([Fact::Endpoint]).gives([Fact::Served]));
            } else {
                survey.kept.push(Kept::new(key, "it names an endpoint that this link did not make"));
            }
            Ok(survey)
        })
    }
}

impl DatabaseSide for Tree {
    fn users<'a>(&'a self, endpoint: &'a EndpointFacts, cx: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(async move {
            let id = endpoint.ids.primary().map(|id| id.to_string());
            let listed = self.listed(cx).await?;
            // By the key of the step that would withdraw it; there is no other tree that could use it.
            Ok((id.filter(|id| listed.contains(id)).map(|id| Self::entry(&id)).into_iter().collect(), true))
        })
    }
}

fn admission(endpoint: &PrivateEndpointId, facts: &EndpointFacts) -> Admission {
    let ownership = match facts.ownership.is_ours() {
        true => Ownership::Ours(Evidence::NamesOur(Tree::entry(&endpoint.to_string()))),
        false => Ownership::Unattributable,
    };
    Admission::new(EntryState::Served, Turn::Nobody, ownership, "on the list")
}

fn no_endpoint() -> Finding {
    Finding::new("ORCHARD-001", Severity::Blocks, "the endpoint is gone", "plan again")
}

fn other_cloud(cloud: CloudProvider) -> Finding {
    let summary = format!("the endpoint is in {cloud}, and Orchard is in AWS");
    Finding::new("ORCHARD-002", Severity::Blocks, summary, "link it to a network in AWS")
}

// ── a whole link with it

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> std::result::Result<(), Box<dyn StdError>> {
    let (world, orchard) = (World::new(), Orchard::default());
    let cloud = world.aws();
    // The world serves whoever the vendor lets in.
    let list = orchard.clone();
    let admits = move |endpoint: &str| list.account().endpoints.contains(endpoint);
    world.publish_database(HOST.parse()?, SERVICE.parse()?, admits);

    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
        .clock(world.clock())
        .build()?
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());
    let link = Link::builder("pears".parse()?, Tree { orchard: orchard.clone() }, network)
        .clock(world.clock())
        .vantage(world.vantage(&cloud.subnet_ids()[0]))
        .build()?;

    let plan = link.plan().await?;
    println!("{plan}");
    link.apply(&plan).await?;
    let verdict = link.verify().await?;
    println!("{verdict}");
    assert!(verdict.proved);

    let removal = link.removal_plan().await?;
    println!("{removal}");
    link.apply(&removal).await?;
    assert!(orchard.account().endpoints.is_empty() && cloud.endpoints().is_empty());
    Ok(())
}

#[cfg(test)]
mod tests {
    use privlink_sim::contract::{self, AwsConsumer, Counterpart, LostAnswers};
    use serde_json::{Value, json};

    use super::*;

    /// The consumer's half, and what only the vendor can tell the suite.
    struct Consumer {
        consumer: AwsConsumer,
        orchard: Orchard,
    }

    impl Counterpart for Consumer {
        fn world(&self) -> &World {
            self.consumer.world()
        }

        fn tell(&self, known: &Exchange) -> Exchange {
            self.consumer.tell(known)
        }

        fn take_away(&self) {
            self.orchard.account().deleted = true;
        }

        fn seen(&self) -> (usize, usize) {
            let account = self.orchard.account();
            (account.requests, account.writes)
        }

        fn snapshot(&self, _: &SideId) -> Value {
            json!(self.orchard.account().endpoints)
        }

        fn lose_answers(&self, _: &SideId) -> Box<dyn LostAnswers> {
            self.orchard.account().losing = Some(0);
            Box::new(self.orchard.clone())
        }
    }

    impl LostAnswers for Orchard {
        fn hits(&self) -> u32 {
            self.account().losing.unwrap_or_default()
        }

        fn lift(&self) {
            self.account().losing = None;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_side_keeps_the_contract_of_every_database_side() {
        let (world, orchard) = (World::new(), Orchard::default());
        orchard.account().endpoints.insert("vpce-0fffffffffffffff0".to_owned());
        let consumer = Consumer { consumer: AwsConsumer::anywhere(&world), orchard: orchard.clone() };
        contract::database(&Tree { orchard }, &consumer).await;
    }

    #[test]
    fn a_whole_link_with_it_comes_up_is_proved_and_goes_down() {
        main().unwrap_or_else(|error| panic!("{error}"));
    }
}
