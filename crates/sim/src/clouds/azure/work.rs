//! Long-running operations: what a resource is going through, and how a client follows it.

use std::time::SystemTime;

use privlink_core::AzureResourceId;
use serde_json::json;
use uuid::Uuid;

use super::error::{Answer, ApiError};
use super::route::{Kind, Route};
use super::state::{AzureState, OnLongRunning};
use super::{Call, Reply};

/// What a resource is going through, or went through last.
#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) id: Uuid,
    pub(super) verb: Verb,
    pub(super) until: SystemTime,
    pub(super) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Update,
    Delete,
}

/// How it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    Failed(ApiError),
    Canceled,
}

/// An operation that can be asked about.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) work: Work,
    pub(super) target: AzureResourceId,
}

impl Work {
    pub(super) fn runs(&self, now: SystemTime) -> bool {
        now < self.until
    }

    /// `provisioningState` of the resource, in the words of the network provider or of the
    /// private DNS provider.
    pub(super) fn provisioning(&self, now: SystemTime, dns: bool) -> &'static str {
        match (self.verb, self.runs(now), &self.end) {
            (Verb::Delete, true, _) => "Deleting",
            (Verb::Create, true, _) if dns => "Creating",
            (_, true, _) => "Updating",
            // What could not be deleted is what it was.
            (Verb::Delete, false, _) | (_, false, End::Done) => "Succeeded",
            (_, false, End::Failed(_)) => "Failed",
            (_, false, End::Canceled) => "Canceled",
        }
    }

    /// Whether the resource is gone.
    pub(super) fn is_gone(&self, now: SystemTime) -> bool {
        self.verb == Verb::Delete && !self.runs(now) && self.end == End::Done
    }

    /// Whether the resource has an effect: it was made whole at some time.
    pub(super) fn stands(&self, now: SystemTime) -> bool {
        match self.verb {
            Verb::Create => !self.runs(now) && self.end == End::Done,
            Verb::Update => true,
            Verb::Delete => !self.is_gone(now),
        }
    }
}

impl AzureState {
    /// Begins what takes `Behaviour`'s time for it; the world's script may say that it fails.
    pub(super) fn begin(&mut self, call: &Call<'_>, target: &AzureResourceId, verb: Verb) -> Work {
        let takes = match (call.route.is_dns(), verb) {
            (true, _) => self.behaviour.dns_change,
            (false, Verb::Create) => self.behaviour.endpoint_create,
            (false, Verb::Update) => self.behaviour.endpoint_update,
            (false, Verb::Delete) => self.behaviour.endpoint_delete,
        };
        let at_once = self.behaviour.long_running == OnLongRunning::AtOnce;
        let until = if at_once { call.now } else { call.now + takes };
        let end = self.ends.pop_front().unwrap_or(End::Done);
        let work = Work { id: self.ids.guid(), verb, until, end };
        self.operations.insert(work.id, Operation { work: work.clone(), target: target.clone() });
        work
    }

    /// The headers by which a client follows `work`, as the provider documents them or as the
    /// world's switches say.
    pub(super) fn poll_headers(&self, call: &Call<'_>, work: &Work) -> Vec<(&'static str, String)> {
        if !work.runs(call.now) {
            return Vec::new();
        }
        let (route, id) = (call.route, work.id);
        let origin = self.behaviour.poll_origin.as_deref().unwrap_or(&call.origin);
        let version = call.version;
        let (status, result) = if route.is_dns() {
            let group = format!(
                "{origin}/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Network",
                route.subscription, route.group
            );
            (format!("{group}/privateDnsOperationStatuses/{id}"), format!("{group}/privateDnsOperationResults/{id}"))
        } else {
            let place = format!(
                "{origin}/subscriptions/{}/providers/Microsoft.Network/locations/{}",
                route.subscription, self.location
            );
            (format!("{place}/operations/{id}"), format!("{place}/operationResults/{id}"))
        };
        let status = ("azure-asyncoperation", format!("{status}?api-version={version}"));
        let result = ("location", format!("{result}?api-version={version}"));
        let mut headers = match (self.behaviour.long_running, work.verb) {
            (OnLongRunning::AtOnce, _) => return Vec::new(),
            (OnLongRunning::BodyOnly, Verb::Create | Verb::Update) => return Vec::new(),
            (OnLongRunning::LocationOnly | OnLongRunning::BodyOnly, _) => vec![result],
            (_, Verb::Delete) if !route.is_dns() => vec![result],
            _ if route.is_dns() => vec![status, result],
            _ => vec![status],
        };
        headers.extend(self.retry_after());
        headers
    }

    fn retry_after(&self) -> Option<(&'static str, String)> {
        self.behaviour.retry_after.map(|wait| ("retry-after", wait.as_secs().to_string()))
    }
}

/// Answers a question about an operation.
pub(super) fn poll(state: &mut AzureState, call: &Call<'_>) -> Answer<Reply> {
    let known = call.route.name().parse::<Uuid>().ok().and_then(|id| state.operations.get(&id).cloned());
    let here = |operation: &Operation| operation.target.subscription().to_string() == call.route.subscription;
    let Some(Operation { work, target }) = known.filter(here) else {
        return Err(ApiError::new(404, "NotFound", format!("Operation {} was not found.", call.route.name())));
    };
    let runs = work.runs(call.now);
    if matches!(call.route.kind, Kind::NetworkStatus | Kind::DnsStatus) {
        let mut reply = Reply::json(
            200,
            match &work.end {
                _ if runs => json!({ "status": state.behaviour.progress_word }),
                End::Done => json!({ "status": "Succeeded" }),
                End::Failed(error) => json!({ "status": "Failed", "error": error.body() }),
                End::Canceled => json!({ "status": "Canceled", "error": canceled().body() }),
            },
        );
        if runs {
            reply.headers.extend(state.retry_after());
        }
        return Ok(reply);
    }
    match &work.end {
        _ if runs => Ok(Reply::empty(202).headers(state.poll_headers_again(call, &work))),
        End::Failed(error) => Err(error.clone()),
        End::Canceled => Err(canceled()),
        End::Done if work.verb == Verb::Delete => Ok(Reply::empty(204)),
        End::Done => Ok(Reply::json(200, state.render(call, &target))),
    }
}

impl AzureState {
    /// The headers of a `Location` that is not done: itself again.
    fn poll_headers_again(&self, call: &Call<'_>, work: &Work) -> Vec<(&'static str, String)> {
        let origin = self.behaviour.poll_origin.as_deref().unwrap_or(&call.origin);
        let Route { subscription, group, .. } = call.route;
        let at = match call.route.kind {
            Kind::DnsResult => format!("resourceGroups/{group}/providers/Microsoft.Network/privateDnsOperationResults"),
            _ => format!("providers/Microsoft.Network/locations/{}/operationResults", self.location),
        };
        let url = format!("{origin}/subscriptions/{subscription}/{at}/{}?api-version={}", work.id, call.version);
        std::iter::once(("location", url)).chain(self.retry_after()).collect()
    }
}

fn canceled() -> ApiError {
    ApiError::new(409, "Canceled", "Operation was canceled.")
}
