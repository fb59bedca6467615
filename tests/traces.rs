//! What README.md says under "Logs and traces": one span a performed step, and the calls inside it.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use common::link;
use privlink::{Link, Run};
use privlink_sim::World;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// A span or an event.
#[derive(Clone, Debug, Default)]
struct Told {
    name: String,
    level: String,
    fields: BTreeMap<String, String>,
    /// The spans that it stands in, by their places.
    inside: Option<usize>,
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let value = format!("{value:?}");
        if field.name() == "message" {
            self.name = value;
        } else {
            self.fields.insert(field.name().to_owned(), value.trim_matches('"').to_owned());
        }
    }
}

#[derive(Default)]
struct Book {
    spans: Vec<Told>,
    events: Vec<Told>,
    entered: Vec<usize>,
}

/// Remembers everything of this thread.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Book>>);

impl Listener {
    fn told(&self, metadata: &Metadata<'_>) -> Told {
        let inside = self.0.lock().unwrap().entered.last().copied();
        Told { name: metadata.name().to_owned(), level: metadata.level().to_string(), inside, ..Told::default() }
    }

    fn spans(&self, name: &str) -> Vec<Told> {
        self.0.lock().unwrap().spans.iter().filter(|span| span.name == name).cloned().collect()
    }

    fn events(&self, name: &str) -> Vec<Told> {
        self.0.lock().unwrap().events.iter().filter(|event| event.name == name).cloned().collect()
    }

    /// The span that something stands in.
    fn around(&self, told: &Told) -> Option<Told> {
        told.inside.map(|place| self.0.lock().unwrap().spans[place].clone())
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("privlink")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut told = self.told(span.metadata());
        span.record(&mut told);
        let mut book = self.0.lock().unwrap();
        book.spans.push(told);
        Id::from_u64(book.spans.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut told = self.told(event.metadata());
        event.record(&mut told);
        self.0.lock().unwrap().events.push(told);
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(usize::try_from(span.into_u64()).unwrap() - 1);
    }

    fn exit(&self, span: &Id) {
        let place = usize::try_from(span.into_u64()).unwrap() - 1;
        let entered = &mut self.0.lock().unwrap().entered;
        let last = entered.iter().rposition(|entered| *entered == place).unwrap();
        entered.remove(last);
    }
}

/// The steps of a plan as their spans should tell them.
fn expected(link: &Link, plan: &privlink::Plan) -> BTreeSet<Vec<(String, String)>> {
    let fields = |step: &privlink::core::side::Step| {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        vec![
            pair("link", link.name().to_string()),
            pair("place", step.place.to_string()),
            pair("side", step.side.to_string()),
            pair("step", step.id.to_string()),
            pair("verb", step.verb.to_string()),
        ]
    };
    plan.pending().map(fields).collect()
}

fn fields(spans: &[Told]) -> BTreeSet<Vec<(String, String)>> {
    spans.iter().map(|span| span.fields.clone().into_iter().collect()).collect()
}

#[tokio::test(start_paused = true)]
async fn each_performed_step_has_one_span_and_its_calls_are_inside() {
    let listener = Listener::default();
    let _heard = tracing::subscriber::set_default(listener.clone());
    let world = World::new();
    let link = link(&world);
    let plan = link.plan().await.unwrap();
    assert!(listener.spans("step").is_empty(), "planning performs nothing");
    link.apply(&plan).await.unwrap();

    let steps = listener.spans("step");
    assert_eq!(steps.len(), plan.pending().count());
    assert_eq!(fields(&steps), expected(&link, &plan));
    assert!(steps.iter().all(|span| span.level == "INFO"));
    let done = listener.events("done");
    assert_eq!(done.len(), steps.len());
    for event in &done {
        assert_eq!(event.fields["changed"], "true", "{event:?}");
        assert_eq!(listener.around(event).unwrap().name, "step", "{event:?}");
    }
    let waiting = listener.events("waiting");
    assert!(!waiting.is_empty());
    for event in waiting {
        assert_eq!(event.fields.keys().collect::<Vec<_>>(), ["poll_after", "stage", "turn"]);
    }

    let calls = listener.spans("call");
    let writes: Vec<&Told> = calls.iter().filter(|call| call.fields["operation"] == "CreateVpcEndpoint").collect();
    let [write] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(write.fields.keys().collect::<Vec<_>>(), ["operation", "resource", "vendor"]);
    assert_eq!(listener.around(write).unwrap().fields["verb"], "aws.endpoint");
    for event in listener.events("succeeded") {
        assert!(["attempt", "status", "took"].iter().all(|field| event.fields.contains_key(*field)), "{event:?}");
        assert_eq!(listener.around(&event).unwrap().name, "call");
    }
}

/// Of a stored run each process has a span of its own for a step that it looks at.
#[tokio::test(start_paused = true)]
async fn the_ticks_of_a_run_are_traced_too() {
    let listener = Listener::default();
    let _heard = tracing::subscriber::set_default(listener.clone());
    let world = World::new();
    let link = link(&world);
    let clock = world.clock();
    let mut run = Run::new(link.plan().await.unwrap());
    let wanted = expected(&link, run.plan());
    let mut ticks = 0;
    while let Some(next) = run.due(privlink::core::Clock::now(&*clock)) {
        clock.sleep(next.after).await;
        link.tick(&mut run, &next.step).await.unwrap();
        ticks += 1;
    }
    let steps = listener.spans("step");
    assert_eq!((fields(&steps), steps.len()), (wanted.clone(), wanted.len()));
    assert!(ticks > steps.len(), "some steps were looked at more than once");
}
