//! STS: who am I.

use super::Call;
use super::error::{Answer, ApiError};
use super::query::Params;
use super::xml::Xml;

/// The API's version, which tells it apart from EC2.
pub(super) const VERSION: &str = "2011-06-15";
pub(super) const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Answers one call. `GetCallerIdentity` needs no permission.
pub(super) fn answer(call: &Call<'_>, params: &Params) -> Answer<String> {
    let action = params.get("Action").unwrap_or_default();
    if action != "GetCallerIdentity" {
        return Err(ApiError::new("InvalidAction", format!("Could not find operation {action} for version {VERSION}")));
    }
    Ok(Xml::document("GetCallerIdentityResponse", NAMESPACE, |x| {
        x.node("GetCallerIdentityResult", |x| {
            x.text("Arn", &call.caller.principal);
            x.text("UserId", call.caller.user_id());
            x.text("Account", &call.caller.account);
        });
        x.node("ResponseMetadata", |x| x.text("RequestId", call.request_id));
    }))
}
