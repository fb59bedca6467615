//! The steps that take a link down, as scripts: they delete what carries the link's marks, and nothing else.

use privlink_core::render::{Format, Fragment, Script};
use privlink_core::side::{Expects, StepKind, TouchKey};
use privlink_core::{Error, Result};
use serde_json::json;

use super::super::mark;
use super::super::steps::{
    LeaveEndpoint, ReleaseEndpoint, RemoveEndpoint, RemoveLink, RemoveRecord, RemoveZone, label_of,
};
use super::shell::{in_zone, start};
use super::{Rendering, guide};

/// What a step that takes a link down is; `None` where nobody has words for it.
pub(super) fn render(rendering: &Rendering<'_>, format: Format) -> Result<Option<Fragment>> {
    Ok(match format {
        Format::Shell => rendering.removal()?.map(Fragment::Script),
        Format::RunBook => guide::removal(rendering.step).map(Fragment::Guidance),
        _ => None,
    })
}

impl Rendering<'_> {
    fn removal(&self) -> Result<Option<Script>> {
        let step = self.step;
        Ok(Some(match &*step.verb {
            RemoveLink::VERB => self.remove_link(&step.kind()?)?,
            RemoveRecord::VERB => self.remove_record(&step.kind()?)?,
            RemoveZone::VERB => self.remove_zone(&step.kind()?)?,
            RemoveEndpoint::VERB => self.remove_endpoint(&step.kind()?)?,
            LeaveEndpoint::VERB => self.leave_endpoint(&step.kind()?)?,
            ReleaseEndpoint::VERB => self.release_endpoint(&step.kind()?)?,
            _ => return Ok(None),
        }))
    }

    /// Refuses a step whose parameters are not of what its key stands for.
    fn belongs(&self, key: &TouchKey) -> Result<()> {
        if self.step.key == *key {
            return Ok(());
        }
        Err(Error::invalid(format!("the step was planned for `{}`, and would touch `{key}`", self.step.key)))
    }

    fn remove_link(&self, kind: &RemoveLink) -> Result<Script> {
        let zone = kind.link.zone();
        let key = mark::link_key(&self.network.network, &zone, &kind.network);
        self.belongs(&key)?;
        Ok(in_zone(include_str!("shell/remove_link.sh"), &zone)
            .function(include_str!("shell/as_seen.sh"))
            .text("LINK_NAME", kind.link.name())
            .text("LINK_KEY", key.digest())
            .text("OTHER_NETWORK", kind.network.as_str()))
    }

    fn remove_record(&self, kind: &RemoveRecord) -> Result<Script> {
        let key = mark::record_key(&self.network.network, &kind.zone, &kind.record);
        self.belongs(&key)?;
        let Expects::Value(expected) = &self.step.expects else {
            return Err(Error::invalid("the step does not say what the record is expected to hold"));
        };
        Ok(in_zone(include_str!("shell/remove_record.sh"), &kind.zone)
            .function(include_str!("shell/as_seen.sh"))
            .text("RECORD", kind.record.as_str())
            .text("RECORD_LABEL", label_of(&kind.zone, &kind.record)?)
            .text("RECORD_KEY", key.digest())
            .text("EXPECTED", expected.as_ref()))
    }

    fn remove_zone(&self, kind: &RemoveZone) -> Result<Script> {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        self.belongs(&key)?;
        Ok(in_zone(include_str!("shell/remove_zone.sh"), &kind.zone)
            .function(include_str!("shell/as_seen.sh"))
            .text("ZONE_KEY", key.digest()))
    }

    fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Script> {
        let key = self.keys.endpoint(&kind.service);
        self.belongs(&key)?;
        let user = self.cx.user(self.known).map(|user| mark::user_tag(&user));
        Ok(start(include_str!("shell/remove_endpoint.sh"))
            .list("ENDPOINT_IDS", kind.endpoints.iter().map(ToString::to_string))
            .text("ENDPOINT_KEY", key.digest())
            .text("USERS_MARK", mark::USER)
            .text("USER_TAG", user.unwrap_or_default()))
    }

    fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Script> {
        let user =
            self.cx.user(self.known).ok_or_else(|| Error::invalid("it is not told whose mark is to be taken off"))?;
        self.belongs(&self.keys.user(&kind.service, &user))?;
        Ok(start(include_str!("shell/leave_endpoint.sh"))
            .function(include_str!("shell/let_go.sh"))
            .text("ENDPOINT_ID", kind.endpoint.as_str())
            .text("ENDPOINT_KEY", self.keys.endpoint(&kind.service).digest())
            .text("USER_TAG", mark::user_tag(&user)))
    }

    fn release_endpoint(&self, kind: &ReleaseEndpoint) -> Result<Script> {
        let key = self.keys.endpoint(&kind.service);
        let own = mark::adopted_tag(&self.cx.mark(key.clone()));
        self.belongs(&self.keys.adopted(&kind.service, kind.endpoint.as_str(), &own))?;
        Ok(start(include_str!("shell/release_endpoint.sh"))
            .function(include_str!("shell/let_go.sh"))
            .text("ENDPOINT_ID", kind.endpoint.as_str())
            .text("ENDPOINT_KEY", key.digest())
            .text("ADOPTED_TAG", own)
            .text("ADOPTED_MARK", mark::ADOPTED)
            .json("COMMON_TAGS", &json!([mark::KEY, mark::LINK])))
    }
}
