//! Applying plans: a loop over `perform` that knows facts, never vendors.

mod engine;
mod error;
mod event;
mod events;
mod record;

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use privlink_core::side::{Exchange, Plan, PrivateName, StepId};
use privlink_core::{BoxFuture, Clock};
use serde::{Deserialize, Serialize};

use engine::Job;
pub use error::{ApplyError, Interrupt};
pub use event::{Event, EventKind};
pub use events::{Events, Progress};
pub use record::Record;

use crate::run::vetted;
use crate::{Link, count};

/// A plan about to be applied: await it, or stream its events.
///
/// ```no_run
/// # async fn demo(link: privlink::Link) -> Result<(), Box<dyn std::error::Error>> {
/// let plan = link.plan().await?;
/// let applied = link.apply(&plan).observe(|event| eprintln!("{event}")).await?;
/// if let Some(name) = applied.names().first() {
///     println!("connect to {name}");
/// }
/// # Ok(()) }
/// ```
///
/// Made by [`Link::apply`], which ends as a `Result`, and for a set by [`Links::apply`](crate::Links::apply),
/// which ends as one a link.
///
/// # Stopping
/// Stopping is always safe, and there is nothing to repair: what was done stays done, and the next plan, in this
/// process or another one, reads what is there and holds only what is left. A write under way is never repeated
/// blindly; the next look finds what came of it.
///
/// - *Gracefully*, by [`deadline`](Self::deadline) or [`stop_when`](Self::stop_when): no step begins any more and no
///   wait goes on; looks under way come to their end, which the deadlines of the clients bound. It ends as
///   [`ApplyError::Interrupted`], which says what is done and what is left, unless nothing is left.
/// - *At once*, by dropping the future or [`Events`]: steps run inside it and are never spawned. This may fall
///   between a write and its answer, so the program does not know whether the last write happened; the next plan does.
///
/// For Ctrl-C give the signal to `stop_when`, and drop the future at the second one if that is to end it at once:
///
/// ```no_run
/// # async fn ctrl_c() {}
/// # async fn demo(link: privlink::Link) -> Result<(), Box<dyn std::error::Error>> {
/// use privlink::ApplyError;
///
/// let plan = link.plan().await?;
/// match link.apply(&plan).stop_when(ctrl_c()).await { // `tokio::signal::ctrl_c()` in a program of your own
///     Ok(applied) => println!("{applied}"),
///     Err(ApplyError::Interrupted { left, .. }) => println!("{} steps are left for the next run", left.len()),
///     Err(error) => return Err(error.into()),
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is applied until this is awaited or streamed"]
pub struct Apply<'a, T = Result<Applied, ApplyError>> {
    clock: Option<Arc<dyn Clock>>,
    vetting: BoxFuture<'a, Vec<Vetted<'a>>>,
    observer: Option<Observer<'a>>,
    deadline: Option<Duration>,
    stop: Option<BoxFuture<'a, ()>>,
    end: End<'a, T>,
}

type Observer<'a> = Box<dyn FnMut(&Event) + Send + 'a>;

/// A link, and what is performed of its plan: one that was stored is held against a new one first.
pub(crate) type Vetted<'a> = Result<(&'a Link, Cow<'a, Plan>), ApplyError>;

/// Makes the end of all out of the end of each plan.
type End<'a, T> = Box<dyn FnOnce(Vec<Result<Applied, ApplyError>>) -> T + Send + 'a>;

impl<'a> Apply<'a> {
    pub(crate) fn one(link: &'a Link, plan: &'a Plan) -> Self {
        let vetting = Box::pin(async move { vec![vetted(link, plan).await.map(|plan| (link, plan))] });
        Self::all(Some(link), vetting, |mut ends| ends.remove(0))
    }
}

impl<'a, T> Apply<'a, T> {
    pub(crate) fn all(
        first: Option<&'a Link>,
        vetting: BoxFuture<'a, Vec<Vetted<'a>>>,
        end: impl FnOnce(Vec<Result<Applied, ApplyError>>) -> T + Send + 'a,
    ) -> Self {
        let clock = first.map(|link| Arc::clone(&link.inner.clock));
        Self { clock, vetting, observer: None, deadline: None, stop: None, end: Box::new(end) }
    }

    /// Calls `observer` on every event, in place: keep it short.
    pub fn observe(mut self, observer: impl FnMut(&Event) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Stops gracefully when it has run for `at_most`, by the link's clock; see [Stopping](Self#stopping).
    ///
    /// Without it each step has its own time, [`Step::at_most`](privlink_core::side::Step::at_most).
    pub fn deadline(mut self, at_most: Duration) -> Self {
        self.deadline = Some(at_most);
        self
    }

    /// Stops gracefully once `signal` is there, whatever it gives; see [Stopping](Self#stopping).
    pub fn stop_when(mut self, signal: impl Future + Send + 'a) -> Self {
        self.stop = Some(Box::pin(async move {
            signal.await;
        }));
        self
    }

    async fn run(self, mut tell: impl FnMut(&Event) + Send) -> T {
        let Self { clock, vetting, mut observer, deadline, stop, end } = self;
        let late = clock.zip(deadline).map(|(clock, deadline)| clock.sleep(deadline));
        // Heard from the start, and heeded once the reads of the vetting are over.
        let (vetted, interrupt) = match select(vetting, interrupt(late, stop)).await {
            Either::Left(vetted) => vetted,
            Either::Right((why, vetting)) => (vetting.await, Box::pin(std::future::ready(why)) as BoxFuture<'_, _>),
        };
        let mut jobs: Vec<Job<'_>> = vetted.iter().flatten().map(|(link, plan)| Job::new(link, plan)).collect();
        let sink = &mut |event: &Event| {
            if let Some(observer) = &mut observer {
                observer(event);
            }
            tell(event);
        };
        engine::run(&mut jobs, interrupt, sink).await;
        let mut ended = Vec::with_capacity(jobs.len());
        for job in jobs {
            ended.push(job.finish().await);
        }
        let mut ended = ended.into_iter();
        // A job for each plan that may be performed, in their order.
        let ends = vetted.iter().filter_map(|plan| match plan {
            Ok(_) => ended.next(),
            Err(error) => Some(Err(error.clone())),
        });
        end(ends.collect())
    }
}

/// Comes when the caller wants no more.
fn interrupt<'a>(late: Option<BoxFuture<'a, ()>>, stop: Option<BoxFuture<'a, ()>>) -> BoxFuture<'a, Interrupt> {
    let late = late.unwrap_or_else(|| Box::pin(std::future::pending()));
    let stop = stop.unwrap_or_else(|| Box::pin(std::future::pending()));
    Box::pin(async move {
        match select(stop, late).await {
            Either::Left(_) => Interrupt::Asked,
            Either::Right(_) => Interrupt::Deadline,
        }
    })
}

impl<'a, T: Send + 'a> Apply<'a, T> {
    /// Applies while streaming the events; the last item is the end.
    pub fn events(self) -> Events<'a, T> {
        Events::new(|queue| Box::pin(self.run(move |event| queue.push(event.clone()))))
    }
}

impl<'a, T: Send + 'a> IntoFuture for Apply<'a, T> {
    type Output = T;
    type IntoFuture = BoxFuture<'a, T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run(|_| {}))
    }
}

impl<T> fmt::Debug for Apply<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apply").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// What applying a plan came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Applied {
    /// Everything known in the end.
    pub exchange: Exchange,
    /// The steps that acted or had to wait, in the order they were done.
    pub changed: Vec<StepId>,
    /// The steps that turned out to be done already.
    pub unchanged: Vec<StepId>,
    /// The steps that another link of the set performed, meanwhile or just before.
    #[serde(default)]
    pub shared: Vec<StepId>,
    /// The steps that the plan told to be done, in its order.
    #[serde(default)]
    pub before: Vec<StepId>,
    /// Whether the plan was the first part of the way: plan again and apply that, see [`Plan::later`] and
    /// [`Link::plan`](crate::Link::plan).
    #[serde(default)]
    pub plan_again: bool,
}

impl Applied {
    /// The names by which clients reach the database; none after a removal.
    ///
    /// They resolve in the network now, unless the naming is [`Naming::SelfManaged`](crate::Naming::SelfManaged): then
    /// once [`records`](Self::records) are written. A resolver that remembers an older answer takes as long as that lives.
    #[must_use]
    pub fn names(&self) -> &[PrivateName] {
        &self.exchange.names
    }
}

/// How many steps did something: one line.
impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "applied: {} done", count(self.changed.len(), "step"))?;
        if !self.shared.is_empty() {
            write!(f, ", {} by another link of the set", self.shared.len())?;
        }
        write!(f, ", {} done before", self.unchanged.len() + self.before.len())?;
        if self.plan_again { f.write_str("; plan again for what comes after") } else { Ok(()) }
    }
}
