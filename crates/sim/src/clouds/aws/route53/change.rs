//! Changes on their way to the name servers.

use privlink_core::HostedZoneId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::time::iso;
use super::super::xml::Xml;
use super::super::zone::Change;

pub(super) fn get(state: &AwsState, call: &Call<'_>, id: &str) -> Answer<Xml> {
    let change =
        state.changes.get(id).filter(|change| change.account == call.caller.account).ok_or_else(|| {
            ApiError::new("NoSuchChange", format!("Could not find resource with ID: {id}")).status(404)
        })?;
    let mut x = Xml::default();
    write(&mut x, call, id, change);
    Ok(x)
}

/// Refuses a change that comes too soon after another one of the same zone.
pub(super) fn not_too_soon(state: &AwsState, call: &Call<'_>, zone: &HostedZoneId) -> Answer<()> {
    let Some(zone) = state.zones.get(zone) else { return Ok(()) };
    let since = call.now.duration_since(zone.changed).unwrap_or_default();
    if since < state.behaviour.prior_request_window {
        return Err(ApiError::new(
            "PriorRequestNotComplete",
            "The request was rejected because Route 53 was still processing a prior request.",
        ));
    }
    Ok(())
}

/// Starts a change: the zone's content reaches the name servers when it is in sync. Writes its `ChangeInfo`.
pub(super) fn start(
    x: &mut Xml,
    state: &mut AwsState,
    call: &Call<'_>,
    zone: Option<&HostedZoneId>,
    comment: Option<&str>,
) {
    let id = state.ids.route53('C');
    let in_sync = call.now + state.behaviour.change_pending;
    let change = Change {
        account: call.caller.account.clone(),
        submitted: call.now,
        in_sync,
        comment: comment.map(str::to_owned),
    };
    if let Some(zone) = zone.and_then(|id| state.zones.get_mut(id)) {
        zone.publish(in_sync);
        zone.changed = call.now;
    }
    write(x, call, &id, &change);
    state.changes.insert(id, change);
}

fn write(x: &mut Xml, call: &Call<'_>, id: &str, change: &Change) {
    x.node("ChangeInfo", |x| {
        x.text("Id", format!("/change/{id}"));
        x.text("Status", if change.in_sync <= call.now { "INSYNC" } else { "PENDING" });
        x.text("SubmittedAt", iso(change.submitted));
        x.optional("Comment", change.comment.as_ref());
    });
}
