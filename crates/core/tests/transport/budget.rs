use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use privlink_core::transport::{BasicAuth, Budget, Caller, RateLimiter, Transport};
use tokio::time::Instant;

use crate::support::{Plain, READ, Script, TestClock, request};

const TEN: Budget = Budget::new(10, Duration::from_secs(10));

/// The most requests that any window of the budget's length holds.
fn densest(times: &[Duration], window: Duration) -> usize {
    (0..times.len())
        .map(|from| times[from..].iter().take_while(|at| **at - times[from] < window).count())
        .max()
        .unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_thousand_requests_keep_to_the_budget_and_lose_hardly_any_time() {
    let script = Script::new([]);
    let caller = script.caller().limiter(RateLimiter::new(TEN, TestClock::shared())).build();
    let began = Instant::now();
    let all = join_all((0..1_000).map(|_| caller.call(&READ, "t-1", request()))).await;
    assert!(all.iter().all(Result::is_ok));
    // A hundred bursts, the first at once.
    let bound = Duration::from_secs(990);
    assert!(began.elapsed() <= bound.mul_f64(1.05), "{:?}", began.elapsed());
    assert_eq!(densest(&script.times(), TEN.window), 10);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_keeps_its_place_until_a_window_after_its_end() {
    // It may have reached the other side at any moment up to its answer.
    let script = Script::slow(Duration::from_secs(3), []);
    let caller = script.caller().limiter(RateLimiter::new(TEN, TestClock::shared())).build();
    join_all((0..20).map(|_| caller.call(&READ, "t-1", request()))).await;
    assert!(script.times()[10] >= Duration::from_secs(13), "{:?}", script.times());
}

#[tokio::test(start_paused = true)]
async fn twenty_thousand_requests_are_served_in_the_order_they_came() {
    let script = Script::new([]);
    let limiter = RateLimiter::new(Budget::new(100, Duration::from_secs(1)), TestClock::shared());
    let caller = script.caller().limiter(limiter).build();
    join_all((0..20_000).map(|n| {
        let caller = &caller;
        async move {
            let mut numbered = request();
            *numbered.uri_mut() = format!("https://api.plain.test/{n}").parse().unwrap();
            caller.call(&READ, "t-1", numbered).await.unwrap();
        }
    }))
    .await;
    let order: Vec<_> =
        script.requests().iter().map(|request| request.uri().path()[1..].parse::<u32>().unwrap()).collect();
    assert!(order.is_sorted());
    assert_eq!(densest(&script.times(), Duration::from_secs(1)), 100);
}

#[tokio::test(start_paused = true)]
async fn a_waiter_that_is_dropped_gives_up_its_place() {
    let limiter = RateLimiter::new(Budget::new(1, Duration::from_secs(10)), TestClock::shared());
    let forever = Duration::from_secs(3_600);
    drop(limiter.acquire(forever, |_| ()).await.unwrap());
    let began = Instant::now();
    let mut dropped: Vec<_> = (0..5).map(|_| Box::pin(limiter.acquire(forever, |_| ()))).collect();
    for waiter in &mut dropped {
        assert!(futures_util::poll!(waiter).is_pending());
    }
    let last = limiter.acquire(forever, |_| ());
    drop(dropped);
    drop(last.await.unwrap());
    assert!(began.elapsed() < Duration::from_secs(11), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_first_in_the_queue_wakes_when_a_hanging_request_ends_unsent() {
    let limiter = RateLimiter::new(Budget::new(1, Duration::from_secs(10)), TestClock::shared());
    let held = limiter.acquire(Duration::MAX, |_| ()).await.unwrap();
    let began = Instant::now();
    let (next, ()) = tokio::join!(limiter.acquire(Duration::MAX, |_| ()), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        held.unused();
    });
    drop(next.unwrap());
    assert_eq!(began.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_told_with_its_length() {
    let limiter = RateLimiter::new(TEN, TestClock::shared());
    let told = std::sync::Mutex::new(Vec::new());
    join_all((0..25).map(|_| async {
        drop(limiter.acquire(Duration::MAX, |wait| told.lock().unwrap().push(wait.as_secs())).await.unwrap());
    }))
    .await;
    let told = told.into_inner().unwrap();
    assert_eq!(told.len(), 15);
    assert_eq!((told[0], told[9], told[10], told[14]), (10, 10, 20, 20));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_left_costs_nothing() {
    let limiter = RateLimiter::new(Budget::new(1, Duration::from_secs(10)), TestClock::shared());
    for _ in 0..5 {
        limiter.acquire(Duration::MAX, |_| ()).await.unwrap().unused();
    }
    let script = Script::new(std::iter::repeat_n(crate::support::Act::Lose(privlink_core::transport::Sent::No), 4));
    let began = Instant::now();
    script.caller().limiter(limiter).build().call(&READ, "t-1", request()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn one_key_shares_one_budget_wherever_its_callers_are_built() {
    let clock = TestClock::shared();
    let script = Script::new([]);
    let caller = |id: &str, clock: &Arc<dyn privlink_core::Clock>| {
        let transport: Arc<dyn Transport> = Arc::new(script.clone());
        Caller::builder(Plain, transport, Arc::clone(clock))
            .authorize(BasicAuth::new(id, &"secret".into()).unwrap())
            .budget("https://api.plain.test/", TEN)
            .build()
    };
    let (one, two) = (caller("key-1", &clock), caller("key-1", &clock));
    let limiter = one.limiter().unwrap();
    assert!(limiter.is_shared_with(two.limiter().unwrap()));
    assert!(!limiter.is_shared_with(caller("key-2", &clock).limiter().unwrap()));
    assert!(!limiter.is_shared_with(caller("key-1", &TestClock::shared()).limiter().unwrap()));
    join_all((0..20).map(|n| if n % 2 == 0 { &one } else { &two }.call(&READ, "t-1", request()))).await;
    assert_eq!(densest(&script.times(), TEN.window), 10);
}
