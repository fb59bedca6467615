//! No secret may appear in anything that is printed or traced.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use privlink_core::transport::{
    Authorize, BasicAuth, BearerToken, Budget, Caller, Dialect, Failure, Limits, Operation, ReqwestTransport, Sent,
    StaticBearer, Token, TokenSource, Transport, TransportError, hide,
};
use privlink_core::{ApiError, BoxFuture, Error, ErrorKind, ExposeSecret, Result, SecretString};
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
        outgoing.headers_mut().insert("x-api-key", CANARY.parse().unwrap());
        *outgoing.body_mut() = format!("Password={CANARY}").into();
        // An id that an earlier answer gave may quote the credentials.
        let quoting = format!("t-1-{CANARY}");
        for resource in ["t-1", &quoting, &quoting] {
            let uri = format!("https://api.plain.test/v1/{resource}?limit=2&signature={CANARY}");
            *outgoing.uri_mut() = uri.parse().unwrap();
            let result = caller.call_json::<Vec<u8>>(&READ, resource, outgoing.clone()).await;
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
    assert!(traced.contains("https://api.plain.test/v1/t-1-…?limit=2&signature=…"), "nothing was traced: {traced}");
    assert!(traced.contains("thingGet") && told.contains("thingGet") && printed.contains("thingGet"));
    for (what, text) in [("trace", &traced), ("observer", &told), ("debug or error", &printed)] {
        for secret in [CANARY, CANARY_BASIC] {
            assert!(!text.contains(secret), "{what} shows a secret: {text}");
        }
    }
}

/// Gives tokens that differ from the start on, asked for with a secret; every other time it
/// fails and says with what it asked.
#[derive(Debug, Default)]
struct Rotating(AtomicUsize);

const TOKENS: [&str; 3] = ["first-t0ken+canary/==", "second-t0ken+canary/==", "third-t0ken+canary/=="];
const CLIENT_SECRET: &str = "client-s3cret~canary";

impl TokenSource for Rotating {
    fn token<'a>(&'a self, _: &'a str, stale: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        let stale = stale.map(|stale| stale.expose_secret().to_owned());
        Box::pin(async move {
            match TOKENS.get(number) {
                Some(token) => {
                    Ok(Token::new((*token).into(), SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)))
                }
                None => Err(Error::new(ErrorKind::Unauthenticated, format!("asked with {CLIENT_SECRET}"))
                    .with_source(format!("{CLIENT_SECRET} after {stale:?}"))),
            }
        })
    }

    fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        hide(text, [CLIENT_SECRET])
    }
}

#[tokio::test(start_paused = true)]
async fn a_bearer_token_is_hidden_while_it_is_used_and_after_it_was_refused() {
    let authorize = BearerToken::new(Rotating::default(), "scope", "me");
    let text = format!("{} {CLIENT_SECRET}", TOKENS.join(" "));
    assert_eq!(authorize.scrub(&text), format!("{} …", TOKENS.join(" ")), "none is known yet");
    let now = SystemTime::UNIX_EPOCH;
    for known in 1..=TOKENS.len() {
        let mut sent = request();
        authorize.authorize(&mut sent, now).await.unwrap();
        let hidden = authorize.scrub(&text).into_owned();
        for (place, token) in TOKENS.iter().enumerate() {
            assert_eq!(hidden.contains(token), place >= known, "{hidden}");
        }
        let answer = http::Response::builder().status(401).body(bytes::Bytes::new()).unwrap();
        assert!(authorize.refused(&sent, &answer, now).await);
        assert!(!authorize.scrub(TOKENS[known - 1]).contains("canary"), "refused, but not forgotten");
    }
}

/// Repeats the authorization, and every token so far, in whatever comes back.
#[derive(Debug)]
struct Parrot {
    status: u16,
    body: &'static str,
}

impl Transport for Parrot {
    fn send(
        &self,
        request: http::Request<bytes::Bytes>,
        _: Limits,
    ) -> BoxFuture<'_, Result<http::Response<bytes::Bytes>, TransportError>> {
        let used = request.headers()["authorization"].to_str().unwrap().to_owned();
        let token = used.strip_prefix("Bearer ").unwrap();
        // No token of later is known to anybody yet.
        let last = TOKENS.iter().position(|known| *known == token).unwrap();
        let said = format!("{used} {}", TOKENS[..=last].join(" ").repeat(50));
        let answer = match self.status {
            0 => Err(TransportError::new(Sent::Maybe, said)),
            status => Ok(http::Response::builder()
                .status(status)
                .header("x-request-id", said.as_str())
                .body(self.body.replace("SAID", &said).into())
                .unwrap()),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// Quotes all of an answer.
#[derive(Debug)]
struct Quoting;

impl Dialect for Quoting {
    fn vendor(&self) -> &'static str {
        "Quoting Cloud"
    }

    fn judge(&self, _: &Operation, response: &http::Response<bytes::Bytes>) -> Option<Failure> {
        let status = response.status();
        let kind = match status.as_u16() {
            200..=299 => return None,
            401 => ErrorKind::Unauthenticated,
            _ => ErrorKind::Unavailable,
        };
        let text = String::from_utf8_lossy(response.body()).into_owned();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let error = Error::new(kind, text.clone())
            .with_api(ApiError::new(Some(&text), &text))
            .with_request_id(Some(id.clone()))
            .with_body(response.body())
            .with_help(text.clone())
            .with_source(Error::invalid(id).with_source(text));
        Some(Failure::passing(error, None))
    }
}

#[tokio::test(start_paused = true)]
async fn echoed_tokens_are_in_no_error_of_a_call() {
    for status in [0, 200, 400, 401, 503] {
        for body in ["SAID", r#"{"error":"SAID"}"#, "<html>SAID"] {
            let caller =
                Caller::builder(Quoting, Arc::new(Parrot { status, body }), crate::support::TestClock::shared())
                    .authorize(BearerToken::new(Rotating::default(), "scope", "me"))
                    .build();
            // Each refusal takes one more token, until the source itself fails.
            for _ in 0..4 {
                let error = caller.call_json::<Vec<u8>>(&READ, "t-1", request()).await.unwrap_err();
                let mut text = format!("{error} {error:#} {error:?} {error:#?} {:?} {:?}", error.api(), error.body());
                let mut source = std::error::Error::source(&error);
                while let Some(cause) = source {
                    let _ = write!(text, "{cause} {cause:?} {cause:#?}");
                    source = cause.source();
                }
                // The start of a secret is one too.
                for secret in TOKENS.into_iter().chain([CLIENT_SECRET]) {
                    assert!(!text.contains(&secret[..8]), "{status} {body}: {text}");
                }
            }
        }
    }
}
