use privlink_core::side::{Exchange, Fact, NetworkSide, Outcome};
use privlink_core::{CloudProvider, EndpointServiceId, ErrorKind};

use super::case::{Case, well_formed};
use super::{Counterpart, pending, rules};

/// Runs every rule of a network side; see the [module](super).
///
/// # Panics
/// Where the side breaks a rule.
pub async fn network(side: &dyn NetworkSide, counterpart: &dyn Counterpart) {
    let case = Case { side, counterpart };
    let before = case.snapshot();

    rules::surveys_rest(&case).await;
    let (known, steps) = rules::plan(&case).await;
    assert!(known.consumer.is_some(), "the survey does not say who the consumer is");
    rules::strangers(&case, &known, &steps).await;

    let known = rules::up(&case, &known, &steps).await;
    stands(side, &case, &known, &steps).await;
    strangers_endpoint(side, &case, &known).await;
    // The database's side answers nothing any more: marks alone must do.
    let from_marks = Exchange::new();
    let found = side.removal(&from_marks, &case.cx()).await;
    let found = found.unwrap_or_else(|error| panic!("removal without the other side: {}", error.report()));
    well_formed(side, &found.steps);
    assert!(!pending(&found.steps).is_empty(), "removal without the other side finds nothing of a standing link");
    rules::down(&case, &known, &before).await;

    rules::lost_answers(&case, &before).await;

    // Once more, and down by marks alone.
    let (known, survey) = case.plan(&case.cx(), Exchange::new()).await;
    case.set_up(&case.cx(), known, &survey.steps).await;
    rules::down(&case, &from_marks, &before).await;

    sharers(side, &case, &before).await;

    // What was made is taken away behind the side's back.
    let (known, survey) = case.plan(&case.cx(), Exchange::new()).await;
    let known = case.set_up(&case.cx(), known, &survey.steps).await;
    counterpart.take_away();
    rules::gone(&case).await;
    let cx = case.cx();
    let removal = side.removal(&known, &cx).await;
    let removal = removal.unwrap_or_else(|error| panic!("removal of what is gone: {}", error.report()));
    case.take_down(&cx, &known, &removal.steps).await;
}

/// What holds once the link stands: an endpoint with addresses, found by its mark.
async fn stands(side: &dyn NetworkSide, case: &Case<'_>, known: &Exchange, steps: &[privlink_core::side::Step]) {
    for slot in known.services.keys() {
        assert!(known.holds(Some(slot), &Fact::Connected), "{slot}: set up, but not connected");
        let facts = known.endpoints.get(slot).unwrap_or_else(|| panic!("{slot}: set up, but no endpoint is known"));
        assert!(!facts.addresses.is_empty(), "{slot}: the endpoint's own addresses are not known");
        assert!(facts.ownership.is_ours(), "{slot}: the endpoint is not known to be ours: {:?}", facts.ownership);
    }
    assert!(!known.inside.is_empty(), "the address ranges of the network are not known");
    let (_, writes) = case.seen();
    let cx = case.cx();
    let mut found = 0;
    for step in steps {
        let mark = cx.mark(step.key.clone());
        let owned = side.owned(&mark, &cx).await.unwrap_or_else(|error| panic!("owned: {}", error.report()));
        found += owned.iter().filter(|(_, ownership)| ownership.is_ours()).count();
    }
    assert!(found > 0, "nothing that was made is found again by its mark");
    assert_eq!(case.seen().1, writes, "asking what is owned wrote");
}

/// Databases of two accounts of the vendor's, of which neither is told of the other's, share an
/// endpoint: each leaves its mark before it relies on it, and it stays until the last one has gone.
async fn sharers(side: &dyn NetworkSide, case: &Case<'_>, before: &serde_json::Value) {
    let told = |account: &'static str| {
        let mut known = Exchange::new();
        known.vendor_account = Some(account.into());
        known
    };
    let (known, survey) = case.plan(&case.cx(), told("one account")).await;
    let one = case.set_up(&case.cx(), known, &survey.steps).await;
    let (known, survey) = case.plan(&case.cx(), told("another account")).await;
    for slot in known.services.keys() {
        assert!(
            !known.holds(Some(slot), &Fact::Endpoint),
            "{slot}: an endpoint is relied on before the mark of this account is on it"
        );
    }
    let other = case.set_up(&case.cx(), known, &survey.steps).await;
    for (slot, facts) in &one.endpoints {
        assert_eq!(other.endpoints.get(slot).map(|other| &other.ids), Some(&facts.ids), "{slot}: it is not shared");
    }
    for known in [&one, &other] {
        let removal = side.removal(known, &case.cx()).await;
        let removal = removal.unwrap_or_else(|error| panic!("removal: {}", error.report()));
        well_formed(side, &removal.steps);
        assert!(
            removal.steps.iter().any(|step| step.gives.contains(&Fact::Claimed)),
            "no step takes the mark of this account off"
        );
        for facts in known.endpoints.values() {
            let leading = side.leading_to(facts, known, &case.cx()).await;
            let leading = leading.unwrap_or_else(|error| panic!("leading_to: {}", error.report()));
            assert!(
                leading.iter().any(|key| !removal.steps.iter().any(|step| step.key == *key)),
                "the mark of another account is not told: {leading:?}"
            );
        }
        let (_, writes) = case.seen();
        for step in removal.steps.iter().filter(|step| step.gives.contains(&Fact::Endpoint)) {
            match side.perform(step, known, &case.cx()).await {
                Err(_) | Ok(Outcome::Moved(_) | Outcome::Refused(_)) => {}
                Ok(gone) => panic!("{}: an endpoint that carries another account's mark: {gone:?}", step.verb),
            }
        }
        assert_eq!(case.seen().1, writes, "an endpoint that carries another account's mark was deleted");
    }
    // One of them goes: its own mark, and nothing that the other one needs.
    let removal = side.removal(&one, &case.cx()).await;
    let removal = removal.unwrap_or_else(|error| panic!("removal: {}", error.report()));
    for step in removal.steps.iter().filter(|step| step.gives.contains(&Fact::Claimed)) {
        case.finish(&case.cx(), &one, step).await;
    }
    let (_, survey) = case.plan(&case.cx(), told("another account")).await;
    assert!(pending(&survey.steps).is_empty(), "what the other account needs went: {:?}", pending(&survey.steps));
    rules::down(case, &other, before).await;
}

/// An endpoint that leads to another service, or to one that nobody has named, is not taken in,
/// and nothing is written onto it.
async fn strangers_endpoint(side: &dyn NetworkSide, case: &Case<'_>, known: &Exchange) {
    let mut other = known.clone();
    for service in other.services.values_mut() {
        service.id = another_service(service.id.cloud());
    }
    let (_, writes) = case.seen();
    for id in known.endpoints.values().filter_map(|facts| facts.ids.primary()) {
        for services in [&other, &Exchange::new()] {
            match side.adopt(&id, services, &case.cx()).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => panic!("adopting an endpoint of another service is no conflict: {}", error.report()),
                Ok(facts) => panic!("adopted an endpoint of another service: {facts:?}"),
            }
        }
    }
    assert_eq!(case.seen().1, writes, "an endpoint of another service was marked");
}

/// A service of the cloud that no world has.
fn another_service(cloud: CloudProvider) -> EndpointServiceId {
    let text = match cloud {
        CloudProvider::Aws => "com.amazonaws.vpce.us-east-1.vpce-svc-0fffffffffffffff0",
        CloudProvider::Azure => "another.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice",
        CloudProvider::Gcp => "projects/another/regions/us-central1/serviceAttachments/another",
        other => panic!("the suite knows no endpoint service of {other}"),
    };
    text.parse().expect("a constant that is well-formed")
}
