//! No secret may appear in anything that is printed or traced.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use privlink_core::transport::{
    BasicAuth, BearerToken, Budget, ReqwestTransport, Sent, StaticBearer, Token, TokenSource,
};
use privlink_core::{BoxFuture, Result, SecretString};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Act, READ, Script, request};

const CANARY: &str = "c4nary-s3cret";
/// The canary as basic authentication sends it, for `key-id`.
const CANARY_BASIC: &str = "a2V5LWlkOmM0bmFyeS1zM2NyZXQ=";

/// Writes every span and event of every level into one text.
#[derive(Clone, Default)]
struct Ears(Arc<Mutex<String>>);

impl Visit for &Ears {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = write!(self.0.lock().unwrap(), " {field}={value:?}");
    }
}

impl Subscriber for Ears {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Debug)]
struct Fixed;

impl TokenSource for Fixed {
    fn token<'a>(&'a self, _: &'a str, _: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async { Ok(Token::new(CANARY.into(), SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000))) })
    }
}

#[tokio::test(start_paused = true)]
async fn no_trace_event_debug_or_error_shows_a_secret() {
    let ears = Ears::default();
    let guard = tracing::subscriber::set_default(ears.clone());
    let told = Arc::new(Mutex::new(String::new()));
    let mut printed = String::new();
    for who in 0..3 {
        let script = Script::new([
            Act::status(401),
            Act::Lose(Sent::Maybe),
            Act::with(429, "set-cookie", CANARY),
            Act::Reply(200, vec![("x-amz-security-token", CANARY.to_owned())], r#"{"password":"c4nary-s3cret"}"#),
        ]);
        let sink = Arc::clone(&told);
        let builder = script
            .caller()
            .budget("https://api.plain.test", Budget::new(10, Duration::from_secs(10)))
            .observe(move |event| sink.lock().unwrap().push_str(&format!("{event} {event:?}")));
        let builder = match who {
            0 => builder.authorize(BasicAuth::new("key-id", &CANARY.into()).unwrap()),
            1 => builder.authorize(StaticBearer::new(&CANARY.into()).unwrap()),
            _ => builder.authorize(BearerToken::new(Fixed, "scope", "me")),
        };
        let _ = write!(printed, "{builder:?}");
        let caller = builder.build();
        let mut outgoing = request();
        *outgoing.uri_mut() = format!("https://api.plain.test/v1?limit=2&signature={CANARY}").parse().unwrap();
        outgoing.headers_mut().insert("x-api-key", CANARY.parse().unwrap());
        *outgoing.body_mut() = format!("Password={CANARY}").into();
        for _ in 0..3 {
            let result = caller.call_json::<Vec<u8>>(&READ, "t-1", outgoing.clone()).await;
            if let Err(error) = result {
                let _ = write!(printed, "{error} {error:?} {error:#?} {}", error.report());
            }
        }
        let _ = write!(printed, "{caller:?} {:?}", caller.limiter());
    }
    let proxied = ReqwestTransport::builder().proxy(format!("http://me:{CANARY}@proxy.test:8080"));
    let _ = write!(printed, "{proxied:?}");
    let _ = write!(printed, "{:?}", proxied.build().unwrap());
    let broken = ReqwestTransport::builder().proxy(format!("http://me:{CANARY}@pro xy")).build().unwrap_err();
    let _ = write!(printed, "{broken:?} {}", broken.report());
    drop(guard);

    let (traced, told) = (ears.0.lock().unwrap().clone(), told.lock().unwrap().clone());
    assert!(traced.contains("https://api.plain.test/v1?limit=2&signature=…"), "nothing was traced: {traced}");
    assert!(traced.contains("thingGet") && told.contains("thingGet") && printed.contains("thingGet"));
    for (what, text) in [("trace", &traced), ("observer", &told), ("debug or error", &printed)] {
        for secret in [CANARY, CANARY_BASIC] {
            assert!(!text.contains(secret), "{what} shows a secret: {text}");
        }
    }
}
