//! The rules that both kinds of side obey.

use privlink_core::side::{Exchange, Outcome, SideId, Step, StepState};
use serde_json::Value;

use super::case::{Case, well_formed};
use super::pending;

/// A survey says the same twice, and a question asked twice in one run costs one request.
pub(super) async fn surveys_rest(case: &Case<'_>) {
    let told = case.counterpart.tell(&Exchange::new());
    let again = |error: privlink_core::Error| -> privlink_core::side::Survey { panic!("survey: {}", error.report()) };
    let cx = case.cx();
    let first = case.side.survey(&told, &cx).await.unwrap_or_else(again);
    let (asked, _) = case.seen();
    let memoised = case.side.survey(&told, &cx).await.unwrap_or_else(again);
    assert_eq!(case.seen().0, asked, "the same survey in the same run asked again");
    let fresh = case.side.survey(&told, &case.cx()).await.unwrap_or_else(again);
    for second in [&memoised, &fresh] {
        assert_eq!(second.steps, first.steps, "a second survey gives other steps");
        assert_eq!(second.known, first.known, "a second survey knows other things");
        assert_eq!(second.findings, first.findings, "a second survey has other findings");
    }
}

/// Plans without writing; gives what is known and the steps, at least one of them to do.
pub(super) async fn plan(case: &Case<'_>) -> (Exchange, Vec<Step>) {
    let (_, writes) = case.seen();
    let (known, survey) = case.plan(&case.cx(), Exchange::new()).await;
    assert_eq!(case.seen().1, writes, "planning wrote");
    well_formed(case.side, &survey.steps);
    for finding in &survey.findings {
        assert!(finding.severity < privlink_core::Severity::Blocks, "a plan that should work is blocked: {finding}");
    }
    assert!(!pending(&survey.steps).is_empty(), "a fresh link has nothing to do");
    (known, survey.steps)
}

/// A step of another side, of an unknown verb or with spoilt parameters is refused before any
/// request.
pub(super) async fn strangers(case: &Case<'_>, known: &Exchange, steps: &[Step]) {
    let Some(sample) = steps.first() else { return };
    let mut another = sample.clone();
    another.side = SideId::new("nowhere");
    another.verb = "nowhere.conjure".into();
    let mut unknown = sample.clone();
    unknown.verb = format!("{}.no_such_verb", case.side.id()).into();
    let mut cases = vec![another, unknown];
    cases.extend(steps.iter().map(|step| {
        let mut spoilt = step.clone();
        spoilt.params = Value::String("spoilt".into());
        spoilt
    }));
    for step in &cases {
        let (asked, _) = case.seen();
        match case.side.perform(step, known, &case.cx()).await {
            Err(_) | Ok(Outcome::Refused(_)) => {}
            Ok(other) => panic!("{}: a step that cannot be performed came to {other:?}", step.verb),
        }
        assert_eq!(case.seen().0, asked, "{}: a step that cannot be performed made a request", step.verb);
    }
}

/// Sets up, finds nothing left to do, and performs everything once more without a write.
pub(super) async fn up(case: &Case<'_>, known: &Exchange, steps: &[Step]) -> Exchange {
    let cx = case.cx();
    let known = case.set_up(&cx, known.clone(), steps).await;
    let (_, writes) = case.seen();
    let (known, survey) = case.plan(&case.cx(), known).await;
    assert!(pending(&survey.steps).is_empty(), "after set-up a survey still has to do: {:?}", pending(&survey.steps));
    for step in steps {
        let already = case.finish(&case.cx(), &known, step).await;
        assert!(already, "{}: performed again it was not already done", step.verb);
    }
    assert_eq!(case.seen().1, writes, "a second run wrote");
    known
}

/// Takes down; nothing of the link is left but what the removal says it keeps, everything of
/// others is, and a second removal has nothing to do.
pub(super) async fn down(case: &Case<'_>, known: &Exchange, before: &Value) {
    let (_, writes) = case.seen();
    let report = |error: privlink_core::Error| -> privlink_core::side::Survey { panic!("removal: {}", error.report()) };
    let removal = case.side.removal(known, &case.cx()).await.unwrap_or_else(report);
    let second = case.side.removal(known, &case.cx()).await.unwrap_or_else(report);
    assert_eq!(case.seen().1, writes, "planning the removal wrote");
    assert_eq!(second.steps, removal.steps, "a second plan of the removal has other steps");
    well_formed(case.side, &removal.steps);
    assert!(
        !pending(&removal.steps).is_empty() || !removal.kept.is_empty(),
        "a standing link has nothing to remove, and does not say why"
    );
    case.take_down(&case.cx(), known, &removal.steps).await;
    settle(case).await;

    let (_, writes) = case.seen();
    for step in &removal.steps {
        let already = case.finish(&case.cx(), known, step).await;
        assert!(already, "{}: performed again it was not already done", step.verb);
    }
    let after = case.side.removal(known, &case.cx()).await.unwrap_or_else(report);
    assert!(pending(&after.steps).is_empty(), "after removal there is still {:?} to remove", pending(&after.steps));
    assert_eq!(case.seen().1, writes, "a second removal wrote");
    if removal.kept.is_empty() {
        unchanged(case, before, "the removal left something behind, or took something of others");
    }
}

/// Every write takes effect but its answer is lost: the link comes up and goes down all the same,
/// and nothing is made twice.
pub(super) async fn lost_answers(case: &Case<'_>, before: &Value) {
    let (known, survey) = case.plan(&case.cx(), Exchange::new()).await;
    let steps = survey.steps;
    let fault = case.counterpart.lose_answers(&case.side.id());
    let known = case.set_up(&case.cx(), known, &steps).await;
    assert!(fault.hits() > 0, "set-up made no write whose answer could be lost");
    fault.lift();
    let (known, survey) = case.plan(&case.cx(), known).await;
    assert!(
        pending(&survey.steps).is_empty(),
        "after lost answers a survey still has to do: {:?}",
        pending(&survey.steps)
    );
    let removal = case.side.removal(&known, &case.cx()).await;
    let removal = removal.unwrap_or_else(|error| panic!("removal: {}", error.report()));
    let fault = case.counterpart.lose_answers(&case.side.id());
    case.take_down(&case.cx(), &known, &removal.steps).await;
    fault.lift();
    settle(case).await;
    if removal.kept.is_empty() {
        unchanged(case, before, "after lost answers the removal left something behind");
    }
}

/// A survey of what is gone errs or finds, and writes nothing.
pub(super) async fn gone(case: &Case<'_>) {
    let (_, writes) = case.seen();
    let told = case.counterpart.tell(&Exchange::new());
    if let Ok(survey) = case.side.survey(&told, &case.cx()).await {
        let done = |step: &Step| step.state == StepState::AlreadyDone;
        assert!(
            !survey.findings.is_empty() || !survey.steps.iter().all(done),
            "what is gone is surveyed as if it were there"
        );
    }
    assert_eq!(case.seen().1, writes, "a survey of what is gone wrote");
}

/// Lets what is going be gone.
async fn settle(case: &Case<'_>) {
    use privlink_core::Clock;

    case.counterpart.world().sim_clock().sleep(std::time::Duration::from_secs(600)).await;
}

/// Fails unless the side's own system is as it was, naming each difference.
fn unchanged(case: &Case<'_>, before: &Value, message: &str) {
    let mut found = Vec::new();
    differences(case.side.id().as_str(), before, &case.snapshot(), &mut found);
    assert!(found.is_empty(), "{message}:\n  {}", found.join("\n  "));
}

fn differences(place: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(old), Value::Object(new)) => {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                differences(&format!("{place}.{name}"), &before[name], &after[name], found);
            }
        }
        _ if before == after => {}
        (Value::Null, _) => found.push(format!("{place}: new: {after}")),
        (_, Value::Null) => found.push(format!("{place}: gone: {before}")),
        _ => found.push(format!("{place}: was {before}, is {after}")),
    }
}
