//! Bearer tokens, and what they may do.

use std::time::SystemTime;

use bytes::Bytes;
use http::header;
use privlink_core::ProjectId;
use serde_json::json;

use super::error::{Answer, ApiError};
use super::state::GcpState;

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) value: String,
    /// Whom it stands for: an e-mail address.
    pub(crate) principal: String,
    /// When it ends; `None` is never.
    pub(crate) expires: Option<SystemTime>,
    /// What it may do; `None` is everything.
    pub(crate) grants: Option<Vec<Grant>>,
}

/// One permission, or several that start alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Where it holds; `None` is in every project.
    pub(crate) project: Option<ProjectId>,
    /// `compute.addresses.get`, or `compute.addresses.*`, or `*`.
    pub(crate) permission: String,
}

/// Who asks.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) principal: String,
    grants: Option<Vec<Grant>>,
}

impl Grant {
    /// Reads `compute.addresses.*`, or `projects/example-project:compute.subnetworks.use`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("projects/") {
            None => Some(Self { project: None, permission: text.to_owned() }),
            Some(rest) => {
                let (project, permission) = rest.rsplit_once(':')?;
                Some(Self { project: Some(project.parse().ok()?), permission: permission.to_owned() })
            }
        }
    }

    fn covers(&self, project: &ProjectId, permission: &str) -> bool {
        let named = match self.permission.strip_suffix('*') {
            Some(front) => permission.starts_with(front),
            None => self.permission == permission,
        };
        named && self.project.as_ref().is_none_or(|own| own == project)
    }
}

impl Caller {
    /// The owner of everything, for what is done behind the clients' backs.
    pub(super) fn owner() -> Self {
        Self { principal: "owner@example.com".to_owned(), grants: None }
    }

    pub(super) fn may(&self, project: &ProjectId, permission: &str) -> bool {
        self.grants.as_ref().is_none_or(|grants| grants.iter().any(|grant| grant.covers(project, permission)))
    }

    /// Refuses as Compute does, naming the permission and the resource, unless the caller has it.
    pub(super) fn require(&self, project: &ProjectId, permission: &str, resource: &str) -> Answer<()> {
        if self.may(project, permission) {
            return Ok(());
        }
        let message = format!("Required '{permission}' permission for '{resource}'");
        Err(ApiError::new(403, "forbidden", message))
    }
}

/// Says who asks.
pub(super) fn identify(state: &GcpState, now: SystemTime, request: &http::Request<Bytes>) -> Answer<Caller> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        if state.behaviour.anonymous {
            return Ok(Caller::owner());
        }
        let error = ApiError {
            location: Some(("header", "Authorization")),
            ..ApiError::new(401, "required", "Login Required.")
        };
        return Err(error.status("UNAUTHENTICATED").info("CREDENTIALS_MISSING", json!({})));
    };
    let token =
        value.to_str().ok().and_then(|text| text.strip_prefix("Bearer ")).and_then(|text| state.tokens.get(text));
    match token.filter(|token| token.expires.is_none_or(|end| now < end)) {
        Some(token) => Ok(Caller { principal: token.principal.clone(), grants: token.grants.clone() }),
        None => {
            let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie \
                           or other valid authentication credential.";
            let error =
                ApiError { location: Some(("header", "Authorization")), ..ApiError::new(401, "authError", message) };
            Err(error.status("UNAUTHENTICATED").info("ACCESS_TOKEN_TYPE_UNSUPPORTED", json!({})))
        }
    }
}

/// Refuses when an API is not enabled in a project: `compute`, `dns`, `servicedirectory`.
pub(super) fn enabled(state: &GcpState, api: &str, project: &ProjectId) -> Answer<()> {
    let Some(known) = state.projects.get(project).filter(|known| known.disabled.contains(api)) else { return Ok(()) };
    let title = match api {
        "compute" => "Compute Engine API",
        "dns" => "Cloud DNS API",
        _ => "Service Directory API",
    };
    let (number, service) = (known.number, format!("{api}.googleapis.com"));
    let message = format!(
        "{title} has not been used in project {number} before or it is disabled. Enable it by visiting \
         https://console.developers.google.com/apis/api/{service}/overview?project={number} then retry. If you enabled \
         this API recently, wait a few minutes for the action to propagate to our systems and retry."
    );
    let metadata = json!({ "service": service, "consumer": format!("projects/{number}") });
    Err(ApiError::new(403, "accessNotConfigured", message)
        .status("PERMISSION_DENIED")
        .info("SERVICE_DISABLED", metadata))
}
