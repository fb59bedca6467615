use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use privlink_core::transport::{BasicAuth, Budget, Caller, RateLimiter, Transport};
use tokio::time::Instant;

use crate::support::{Plain, READ, Script, TestClock, request};

const TEN: Budget = Budget::new(10, Duration::from_secs(10));

/// A request's life: how long after the one before it is asked for, how long it takes, and how
/// long its caller waits for room before giving up.
type Life = (u64, u64, Option<u64>);

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    /// Whenever requests reach the other side between their beginning and their end, no window
    /// can hold more than the budget; and everybody who keeps waiting is served.
    #[test]
    fn no_choice_of_arrivals_can_overflow_a_window(
        requests in 1_u32..6,
        lives in proptest::collection::vec((0_u64..3_000, 0_u64..5_000, proptest::option::weighted(0.2, 0_u64..20_000)), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let budget = Budget::new(requests, Duration::from_secs(2));
        let spans = runtime.block_on(spans(budget, &lives));
        let staying = lives.iter().filter(|(_, _, gives_up)| gives_up.is_none()).count();
        proptest::prop_assert!(spans.len() >= staying);
        for (start, _) in &spans {
            let together = spans.iter().filter(|(s, e)| s <= start && start.saturating_sub(*e) < budget.window).count();
            proptest::prop_assert!(together <= requests as usize, "{together} at {start:?}: {spans:?}");
        }
    }
}

/// When each request that was let through began and ended.
async fn spans(budget: Budget, lives: &[Life]) -> Vec<(Duration, Duration)> {
    let limiter = RateLimiter::new(budget, TestClock::shared());
    let began = Instant::now();
    let mut at = 0;
    let all = lives.iter().map(|(after, takes, gives_up)| {
        at += after;
        let (asked, limiter) = (Duration::from_millis(at), &limiter);
        async move {
            tokio::time::sleep(asked).await;
            let room = limiter.acquire(Duration::MAX, |_| ());
            let permit = match gives_up {
                Some(patience) => tokio::time::timeout(Duration::from_millis(*patience), room).await.ok()?.unwrap(),
                None => room.await.unwrap(),
            };
            let start = began.elapsed();
            tokio::time::sleep(Duration::from_millis(*takes)).await;
            drop(permit);
            Some((start, began.elapsed()))
        }
    });
    join_all(all).await.into_iter().flatten().collect()
}

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
