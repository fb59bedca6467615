use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use futures_util::future::join_all;
use privlink_core::transport::{BearerToken, StaticBearer, Token, TokenSource};
use privlink_core::{BoxFuture, Error, ErrorKind, ExposeSecret, Result, SecretString};

use crate::support::{Act, CREATE, READ, Script, request};

/// Gives numbered tokens that live for `life`, after `delay`.
#[derive(Clone, Debug)]
struct Mint {
    given: Arc<AtomicU32>,
    life: Duration,
    delay: Duration,
    /// Gives no more than this many.
    most: u32,
    began: tokio::time::Instant,
}

impl Mint {
    fn new(life: Duration) -> Self {
        let began = tokio::time::Instant::now();
        Self { given: Arc::default(), life, delay: Duration::from_millis(100), most: u32::MAX, began }
    }

    fn given(&self) -> u32 {
        self.given.load(Ordering::Relaxed)
    }
}

impl TokenSource for Mint {
    fn token<'a>(&'a self, scope: &'a str, stale: Option<&'a SecretString>) -> BoxFuture<'a, Result<Token>> {
        Box::pin(async move {
            assert_eq!(scope, "scope");
            tokio::time::sleep(self.delay).await;
            let number = self.given.fetch_add(1, Ordering::Relaxed) + 1;
            if number > self.most {
                return Err(Error::new(ErrorKind::PermissionDenied, "no more tokens").with_operation("mint"));
            }
            let secret = format!("token-{number}");
            assert_ne!(stale.map(ExposeSecret::expose_secret), Some(secret.as_str()));
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000) + self.began.elapsed();
            Ok(Token::new(secret.into(), now + self.life))
        })
    }
}

fn used(script: &Script) -> Vec<String> {
    script.requests().iter().map(|request| request.headers()["authorization"].to_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_fetched_once_however_many_ask() {
    let (script, mint) = (Script::new([]), Mint::new(Duration::from_secs(3_600)));
    let caller = script.caller().authorize(BearerToken::new(mint.clone(), "scope", "me")).build();
    let all = join_all((0..50).map(|_| caller.call(&READ, "t-1", request()))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(mint.given(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_renewed_before_it_ends_and_holds_nobody_up() {
    let (script, mint) = (Script::new([]), Mint::new(Duration::from_secs(3_600)));
    let caller = script.caller().authorize(BearerToken::new(mint.clone(), "scope", "me")).build();
    caller.call(&READ, "t-1", request()).await.unwrap();
    tokio::time::advance(Duration::from_secs(3_400)).await;
    join_all((0..3).map(|_| caller.call(&READ, "t-1", request()))).await;
    assert_eq!(mint.given(), 2);
    // The two who did not fetch went on with the token that still works.
    assert_eq!(used(&script)[1..], ["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_is_nobodys_failure_while_the_token_works() {
    let (script, mint) = (Script::new([]), Mint { most: 1, ..Mint::new(Duration::from_secs(3_600)) });
    let caller = script.caller().authorize(BearerToken::new(mint.clone(), "scope", "me")).build();
    caller.call(&READ, "t-1", request()).await.unwrap();
    tokio::time::advance(Duration::from_secs(3_400)).await;
    caller.call(&READ, "t-1", request()).await.unwrap();
    tokio::time::advance(Duration::from_secs(300)).await;
    let error = caller.call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::PermissionDenied, Some("mint")));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_renewed_once_even_for_a_write() {
    let (script, mint) = (Script::new([Act::status(401)]), Mint::new(Duration::from_secs(3_600)));
    let caller = script.caller().authorize(BearerToken::new(mint.clone(), "scope", "me")).build();
    caller.call(&CREATE, "t-1", request()).await.unwrap();
    assert_eq!(used(&script), ["Bearer token-1", "Bearer token-2"]);

    let script = Script::new(std::iter::repeat_n(Act::status(401), 9));
    let caller = script.caller().authorize(BearerToken::new(mint, "scope", "me")).build();
    let error = caller.call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), script.count()), (ErrorKind::Unauthenticated, 2));
}

#[tokio::test(start_paused = true)]
async fn many_refusals_of_one_token_fetch_one_new_one() {
    let script = Script::slow(Duration::from_millis(10), std::iter::repeat_n(Act::status(401), 20));
    let mint = Mint::new(Duration::from_secs(3_600));
    let caller = script.caller().authorize(BearerToken::new(mint.clone(), "scope", "me")).build();
    let all = join_all((0..20).map(|_| caller.call(&READ, "t-1", request()))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(mint.given(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_static_token_is_never_tried_twice() {
    let script = Script::new([Act::status(401)]);
    let caller = script.caller().authorize(StaticBearer::new(&"abc".into()).unwrap()).build();
    let error = caller.call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), script.count()), (ErrorKind::Unauthenticated, 1));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_never_comes_ends_within_the_deadline_and_nothing_was_sent() {
    let script = Script::new([]);
    let mint = Mint { delay: Duration::from_secs(86_400), ..Mint::new(Duration::from_secs(3_600)) };
    let began = tokio::time::Instant::now();
    let caller = script.caller().authorize(BearerToken::new(mint, "scope", "me")).build();
    let error = caller.call(&CREATE, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), script.count()), (ErrorKind::Timeout, 0));
    assert!(began.elapsed() <= Duration::from_secs(60), "{:?}", began.elapsed());
}
