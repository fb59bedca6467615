//! Waiting for a state of the outside world.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::BoxStream;

use crate::{BoxFuture, Clock, Error, ErrorKind, Text};

/// A look that is still running when the time is up gets this much longer.
const LAST_LOOK: Duration = Duration::from_secs(60);

/// What one look at the world found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "complete: a wait goes on, has come, or cannot come")]
pub enum Look<T> {
    /// Not yet; the stage it is in, in the other side's own word.
    Pending(Text),
    /// It has come.
    Ready(T),
    /// It cannot come any more, and why.
    Failed(Text),
}

/// Progress of a [`Wait`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Polled<T> {
    /// Not yet.
    Pending {
        /// The stage it is in.
        stage: Text,
        /// How long the wait has lasted.
        elapsed: Duration,
        /// How often it was looked at.
        polls: u32,
    },
    /// It has come; the stream ends with this.
    Ready(T),
}

/// Why a [`Wait`] ended without what it waited for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WaitError {
    /// The time was up.
    TimedOut {
        /// The most it was to wait.
        max_wait: Duration,
        /// How long it did.
        elapsed: Duration,
        /// How often it looked.
        polls: u32,
        /// The stage last seen.
        last_stage: Option<Text>,
    },
    /// It cannot come any more.
    Failed(Text),
    /// A look failed for good.
    Poll(Error),
}

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { max_wait, polls, last_stage, .. } => {
                write!(f, "not there after {} s and {polls} looks", max_wait.as_secs())?;
                match last_stage {
                    Some(stage) => write!(f, "; last seen: {stage}"),
                    None => Ok(()),
                }
            }
            Self::Failed(reason) => write!(f, "it cannot come any more: {reason}"),
            Self::Poll(_) => f.write_str("looking at it failed"),
        }
    }
}

impl std::error::Error for WaitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Poll(error) => Some(error),
            Self::TimedOut { .. } | Self::Failed(_) => None,
        }
    }
}

impl From<WaitError> for Error {
    fn from(error: WaitError) -> Self {
        let kind = match error {
            WaitError::Poll(error) => return error,
            WaitError::TimedOut { .. } => ErrorKind::Timeout,
            WaitError::Failed(_) => ErrorKind::Conflict,
        };
        Self::new(kind, error.to_string())
    }
}

/// Waits for a state of the outside world: await it for the end, or stream it for progress.
///
/// It looks at once, then at intervals that grow without jitter (jitter belongs to the retries
/// inside a look), and a last time just before its time is up. There is always a most it waits.
/// A look that fails ends the wait: what is worth repeating was repeated inside.
///
/// # Examples
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use std::time::Duration;
///
/// use privlink_core::{Look, SystemClock, Wait};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), privlink_core::WaitError> {
/// let looks = Arc::new(AtomicU32::new(0));
/// let wait = Wait::builder(Arc::new(SystemClock::new()), move || {
///     let n = looks.fetch_add(1, Ordering::Relaxed);
///     async move { Ok(if n < 2 { Look::Pending("pending".into()) } else { Look::Ready(n) }) }
/// })
/// .every(Duration::from_millis(1), Duration::from_millis(5))
/// .at_most(Duration::from_secs(60))
/// .build();
/// assert_eq!(wait.await?, 2);
/// # Ok(())
/// # }
/// ```
#[must_use = "a wait does nothing unless it is awaited or streamed"]
pub struct Wait<T> {
    steps: BoxStream<'static, Result<Polled<T>, WaitError>>,
}

/// Builds a [`Wait`].
#[must_use]
pub struct WaitBuilder<F> {
    clock: Arc<dyn Clock>,
    look: F,
    first: Duration,
    longest: Duration,
    max_wait: Duration,
}

impl Wait<()> {
    /// A wait that asks `look` on `clock`; five seconds apart at first, fifteen later, for at
    /// most ten minutes unless set.
    pub fn builder<T, F, R>(clock: Arc<dyn Clock>, look: F) -> WaitBuilder<F>
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = Result<Look<T>, Error>> + Send + 'static,
        T: Send + 'static,
    {
        WaitBuilder {
            clock,
            look,
            first: Duration::from_secs(5),
            longest: Duration::from_secs(15),
            max_wait: Duration::from_secs(600),
        }
    }
}

impl<F> WaitBuilder<F> {
    /// Sets the first interval and the longest; each is half as long again as the one before.
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest.max(first);
        self
    }

    /// Sets the most it waits.
    pub fn at_most(mut self, max_wait: Duration) -> Self {
        self.max_wait = max_wait;
        self
    }

    /// The wait.
    pub fn build<T, R>(self) -> Wait<T>
    where
        F: FnMut() -> R + Send + 'static,
        R: Future<Output = Result<Look<T>, Error>> + Send + 'static,
        T: Send + 'static,
    {
        let course = Course {
            interval: self.first.max(Duration::from_millis(1)),
            longest: self.longest,
            max_wait: self.max_wait,
            clock: self.clock,
            look: self.look,
            began: None,
            pause: Duration::ZERO,
            polls: 0,
            last_stage: None,
            last: false,
        };
        let steps = futures_util::stream::unfold(Some(course), |course| async move {
            let mut course = course?;
            let step = course.step().await;
            let goes_on = matches!(step, Ok(Polled::Pending { .. }));
            Some((step, goes_on.then_some(course)))
        });
        Wait { steps: steps.boxed() }
    }
}

impl<F> fmt::Debug for WaitBuilder<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitBuilder")
            .field("first", &self.first)
            .field("longest", &self.longest)
            .field("max_wait", &self.max_wait)
            .finish_non_exhaustive()
    }
}

impl<T> Wait<T> {
    /// What the next look finds, for showing progress; `None` after the end.
    ///
    /// ```
    /// # async fn show(mut wait: privlink_core::Wait<u32>) -> Result<(), privlink_core::WaitError> {
    /// use privlink_core::Polled;
    ///
    /// while let Some(polled) = wait.next().await {
    ///     match polled? {
    ///         Polled::Pending { stage, elapsed, .. } => println!("{stage} for {} s", elapsed.as_secs()),
    ///         Polled::Ready(value) => println!("there: {value}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Option<Result<Polled<T>, WaitError>> {
        self.steps.next().await
    }
}

impl<T> Stream for Wait<T> {
    type Item = Result<Polled<T>, WaitError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.steps.as_mut().poll_next(cx)
    }
}

impl<T: Send + 'static> IntoFuture for Wait<T> {
    type Output = Result<T, WaitError>;
    type IntoFuture = BoxFuture<'static, Result<T, WaitError>>;

    fn into_future(mut self) -> Self::IntoFuture {
        Box::pin(async move {
            loop {
                match self.steps.next().await {
                    Some(Ok(Polled::Ready(ready))) => return Ok(ready),
                    Some(Ok(Polled::Pending { .. })) => {}
                    Some(Err(error)) => return Err(error),
                    // Reached only by a wait that was streamed to its end before.
                    None => return Err(WaitError::Failed("the wait was over already".into())),
                }
            }
        })
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").finish_non_exhaustive()
    }
}

/// A wait on its way.
struct Course<F> {
    clock: Arc<dyn Clock>,
    look: F,
    interval: Duration,
    longest: Duration,
    max_wait: Duration,
    began: Option<Duration>,
    /// Before the next look.
    pause: Duration,
    polls: u32,
    last_stage: Option<Text>,
    /// The next look is the last.
    last: bool,
}

impl<F> Course<F> {
    async fn step<T, R>(&mut self) -> Result<Polled<T>, WaitError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<Look<T>, Error>> + Send,
    {
        let began = *self.began.get_or_insert_with(|| self.clock.monotonic());
        if !self.pause.is_zero() {
            self.clock.sleep(self.pause).await;
        }
        let left = self.max_wait.saturating_sub(self.clock.monotonic().saturating_sub(began));
        let over = self.clock.sleep(left.saturating_add(LAST_LOOK));
        self.polls += 1;
        let found = match select(Box::pin((self.look)()), over).await {
            Either::Left((found, _)) => found.map_err(WaitError::Poll)?,
            Either::Right(_) => return Err(self.timed_out(began)),
        };
        let stage = match found {
            Look::Ready(ready) => return Ok(Polled::Ready(ready)),
            Look::Failed(reason) => return Err(WaitError::Failed(reason)),
            Look::Pending(stage) => stage,
        };
        self.last_stage = Some(stage.clone());
        let elapsed = self.clock.monotonic().saturating_sub(began);
        let left = self.max_wait.saturating_sub(elapsed);
        if self.last || left.is_zero() {
            return Err(self.timed_out(began));
        }
        self.pause = self.interval;
        if left <= self.interval {
            // Just before the time is up, so that what came meanwhile is not missed.
            self.pause = left - left / 100;
            self.last = true;
        }
        self.interval = self.interval.saturating_add(self.interval / 2).min(self.longest.max(self.interval));
        Ok(Polled::Pending { stage, elapsed, polls: self.polls })
    }

    fn timed_out(&self, began: Duration) -> WaitError {
        WaitError::TimedOut {
            max_wait: self.max_wait,
            elapsed: self.clock.monotonic().saturating_sub(began),
            polls: self.polls,
            last_stage: self.last_stage.clone(),
        }
    }
}
