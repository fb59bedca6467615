use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use privlink_core::BoxFuture;

use super::{Applied, ApplyError, Event};

/// What an application tells while it runs, and how it ended.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "complete: a run either goes on or has ended")]
#[expect(clippy::large_enum_variant, reason = "what a plan comes to is as large as an event")]
pub enum Progress<T = Result<Applied, ApplyError>> {
    /// Something happened.
    Event(Event),
    /// The end.
    End(T),
}

/// The events of a running application; made by [`Apply::events`](crate::Apply::events).
///
/// The steps run while this is polled; dropping it stops them.
#[must_use = "nothing is applied until this is polled"]
pub struct Events<'a, T = Result<Applied, ApplyError>> {
    queue: Queue,
    run: Option<BoxFuture<'a, T>>,
}

/// Events told and not yet taken.
#[derive(Clone, Default)]
pub(super) struct Queue(Arc<Mutex<VecDeque<Event>>>);

impl Queue {
    pub(super) fn push(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    fn pop(&self) -> Option<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl<'a, T: Send + 'a> Events<'a, T> {
    /// The events that `run` puts into the queue it is given, and its end.
    pub(super) fn new(run: impl FnOnce(Queue) -> BoxFuture<'a, T>) -> Self {
        let queue = Queue::default();
        Self { run: Some(run(queue.clone())), queue }
    }

    /// The next thing to tell; `None` after the end.
    pub async fn next(&mut self) -> Option<Progress<T>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<'a, T: Send + 'a> Stream for Events<'a, T> {
    type Item = Progress<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(event) = self.queue.pop() {
            return Poll::Ready(Some(Progress::Event(event)));
        }
        let Some(run) = &mut self.run else {
            return Poll::Ready(None);
        };
        let end = run.as_mut().poll(cx);
        match (self.queue.pop(), end) {
            // Events told in this very poll come before the end.
            (Some(event), end) => {
                if let Poll::Ready(end) = end {
                    self.run = Some(Box::pin(std::future::ready(end)));
                }
                Poll::Ready(Some(Progress::Event(event)))
            }
            (None, Poll::Ready(end)) => {
                self.run = None;
                Poll::Ready(Some(Progress::End(end)))
            }
            (None, Poll::Pending) => Poll::Pending,
        }
    }
}

impl<T> fmt::Debug for Events<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("ended", &self.run.is_none()).finish_non_exhaustive()
    }
}
