//! The private DNS provider: zones, links and record sets.

pub(super) mod link;
pub(super) mod record;
pub(super) mod zone;

use bytes::Bytes;
use uuid::Uuid;

use super::error::{Answer, ApiError};

/// Checks `If-Match` and `If-None-Match` against what is there.
fn check_conditions(request: &http::Request<Bytes>, current: Option<Uuid>) -> Answer<()> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let shown = current.map(|etag| etag.to_string()).unwrap_or_default();
    let lost = |name: &str, wanted: &str| {
        Err(ApiError::new(
            412,
            "PreconditionFailed",
            format!("The condition '{wanted}' in the {name} header was not satisfied. The current was '{shown}'."),
        ))
    };
    if let Some(wanted) = header("if-none-match")
        && current.is_some()
        && (wanted.trim() == "*" || unquoted(wanted) == shown)
    {
        return lost("If-None-Match", wanted);
    }
    if let Some(wanted) = header("if-match")
        && (current.is_none() || (wanted.trim() != "*" && unquoted(wanted) != shown))
    {
        return lost("If-Match", wanted);
    }
    Ok(())
}

fn unquoted(etag: &str) -> &str {
    etag.trim().trim_matches('"')
}

/// Zones and links are in no region.
fn check_location(location: Option<&str>, kind: &str) -> Answer<()> {
    match location {
        Some(location) if location.eq_ignore_ascii_case("global") => Ok(()),
        Some(location) => Err(ApiError::bad(
            "LocationNotAvailableForResourceType",
            format!(
                "The provided location '{location}' is not available for resource type '{kind}'. List of available \
                 regions for the resource type is 'global'."
            ),
        )),
        None => Err(ApiError::bad("LocationRequired", "The location property is required for this definition.")),
    }
}
