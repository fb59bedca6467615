//! The contract suites: a side that keeps the rules passes, and each broken rule is caught.
//!
//! The side here is small and speaks raw JSON, as a vendor outside this family could.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};

use common::Caller;
use http::Method;
use privlink_core::side::{
    Capabilities, Cx, DatabaseSide, EndpointFacts, EndpointService, Exchange, Fact, Naming, Outcome, PortRange,
    PrivateName, Protocol, RecordShape, Side, SideId, Slot, Step, StepKind, StepState, Survey, TouchKey, Undo, Users,
};
use privlink_core::{
    BoxFuture, CloudProvider, EndpointServiceId, Error, ErrorKind, Finding, PrivateDnsHostname, PrivateEndpointId,
    Result, Severity,
};
use privlink_sim::World;
use privlink_sim::contract::{self, AwsConsumer};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a side does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    SurveyWrites,
    SaysSomethingElseEachTime,
    AsksTwice,
    WritesWithoutLooking,
    TakesAnyCloud,
    TakesAnyStep,
    LosesLostAnswers,
    LeavesTheRegistration,
    TakesStrangersAway,
    StumblesWhenGone,
    ForgetsNames,
}

#[derive(Serialize, Deserialize)]
struct Allow {
    service: String,
}

impl StepKind for Allow {
    const VERB: &'static str = "clickhouse.allow";
}

#[derive(Serialize, Deserialize)]
struct Withdraw {
    service: String,
}

impl StepKind for Withdraw {
    const VERB: &'static str = "clickhouse.withdraw";
}

struct Plain {
    caller: Caller,
    service: String,
    flaw: Flaw,
    asked: AtomicU32,
}

impl std::fmt::Debug for Plain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plain").field("flaw", &self.flaw).finish_non_exhaustive()
    }
}

impl Plain {
    async fn call(caller: &Caller, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let request = caller.request(method, path, body);
        let answer = caller.try_send(request).await;
        let answer = answer.map_err(|error| Error::new(ErrorKind::OutcomeUnknown, "lost").with_source(error))?;
        match answer.status().as_u16() {
            200 => Ok(serde_json::from_slice::<Value>(answer.body()).unwrap()["result"].clone()),
            404 => Err(Error::new(ErrorKind::NotFound, "gone")),
            status => Err(Error::new(ErrorKind::InvalidInput, format!("status {status}"))),
        }
    }

    async fn get(&self, cx: &Cx, path: String) -> Result<Value> {
        let caller = Caller::with(&self.caller.world, self.caller.key.clone());
        if self.flaw == Flaw::AsksTwice {
            return Self::call(&caller, Method::GET, &path, None).await;
        }
        cx.memo().read(path.clone(), || async move { Self::call(&caller, Method::GET, &path, None).await }).await
    }

    fn key(&self) -> TouchKey {
        TouchKey::new("entry", [self.service.as_str()])
    }

    /// Which of the service's and the organization's lists hold `endpoint`.
    async fn standing(&self, cx: &Cx, endpoint: &str) -> Result<(bool, bool)> {
        let listed = match self.get(cx, self.service.clone()).await {
            Ok(service) => service["privateEndpointIds"].as_array().unwrap().contains(&json!(endpoint)),
            Err(error) if error.kind() == ErrorKind::NotFound && self.flaw != Flaw::StumblesWhenGone => false,
            Err(error) => return Err(error),
        };
        let organization = self.get(cx, self.caller.org()).await?;
        let registered =
            organization["privateEndpoints"].as_array().unwrap().iter().any(|known| known["id"] == endpoint);
        Ok((listed, registered))
    }

    fn endpoint(&self, known: &Exchange) -> Option<PrivateEndpointId> {
        known.endpoints.get(&Slot::main())?.ids.primary()
    }

    async fn allow(&self, known: &Exchange, cx: &Cx) -> Result<Outcome> {
        let endpoint = self.endpoint(known).ok_or_else(|| Error::invalid("no endpoint is known"))?;
        if endpoint.cloud() != CloudProvider::Aws && self.flaw != Flaw::TakesAnyCloud {
            return Err(Error::invalid("an endpoint of another cloud"));
        }
        let endpoint = endpoint.to_string();
        if self.flaw != Flaw::WritesWithoutLooking && self.standing(&cx.fresh(), &endpoint).await?.0 {
            return Ok(Outcome::already(Exchange::new()));
        }
        let body = json!({ "privateEndpointIds": { "add": [endpoint] } });
        match Self::call(&self.caller, Method::PATCH, &self.service, Some(&body)).await {
            Ok(_) => Ok(Outcome::done(Exchange::new())),
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown && self.flaw == Flaw::LosesLostAnswers => {
                Err(error.with_kind(ErrorKind::Unavailable))
            }
            Err(error) => Err(error),
        }
    }

    async fn withdraw(&self, known: &Exchange, cx: &Cx) -> Result<Outcome> {
        let endpoint = self.endpoint(known).ok_or_else(|| Error::invalid("no endpoint is known"))?.to_string();
        let (listed, registered) = self.standing(&cx.fresh(), &endpoint).await?;
        let unregister = registered && self.flaw != Flaw::LeavesTheRegistration;
        if !listed && !unregister {
            return Ok(Outcome::already(Exchange::new()));
        }
        if listed {
            let mut gone = vec![endpoint.clone()];
            if self.flaw == Flaw::TakesStrangersAway {
                gone = self.caller.world.clickhouse().attached(self.caller.world.clickhouse().service_id());
            }
            let body = json!({ "privateEndpointIds": { "remove": gone } });
            Self::call(&self.caller, Method::PATCH, &self.service, Some(&body)).await?;
        }
        if unregister {
            let gone = json!({ "id": endpoint, "cloudProvider": "aws", "region": "us-east-1" });
            let body = json!({ "privateEndpoints": { "remove": [gone] } });
            Self::call(&self.caller, Method::PATCH, &self.caller.org(), Some(&body)).await?;
        }
        Ok(Outcome::done(Exchange::new()))
    }
}

impl Side for Plain {
    fn id(&self) -> SideId {
        SideId::new("clickhouse")
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move {
            if self.flaw == Flaw::SurveyWrites {
                let body = json!({ "tags": { "add": [{ "key": "seen" }] } });
                Self::call(&self.caller, Method::PATCH, &self.service, Some(&body)).await?;
            }
            let mut survey = Survey::new();
            let config = match self.get(cx, format!("{}/privateEndpointConfig", self.service)).await {
                Ok(config) => config,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    survey.findings.push(Finding::new("T-001", Severity::Blocks, "the service is gone", "make one"));
                    return Ok(survey);
                }
                Err(error) => return Err(error),
            };
            let id: EndpointServiceId = config["endpointServiceId"].as_str().unwrap().parse()?;
            let host: PrivateDnsHostname = config["privateDnsHostname"].as_str().unwrap().parse()?;
            let region = id.region().unwrap();
            survey.known.services.insert(Slot::main(), EndpointService::new(id, region));
            let ports = vec![PortRange::single(8443)];
            survey.known.names.push(PrivateName::new(host.name(), ports, Protocol::ClickHouseHttps));
            let naming = vec![Naming::PrivateZone(RecordShape::Apex)];
            survey.known.capabilities = Some(Capabilities::new(naming, Undo::ReAddable, Users::Countable));
            survey.known.hold(Some(Slot::main()), Fact::Service);
            if self.flaw != Flaw::ForgetsNames {
                survey.known.hold(None, Fact::Names);
            }
            let mut what = "allow the endpoint".to_owned();
            if self.flaw == Flaw::SaysSomethingElseEachTime {
                what.push_str(&self.asked.fetch_add(1, Ordering::Relaxed).to_string());
            }
            let allow = Allow { service: self.service.clone() };
            let mut step = Step::new(self.id(), self.key(), &allow, what)
                .slot(Slot::main())
                .needs([Fact::Endpoint])
                .gives([Fact::Served]);
            if let Some(endpoint) = self.endpoint(known)
                && self.standing(cx, &endpoint.to_string()).await?.0
            {
                step = step.state(StepState::AlreadyDone);
            }
            survey.steps.push(step);
            Ok(survey)
        })
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            if self.flaw == Flaw::TakesAnyStep {
                return self.allow(known, cx).await;
            }
            if step.verb == Withdraw::VERB {
                step.kind::<Withdraw>()?;
                return self.withdraw(known, cx).await;
            }
            step.kind::<Allow>()?;
            self.allow(known, cx).await
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(async move {
            let mut survey = Survey::new();
            let Some(endpoint) = self.endpoint(known) else { return Ok(survey) };
            let (listed, registered) = self.standing(cx, &endpoint.to_string()).await?;
            if listed || (registered && self.flaw != Flaw::LeavesTheRegistration) {
                let withdraw = Withdraw { service: self.service.clone() };
                let step = Step::new(self.id(), self.key(), &withdraw, "withdraw the endpoint");
                survey.steps.push(step.slot(Slot::main()).needs([Fact::Endpoint]).gives([Fact::Served]));
            }
            Ok(survey)
        })
    }
}

impl DatabaseSide for Plain {
    fn users<'a>(&'a self, endpoint: &'a EndpointFacts, cx: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(async move {
            let id = endpoint.ids.primary().ok_or_else(|| Error::invalid("no id"))?;
            let listed = self.standing(cx, &id.to_string()).await?.0;
            Ok((listed.then(|| self.key()).into_iter().collect(), true))
        })
    }
}

/// What the suite says of a side with `flaw`; nothing when it is content.
async fn verdict(flaw: Flaw) -> Option<String> {
    let world = World::new();
    let clickhouse = world.clickhouse();
    clickhouse.lift_rate_limit();
    let service = clickhouse.service_id();
    clickhouse.attach(service, &"vpce-0fffffffffffffff0".parse().unwrap());
    let suite = tokio::spawn(async move {
        let caller = Caller::new(&world);
        let side = Plain { service: caller.service(), caller, flaw, asked: AtomicU32::new(0) };
        contract::database(&side, &AwsConsumer::of(&world, service)).await;
    });
    let panic = suite.await.err()?.into_panic();
    let text = panic.downcast_ref::<String>().cloned();
    Some(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_side_that_keeps_the_rules_passes() {
    assert_eq!(verdict(Flaw::None).await, None);
}

#[tokio::test(start_paused = true)]
async fn each_broken_rule_is_caught_and_named() {
    for (flaw, words) in [
        (Flaw::SurveyWrites, "wrote"),
        (Flaw::SaysSomethingElseEachTime, "other steps"),
        (Flaw::AsksTwice, "asked again"),
        (Flaw::WritesWithoutLooking, "clickhouse.allow"),
        (Flaw::TakesAnyCloud, "another cloud"),
        (Flaw::TakesAnyStep, "cannot be performed"),
        (Flaw::LosesLostAnswers, "lost"),
        (Flaw::LeavesTheRegistration, "left something behind"),
        (Flaw::TakesStrangersAway, "took something of others"),
        (Flaw::StumblesWhenGone, "gone"),
        (Flaw::ForgetsNames, "private names are known, but not held"),
    ] {
        let said = verdict(flaw).await.unwrap_or_else(|| panic!("{flaw:?} was not caught"));
        assert!(said.contains(words), "{flaw:?}: {said}");
    }
}
