//! Who calls, what the caller may do, and how often.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header;
use uuid::Uuid;

use super::answer::Refusal;
use super::model::{Key, Window};
use super::{ClickHouseState, Permission};

/// A caller that has proved who it is.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    Key(Key),
    /// A person: reads only, as the vendor's own command line allows with such a token.
    User(User),
}

/// A person with a bearer token.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) token: String,
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) organizations: Vec<Uuid>,
    pub(crate) window: Option<Window>,
}

/// Proves who calls and spends one request of the caller's budget.
pub(super) fn identify(
    state: &mut ClickHouseState,
    now: SystemTime,
    request: &http::Request<Bytes>,
) -> Result<Caller, Refusal> {
    let Some(value) = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return Err(Refusal::unauthorized("no credentials were given"));
    };
    let limit = state.switches.rate_limit;
    if let Some(token) = value.strip_prefix("Bearer ") {
        let user = state.users.iter_mut().find(|user| user.token == token.trim());
        let user = user.ok_or_else(|| Refusal::unauthorized("the token is not valid"))?;
        spend(&mut user.window, limit, now)?;
        return Ok(Caller::User(user.clone()));
    }
    let (id, secret) = basic(value).ok_or_else(|| Refusal::unauthorized("the credentials cannot be read"))?;
    let key = state.keys.get_mut(&id).filter(|key| key.secret == secret);
    let key = key.ok_or_else(|| Refusal::unauthorized("key id or secret is wrong"))?;
    if !key.enabled || key.expires.is_some_and(|expires| expires <= now) {
        return Err(Refusal::unauthorized("Key is not active"));
    }
    spend(&mut key.window, limit, now)?;
    Ok(Caller::Key(key.clone()))
}

fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn spend(window: &mut Option<Window>, limit: Option<(u32, Duration)>, now: SystemTime) -> Result<(), Refusal> {
    let Some((most, length)) = limit else { return Ok(()) };
    let current = match *window {
        Some(current) if now < current.started + length => current,
        _ => Window { started: now, used: 0 },
    };
    if current.used >= most {
        let reset = (current.started + length).duration_since(now).unwrap_or_default();
        return Err(Refusal::new(429, "TOO_MANY_REQUESTS", "the rate limit of this key is used up")
            .header("x-ratelimit-reset", format!("{:.3}", reset.as_secs_f64())));
    }
    *window = Some(Window { used: current.used + 1, ..current });
    Ok(())
}

impl Caller {
    /// Whether the caller may touch `organization` and has `needed`.
    pub(super) fn check(
        &self,
        state: &ClickHouseState,
        organization: Uuid,
        needed: &[Permission],
        write: bool,
    ) -> Result<(), Refusal> {
        if !state.organizations.contains_key(&organization) {
            return Err(Refusal::not_found("organization not found"));
        }
        match self {
            Self::Key(key) if key.organization != organization => {
                Err(Refusal::forbidden("the key belongs to another organization"))
            }
            Self::Key(key) => match needed.iter().find(|permission| !key.permissions.contains(permission)) {
                Some(permission) => Err(Refusal::forbidden(format!("the key lacks the permission {permission}"))),
                None => Ok(()),
            },
            Self::User(user) if !user.organizations.contains(&organization) => {
                Err(Refusal::forbidden("the user is not a member of the organization"))
            }
            Self::User(_) if write => Err(Refusal::forbidden("writes need an API key")),
            Self::User(_) => Ok(()),
        }
    }

    pub(super) fn organizations(&self) -> Vec<Uuid> {
        match self {
            Self::Key(key) => vec![key.organization],
            Self::User(user) => user.organizations.clone(),
        }
    }

    /// What the activity log calls the caller.
    pub(super) fn actor(&self) -> String {
        match self {
            Self::Key(key) => key.id.clone(),
            Self::User(user) => user.id.to_string(),
        }
    }
}
