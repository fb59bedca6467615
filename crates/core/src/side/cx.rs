use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;

use super::ownership::digest;
use super::{Exchange, Mark, TouchKey};
use crate::{BoxFuture, Clock, Error, ErrorKind, LinkName, Result, Text};

/// What a side is given for one run: the link's label, what it joins, the clock and the memo of
/// reads.
#[derive(Clone, Debug)]
pub struct Cx {
    link: LinkName,
    instance: Text,
    database: Text,
    network: Text,
    clock: Arc<dyn Clock>,
    memo: Memo,
    breadth: usize,
    resume: Option<serde_json::Value>,
}

impl Cx {
    /// A run of `link`; `instance` tells apart several links between the same two sides.
    #[must_use]
    pub fn new(link: LinkName, instance: impl Into<Text>, clock: Arc<dyn Clock>) -> Self {
        let (database, network) = (Text::default(), Text::default());
        let (instance, memo) = (instance.into(), Memo::default());
        Self { link, instance, database, network, clock, memo, breadth: 1, resume: None }
    }

    /// The same run for another link, sharing clock and memo. What that one joins is told anew,
    /// by [`between`](Self::between).
    #[must_use]
    pub fn for_link(&self, link: LinkName, instance: impl Into<Text>) -> Self {
        let (database, network) = (Text::default(), Text::default());
        Self { link, instance: instance.into(), database, network, resume: None, ..self.clone() }
    }

    /// Says what the link joins: the [`subject`](super::Side::subject) of its two sides, which
    /// with the instance is the link's identity, whatever its name.
    ///
    /// A side needs it while there is nothing else to go by: the database's, as long as no
    /// endpoint is known; the network's, once the database is gone. A workflow always says it;
    /// without it a removal finds nothing of a database that is gone.
    #[must_use]
    pub fn between(self, database: impl Into<Text>, network: impl Into<Text>) -> Self {
        Self { database: database.into(), network: network.into(), ..self }
    }

    /// Says how many links are planned together, so that a side may read a list once instead
    /// of many things one by one.
    #[must_use]
    pub fn with_breadth(mut self, links: usize) -> Self {
        self.breadth = links;
        self
    }

    /// Hands back what the side wanted stored when the step to be performed last waited.
    #[must_use]
    pub fn resuming(self, resume: Option<serde_json::Value>) -> Self {
        Self { resume, ..self }
    }

    /// Forgets what was read, for a run that must see the world afresh.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self { memo: Memo::default(), ..self.clone() }
    }

    /// The link's name: a label, never an identity.
    #[must_use]
    pub fn link(&self) -> &LinkName {
        &self.link
    }

    /// What tells apart several links between the same two sides; empty for the usual one.
    #[must_use]
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The subject of the link's database side; empty unless told.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The subject of the link's network side; empty unless told.
    #[must_use]
    pub fn network(&self) -> &str {
        &self.network
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// The memo of reads.
    #[must_use]
    pub fn memo(&self) -> &Memo {
        &self.memo
    }

    /// What [`Outcome::Waiting`](super::Outcome::Waiting) of the same step asked to be handed back
    /// when it was last performed, in this process or another; `None` the first time, and whenever
    /// it got lost on the way.
    #[must_use]
    pub fn resume(&self) -> Option<&serde_json::Value> {
        self.resume.as_ref()
    }

    /// How many links are planned together.
    #[must_use]
    pub fn breadth(&self) -> usize {
        self.breadth
    }

    /// 16 hex digits that stand for whoever uses an endpoint: the vendor's account that `known`
    /// names, since its key sees all databases of it, or else the link's database alone. `None`
    /// while neither is told.
    ///
    /// A network's side leaves this on an endpoint before it gives [`Fact::Endpoint`](super::Fact),
    /// and keeps an endpoint that carries anybody else's.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use privlink_core::side::{Cx, Exchange};
    /// # use privlink_core::SystemClock;
    ///
    /// let run = |database: &'static str| Cx::new("orders".parse().unwrap(), "", Arc::new(SystemClock::new())).between(database, "");
    /// let mut known = Exchange::new();
    /// assert_ne!(run("one").user(&known), run("another").user(&known));
    /// known.vendor_account = Some("example organization".into());
    /// assert_eq!(run("one").user(&known), run("another").user(&known));
    /// assert_eq!(run("").user(&Exchange::new()), None);
    /// ```
    #[must_use]
    pub fn user(&self, known: &Exchange) -> Option<String> {
        match &known.vendor_account {
            Some(account) => Some(digest(&format!("user|account|{account}"))),
            None if self.database.is_empty() => None,
            None => Some(digest(&format!("user|database|{}", self.database))),
        }
    }

    /// The mark of a thing made in this run.
    #[must_use]
    pub fn mark(&self, key: TouchKey) -> Mark {
        Mark::new(key, self.instance.clone(), self.link.clone()).of(self.database.clone())
    }
}

type SharedRead = Shared<BoxFuture<'static, Result<Arc<dyn Any + Send + Sync>>>>;

/// Remembers reads within one run, so that the same question is asked once, however many ask
/// at the same time.
#[derive(Clone, Default)]
pub struct Memo {
    reads: Arc<Mutex<HashMap<String, SharedRead>>>,
}

impl Memo {
    /// The answer to the question `key`, read by `read` unless it was asked before.
    ///
    /// The key names the client or account, the operation and the resource. A failed read is
    /// remembered too: it ends the run.
    ///
    /// # Errors
    /// What `read` errs with; [`ErrorKind::InvalidInput`] when the key was used for another type.
    pub async fn read<T, F, R>(&self, key: impl Into<String>, read: F) -> Result<T>
    where
        T: Clone + Send + Sync + 'static,
        F: FnOnce() -> R,
        R: Future<Output = Result<T>> + Send + 'static,
    {
        let shared = {
            let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
            reads
                .entry(key.into())
                .or_insert_with(|| {
                    let read = read();
                    let boxed: BoxFuture<'static, Result<Arc<dyn Any + Send + Sync>>> =
                        Box::pin(async move { Ok(Arc::new(read.await?) as Arc<dyn Any + Send + Sync>) });
                    boxed.shared()
                })
                .clone()
        };
        shared
            .await?
            .downcast_ref::<T>()
            .cloned()
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, "one memo key was used for two types"))
    }

    /// How many different questions were asked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.reads.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nothing was asked yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for Memo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memo").field("reads", &self.len()).finish()
    }
}
