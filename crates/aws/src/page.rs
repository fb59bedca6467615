//! Paged reads as one stream.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt};
use privlink_core::{Error, ErrorKind, Result};

/// More pages than any account has; a server that never ends is an error, not a hang.
const MOST_PAGES: u32 = 10_000;

/// The items of a paged read, fetched page by page as they are asked for.
///
/// A stream of results: an item that cannot be read is one `Err`, not the end. A page that
/// cannot be fetched is an `Err` and the end.
///
/// ```
/// use futures_util::StreamExt;
/// use privlink_aws::Filter;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = privlink_sim::World::new();
/// # let key = world.aws().key();
/// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
/// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
/// let mut subnets = client.ec2().subnets(Filter::new());
/// while let Some(subnet) = subnets.next().await {
///     println!("{}", subnet?.id);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is read until the stream is polled or `all` is awaited"]
pub struct Listing<T> {
    items: BoxStream<'static, Result<T>>,
}

/// One page: its items, and the token of the next page.
pub(crate) type Page<T, N> = (Vec<Result<T>>, Option<N>);

impl<T: Send + 'static> Listing<T> {
    /// Pages fetched by `fetch` from token to token; it is given `None` first.
    pub(crate) fn new<N, F, R>(fetch: F) -> Self
    where
        N: Clone + PartialEq + Send + 'static,
        F: Fn(Option<N>) -> R + Send + 'static,
        R: Future<Output = Result<Page<T, N>>> + Send + 'static,
    {
        let pages = stream::try_unfold((Some(None::<N>), 0_u32, fetch), |(at, count, fetch)| async move {
            let Some(token) = at else { return Ok(None) };
            if count >= MOST_PAGES {
                return Err(Error::new(ErrorKind::UnexpectedResponse, "the list does not end"));
            }
            let (items, next) = fetch(token.clone()).await?;
            if next.is_some() && next == token {
                return Err(Error::new(ErrorKind::UnexpectedResponse, "the list gives the same page token twice"));
            }
            Ok(Some((items, (next.map(Some), count + 1, fetch))))
        });
        let items = pages.flat_map(|page| {
            stream::iter(match page {
                Ok(items) => items,
                Err(error) => vec![Err(error)],
            })
        });
        Self { items: items.boxed() }
    }

    /// All items of all pages.
    ///
    /// # Errors
    /// The first page that cannot be fetched, or item that cannot be read.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut all = Vec::new();
        while let Some(item) = self.items.next().await {
            all.push(item?);
        }
        Ok(all)
    }
}

impl<T> Stream for Listing<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.items.poll_next_unpin(cx)
    }
}

impl<T> fmt::Debug for Listing<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn pages_are_followed_to_the_end() {
        let listing = Listing::new(|token: Option<u32>| async move {
            let page = token.unwrap_or(0);
            Ok((vec![Ok(page * 2), Ok(page * 2 + 1)], (page < 2).then_some(page + 1)))
        });
        assert_eq!(listing.all().await.unwrap(), [0, 1, 2, 3, 4, 5]);
    }

    #[tokio::test]
    async fn a_token_that_does_not_move_is_an_error() {
        let listing = Listing::new(|_: Option<u32>| async move { Ok((vec![Ok(1)], Some(7))) });
        assert_eq!(listing.all().await.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }
}
