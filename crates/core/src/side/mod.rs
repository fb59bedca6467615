#![doc = include_str!("chapter.md")]

mod admission;
mod confirmation;
mod cx;
mod endpoint;
mod evidence;
mod exchange;
mod fact;
mod name;
mod naming;
mod outcome;
mod ownership;
mod plan;
mod plan_text;
mod proof;
mod receipt;
pub mod rfc3339;
pub mod seconds;
mod service;
mod step;
pub mod versioned;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

pub use admission::{Admission, EntryState};
pub use confirmation::Confirmation;
pub use cx::{Cx, Memo};
pub use endpoint::{ConsumerIdentity, EndpointDns, EndpointFacts, EndpointIds, EndpointState};
pub use evidence::{Cause, NameAnswer, Tries};
pub use exchange::Exchange;
pub use fact::{Fact, Slot};
pub use name::{PortRange, PrivateName, Protocol};
pub use naming::{Naming, RecordShape};
pub use outcome::{Outcome, Survey};
pub use ownership::{Evidence, Mark, Ownership, TouchKey};
pub use plan::{Direction, Kept, Plan};
pub use proof::{Expectation, Layer, Nonce, Proof, Rung, RungResult, Vantage};
pub use receipt::Receipt;
pub use service::{Acceptance, Capabilities, EndpointService, Reach, Sharing, Users};
pub use step::{Effect, Expects, Grant, SideId, Step, StepId, StepKind, StepState, Undo};

use crate::render::{Cost, Document, Format, Fragment};
use crate::{BoxFuture, DnsName, Error, ErrorKind, PrivateEndpointId, Result, Text};

/// One side of a link. See [`DatabaseSide`] and [`NetworkSide`].
pub trait Side: Send + Sync + fmt::Debug {
    /// The side's stable name, `clickhouse` or `aws`; the first part of every verb it makes.
    fn id(&self) -> SideId;

    /// What the side is about, for people and for telling plans apart: the service's id, the
    /// network's. Two sides with the same answer can perform each other's steps.
    ///
    /// It takes part in what marks a thing, so it must never change for the same database or
    /// network, and be told without a request: a database that is gone still has it.
    fn subject(&self) -> Text {
        self.id().to_string().into()
    }

    /// Reads what is there and says what has to be done, given what is known so far.
    ///
    /// Reads only. Called again whenever the other side's facts grew, until nothing changes;
    /// reads go through [`Cx::memo`], so a repeated question costs nothing.
    ///
    /// # Errors
    /// When the side cannot be read. What merely cannot work is a [`Finding`](crate::Finding).
    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>>;

    /// Looks, acts once, looks. Never sleeps: waiting is an [`Outcome`], so a durable engine or
    /// an operator can drive it. The next look may be another process's: what it needs to go on is
    /// in `known`, in what is outside, or in what [`Outcome::Waiting`] had stored ([`Cx::resume`]).
    ///
    /// One look checks its step alone. Whoever drives steps checks the plan: the crate `privlink`
    /// does, in `Link::apply` and `Link::tick`.
    ///
    /// # Errors
    /// When a read or the act failed. A write whose answer was lost is looked at again first;
    /// only what stays unknown is [`ErrorKind::OutcomeUnknown`].
    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>>;

    /// The way back: what is ours here and how it is taken down, found by marks and entries
    /// even when the other side answers "not found".
    ///
    /// A removal step `needs` and `gives` what the thing it removes needed and gave, so that
    /// the workflow runs the same graph backwards.
    ///
    /// # Errors
    /// When the side cannot be read.
    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>>;

    /// What `step` is in `format`, for people who do it with other tools; `None` unless the side has
    /// words for it. Pure: it asks nothing, and takes the same typed step that [`perform`](Self::perform) does.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when the step is not one of this side's, or its parameters do not fit.
    fn render(&self, step: &Step, known: &Exchange, cx: &Cx, format: Format) -> Result<Option<Fragment>> {
        let _ = (step, known, cx, format);
        Ok(None)
    }

    /// The permissions that these steps of a plan take, all of this side, in the form in which its system
    /// grants them: a file for each place that grants by itself, none unless the system has files for it.
    /// Pure, as [`render`](Self::render) is.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    fn policy(&self, steps: &[&Step], known: &Exchange, cx: &Cx) -> Result<Vec<Document>> {
        let _ = (steps, known, cx);
        Ok(Vec::new())
    }

    /// What is paid for while what these steps of a plan make, all of this side, is there; none unless the side knows.
    /// Pure, as [`render`](Self::render) is.
    ///
    /// # Errors
    /// As [`render`](Self::render).
    fn costs(&self, steps: &[&Step], known: &Exchange, cx: &Cx) -> Result<Vec<Cost>> {
        let _ = (steps, known, cx);
        Ok(Vec::new())
    }
}

/// The database vendor's side.
pub trait DatabaseSide: Side {
    /// The databases of this vendor that use `endpoint`, and whether that list is complete: a
    /// shared endpoint goes only when the answer is none, completely.
    ///
    /// # Errors
    /// When the vendor cannot be read.
    fn users<'a>(&'a self, endpoint: &'a EndpointFacts, cx: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>>;

    /// What people call the databases of these keys, which [`users`](Self::users) gave. A key that is left out is
    /// told by itself.
    ///
    /// # Errors
    /// When the vendor cannot be read.
    fn users_in_words<'a>(
        &'a self,
        users: &'a BTreeSet<TouchKey>,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<BTreeMap<TouchKey, Text>>> {
        let _ = (users, cx);
        Box::pin(async { Ok(BTreeMap::new()) })
    }

    /// The hosts of `known` by which other databases on the endpoint are reached too. A removal's plan says it of each
    /// [`PrivateName`]; this is asked once more before a record goes, since another database may have come
    /// meanwhile. None, unless the vendor gives one host to several databases.
    ///
    /// # Errors
    /// When the vendor cannot be read.
    fn shared_hosts<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<BTreeSet<DnsName>>> {
        let _ = (known, cx);
        Box::pin(async { Ok(BTreeSet::new()) })
    }

    /// The certificates of the vendor's own authorities that sign for the database, as PEM, for
    /// [`Expectation::authorities`]; none where the ones that every machine trusts do, or where the credentials may not
    /// read them: a machine that looks may have them from elsewhere.
    ///
    /// # Errors
    /// When the vendor cannot be read.
    fn authorities<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Text>>> {
        let _ = cx;
        Box::pin(async { Ok(Vec::new()) })
    }

    /// Steps that close the public door, naming in their `why` who loses access.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] unless the side can do it.
    fn closing<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<(Survey, Receipt)>> {
        let _ = (known, cx);
        Box::pin(async move { Err(unsupported(self.id(), "closing public access")) })
    }

    /// Steps that restore exactly what `receipt` holds.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] unless the side can do it; [`ErrorKind::InvalidInput`] when
    /// the receipt is another side's or another database's.
    fn reopening<'a>(&'a self, receipt: &'a Receipt, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        let _ = (receipt, cx);
        Box::pin(async move { Err(unsupported(self.id(), "reopening public access")) })
    }
}

/// The cloud network's side.
pub trait NetworkSide: Side {
    /// Everything here that carries `mark`'s key or was made for its database, with the evidence.
    ///
    /// # Errors
    /// When the cloud cannot be read.
    fn owned<'a>(&'a self, mark: &'a Mark, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<(TouchKey, Ownership)>>>;

    /// Takes an existing endpoint in: marks it, so that later plans find and use it.
    ///
    /// `known` is what the database's side said of itself. The endpoint has to lead to one of
    /// its [`services`](Exchange::services); that is checked before anything is written, so that
    /// no link marks an endpoint it could never use. The removal of the link takes the marks off
    /// again and leaves the endpoint.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is none; [`ErrorKind::Conflict`] when it leads to
    /// another service (the message names both), while no service is known, when it is in
    /// another network, or when it carries another link's mark. Nothing is written then.
    fn adopt<'a>(
        &'a self,
        id: &'a PrivateEndpointId,
        known: &'a Exchange,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<EndpointFacts>>;

    /// Who else relies on `endpoint`, as far as the network tells: the marks that others left on it,
    /// and the records that lead to it, by the keys of the steps that would remove them. The vendor
    /// sees only the databases of one account; what another one's use is here. An endpoint that is
    /// relied on stays; it is asked again just before one goes.
    ///
    /// None unless implemented: then an endpoint that others share goes with this link.
    ///
    /// # Errors
    /// When the cloud cannot be read.
    fn leading_to<'a>(
        &'a self,
        endpoint: &'a EndpointFacts,
        known: &'a Exchange,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<Vec<TouchKey>>> {
        let _ = (endpoint, known, cx);
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn unsupported(side: SideId, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("{side} does not support {what}"))
}
