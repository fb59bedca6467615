use std::time::Duration;

use privlink_core::transport::{Budget, CallStage, Deadlines, RateLimiter, RetryPolicy, Sent};
use privlink_core::{ErrorKind, Retry};
use std::sync::{Arc, Mutex};

use crate::support::{Act, CREATE, PUT, READ, Script, TestClock, request};

#[tokio::test(start_paused = true)]
async fn a_read_is_tried_again_through_everything_that_passes() {
    let script = Script::new([Act::Lose(Sent::No), Act::Lose(Sent::Maybe), Act::status(503), Act::status(429)]);
    let response = script.caller().build().call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(response.status(), 200);
    // Half a second, doubled each time.
    assert_eq!(script.times(), [0, 500, 1_500, 3_500, 7_500].map(Duration::from_millis));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_tried_once() {
    for (status, kind) in [
        (401, ErrorKind::Unauthenticated),
        (403, ErrorKind::PermissionDenied),
        (404, ErrorKind::NotFound),
        (400, ErrorKind::InvalidInput),
        (302, ErrorKind::UnexpectedResponse),
    ] {
        let script = Script::new([Act::status(status)]);
        let error = script.caller().build().call(&READ, "t-1", request()).await.unwrap_err();
        assert_eq!((error.kind(), script.count(), error.attempts()), (kind, 1, 1), "{status}");
        assert_eq!(error.http_status(), Some(status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_must_not_run_twice_ends_unknown_when_its_answer_is_lost() {
    for act in [Act::Lose(Sent::Maybe), Act::Hang, Act::status(500), Act::status(502), Act::status(503)] {
        let script = Script::new([act.clone()]);
        let error = script.caller().build().call(&CREATE, "t-1", request()).await.unwrap_err();
        assert_eq!((error.kind(), script.count()), (ErrorKind::OutcomeUnknown, 1), "{act:?}");
        assert_eq!(error.retry(), Retry::IfIdempotent);
        if let Act::Reply(status, ..) = act {
            assert_eq!(error.http_status(), Some(status));
            assert_eq!((error.code(), error.request_id()), (Some("CODE"), Some("req-1")));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_must_not_run_twice_is_repeated_when_it_never_ran() {
    let script = Script::new([Act::Lose(Sent::No), Act::status(429)]);
    script.caller().build().call(&CREATE, "t-1", request()).await.unwrap();
    assert_eq!(script.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_may_pass_is_not_repeated_for_a_write_that_must_not_run_twice() {
    let script = Script::new([Act::status(409)]);
    let error = script.caller().build().call(&CREATE, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), script.count()), (ErrorKind::Conflict, 1));
    let script = Script::new([Act::status(409)]);
    script.caller().build().call(&PUT, "t-1", request()).await.unwrap();
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_lost_idempotent_write_is_repeated_and_stays_unknown_to_the_end() {
    let lost = Script::new([Act::Lose(Sent::Maybe)]);
    lost.caller().build().call(&PUT, "t-1", request()).await.unwrap();
    assert_eq!(lost.count(), 2);

    // The last attempt never left, but the first may have.
    let acts = [Act::Lose(Sent::Maybe)].into_iter().chain(std::iter::repeat_n(Act::Lose(Sent::No), 4));
    let error = Script::new(acts).caller().build().call(&PUT, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::OutcomeUnknown, 5));

    // An answer that it was not done is an answer.
    let script = Script::new([Act::Lose(Sent::Maybe), Act::status(404)]);
    let error = script.caller().build().call(&PUT, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::NotFound, 2));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_and_the_last_error_says_everything() {
    let script = Script::new(std::iter::repeat_n(Act::status(503), 99));
    let error = script.caller().build().call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), script.count()), (ErrorKind::Unavailable, 5, 5));
    assert_eq!(
        error.to_string(),
        "Plain Cloud: thingGet on t-1: the call failed: CODE: scripted (HTTP 503, request req-1, 5 attempts)"
    );
    let never = Script::new([Act::Lose(Sent::No)]);
    let error = never.caller().retry(RetryPolicy::never()).build().call(&READ, "", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.resource()), (ErrorKind::Connect, 1, None));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_hangs_is_given_up_in_bounded_time() {
    let script = Script::new(std::iter::repeat_n(Act::Hang, 99));
    let began = tokio::time::Instant::now();
    let error = script.caller().build().call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(began.elapsed() <= Duration::from_secs(60), "{:?}", began.elapsed());
    assert_eq!(script.count(), 2);

    let deadlines = Deadlines::new(Duration::from_secs(2), Duration::from_secs(5));
    let script = Script::new(std::iter::repeat_n(Act::Hang, 99));
    let began = tokio::time::Instant::now();
    let caller = script.caller().deadlines(deadlines).build();
    assert_eq!(caller.call(&PUT, "t-1", request()).await.unwrap_err().kind(), ErrorKind::OutcomeUnknown);
    assert!(began.elapsed() <= Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_servers_wait_is_honoured_in_either_header() {
    let reset = Script::new([Act::with(429, "x-ratelimit-reset", "7.5")]);
    reset.caller().build().call(&CREATE, "t-1", request()).await.unwrap();
    assert_eq!(reset.times()[1], Duration::from_millis(7_500));

    let later = Script::new([Act::with(503, "retry-after", "9")]);
    later.caller().build().call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(later.times()[1], Duration::from_secs(9));

    // 1_790_000_000 is Mon, 21 Sep 2026 14:13:20 GMT.
    let dated = Script::new([Act::with(429, "retry-after", "Mon, 21 Sep 2026 14:13:32 GMT")]);
    dated.caller().build().call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(dated.times()[1], Duration::from_secs(12));
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_ends_at_once_as_throttled() {
    for operation in [READ, PUT, CREATE] {
        let script = Script::new([Act::with(429, "retry-after", "300")]);
        let began = tokio::time::Instant::now();
        let error = script.caller().build().call(&operation, "t-1", request()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RateLimited);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
        assert_eq!((began.elapsed(), script.count()), (Duration::ZERO, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn one_throttled_call_teaches_all_callers_of_the_key() {
    let script = Script::new([Act::with(429, "retry-after", "300")]);
    let limiter = RateLimiter::new(Budget::new(10, Duration::from_secs(10)), TestClock::shared());
    let caller = script.caller().limiter(limiter).build();
    caller.call(&READ, "t-1", request()).await.unwrap_err();
    let error = caller.call(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::RateLimited, 0));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(300)));
    assert_eq!(script.count(), 1);
    tokio::time::advance(Duration::from_secs(290)).await;
    caller.call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(script.times()[1], Duration::from_secs(300));
}

#[tokio::test(start_paused = true)]
async fn throttled_without_a_hint_waits_a_whole_window() {
    let script = Script::new([Act::status(429)]);
    let limiter = RateLimiter::new(Budget::new(10, Duration::from_secs(10)), TestClock::shared());
    script.caller().limiter(limiter).build().call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(script.times()[1], Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn every_wait_and_attempt_is_told_to_the_observer() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let ears = Arc::clone(&told);
    let script = Script::new([Act::with(429, "retry-after", "3")]);
    let caller = script.caller().observe(move |event| ears.lock().unwrap().push(event.to_string()));
    caller.build().call(&READ, "t-1", request()).await.unwrap();
    assert_eq!(
        *told.lock().unwrap(),
        [
            "Plain Cloud: thingGet on t-1: attempt 1 failed: rate limited (HTTP 429) after 0.0 s",
            "Plain Cloud: thingGet on t-1: rate limited; trying again in 3.0 s",
            "Plain Cloud: thingGet on t-1: attempt 2 succeeded (HTTP 200) after 0.0 s",
        ]
    );
    let queued = CallStage::Queued { wait: Duration::from_secs(1) };
    assert_ne!(queued, CallStage::Retrying { wait: Duration::from_secs(1), because: ErrorKind::RateLimited });
}

#[tokio::test(start_paused = true)]
async fn plain_http_to_another_host_is_refused_before_anything_is_sent() {
    let script = Script::new([]);
    let mut plain = request();
    *plain.uri_mut() = "http://api.plain.test/v1".parse().unwrap();
    let error = script.caller().build().call(&READ, "t-1", plain).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), script.count()), (ErrorKind::InvalidInput, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn the_user_agent_is_ours_unless_given() {
    let script = Script::new([]);
    script.caller().build().call(&READ, "t-1", request()).await.unwrap();
    let agent = script.requests()[0].headers()["user-agent"].to_str().unwrap().to_owned();
    assert!(agent.starts_with("privlink/"), "{agent}");
}

#[tokio::test(start_paused = true)]
async fn json_that_is_not_json_names_the_call_and_keeps_the_body() {
    let script = Script::new([Act::Reply(200, Vec::new(), "<html>hello</html>")]);
    let caller = script.caller().build();
    let error = caller.call_json::<serde_json::Value>(&READ, "t-1", request()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert_eq!((error.operation(), error.resource()), (Some("thingGet"), Some("t-1")));
    assert_eq!((error.body(), error.http_status()), (Some("<html>hello</html>"), Some(200)));
    assert_eq!(caller.call_json::<serde_json::Value>(&READ, "t-1", request()).await.unwrap(), serde_json::json!({}));
}

#[test]
fn backoff_doubles_up_to_its_cap_and_stays_within_it() {
    let policy = RetryPolicy::new(9, Duration::from_millis(500), Duration::from_secs(20));
    let most = policy.clone().jitter(|| 1.0);
    let waits: Vec<_> = [1, 2, 6, 7, 40, u32::MAX].map(|attempt| most.backoff(attempt).as_millis()).into();
    assert_eq!(waits, [500, 1_000, 16_000, 20_000, 20_000, 20_000]);
    assert!((0..1_000).all(|n| policy.backoff(n) <= most.backoff(n)));
    assert_eq!(policy.jitter(|| f64::NAN).backoff(1), Duration::from_millis(500));
}
