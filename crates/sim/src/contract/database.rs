use privlink_core::side::{
    DatabaseSide, EndpointFacts, EndpointIds, EndpointState, Exchange, Fact, Outcome, Ownership, Sharing, Step,
    StepState, Survey,
};

use super::case::{Case, well_formed};
use super::counterpart::slots;
use super::{Counterpart, pending, rules};

/// Runs every rule of a database side; see the [module](super).
///
/// # Panics
/// Where the side breaks a rule.
pub async fn database(side: &dyn DatabaseSide, counterpart: &dyn Counterpart) {
    let case = Case { side, counterpart };
    let before = case.snapshot();

    // What it knows without the other side.
    let (_, writes) = case.seen();
    let first = survey(&case, &Exchange::new()).await;
    // What is made on request, or named only once an endpoint is let in, a step says that it gives.
    let later =
        |fact: &Fact| first.steps.iter().any(|step| step.state != StepState::AlreadyDone && step.gives.contains(fact));
    let (service, names) = (!first.known.services.is_empty(), !first.known.names.is_empty());
    assert!(service || later(&Fact::Service), "the first survey names no endpoint service");
    assert!(names || later(&Fact::Names), "the first survey gives no private name");
    assert!(first.known.capabilities.is_some(), "the first survey observes no capabilities");
    for slot in first.known.services.keys() {
        assert!(first.known.holds(Some(slot), &Fact::Service), "the endpoint service is known, but not held as a fact");
    }
    assert!(!names || first.known.holds(None, &Fact::Names), "private names are known, but not held as a fact");
    assert!(
        names || !first.known.holds(None, &Fact::Names),
        "no private name is known, and yet names are held as a fact"
    );
    assert_eq!(case.seen().1, writes, "a survey wrote");

    rules::surveys_rest(&case).await;
    let (known, steps) = rules::plan(&case).await;
    rules::strangers(&case, &known, &steps).await;
    foreign_endpoint(&case, &known, &steps).await;

    // Up, again, and down.
    let known = rules::up(&case, &known, &steps).await;
    assert!(!known.names.is_empty(), "the link is up, and no private name is known");
    users(side, &case, &known).await;
    rules::down(&case, &known, &before).await;

    // The same with every answer to a write lost.
    rules::lost_answers(&case, &before).await;

    // The database is deleted while the link stands.
    let (known, survey) = case.plan(&case.cx(), Exchange::new()).await;
    let known = case.set_up(&case.cx(), known, &survey.steps).await;
    counterpart.take_away();
    rules::gone(&case).await;
    let cx = case.cx();
    let removal = side.removal(&known, &cx).await.unwrap_or_else(|error| {
        panic!("removal after the database is gone: {}", error.report());
    });
    well_formed(side, &removal.steps);
    case.take_down(&cx, &known, &removal.steps).await;
    let removal = side.removal(&known, &case.cx()).await.unwrap_or_else(|error| panic!("{}", error.report()));
    assert!(
        pending(&removal.steps).is_empty(),
        "after removal without the database: {:?} are left",
        pending(&removal.steps)
    );
}

async fn survey(case: &Case<'_>, known: &Exchange) -> Survey {
    let survey = case.side.survey(known, &case.cx()).await;
    survey.unwrap_or_else(|error| panic!("survey: {}", error.report()))
}

/// An endpoint of a cloud that the service is not in is refused without a write.
async fn foreign_endpoint(case: &Case<'_>, known: &Exchange, steps: &[Step]) {
    let mut mixed = known.clone();
    for slot in slots(known) {
        let Some(facts) = mixed.endpoints.get_mut(&slot) else { continue };
        let ids = match &facts.ids {
            EndpointIds::Aws { .. } => EndpointIds::Gcp {
                project: "another-cloud".parse().expect("a constant that is well-formed"),
                rule: "endpoint".parse().expect("a constant that is well-formed"),
                psc: "102600141743718403".parse().ok(),
            },
            _ => EndpointIds::Aws {
                id: "vpce-0a1b2c3d4e5f67890".parse().expect("a constant that is well-formed"),
                account: "123456789012".parse().expect("a constant that is well-formed"),
            },
        };
        *facts = EndpointFacts::new(ids, EndpointState::Ready, Ownership::Foreign);
    }
    let (_, writes) = case.seen();
    for step in steps.iter().filter(|step| step.needs.contains(&Fact::Endpoint)) {
        match case.side.perform(step, &mixed, &case.cx()).await {
            Err(_) | Ok(Outcome::Refused(_) | Outcome::Moved(_)) => {}
            Ok(other) => panic!("{}: took an endpoint of another cloud: {other:?}", step.verb),
        }
    }
    assert_eq!(case.seen().1, writes, "an endpoint of another cloud was written");
}

/// Who uses the endpoint is read, not written, and names the database while the link stands.
async fn users(side: &dyn DatabaseSide, case: &Case<'_>, known: &Exchange) {
    let (_, writes) = case.seen();
    for (slot, facts) in &known.endpoints {
        let cx = case.cx();
        let (users, complete) =
            side.users(facts, &cx).await.unwrap_or_else(|error| panic!("users: {}", error.report()));
        // Where a service is of one database, nobody else can be behind it, and nobody need be told.
        let alone = known.services.get(slot).is_some_and(|service| service.shared_by == Sharing::OneDatabase);
        assert!(!users.is_empty() || !complete || alone, "nobody is said to use an endpoint that serves");
    }
    assert_eq!(case.seen().1, writes, "asking for users wrote");
}
