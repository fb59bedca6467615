//! What a waiting step of AWS wants stored, so that any process can go on with it.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use privlink_core::side::Outcome;
use serde::{Deserialize, Serialize};

use super::{Act, cloud};
use crate::route53::change_id;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Resume {
    /// The Route 53 change that is on its way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<String>,
    /// Since when something is waited for, in whole seconds since 1970.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) since: BTreeMap<String, u64>,
    /// Whether the step has changed something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) acted: bool,
}

impl Resume {
    /// Reads what came back. What does not fit counts as lost: the world is looked at afresh.
    pub(super) fn read(value: Option<&serde_json::Value>) -> Self {
        let mut resume: Self = value.and_then(|value| Self::deserialize(value).ok()).unwrap_or_default();
        resume.change.take_if(|id| change_id(id).is_none());
        resume
    }

    /// As it is stored.
    pub(super) fn value(&self) -> serde_json::Value {
        // Texts, numbers and a map by text: this is always JSON.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// A change that is on its way.
    pub(super) fn of_change(id: &str) -> Self {
        Self { change: Some(id.to_owned()), ..Self::default() }
    }

    /// The step has changed something.
    pub(super) fn of_act() -> Self {
        Self { acted: true, ..Self::default() }
    }
}

impl Act<'_> {
    /// A wait for the cloud, with what to store.
    pub(super) fn wait(&self, stage: impl Into<privlink_core::Text>, resume: &Resume) -> Outcome {
        cloud(stage).resume(resume.value())
    }

    /// A wait that goes on, with what was stored.
    pub(super) fn still(&self, stage: impl Into<privlink_core::Text>) -> Outcome {
        self.wait(stage, self.resume)
    }

    /// What to store while `thing` is waited for: since when, unless that is stored already.
    pub(super) fn since(&self, thing: &str) -> Resume {
        let mut resume = self.resume.clone();
        resume.change = None;
        resume.since.entry(thing.to_owned()).or_insert_with(|| seconds(self.now()));
        resume
    }

    /// Whether `thing` has been waited for longer than `length`.
    pub(super) fn waited_for(&self, thing: &str, length: Duration) -> bool {
        let since = self.resume.since.get(thing);
        since.is_some_and(|since| seconds(self.now()).saturating_sub(*since) > length.as_secs())
    }
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}
