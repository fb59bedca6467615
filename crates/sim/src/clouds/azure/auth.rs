//! Who may call: bearer tokens, the tenant's token endpoint, and role assignments.

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Response, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::error::{Answer, ApiError};
use super::state::AzureState;
use super::{Reply, route::Route};

/// How long an issued token lasts: what Microsoft Entra ID answers to a client's credentials.
const LIFETIME: Duration = Duration::from_secs(3599);

/// The scope of Azure Resource Manager in the public cloud.
const SCOPE: &str = "https://management.azure.com/.default";

/// A principal of a tenant, and what its roles allow.
#[derive(Clone, Debug)]
pub(super) struct Principal {
    pub(super) object_id: Uuid,
    pub(super) name: String,
    /// The actions its roles allow (`Microsoft.Network/*`); `None` allows all.
    pub(super) allowed: Option<Vec<String>>,
}

/// A bearer token.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) principal: Principal,
    pub(super) expires: Option<SystemTime>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("principal", &self.principal).field("expires", &self.expires).finish()
    }
}

/// An application that signs in by itself.
#[derive(Clone)]
pub(super) struct App {
    pub(super) client_id: Uuid,
    pub(super) secret: String,
    pub(super) principal: Principal,
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

impl Principal {
    /// Refuses unless a role allows `action` on `scope`.
    pub(super) fn require(&self, action: &str, scope: &str) -> Answer<()> {
        if self.may(action) {
            return Ok(());
        }
        Err(ApiError::new(
            403,
            "AuthorizationFailed",
            format!(
                "The client '{}' with object id '{}' does not have authorization to perform action '{action}' over \
                 scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your \
                 credentials.",
                self.name, self.object_id
            ),
        ))
    }

    /// Refuses unless a role allows `action` on something that the request refers to.
    pub(super) fn require_linked(&self, own: &str, scope: &str, action: &str, linked: &str) -> Answer<()> {
        if self.may(action) {
            return Ok(());
        }
        Err(ApiError::new(
            403,
            "LinkedAuthorizationFailed",
            format!(
                "The client '{}' with object id '{}' has permission to perform action '{own}' on scope '{scope}'; \
                 however, it does not have permission to perform action(s) '{action}' on the linked scope(s) \
                 '{linked}' or the linked scope(s) are invalid.",
                self.name, self.object_id
            ),
        ))
    }

    fn may(&self, action: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.iter().any(|pattern| matches_action(pattern, action)))
    }
}

/// Whether `pattern` of a role definition covers `action`: `*` stands for any text, letter case
/// does not matter.
fn matches_action(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

impl AzureState {
    /// Whose token a request bears.
    pub(super) fn identify(&self, now: SystemTime, request: &http::Request<Bytes>) -> Answer<Principal> {
        let text = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(text) = text else {
            return Err(self.unauthenticated(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is missing.",
            ));
        };
        let bearer = text.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some(token) = bearer.and_then(|(_, token)| self.tokens.get(token.trim())) else {
            return Err(self.unauthenticated("InvalidAuthenticationToken", "The access token is invalid."));
        };
        if token.expires.is_some_and(|at| at <= now) {
            return Err(self.unauthenticated("ExpiredAuthenticationToken", "The access token expiry is in the past."));
        }
        Ok(token.principal.clone())
    }

    fn unauthenticated(&self, code: &str, message: &str) -> ApiError {
        let tenant = self.tenant;
        ApiError::new(401, code, message).header(
            "www-authenticate",
            format!(
                "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", \
                 error_description=\"{message}\""
            ),
        )
    }

    /// Answers a tenant's token endpoint: the client credentials grant with a secret.
    pub(super) fn issue_token(
        &mut self,
        now: SystemTime,
        route: &Route,
        request: &http::Request<Bytes>,
    ) -> Response<Bytes> {
        let form: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
        let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
        let refuse = |status: u16, error: &str, code: u32, text: String| {
            let body = json!({
                "error": error,
                "error_description": format!("AADSTS{code}: {text}"),
                "error_codes": [code],
            });
            Reply::json(status, body).into_response()
        };
        if route.name() != self.tenant.to_string() {
            return refuse(400, "invalid_request", 90002, format!("Tenant '{}' not found.", route.name()));
        }
        if field("grant_type") != "client_credentials" {
            let text = "The app requested an unsupported grant type.".to_owned();
            return refuse(400, "unsupported_grant_type", 70003, text);
        }
        if field("scope") != SCOPE {
            let text = format!("The provided value for scope {} is not valid.", field("scope"));
            return refuse(400, "invalid_scope", 70011, text);
        }
        let Some(app) = self.apps.iter().find(|app| app.client_id.to_string() == field("client_id")).cloned() else {
            let text = format!("Application with identifier '{}' was not found in the directory.", field("client_id"));
            return refuse(400, "unauthorized_client", 700_016, text);
        };
        if app.secret != field("client_secret") {
            return refuse(401, "invalid_client", 7_000_215, "Invalid client secret provided.".to_owned());
        }
        let token = self.add_token(app.principal, Some(now + LIFETIME));
        let seconds = LIFETIME.as_secs();
        let body: Value = json!({
            "token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token,
        });
        Reply::json(200, body).into_response()
    }

    /// Makes a token known.
    pub(super) fn add_token(&mut self, principal: Principal, expires: Option<SystemTime>) -> String {
        let text = format!("azsim.{}", self.ids.secret());
        self.tokens.insert(text.clone(), Token { principal, expires });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_matched_as_role_definitions_write_them() {
        for (pattern, action, covered) in [
            ("*", "Microsoft.Network/privateEndpoints/write", true),
            ("microsoft.network/*", "Microsoft.Network/privateEndpoints/write", true),
            ("*/read", "Microsoft.Network/privateEndpoints/read", true),
            ("*/read", "Microsoft.Network/privateEndpoints/write", false),
            ("Microsoft.Network/*/read", "Microsoft.Network/privateDnsZones/A/read", true),
            ("Microsoft.Network/privateEndpoints/read", "Microsoft.Network/privateEndpoints/read", true),
            ("Microsoft.Network/privateEndpoints/read", "Microsoft.Network/privateEndpoints/readers", false),
            ("Microsoft.Network/privateEndpoints", "Microsoft.Network/privateEndpoints/read", false),
        ] {
            assert_eq!(matches_action(pattern, action), covered, "{pattern} {action}");
        }
    }
}
