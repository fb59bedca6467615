//! Long-running operations: the resource manager answers at once, and goes on working.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use privlink_core::transport::{Operation, retry_after};
use privlink_core::{AzureResourceId, BoxFuture, Error, ErrorKind, Result, Text};
use serde::{Deserialize, Serialize};

use crate::api::{Arm, Provider};
use crate::dialect;
use crate::facts::{OPERATION_AT_MOST, POLL_FIRST, POLL_LEAST, POLL_LONGEST};
use crate::model::ProvisioningState;
use crate::wire::error::{Monitor, Said};

/// A look at an operation's own monitor or result.
pub(crate) const POLL: Operation = Operation::read("Operations_Get");

/// What an operation is to end in: how the resource is read, and what tells how far it is.
pub(crate) struct Kind<T> {
    pub(crate) get: Operation,
    pub(crate) provider: Provider,
    pub(crate) read: fn(&Arm, &str, &Response<Bytes>) -> Result<T>,
    pub(crate) provisioning: fn(&T) -> Option<&ProvisioningState>,
    pub(crate) deletes: bool,
}

impl<T> Clone for Kind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Kind<T> {}

/// The end of a deletion of what `get` reads.
pub(crate) const fn deletion(get: Operation, provider: Provider) -> Kind<()> {
    Kind { get, provider, read: |_, _, _| Ok(()), provisioning: |_| None, deletes: true }
}

/// Where an operation can be looked at: plain data that outlives the process, so that a wait that
/// ran out of time can be taken up again with the `resume_…` methods
/// of [`Networking`](crate::Networking) and [`PrivateDns`](crate::PrivateDns).
///
/// The address is opaque and may be signed, so that it is not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationHandle {
    /// The version of this form; 1.
    pub version: u16,
    /// The resource that is made, changed or deleted.
    pub resource: AzureResourceId,
    /// Whether it is deleted.
    pub deletes: bool,
    look: LookAt,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", content = "address", rename_all = "snake_case")]
enum LookAt {
    /// `Azure-AsyncOperation`: a status in the body, whatever the HTTP code.
    Monitor(String),
    /// `Location`: 202 until it is over.
    Location(String),
    /// The resource itself.
    Resource,
}

impl fmt::Debug for OperationHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let look = match &self.look {
            LookAt::Monitor(_) => "its status monitor",
            LookAt::Location(_) => "its location",
            LookAt::Resource => "the resource",
        };
        f.debug_struct("OperationHandle")
            .field("resource", &self.resource)
            .field("deletes", &self.deletes)
            .field("looks at", &look)
            .finish_non_exhaustive()
    }
}

/// An operation under way, or over already. Await it for the end; look at it step by step with
/// [`LongRunning::look`].
///
/// Dropping it does not stop Azure. It looks every two seconds at first and every thirty in the
/// end, or when the service says so, for at most an hour; an endpoint usually takes less than two
/// minutes.
#[must_use = "the operation goes on, but nobody waits for it"]
pub struct LongRunning<T> {
    arm: Arm,
    kind: Kind<T>,
    state: State<T>,
    wait: Option<Duration>,
    first: Duration,
    longest: Duration,
    at_most: Duration,
}

enum State<T> {
    Over(T),
    /// With the resource as the first answer had it.
    Under(Box<OperationHandle>, Option<T>),
}

/// What one look at an operation found.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "complete: an operation goes on or is over")]
pub enum Progress<T> {
    /// It goes on.
    Pending {
        /// How far it is, in Azure's own word.
        stage: Text,
        /// When Azure asks to be looked at again.
        retry_after: Option<Duration>,
    },
    /// It is over, with what came of it.
    Over(T),
}

/// Why an operation did not end as asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OperationError {
    /// The time was up; Azure goes on all the same, and the handle takes the wait up again.
    TimedOut {
        /// Where to look.
        handle: Box<OperationHandle>,
        /// How long it was waited for.
        elapsed: Duration,
        /// How often it was looked at.
        looks: u32,
        /// How far it was last.
        last_stage: Option<Text>,
    },
    /// Azure ended it without the result; [`Problem::of`](crate::Problem::of) tells what sort of failure it is.
    Failed(Error),
    /// It could not be looked at; it may go on.
    Look {
        /// What was in the way.
        error: Error,
        /// Where to look.
        handle: Box<OperationHandle>,
    },
}

impl OperationError {
    /// Where to look again, unless the operation has ended.
    #[must_use]
    pub fn handle(&self) -> Option<&OperationHandle> {
        match self {
            Self::TimedOut { handle, .. } | Self::Look { handle, .. } => Some(handle),
            Self::Failed(_) => None,
        }
    }
}

impl fmt::Display for OperationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut { elapsed, looks, last_stage, .. } => {
                write!(f, "the operation is not over after {} s and {looks} looks", elapsed.as_secs())?;
                match last_stage {
                    Some(stage) => write!(f, "; last seen: {stage}"),
                    None => Ok(()),
                }
            }
            Self::Failed(_) => f.write_str("the operation failed"),
            Self::Look { .. } => f.write_str("the operation could not be looked at"),
        }
    }
}

impl std::error::Error for OperationError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(error) | Self::Look { error, .. } => Some(error),
            Self::TimedOut { .. } => None,
        }
    }
}

impl From<OperationError> for Error {
    fn from(error: OperationError) -> Self {
        let text = error.to_string();
        match error {
            OperationError::Failed(error) | OperationError::Look { error, .. } => error,
            OperationError::TimedOut { handle, .. } => Self::new(ErrorKind::Timeout, text)
                .with_vendor(dialect::VENDOR)
                .with_resource(handle.resource.as_str())
                .with_help("Azure goes on working; look again later, and do not repeat the request"),
        }
    }
}

impl<T: Send + 'static> LongRunning<T> {
    /// The operation behind the answer to a write of `resource`.
    pub(crate) fn begun(
        arm: &Arm,
        kind: Kind<T>,
        operation: &Operation,
        resource: &AzureResourceId,
        response: &Response<Bytes>,
    ) -> Result<Self> {
        let (headers, status) = (response.headers(), response.status());
        let look = match (header(headers, "azure-asyncoperation"), header(headers, "location")) {
            (Some(address), _) => Some(LookAt::Monitor(address)),
            (None, Some(address)) => Some(LookAt::Location(address)),
            // Accepted, and no word of where to look.
            (None, None) => (status == StatusCode::ACCEPTED).then_some(LookAt::Resource),
        };
        let handle =
            |look| Box::new(OperationHandle { version: 1, resource: resource.clone(), deletes: kind.deletes, look });
        let body = (kind.deletes || !response.body().is_empty())
            .then(|| (kind.read)(arm, resource.as_str(), response))
            .transpose()
            .map_err(|error| {
                // It was done all the same; what came of it must be looked at.
                arm.told(operation, resource.as_str(), error.with_kind(ErrorKind::OutcomeUnknown))
            })?;
        let goes_on = body.as_ref().and_then(kind.provisioning).is_some_and(|state| !state.is_terminal());
        let state = match (look, body) {
            // "No content" is said of what is gone.
            (_, Some(gone)) if kind.deletes && status == StatusCode::NO_CONTENT => State::Over(gone),
            (Some(look), body) => State::Under(handle(look), body),
            (None, Some(body)) if !goes_on => State::Over(body),
            (None, body) => State::Under(handle(LookAt::Resource), body),
        };
        Ok(Self::with(arm, kind, state, retry_after(headers, arm.clock().now())))
    }

    /// One that is over.
    pub(crate) fn over(arm: &Arm, kind: Kind<T>, outcome: T) -> Self {
        Self::with(arm, kind, State::Over(outcome), None)
    }

    /// One that is taken up again.
    pub(crate) fn resumed(arm: &Arm, kind: Kind<T>, handle: OperationHandle) -> Result<Self> {
        if handle.deletes != kind.deletes {
            return Err(Error::invalid("the handle is of another kind of operation").with_vendor(dialect::VENDOR));
        }
        Ok(Self::with(arm, kind, State::Under(Box::new(handle), None), None))
    }

    fn with(arm: &Arm, kind: Kind<T>, state: State<T>, wait: Option<Duration>) -> Self {
        let (first, longest, at_most) = (POLL_FIRST, POLL_LONGEST, OPERATION_AT_MOST);
        Self { arm: arm.clone(), kind, state, wait, first, longest, at_most }
    }

    /// Sets the most it is waited for; an hour unless set.
    pub fn at_most(mut self, at_most: Duration) -> Self {
        self.at_most = at_most;
        self
    }

    /// Sets the first interval between looks and the longest, where Azure names none.
    pub fn every(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest.max(first);
        self
    }

    /// Whether it is over already, so that awaiting it takes no request.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.state, State::Over(_))
    }

    /// Where to look; `None` when it is over. Keep it to take the wait up again in another process.
    #[must_use]
    pub fn handle(&self) -> Option<&OperationHandle> {
        match &self.state {
            State::Over(_) => None,
            State::Under(handle, _) => Some(handle),
        }
    }

    /// When Azure asks to be looked at next.
    pub(crate) fn asked_to_wait(&self) -> Option<Duration> {
        self.wait
    }

    /// The resource as the first answer had it, when it had one: its id is known at once.
    #[must_use]
    pub fn seen(&self) -> Option<&T> {
        match &self.state {
            State::Over(outcome) => Some(outcome),
            State::Under(_, first) => first.as_ref(),
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// [`OperationError::Failed`] when Azure ended it without the result,
    /// [`OperationError::Look`] when it could not be looked at.
    pub async fn look(&mut self) -> Result<Progress<T>, OperationError>
    where
        T: Clone,
    {
        let handle = match &mut self.state {
            State::Over(outcome) => return Ok(Progress::Over(outcome.clone())),
            State::Under(handle, _) => handle,
        };
        let looked = look(&self.arm, self.kind, handle).await;
        let handle = handle.clone();
        match looked {
            Ok(Looked::Over(outcome)) => {
                self.state = State::Over(outcome.clone());
                Ok(Progress::Over(outcome))
            }
            Ok(Looked::Pending(stage, wait)) => {
                self.wait = wait;
                Ok(Progress::Pending { stage, retry_after: wait })
            }
            Ok(Looked::Failed(error)) => Err(OperationError::Failed(error)),
            Err(error) => Err(OperationError::Look { error, handle }),
        }
    }

    async fn wait_for_it(self) -> Result<T, OperationError> {
        let Self { arm, kind, state, mut wait, first, longest, at_most } = self;
        let mut handle = match state {
            State::Over(outcome) => return Ok(outcome),
            State::Under(handle, _) => handle,
        };
        let clock = arm.clock();
        let began = clock.monotonic();
        let (mut interval, mut looks, mut last_stage) = (first.max(Duration::from_millis(1)), 0, None);
        loop {
            let elapsed = clock.monotonic().saturating_sub(began);
            if looks > 0 && elapsed >= at_most {
                return Err(OperationError::TimedOut { handle, elapsed, looks, last_stage });
            }
            // The last look is when the time is up, so that what came meanwhile is not missed.
            let asked = wait.take().map(|asked| asked.max(POLL_LEAST.min(interval)));
            let pause = asked.unwrap_or(interval).min(at_most.saturating_sub(elapsed));
            clock.sleep(pause).await;
            interval = interval.saturating_add(interval / 2).min(longest);
            looks += 1;
            match look(&arm, kind, &mut handle).await {
                Ok(Looked::Over(outcome)) => return Ok(outcome),
                Ok(Looked::Pending(stage, asked)) => {
                    tracing::debug!(resource = handle.resource.as_str(), %stage, "the operation goes on");
                    last_stage = Some(stage);
                    wait = asked;
                }
                Ok(Looked::Failed(error)) => return Err(OperationError::Failed(error)),
                Err(error) => return Err(OperationError::Look { error, handle }),
            }
        }
    }
}

impl<T: Send + 'static> IntoFuture for LongRunning<T> {
    type Output = Result<T, OperationError>;
    type IntoFuture = BoxFuture<'static, Result<T, OperationError>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.wait_for_it())
    }
}

impl<T> fmt::Debug for LongRunning<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("LongRunning");
        match &self.state {
            State::Over(_) => f.field("over", &true),
            State::Under(handle, _) => f.field("handle", handle),
        };
        f.finish_non_exhaustive()
    }
}

enum Looked<T> {
    Over(T),
    Pending(Text, Option<Duration>),
    Failed(Error),
}

/// Looks once; nothing that the answer echoed of the credentials is in what comes of it.
async fn look<T>(arm: &Arm, kind: Kind<T>, handle: &mut OperationHandle) -> Result<Looked<T>> {
    match asked(arm, kind, handle).await {
        Ok(Looked::Failed(error)) => Ok(Looked::Failed(arm.scrub(error))),
        looked => looked.map_err(|error| arm.scrub(error)),
    }
}

async fn asked<T>(arm: &Arm, kind: Kind<T>, handle: &mut OperationHandle) -> Result<Looked<T>> {
    let resource = handle.resource.as_str().to_owned();
    let (address, monitor) = match &handle.look {
        LookAt::Monitor(address) => (address.clone(), true),
        LookAt::Location(address) => (address.clone(), false),
        LookAt::Resource => return look_at_resource(arm, kind, &resource).await,
    };
    let response = match arm.poll(&POLL, &resource, &address).await {
        Ok(response) => response,
        // Monitors are kept for a day or so; the resource itself tells then.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            handle.look = LookAt::Resource;
            return look_at_resource(arm, kind, &resource).await;
        }
        Err(error) if arm.is_trusted(&address) == Some(false) => {
            return Err(error.with_help(
                "Azure names another host for the operation, which credentials do not travel to unless \
                 `ClientBuilder::trust_host` says so; the operation itself goes on",
            ));
        }
        Err(error) => return Err(error),
    };
    let wait = retry_after(response.headers(), arm.clock().now());
    if !monitor {
        if response.status() != StatusCode::ACCEPTED {
            return finished(arm, kind, &resource).await;
        }
        if let Some(moved) = header(response.headers(), "location") {
            handle.look = LookAt::Location(moved);
        }
        return Ok(Looked::Pending("accepted".into(), wait));
    }
    let read: Monitor = arm.read(&POLL, &resource, &response)?;
    let Some(status) = read.status else {
        return Err(crate::wire::missing("operation", "status").with_operation(POLL.name).with_resource(resource));
    };
    // The body's word counts, not the HTTP code: a failed operation is answered with 200.
    match ProvisioningState::from(status.as_str()) {
        ProvisioningState::Succeeded => finished(arm, kind, &resource).await,
        ProvisioningState::Failed | ProvisioningState::Canceled => {
            let said = read.error.as_ref().and_then(Said::of);
            let error = dialect::told(said.as_ref(), 200)
                .with_request_id(dialect::request_id(response.headers()))
                .with_operation(POLL.name)
                .with_vendor(dialect::VENDOR)
                .with_resource(resource);
            Ok(Looked::Failed(error))
        }
        other => Ok(Looked::Pending(other.as_str().to_owned().into(), wait)),
    }
}

/// After the operation: the resource as it is now, in our own version of the API.
async fn finished<T>(arm: &Arm, kind: Kind<T>, resource: &str) -> Result<Looked<T>> {
    if kind.deletes {
        return (kind.read)(arm, resource, &Response::new(Bytes::new())).map(Looked::Over);
    }
    match get(arm, &kind, resource).await {
        Ok(response) => (kind.read)(arm, resource, &response).map(Looked::Over),
        // Made, and not visible everywhere yet.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Looked::Pending("not visible yet".into(), None)),
        Err(error) => Err(error),
    }
}

async fn look_at_resource<T>(arm: &Arm, kind: Kind<T>, resource: &str) -> Result<Looked<T>> {
    let response = match get(arm, &kind, resource).await {
        Ok(response) => response,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return match kind.deletes {
                true => finished(arm, kind, resource).await,
                false => Ok(Looked::Pending("not visible yet".into(), None)),
            };
        }
        Err(error) => return Err(error),
    };
    let wait = retry_after(response.headers(), arm.clock().now());
    if kind.deletes {
        return Ok(Looked::Pending("still there".into(), wait));
    }
    let read = (kind.read)(arm, resource, &response)?;
    let state = (kind.provisioning)(&read).cloned();
    match state {
        Some(state @ (ProvisioningState::Failed | ProvisioningState::Canceled)) => {
            let error = Error::new(ErrorKind::Conflict, format!("the resource is {state}"))
                .with_operation(kind.get.name)
                .with_vendor(dialect::VENDOR)
                .with_resource(resource);
            Ok(Looked::Failed(error))
        }
        Some(state) if !state.is_terminal() => Ok(Looked::Pending(state.as_str().to_owned().into(), wait)),
        _ => Ok(Looked::Over(read)),
    }
}

async fn get<T>(arm: &Arm, kind: &Kind<T>, resource: &str) -> Result<Response<Bytes>> {
    let uri = arm.uri(kind.provider, resource);
    arm.request(&kind.get, resource, http::Method::GET, uri, None, crate::api::Condition::None).await
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}
