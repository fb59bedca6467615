//! Resource Manager's budgets: token buckets for each principal, subscription and kind of request.

use std::time::SystemTime;

use http::Method;

use super::Call;
use super::error::{Answer, ApiError};
use super::state::AzureState;

/// A budget that fills up again as time passes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    left: f64,
    at: SystemTime,
}

/// The kind of request, the size of its budget and how much of it comes back in a second (Microsoft
/// Learn, "Understand how Azure Resource Manager throttles requests"; by hearsay, read 2026-11-21).
fn budget(method: &Method) -> (&'static str, f64, f64) {
    match *method {
        Method::GET | Method::HEAD => ("reads", 250.0, 25.0),
        Method::DELETE => ("deletes", 200.0, 10.0),
        _ => ("writes", 200.0, 10.0),
    }
}

/// Takes one request from the budget; gives the header that tells what is left.
pub(super) fn spend(state: &mut AzureState, call: &Call<'_>) -> Answer<(&'static str, String)> {
    let (kind, size, each_second) = budget(call.method);
    let key = (call.principal.object_id, call.route.subscription.to_ascii_lowercase(), kind);
    let bucket = state.buckets.entry(key).or_insert(Bucket { left: size, at: call.now });
    let passed = call.now.duration_since(bucket.at).unwrap_or_default().as_secs_f64();
    bucket.left = (bucket.left + passed * each_second).min(size);
    bucket.at = call.now;
    if bucket.left < 1.0 && state.behaviour.throttling {
        let wait = ((1.0 - bucket.left) / each_second).ceil().max(1.0);
        let verb = kind.trim_end_matches('s');
        return Err(ApiError::new(
            429,
            "SubscriptionRequestsThrottled",
            format!(
                "Number of '{verb}' requests for subscription '{}' actor '{}' exceeded. Please try again after \
                 '{wait}' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for \
                 additional information.",
                call.route.subscription, call.principal.object_id
            ),
        )
        .header("retry-after", wait.to_string())
        .header(remaining(kind), "0".to_owned()));
    }
    bucket.left = (bucket.left - 1.0).max(0.0);
    Ok((remaining(kind), bucket.left.floor().to_string()))
}

fn remaining(kind: &str) -> &'static str {
    match kind {
        "reads" => "x-ms-ratelimit-remaining-subscription-reads",
        "deletes" => "x-ms-ratelimit-remaining-subscription-deletes",
        _ => "x-ms-ratelimit-remaining-subscription-writes",
    }
}
