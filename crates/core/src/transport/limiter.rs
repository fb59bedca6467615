use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::select;
use tokio::sync::Notify;

use crate::Clock;

/// How many requests an API takes in a window of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Budget {
    /// The most requests in any one window; at least 1.
    pub requests: u32,
    /// The length of the window.
    pub window: Duration,
}

impl Budget {
    /// `requests` in any `window`; no request at all is read as one.
    #[must_use]
    pub const fn new(requests: u32, window: Duration) -> Self {
        Self { requests: if requests == 0 { 1 } else { requests }, window }
    }

    /// How long a place stays taken after its request has ended: the window and half a percent,
    /// for two clocks that do not run alike and for a server that counts both ends.
    fn rest(self) -> Duration {
        self.window.saturating_add(self.window / 200)
    }
}

/// Keeps requests within a [`Budget`], first come first served. Cheap to clone; clones share.
///
/// A sliding log: no window of the budget's length ever holds more requests than the budget
/// allows, wherever the other side begins to count. A request takes its place from before it is
/// sent until one window after it has ended, because it may reach the other side at any moment
/// between. Each acquisition is O(1); a waiter that is dropped gives up its place in the queue.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use privlink_core::transport::{Budget, RateLimiter};
/// use privlink_core::{Clock, SystemClock};
///
/// let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
/// let budget = Budget::new(10, Duration::from_secs(10));
/// // The same key anywhere in the process shares one limiter.
/// let one = RateLimiter::shared("https://api.clickhouse.cloud", "key-id", budget, &clock);
/// let two = RateLimiter::shared("https://api.clickhouse.cloud", "key-id", budget, &clock);
/// assert!(one.is_shared_with(&two));
/// let other = RateLimiter::shared("https://api.clickhouse.cloud", "other-key", budget, &clock);
/// assert!(!one.is_shared_with(&other));
/// ```
#[derive(Clone)]
pub struct RateLimiter {
    shared: Arc<Shared>,
}

struct Shared {
    budget: Budget,
    clock: Arc<dyn Clock>,
    /// Held by the first in the queue; tokio's mutex is fair, so the queue is its own.
    turn: tokio::sync::Mutex<()>,
    /// Wakes the first in the queue when a request has ended.
    ended: Notify,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the place of each ended request is free again; ascending.
    resting: VecDeque<Duration>,
    in_flight: usize,
    waiting: usize,
    paused_until: Duration,
}

impl RateLimiter {
    /// A limiter of its own, shared by its clones alone.
    #[must_use]
    pub fn new(budget: Budget, clock: Arc<dyn Clock>) -> Self {
        Self {
            shared: Arc::new(Shared {
                budget,
                clock,
                turn: tokio::sync::Mutex::new(()),
                ended: Notify::new(),
                state: Mutex::default(),
            }),
        }
    }

    /// The process's limiter for one credential at one API: `scope` is the API's base URL,
    /// `identity` is [`Authorize::identity`](super::Authorize::identity). Only clocks that tell
    /// the same time share one. It is forgotten with its last user.
    #[must_use]
    pub fn shared(scope: &str, identity: &str, budget: Budget, clock: &Arc<dyn Clock>) -> Self {
        static KNOWN: LazyLock<Mutex<HashMap<Key, Weak<Shared>>>> = LazyLock::new(Mutex::default);
        let key = Key {
            scope: scope.trim_end_matches('/').to_owned(),
            identity: identity.to_owned(),
            budget,
            timeline: match clock.timeline() {
                Some(name) => Timeline::Named(name),
                // The limiter holds the clock, so its address is not used again meanwhile.
                None => Timeline::Of(Arc::as_ptr(clock).cast::<()>() as usize),
            },
        };
        let mut known = lock(&KNOWN);
        if let Some(shared) = known.get(&key).and_then(Weak::upgrade) {
            return Self { shared };
        }
        known.retain(|_, shared| shared.strong_count() > 0);
        let limiter = Self::new(budget, Arc::clone(clock));
        known.insert(key, Arc::downgrade(&limiter.shared));
        limiter
    }

    /// The budget.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.shared.budget
    }

    /// Whether both count together.
    #[must_use]
    pub fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    /// Lets nobody start for `wait`: what a "too many requests" answer teaches.
    pub fn pause(&self, wait: Duration) {
        let until = self.shared.clock.monotonic().saturating_add(wait);
        let mut state = lock(&self.shared.state);
        state.paused_until = state.paused_until.max(until);
    }

    /// A place in the budget, if there is room now and nobody is waiting for it.
    #[must_use]
    pub fn try_acquire(&self) -> Option<Permit> {
        let _turn = self.shared.turn.try_lock().ok()?;
        matches!(self.shared.room(), Room::Yes).then(|| Permit { shared: Arc::clone(&self.shared), counts: true })
    }

    /// Waits for room in the budget; hold the permit until the request has ended.
    ///
    /// `on_wait` is told about how long it will take, unless there is room at once.
    ///
    /// # Errors
    /// [`Paused`] when the other side asked everybody to wait longer than `patience`.
    pub async fn acquire(&self, patience: Duration, on_wait: impl FnOnce(Duration)) -> Result<Permit, Paused> {
        if let Some(permit) = self.try_acquire() {
            return Ok(permit);
        }
        let shared = &self.shared;
        let waiting = Waiting::join(shared);
        let mut on_wait = Some(on_wait);
        let mut tell = |wait| {
            if let Some(on_wait) = on_wait.take() {
                on_wait(wait);
            }
        };
        let estimate = waiting.estimate();
        if !estimate.is_zero() && shared.paused() <= patience {
            tell(estimate);
        }
        let _turn = shared.turn.lock().await;
        loop {
            let paused = shared.paused();
            if paused > patience {
                return Err(Paused { wait: paused });
            }
            match shared.room() {
                Room::Yes => return Ok(Permit { shared: Arc::clone(shared), counts: true }),
                Room::After(wait) => {
                    tell(wait);
                    let sleep = shared.clock.sleep(wait);
                    // Woken early by an ended request, it only looks again.
                    select(sleep, pin!(shared.ended.notified())).await;
                }
                Room::WhenOneEnds => {
                    tell(shared.budget.window);
                    shared.ended.notified().await;
                }
            }
        }
    }
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("budget", &self.shared.budget)
            .field("state", &*lock(&self.shared.state))
            .finish_non_exhaustive()
    }
}

/// A place in the budget; dropping it says that the request has ended.
#[must_use]
pub struct Permit {
    shared: Arc<Shared>,
    counts: bool,
}

impl Permit {
    /// Gives the place back at once: the request certainly never left.
    pub fn unused(mut self) {
        self.counts = false;
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let free_at = self.shared.clock.monotonic().saturating_add(self.shared.budget.rest());
        {
            let mut state = lock(&self.shared.state);
            state.in_flight -= 1;
            if self.counts {
                let after = state.resting.back().copied().unwrap_or_default();
                state.resting.push_back(free_at.max(after));
            }
        }
        self.shared.ended.notify_one();
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// The other side asked to wait longer than the caller has time for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Paused {
    /// How long it asked for.
    pub wait: Duration,
}

impl fmt::Display for Paused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "throttled for another {:.1} s", self.wait.as_secs_f64())
    }
}

impl std::error::Error for Paused {}

enum Room {
    /// There was; it is taken now.
    Yes,
    After(Duration),
    WhenOneEnds,
}

impl Shared {
    fn paused(&self) -> Duration {
        lock(&self.state).paused_until.saturating_sub(self.clock.monotonic())
    }

    fn room(&self) -> Room {
        let now = self.clock.monotonic();
        let mut state = lock(&self.state);
        if state.paused_until > now {
            return Room::After(state.paused_until - now);
        }
        while state.resting.front().is_some_and(|free_at| *free_at <= now) {
            state.resting.pop_front();
        }
        if state.in_flight + state.resting.len() < self.budget.requests as usize {
            state.in_flight += 1;
            return Room::Yes;
        }
        state.resting.front().map_or(Room::WhenOneEnds, |free_at| Room::After(*free_at - now))
    }
}

/// Somebody in the queue, counted as long as they are there.
struct Waiting<'a> {
    shared: &'a Shared,
    ahead: usize,
}

impl<'a> Waiting<'a> {
    fn join(shared: &'a Shared) -> Self {
        let mut state = lock(&shared.state);
        let ahead = state.waiting;
        state.waiting += 1;
        Self { shared, ahead }
    }

    /// When it will about be this one's turn, if requests themselves took no time.
    fn estimate(&self) -> Duration {
        let now = self.shared.clock.monotonic();
        let state = lock(&self.shared.state);
        let places = self.shared.budget.requests as usize;
        let rounds = u32::try_from(self.ahead / places).unwrap_or(u32::MAX);
        let free_at = state.resting.get(self.ahead % places).copied().unwrap_or(now);
        let rest = self.shared.budget.rest().saturating_mul(rounds);
        free_at.max(state.paused_until).saturating_sub(now).saturating_add(rest)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(&self.shared.state).waiting -= 1;
    }
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    scope: String,
    identity: String,
    budget: Budget,
    timeline: Timeline,
}

#[derive(PartialEq, Eq, Hash)]
enum Timeline {
    Named(&'static str),
    Of(usize),
}

/// Nothing under these locks can panic half way, so a poisoned one is still whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
