//! Labels, and the fingerprint that guards them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Call;
use super::body::{Fields, check_labels, object};
use super::error::{Answer, ApiError};
use super::state::{GcpState, LabelsAtInsert};

type Map = BTreeMap<String, String>;

/// The labels of a thing, over time.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    first: Map,
    changes: Vec<(SystemTime, Map)>,
}

impl Labels {
    pub(super) fn new(labels: Map) -> Self {
        Self { first: labels, changes: Vec::new() }
    }

    pub(super) fn at(&self, now: SystemTime) -> &Map {
        self.changes.iter().rev().find(|(at, _)| *at <= now).map_or(&self.first, |(_, labels)| labels)
    }

    pub(super) fn change(&mut self, at: SystemTime, labels: Map) {
        self.changes.push((at, labels));
    }
}

/// The labels that a new thing gets of those that were asked for.
pub(super) fn at_insert(state: &GcpState, place: &str, given: Map) -> Answer<Map> {
    check_labels(place, &given)?;
    match state.behaviour.labels_at_insert {
        LabelsAtInsert::Dropped => Ok(Map::new()),
        LabelsAtInsert::Kept => Ok(given),
        LabelsAtInsert::Refused if given.is_empty() => Ok(given),
        LabelsAtInsert::Refused => Err(ApiError::value(place, "", "Labels cannot be set at creation; use setLabels.")),
    }
}

/// What `setLabels` asks for, if it knows the present labels.
pub(super) fn wanted(call: &Call<'_>, present: &Labels) -> Answer<Map> {
    let body = object(call.request)?;
    let fields = Fields::of("resource", &body, &["labels", "labelFingerprint"])?;
    let labels = fields.labels("labels")?.unwrap_or_default();
    check_labels("labels", &labels)?;
    let known = fields.text("labelFingerprint")?.ok_or_else(|| ApiError::required("labelFingerprint"))?;
    if same(known, &fingerprint(present.at(call.now))) {
        Ok(labels)
    } else {
        Err(ApiError::stale("Labels fingerprint either invalid or resource labels have changed"))
    }
}

/// The fingerprint of labels.
pub(super) fn fingerprint(labels: &Map) -> String {
    short(&format!("labels/{labels:?}"))
}

/// Eight bytes that stand for a text, as the API writes them.
pub(super) fn short(text: &str) -> String {
    STANDARD.encode(&Sha256::digest(text)[..8])
}

/// Whether two fingerprints are the same, be they in one base-64 alphabet or the other.
pub(super) fn same(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace('-', "+").replace('_', "/").trim_end_matches('=').to_owned();
    plain(one) == plain(other)
}
