//! Applying a plan: a loop over `perform` that knows facts, never vendors.

mod engine;
mod error;
mod event;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use privlink_core::BoxFuture;
use privlink_core::side::{Exchange, Plan, PrivateName, StepId};

pub(crate) use engine::{Job, run};
pub use error::ApplyError;
pub use event::{Event, EventKind};

use crate::Link;
use crate::run::vetted;

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
#[must_use = "nothing is applied until this is awaited or streamed"]
pub struct Apply<'a> {
    link: &'a Link,
    plan: &'a Plan,
    observer: Option<Observer<'a>>,
}

type Observer<'a> = Box<dyn FnMut(&Event) + Send + 'a>;

impl<'a> Apply<'a> {
    pub(crate) fn new(link: &'a Link, plan: &'a Plan) -> Self {
        Self { link, plan, observer: None }
    }

    /// Calls `observer` on every event, in place: keep it short.
    pub fn observe(mut self, observer: impl FnMut(&Event) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Applies while streaming the events; the last item is the end.
    pub fn events(self) -> Events<'a> {
        let queue = Arc::new(Mutex::new(VecDeque::new()));
        let sink = Arc::clone(&queue);
        let mut observer = self.observer;
        let run = Box::pin(async move {
            let plan = vetted(self.link, self.plan).await?;
            let mut jobs = vec![Job::new(self.link, &plan)];
            run(&mut jobs, &mut |event| {
                if let Some(observer) = &mut observer {
                    observer(event);
                }
                sink.lock().unwrap_or_else(PoisonError::into_inner).push_back(event.clone());
            })
            .await;
            jobs.remove(0).finish().await
        });
        Events { queue, run: Some(run) }
    }
}

impl<'a> IntoFuture for Apply<'a> {
    type Output = Result<Applied, ApplyError>;
    type IntoFuture = BoxFuture<'a, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let mut observer = self.observer;
        Box::pin(async move {
            let plan = vetted(self.link, self.plan).await?;
            let mut jobs = vec![Job::new(self.link, &plan)];
            run(&mut jobs, &mut |event| {
                if let Some(observer) = &mut observer {
                    observer(event);
                }
            })
            .await;
            jobs.remove(0).finish().await
        })
    }
}

impl fmt::Debug for Apply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apply").field("link", &self.link.name()).field("plan", &self.plan).finish_non_exhaustive()
    }
}

/// What an application tells while it runs, and how it ended.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "complete: a run either goes on or has ended")]
pub enum Progress {
    /// Something happened.
    Event(Event),
    /// The end.
    End(Box<Result<Applied, ApplyError>>),
}

/// The events of a running application; made by [`Apply::events`].
///
/// The steps run while this is polled; dropping it stops them.
#[must_use = "nothing is applied until this is polled"]
pub struct Events<'a> {
    queue: Arc<Mutex<VecDeque<Event>>>,
    run: Option<BoxFuture<'a, Result<Applied, ApplyError>>>,
}

impl Events<'_> {
    /// The next thing to tell; `None` after the end.
    pub async fn next(&mut self) -> Option<Progress> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn queued(&self) -> Option<Event> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Stream for Events<'_> {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(event) = self.queued() {
            return Poll::Ready(Some(Progress::Event(event)));
        }
        let Some(run) = &mut self.run else {
            return Poll::Ready(None);
        };
        match run.as_mut().poll(cx) {
            Poll::Ready(end) => {
                // Events told in this very poll come before the end.
                self.run = Some(Box::pin(std::future::ready(end)));
                match self.queued() {
                    Some(event) => Poll::Ready(Some(Progress::Event(event))),
                    None => {
                        let Some(Poll::Ready(end)) = self.run.take().map(|mut run| run.as_mut().poll(cx)) else {
                            return Poll::Ready(None);
                        };
                        Poll::Ready(Some(Progress::End(Box::new(end))))
                    }
                }
            }
            Poll::Pending => match self.queued() {
                Some(event) => Poll::Ready(Some(Progress::Event(event))),
                None => Poll::Pending,
            },
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("ended", &self.run.is_none()).finish_non_exhaustive()
    }
}

/// What applying a plan came to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Applied {
    /// Everything known in the end.
    pub exchange: Exchange,
    /// The steps that acted or had to wait, in the order they were done.
    pub changed: Vec<StepId>,
    /// The steps that turned out to be done already.
    pub unchanged: Vec<StepId>,
}

impl Applied {
    /// The names by which clients reach the database now; none after a removal.
    #[must_use]
    pub fn names(&self) -> &[PrivateName] {
        &self.exchange.names
    }
}
