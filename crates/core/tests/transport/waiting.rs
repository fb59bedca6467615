use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use privlink_core::{Error, ErrorKind, Look, Polled, Wait, WaitError};
use tokio::time::Instant;

use crate::support::TestClock;

/// Pending until the look number `ready`, then that number.
fn wait(ready: u32) -> (Wait<u32>, Arc<AtomicU32>) {
    let looks = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&looks);
    let wait = Wait::builder(TestClock::shared(), move || {
        let n = count.fetch_add(1, Ordering::Relaxed) + 1;
        async move { Ok(if n < ready { Look::Pending(format!("stage {n}").into()) } else { Look::Ready(n) }) }
    })
    .every(Duration::from_secs(4), Duration::from_secs(9))
    .at_most(Duration::from_secs(60))
    .build();
    (wait, looks)
}

#[tokio::test(start_paused = true)]
async fn it_looks_at_once_and_then_less_and_less_often() {
    let (wait, _) = wait(6);
    let steps: Vec<_> = wait
        .map(|step| match step.unwrap() {
            Polled::Pending { elapsed, .. } => elapsed.as_secs(),
            _ => u64::MAX,
        })
        .collect()
        .await;
    assert_eq!(steps, [0, 4, 10, 19, 28, u64::MAX]);
}

#[tokio::test(start_paused = true)]
async fn awaiting_it_gives_the_end() {
    let (wait, looks) = wait(3);
    assert_eq!(wait.await.unwrap(), 3);
    assert_eq!(looks.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn it_looks_a_last_time_just_before_its_time_is_up() {
    let (wait, looks) = wait(u32::MAX);
    let began = Instant::now();
    let Err(WaitError::TimedOut { max_wait, elapsed, polls, last_stage }) = wait.await else { panic!("it came") };
    assert_eq!(max_wait, Duration::from_secs(60));
    assert!(elapsed > Duration::from_secs(59) && began.elapsed() <= max_wait, "{elapsed:?}");
    assert_eq!(polls, looks.load(Ordering::Relaxed));
    assert_eq!(last_stage.as_deref(), Some(format!("stage {polls}").as_str()));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_come_and_what_cannot_be_seen_are_told_apart() {
    let failed = Wait::builder(TestClock::shared(), || async { Ok(Look::<()>::Failed("rejected".into())) }).build();
    let error = failed.await.unwrap_err();
    assert!(matches!(&error, WaitError::Failed(reason) if &**reason == "rejected"));
    assert_eq!(Error::from(error).kind(), ErrorKind::Conflict);

    let unseen = Wait::<()>::builder(TestClock::shared(), || async {
        Err::<Look<()>, _>(Error::new(ErrorKind::PermissionDenied, "no"))
    })
    .build();
    let error = unseen.await.unwrap_err();
    assert!(matches!(error, WaitError::Poll(_)));
    assert_eq!(Error::from(error).kind(), ErrorKind::PermissionDenied);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_never_ends_ends_with_the_wait() {
    let began = Instant::now();
    let stuck = Wait::builder(TestClock::shared(), std::future::pending::<Result<Look<()>, Error>>)
        .at_most(Duration::from_secs(60))
        .build();
    assert!(matches!(stuck.await, Err(WaitError::TimedOut { polls: 1, .. })));
    assert!(began.elapsed() <= Duration::from_secs(120));
}

#[test]
fn waits_and_calls_can_be_sent_between_threads() {
    fn sendable<T: Send + 'static>(_: &T) {}
    fn movable<T: Send + Unpin + 'static>(_: &T) {}
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        let (wait, _) = wait(1);
        movable(&wait);
        sendable(&std::future::IntoFuture::into_future(wait));
        let caller = crate::support::Script::new([]).caller().build();
        sendable(&async move {
            let get = crate::support::READ;
            caller.call(&get, "t-1", crate::support::request()).await?;
            caller.call_json::<serde_json::Value>(&get, "t-1", crate::support::request()).await
        });
        let limiter = privlink_core::transport::RateLimiter::new(
            privlink_core::transport::Budget::new(1, Duration::from_secs(1)),
            TestClock::shared(),
        );
        sendable(&async move { limiter.acquire(Duration::ZERO, |_| ()).await });
        let pages =
            privlink_core::Pages::new(|_: Option<String>| async { Ok(privlink_core::Page::whole([1_u8], None)) });
        movable(&pages);
        sendable(&pages.all());
    });
}

#[tokio::test(start_paused = true)]
async fn the_longest_of_times_is_waited_and_not_overflown() {
    let mut looks = 0;
    let wait = Wait::builder(TestClock::shared(), move || {
        looks += 1;
        async move { Ok(if looks < 2 { Look::Pending("stage".into()) } else { Look::Ready(looks) }) }
    })
    .every(Duration::from_secs(1), Duration::MAX)
    .at_most(Duration::MAX)
    .build();
    assert_eq!(wait.await.unwrap(), 2);
}
