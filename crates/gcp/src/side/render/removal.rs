//! The steps that take a link down, as scripts: they delete what carries the link's marks, and nothing else.

use privlink_core::render::{Format, Fragment, Script};
use privlink_core::side::{Expects, Step, StepKind, TouchKey};
use privlink_core::{Error, Result};

use super::super::mark;
use super::super::steps::{LeaveEndpoint, RemoveAddress, RemoveEndpoint, RemoveRecord, RemoveZone};
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
            RemoveRecord::VERB => self.remove_record(&step.kind()?)?,
            RemoveZone::VERB => self.remove_zone(&step.kind()?)?,
            RemoveEndpoint::VERB => self.remove_endpoint(&step.kind()?)?,
            LeaveEndpoint::VERB => self.leave_endpoint(&step.kind()?)?,
            RemoveAddress::VERB => self.remove_address(&step.kind()?)?,
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

    fn remove_record(&self, kind: &RemoveRecord) -> Result<Script> {
        self.belongs(&mark::record_key(&self.network.network, &kind.zone, &kind.record))?;
        let expected = expected(self.step)?;
        Ok(self
            .dns(include_str!("shell/remove_record.sh"))
            .text("ZONE_NAME", kind.name.as_str())
            .text("RECORD", kind.record.as_str())
            .list("EXPECTED", expected))
    }

    fn remove_zone(&self, kind: &RemoveZone) -> Result<Script> {
        let key = mark::zone_key(&self.network.network, &kind.zone);
        self.belongs(&key)?;
        Ok(self
            .dns(include_str!("shell/remove_zone.sh"))
            .text("ZONE", kind.zone.as_str())
            .text("ZONE_NAME", kind.name.as_str())
            .text("ZONE_MARK", mark::beginning(&key)))
    }

    fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Script> {
        let key = self.keys.endpoint(&kind.service);
        self.belongs(&key)?;
        let user = self.cx.user(self.known).map(|user| mark::user_label(&user));
        Ok(self
            .compute(include_str!("shell/remove_endpoint.sh"))
            .text("RULE_NAME", kind.rule.as_str())
            .text("RULE_MARK", mark::beginning(&key))
            .text("ATTACHMENT", kind.service.as_str())
            .text("USERS_MARK", mark::USER)
            .text("USER_LABEL", user.unwrap_or_default()))
    }

    fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Script> {
        let user =
            self.cx.user(self.known).ok_or_else(|| Error::invalid("it is not told whose mark is to be taken off"))?;
        self.belongs(&self.keys.user(&kind.service, &user))?;
        Ok(self
            .compute(include_str!("shell/leave_endpoint.sh"))
            .text("RULE_NAME", kind.rule.as_str())
            .text("RULE_MARK", mark::beginning(&self.keys.endpoint(&kind.service)))
            .text("USER_LABEL", mark::user_label(&user)))
    }

    fn remove_address(&self, kind: &RemoveAddress) -> Result<Script> {
        let key = self.keys.address(&kind.service);
        self.belongs(&key)?;
        Ok(self
            .compute(include_str!("shell/remove_address.sh"))
            .text("ADDRESS_NAME", kind.name.as_str())
            .text("ADDRESS_MARK", mark::beginning(&key))
            .text("AT_MOST", self.step.at_most.as_secs().to_string()))
    }
}

/// The sets that the record has to have for it to go.
fn expected(step: &Step) -> Result<Vec<String>> {
    match &step.expects {
        Expects::Value(value) => Ok(value.split("; ").map(str::to_owned).collect()),
        _ => Err(Error::invalid("the step does not say what the record is expected to hold")),
    }
}
