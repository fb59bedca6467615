//! What the workflow itself costs: ordering steps and running them, with sides that do nothing.
//!
//! ```sh
//! cargo bench --bench workflow
//! ```
#![expect(missing_docs, reason = "criterion's macros make public functions without any")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use futures_util::FutureExt;
use privlink::core::side::{
    Cx, DatabaseSide, EndpointFacts, Exchange, Fact, Mark, NetworkSide, Outcome, Ownership, Plan, Side, SideId, Step,
    StepKind, Survey, TouchKey,
};
use privlink::core::{BoxFuture, Clock, Error, ErrorKind, PrivateEndpointId, Result};
use privlink::{Link, Links};
use serde::{Deserialize, Serialize};

/// A side whose steps are done as soon as they are asked for.
#[derive(Clone, Debug)]
struct Instant {
    id: &'static str,
    steps: Vec<Step>,
}

#[derive(Serialize, Deserialize)]
struct Nothing;

impl StepKind for Nothing {
    const VERB: &'static str = "bench.nothing";
}

impl Instant {
    fn new(id: &'static str) -> Self {
        Self { id, steps: Vec::new() }
    }

    fn step(mut self, name: &str, needs: &[Fact], gives: &[Fact]) -> Self {
        let key = TouchKey::new("bench", [name]);
        let step = Step::new(SideId::new(self.id), key, &Nothing, name.to_owned());
        self.steps.push(step.needs(needs.iter().cloned()).gives(gives.iter().cloned()));
        self
    }
}

impl Side for Instant {
    fn id(&self) -> SideId {
        SideId::new(self.id)
    }

    fn survey<'a>(&'a self, _: &'a Exchange, _: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        let mut survey = Survey::new();
        survey.steps.clone_from(&self.steps);
        Box::pin(async move { Ok(survey) })
    }

    fn perform<'a>(&'a self, _: &'a Step, _: &'a Exchange, _: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async { Ok(Outcome::done(Exchange::new())) })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        self.survey(known, cx)
    }
}

impl DatabaseSide for Instant {
    fn users<'a>(&'a self, _: &'a EndpointFacts, _: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(async { Ok((Vec::new(), true)) })
    }
}

impl NetworkSide for Instant {
    fn owned<'a>(&'a self, _: &'a Mark, _: &'a Cx) -> BoxFuture<'a, Result<Vec<(TouchKey, Ownership)>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn adopt<'a>(
        &'a self,
        _: &'a PrivateEndpointId,
        _: &'a Exchange,
        _: &'a Cx,
    ) -> BoxFuture<'a, Result<EndpointFacts>> {
        Box::pin(async { Err(Error::new(ErrorKind::NotFound, "nothing to adopt")) })
    }
}

/// A clock that stands still: nothing here waits.
#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}

fn link(number: usize) -> Link {
    use Fact::{Connected, Endpoint, Names, Opened, Resolving, Served, Service};
    let group = Fact::Own("group".into());
    let database = Instant::new("vendor").step("config", &[], &[Service, Names]).step(
        &format!("allow-{number}"),
        &[Endpoint],
        &[Served],
    );
    let network = Instant::new("cloud")
        .step("group", &[], std::slice::from_ref(&group))
        .step("rules", &[Names, group.clone()], &[Opened])
        .step("endpoint", &[Service, group], &[Endpoint])
        .step("await", &[Endpoint], &[Connected])
        .step(&format!("record-{number}"), &[Connected, Served, Names], &[Resolving]);
    let name = format!("link-{number}").parse().expect("a link name");
    Link::builder(name, database, network).clock(Arc::new(Still)).build().expect("no instance label")
}

/// The value of a future that never waits.
fn now<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("nothing here waits")
}

fn workflow(criterion: &mut Criterion) {
    let one = link(0);
    criterion.bench_function("plan one link", |bench| bench.iter(|| now(black_box(&one).plan())));
    let plan = now(one.plan()).expect("a plan");
    criterion.bench_function("apply one link", |bench| bench.iter(|| now(one.apply(black_box(&plan)).into_future())));
    criterion.bench_function("plan to JSON and back", |bench| {
        bench.iter(|| {
            let text = serde_json::to_string(black_box(&plan)).expect("plans are JSON");
            serde_json::from_str::<Plan>(&text).expect("and back")
        });
    });
    criterion.bench_function("print a plan", |bench| bench.iter(|| black_box(&plan).to_string()));

    let mut group = criterion.benchmark_group("links");
    group.sample_size(10);
    for count in [100, 1_000, 10_000] {
        let links = Links::new((0..count).map(link));
        group.bench_function(format!("plan {count}"), |bench| bench.iter(|| now(links.plan())));
        let plan = now(links.plan());
        group.bench_function(format!("apply {count}"), |bench| {
            bench.iter_batched(|| (), |()| now(links.apply(&plan).into_future()), BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, workflow);
criterion_main!(benches);
