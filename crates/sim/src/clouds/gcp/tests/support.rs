//! A small project, and calls into it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Method;
use privlink_core::{ProjectId, Region, ServiceAttachment};
use serde_json::{Value, json};

use super::super::auth::{Grant, Token};
use super::super::link::Global;
use super::super::{GcpState, handle};

pub(super) const TOKEN: &str = "ya29.all";
pub(super) const PROJECT: &str = "example-project";
pub(super) const ATTACHMENT: &str = "projects/producer/regions/us-central1/serviceAttachments/production";
/// The longest that anything here takes.
pub(super) const LONG: u64 = 60;

/// A project with a network of two subnets, in two regions, and a producer's attachment.
pub(super) struct Lab {
    pub(super) state: GcpState,
    pub(super) now: SystemTime,
    pub(super) project: ProjectId,
    pub(super) network: Global,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Back {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) headers: http::HeaderMap,
}

impl Lab {
    pub(super) fn new() -> Self {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let mut state = GcpState::default();
        let project: ProjectId = PROJECT.parse().unwrap();
        state.add_project(&project);
        state.add_token(token(TOKEN, None));
        let network = state.add_network(now, &project, "main").unwrap();
        for (region, name, range) in [("us-central1", "a", "10.0.0.0/24"), ("us-east1", "b", "10.0.1.0/24")] {
            let (region, range) = (region.parse::<Region>().unwrap(), range.parse().unwrap());
            state.add_subnet(now, &network, &region, name, range).unwrap();
        }
        state.offer_attachment(&attachment(), None, true);
        Self { state, now, project, network }
    }

    pub(super) fn later(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// A call to Compute, of a path behind the project.
    pub(super) fn compute(&mut self, method: Method, path: &str, body: Value) -> Back {
        self.compute_as(TOKEN, method, path, body)
    }

    pub(super) fn compute_as(&mut self, token: &str, method: Method, path: &str, body: Value) -> Back {
        self.send(Some(token), method, &format!("/compute/v1/projects/{PROJECT}/{path}"), body)
    }

    /// A call to Cloud DNS, of a path behind the project.
    pub(super) fn dns(&mut self, method: Method, path: &str, body: Value) -> Back {
        self.send(Some(TOKEN), method, &format!("/dns/v1/projects/{PROJECT}/{path}"), body)
    }

    pub(super) fn get(&mut self, path: &str) -> Back {
        self.compute(Method::GET, path, Value::Null)
    }

    pub(super) fn send(&mut self, token: Option<&str>, method: Method, path: &str, body: Value) -> Back {
        let mut request = http::Request::builder().method(method).uri(format!("https://compute.googleapis.com{path}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let response = handle(&mut self.state, self.now, &request.body(bytes).unwrap());
        let (parts, body) = response.into_parts();
        let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
        Back { status: parts.status.as_u16(), body, headers: parts.headers }
    }

    /// `addresses.insert` in the first subnet.
    pub(super) fn address(&mut self, name: &str, more: Value) -> Back {
        let body = merged(
            json!({
                "name": name,
                "addressType": "INTERNAL",
                "subnetwork": format!("projects/{PROJECT}/regions/us-central1/subnetworks/a"),
            }),
            more,
        );
        self.compute(Method::POST, "regions/us-central1/addresses", body)
    }

    /// `forwardingRules.insert` to the producer's attachment.
    pub(super) fn rule(&mut self, name: &str, more: Value) -> Back {
        let body = merged(
            json!({
                "name": name,
                "network": format!("projects/{PROJECT}/global/networks/main"),
                "target": ATTACHMENT,
            }),
            more,
        );
        self.compute(Method::POST, "regions/us-central1/forwardingRules", body)
    }

    /// A rule that stands and is accepted, as it is shown.
    pub(super) fn standing(&mut self, name: &str, more: Value) -> Value {
        self.rule(name, more).fine();
        self.later(LONG);
        self.shown(name)
    }

    /// A rule as it is shown.
    pub(super) fn shown(&mut self, name: &str) -> Value {
        self.get(&format!("regions/us-central1/forwardingRules/{name}")).fine().body
    }

    /// A private zone for the lab's network.
    pub(super) fn zone(&mut self, name: &str, dns_name: &str) -> Back {
        let body = self.zone_body(name, dns_name);
        self.dns(Method::POST, "managedZones", body)
    }

    pub(super) fn zone_body(&self, name: &str, dns_name: &str) -> Value {
        json!({
            "name": name,
            "dnsName": dns_name,
            "description": "for orders",
            "visibility": "private",
            "privateVisibilityConfig": { "networks": [{ "networkUrl": self.network.url() }] },
        })
    }

    /// An `A` record.
    pub(super) fn record(&mut self, zone: &str, name: &str, addresses: &[&str]) -> Back {
        let body = json!({ "name": name, "type": "A", "ttl": 300, "rrdatas": addresses });
        self.dns(Method::POST, &format!("managedZones/{zone}/rrsets"), body)
    }

    /// A token that may do only this.
    pub(super) fn limited(&mut self, permissions: &[&str]) -> &'static str {
        self.state.add_token(token("ya29.limited", Some(permissions)));
        "ya29.limited"
    }
}

impl Back {
    /// Asserts a refusal.
    #[track_caller]
    pub(super) fn refused(&self, status: u16, reason: &str) -> &str {
        let error = &self.body["error"];
        let seen = (self.status, error["code"].as_u64(), error["errors"][0]["reason"].as_str().unwrap_or(""));
        assert_eq!(seen, (status, Some(u64::from(status)), reason), "{}", self.body);
        assert_eq!(error["message"], error["errors"][0]["message"], "{}", self.body);
        error["message"].as_str().unwrap()
    }

    /// Asserts success.
    #[track_caller]
    pub(super) fn fine(self) -> Self {
        assert!(self.status < 300, "{} {}", self.status, self.body);
        self
    }

    /// The name of the operation that was started.
    pub(super) fn operation(&self) -> String {
        assert_eq!(self.body["kind"], "compute#operation", "{}", self.body);
        self.body["name"].as_str().unwrap().to_owned()
    }
}

pub(super) fn attachment() -> ServiceAttachment {
    ATTACHMENT.parse().unwrap()
}

pub(super) fn token(value: &str, allowed: Option<&[&str]>) -> Token {
    let grants = allowed.map(|list| list.iter().map(|text| Grant::parse(text).unwrap()).collect());
    Token { value: value.to_owned(), principal: "operator@example.com".to_owned(), expires: None, grants }
}

/// `base` with the fields of `more`; `null` takes one out.
fn merged(mut base: Value, more: Value) -> Value {
    let (Value::Object(fields), Value::Object(more)) = (&mut base, more) else { return base };
    for (name, value) in more {
        if value.is_null() {
            fields.remove(&name);
        } else {
            fields.insert(name, value);
        }
    }
    base
}
