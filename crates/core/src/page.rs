//! Lists that come in pages.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use crate::{Error, ErrorKind, Result};

/// More pages than any account has; a server that never ends is an error, not a hang.
const MOST_PAGES: usize = 10_000;

/// One page of a list: its items, each of which may be unreadable by itself, and the token of
/// the next page: a text, or whatever else the API goes on from.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<T, N = String> {
    /// The items in the order they came.
    pub items: Vec<Result<T>>,
    /// The token of the next page; none, or an empty one (its `Default`), ends the list.
    pub next: Option<N>,
}

impl<T, N> Page<T, N> {
    /// A page whose items may each be unreadable.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = Result<T>>, next: Option<N>) -> Self {
        Self { items: items.into_iter().collect(), next }
    }

    /// A page of items that could all be read.
    #[must_use]
    pub fn whole(items: impl IntoIterator<Item = T>, next: Option<N>) -> Self {
        Self::new(items.into_iter().map(Ok), next)
    }
}

/// A list as a lazy stream: a page is fetched when its first item is asked for.
///
/// An item that cannot be read is one `Err`, and the list goes on; a page that cannot be
/// fetched is an `Err` that ends it. A token that comes a second time ends it with
/// [`ErrorKind::UnexpectedResponse`], rather than going round for ever; so does the 10,001st page.
///
/// # Examples
/// ```
/// use privlink_core::{Page, Pages};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> privlink_core::Result<()> {
/// let numbers = Pages::new(|token: Option<String>| async move {
///     Ok(match token.as_deref() {
///         None => Page::whole([1, 2], Some("more".to_owned())),
///         Some(_) => Page::whole([3], Some(String::new())),
///     })
/// });
/// assert_eq!(numbers.all().await?, [1, 2, 3]);
/// # Ok(())
/// # }
/// ```
#[must_use = "a list fetches nothing until it is read"]
pub struct Pages<T> {
    items: BoxStream<'static, Result<T>>,
}

impl<T: Send + 'static> Pages<T> {
    /// A list whose pages `fetch` gives; it is first asked with `None`, then with each page's
    /// token.
    pub fn new<N, F, R>(fetch: F) -> Self
    where
        N: Clone + Default + PartialEq + Send + 'static,
        F: FnMut(Option<N>) -> R + Send + 'static,
        R: Future<Output = Result<Page<T, N>>> + Send + 'static,
    {
        let start = Walk { fetch, ready: Vec::new().into_iter(), next: Next::First, seen: Vec::new() };
        Self { items: futures_util::stream::unfold(start, |walk| walk.step()).boxed() }
    }

    /// The whole list.
    ///
    /// # Errors
    /// The first error met, be it a page's or an item's.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(item) = self.items.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl<T> Pages<T> {
    /// The next item, whose page is fetched when it is asked for; `None` after the last.
    ///
    /// ```
    /// # async fn show(mut list: privlink_core::Pages<String>) {
    /// while let Some(item) = list.next().await {
    ///     match item {
    ///         Ok(item) => println!("{item}"),
    ///         Err(error) => eprintln!("one that cannot be read: {error}"),
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Result<T>> {
        self.items.next().await
    }
}

impl<T> Stream for Pages<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.as_mut().poll_next(cx)
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

struct Walk<T, N, F> {
    fetch: F,
    ready: vec::IntoIter<Result<T>>,
    next: Next<N>,
    seen: Vec<N>,
}

enum Next<N> {
    First,
    Token(N),
    End,
}

impl<T, N, F, R> Walk<T, N, F>
where
    N: Clone + Default + PartialEq,
    F: FnMut(Option<N>) -> R,
    R: Future<Output = Result<Page<T, N>>>,
{
    async fn step(mut self) -> Option<(Result<T>, Self)> {
        loop {
            if let Some(item) = self.ready.next() {
                return Some((item, self));
            }
            let token = match std::mem::replace(&mut self.next, Next::End) {
                Next::First => None,
                Next::Token(token) if self.seen.contains(&token) => {
                    let error = Error::new(ErrorKind::UnexpectedResponse, "the list names the same next page again");
                    return Some((Err(error), self));
                }
                Next::Token(_) if self.seen.len() >= MOST_PAGES - 1 => {
                    let error = Error::new(ErrorKind::UnexpectedResponse, "the list does not end");
                    return Some((Err(error), self));
                }
                Next::Token(token) => {
                    self.seen.push(token.clone());
                    Some(token)
                }
                Next::End => return None,
            };
            match (self.fetch)(token).await {
                Ok(page) => {
                    self.ready = page.items.into_iter();
                    self.next = match page.next {
                        Some(token) if token != N::default() => Next::Token(token),
                        _ => Next::End,
                    };
                }
                Err(error) => return Some((Err(error), self)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unreadable_item_does_not_end_the_list() {
        let list = Pages::new(|token: Option<String>| async move {
            Ok(match token {
                None => Page::new([Ok(1), Err(Error::invalid("not an id")), Ok(3)], Some("2".into())),
                Some(_) => Page::new([Ok(4)], None),
            })
        });
        let seen: Vec<_> = list.map(Result::ok).collect().await;
        assert_eq!(seen, [Some(1), None, Some(3), Some(4)]);
    }

    #[tokio::test]
    async fn a_page_is_fetched_only_when_it_is_asked_for() {
        let fetched = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = std::sync::Arc::clone(&fetched);
        let mut list = Pages::new(move |_| {
            let n = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            async move { Ok(Page::whole([n], Some(n.to_string()))) }
        });
        assert_eq!(fetched.load(std::sync::atomic::Ordering::Relaxed), 0);
        assert_eq!(list.next().await.unwrap().unwrap(), 0);
        assert_eq!(list.next().await.unwrap().unwrap(), 1);
        assert_eq!(fetched.load(std::sync::atomic::Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_failed_page_and_a_repeated_token_end_the_list() {
        let down = || Error::new(ErrorKind::Unavailable, "down");
        let failing: Pages<u8> = Pages::new(move |_: Option<String>| async move { Err(down()) });
        let seen: Vec<_> = failing.collect().await;
        assert_eq!(seen.len(), 1);
        let circling = Pages::new(|_| async { Ok(Page::whole([0_u8], Some("again".to_owned()))) });
        let seen: Vec<_> = circling.map(|item| item.map_err(|error| error.kind())).collect().await;
        assert_eq!(seen, [Ok(0), Ok(0), Err(ErrorKind::UnexpectedResponse)]);
    }

    #[tokio::test]
    async fn a_token_may_be_any_value_and_an_empty_one_ends_the_list() {
        let pairs = Pages::new(|token: Option<(String, u32)>| async move {
            let page = token.map_or(0, |(_, page)| page);
            let next = if page < 2 { ("zone".to_owned(), page + 1) } else { Default::default() };
            Ok(Page::whole([page * 2, page * 2 + 1], Some(next)))
        });
        assert_eq!(pairs.all().await.unwrap(), [0, 1, 2, 3, 4, 5]);
    }

    #[tokio::test]
    async fn a_list_that_never_ends_is_an_error() {
        let endless = Pages::new(|token: Option<u32>| async move {
            let page = token.unwrap_or_default();
            Ok(Page::whole([page], Some(page + 1)))
        });
        let seen: Vec<_> = endless.collect().await;
        assert_eq!(seen.len(), MOST_PAGES + 1);
        let last = seen.into_iter().next_back().unwrap();
        assert_eq!(last.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }
}
