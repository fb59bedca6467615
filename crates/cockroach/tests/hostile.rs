//! Answers that nobody promised: every field of every answer in turn holds something else, and reads
//! end in a finding or an error that is short and prints as text.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use privlink_cockroach::Client;
use privlink_core::side::{DatabaseSide, Exchange, Fact, Side, Slot};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{SimTransport, World};
use serde_json::{Value, json};
use support::*;

/// What a field may hold instead.
fn oddities() -> [Value; 12] {
    [
        Value::Null,
        json!(""),
        json!("MOON"),
        json!("x".repeat(30_000)),
        json!("a\u{1b}[2J\r\n  2. nothing else \u{202e}"),
        json!("https://internal.example.com:443/path?x=1"),
        json!(u64::MAX),
        json!(-1),
        json!(1.0e300),
        json!(true),
        json!([]),
        json!({}),
    ]
}

/// Passes answers on, and remembers the first of each read by its path.
#[derive(Clone, Debug)]
struct Recorder {
    inner: SimTransport,
    seen: Arc<Mutex<BTreeMap<String, Value>>>,
}

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let (path, read) = (request.uri().path().to_owned(), request.method() == http::Method::GET);
            let response = self.inner.send(request, limits).await?;
            if read {
                let answer = serde_json::from_slice(response.body()).unwrap();
                self.seen.lock().unwrap().entry(path).or_insert(answer);
            }
            Ok(response)
        })
    }
}

/// Answers reads from what was recorded, one of them altered, and writes with an empty object.
#[derive(Clone, Debug)]
struct Altered {
    answers: Arc<BTreeMap<String, Value>>,
    at: String,
    body: Bytes,
    status: u16,
}

impl Transport for Altered {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let read = request.method() == http::Method::GET;
        let mut response = http::Response::new(match self.answers.get(request.uri().path()) {
            Some(_) if read && request.uri().path() == self.at => self.body.clone(),
            Some(answer) if read => Bytes::from(answer.to_string()),
            _ => Bytes::from_static(b"{}"),
        });
        if read && request.uri().path() == self.at {
            *response.status_mut() = http::StatusCode::from_u16(self.status).unwrap();
        }
        Box::pin(async move { Ok(response) })
    }
}

/// The places in an answer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, field)| places(field, &format!("{at}/{name}"), found)),
        // One item of a list is like another.
        Value::Array(items) => items.iter().take(1).for_each(|item| places(item, &format!("{at}/0"), found)),
        _ => {}
    }
}

/// A world with a connection, an allowlist and a neighbour behind the same service, as it answers.
async fn recorded(world: &World, name: &str, endpoint: &str) -> BTreeMap<String, Value> {
    let recorder = Recorder { inner: world.transport(), seen: Arc::default() };
    let id = cluster_id(world, name);
    world.cockroach().connect(id.uuid(), &endpoint.parse().unwrap());
    let cluster = client_over(world, recorder.clone()).cluster(id);
    cluster
        .add_allowed_range(&privlink_cockroach::AllowedRange::sql("198.51.100.0/24".parse().unwrap()))
        .await
        .unwrap();
    everything(world, &client_over(world, recorder.clone()), name).await;
    let seen = recorder.seen.lock().unwrap().clone();
    assert!(seen.len() >= 4, "{:?}", seen.keys());
    seen
}

/// Whatever the side can be asked, and all that it said.
async fn everything(world: &World, client: &Client, name: &str) -> String {
    let cluster = client.cluster(cluster_id(world, name));
    let known = known(OURS);
    let mut said = String::new();
    let tell = |said: &mut String, error: &privlink_core::Error| {
        assert!(
            matches!(
                error.kind(),
                ErrorKind::UnexpectedResponse
                    | ErrorKind::Unavailable
                    | ErrorKind::OutcomeUnknown
                    | ErrorKind::Conflict
                    | ErrorKind::InvalidInput
            ),
            "{error:?}"
        );
        write!(said, "{}", error.report()).unwrap();
    };
    match cluster.survey(&known, &cx(world)).await {
        Ok(survey) => {
            let wrong = survey.known.services.values().any(|service| service.id.cloud() != CloudProvider::Aws);
            assert!(!wrong && survey.known.names.iter().all(|name| name.host.as_str().starts_with("internal-")));
            let blocked = survey.findings.iter().any(|f| f.severity == privlink_core::Severity::Blocks);
            let whole =
                survey.known.holds(Some(&Slot::main()), &Fact::Service) && survey.known.holds(None, &Fact::Names);
            let makes = survey.steps.iter().any(|step| step.gives.contains(&Fact::Service));
            assert!(whole || blocked || makes, "nothing says why it does not go on: {survey:?}");
            for finding in &survey.findings {
                writeln!(said, "{finding}").unwrap();
            }
            for step in &survey.steps {
                writeln!(said, "{} {} {} {}", step.what, step.place, step.why, step.thing).unwrap();
                match cluster.perform(step, &known, &cx(world)).await {
                    Ok(outcome) => drop(format!("{outcome:?}")),
                    Err(error) => tell(&mut said, &error),
                }
            }
        }
        Err(error) => tell(&mut said, &error),
    }
    match cluster.removal(&known, &cx(world)).await {
        Ok(removal) => {
            for step in &removal.steps {
                writeln!(said, "{} {} {}", step.what, step.place, step.thing).unwrap();
            }
            for kept in &removal.kept {
                writeln!(said, "{} {}", kept.what, kept.reason).unwrap();
            }
        }
        Err(error) => tell(&mut said, &error),
    }
    let endpoint = known.endpoints.values().next().unwrap();
    if let Err(error) = cluster.users(endpoint, &cx(world)).await {
        tell(&mut said, &error);
    }
    match cluster.closing(&Exchange::new(), &cx(world)).await {
        Ok((closing, _)) => writeln!(said, "{}", closing.steps[0].why).unwrap(),
        Err(error) => tell(&mut said, &error),
    }
    said
}

#[tokio::test(start_paused = true)]
async fn whatever_a_field_holds_the_reads_end_and_say_it_briefly() {
    for name in ["shopfront", "carts"] {
        let world = World::new();
        let answers = Arc::new(recorded(&world, name, OURS).await);
        let mut tried = 0;
        // The plans differ in their services alone.
        let concerns = |path: &str| name == "carts" || path.ends_with("private-endpoint-services");
        for (path, answer) in answers.iter().filter(|(path, _)| concerns(path)) {
            let mut all = Vec::new();
            places(answer, "", &mut all);
            for place in all {
                for odd in oddities() {
                    let mut altered = answer.clone();
                    *altered.pointer_mut(&place).unwrap() = odd.clone();
                    let body = Bytes::from(altered.to_string());
                    let transport = Altered { answers: answers.clone(), at: path.clone(), body, status: 200 };
                    let said = everything(&world, &client_over(&world, transport), name).await;
                    let at = || format!("{path} {place} = {:.60}", odd.to_string());
                    let plain = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
                    assert!(said.chars().all(plain), "{}: {said:?}", at());
                    assert!(said.len() < 20_000, "{}: {} bytes: {:.2000}", at(), said.len(), said);
                    tried += 1;
                }
            }
        }
        assert!(tried > 100, "{tried}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateways_page_or_a_cut_body_is_no_answer() {
    let world = World::new();
    let answers = Arc::new(recorded(&world, "carts", OURS).await);
    for path in answers.keys() {
        for (status, body) in [
            (502, format!("<html><script>{}</script></html>", "x".repeat(30_000))),
            (503, String::new()),
            (200, "<html>welcome</html>".to_owned()),
            (200, r#"{"clusters": [{"id": "#.to_owned()),
            (204, String::new()),
        ] {
            let transport = Altered { answers: answers.clone(), at: path.clone(), body: Bytes::from(body), status };
            let said = everything(&world, &client_over(&world, transport), "carts").await;
            assert!(said.len() < 20_000 && !said.contains("Unknown("), "{path} {status}: {said}");
        }
    }
}
