//! The steps that take a link down, as scripts: they delete what carries the link's marks, and nothing else.

use privlink_core::render::{Format, Fragment, Script};
use privlink_core::side::{Expects, Step, StepKind, TouchKey};
use privlink_core::{Error, Result};
use serde_json::json;

use super::super::mark;
use super::super::steps::{LeaveEndpoint, ReleaseEndpoint, RemoveEndpoint, RemoveGroup, RemoveRecord, RemoveZone};
use super::{Rendering, guide};

/// What a step that takes a link down is; `None` for other steps.
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
            ReleaseEndpoint::VERB => self.release_endpoint(&step.kind()?)?,
            RemoveGroup::VERB => self.remove_group(&step.kind()?)?,
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
        self.belongs(&mark::record_key(&self.network.vpc, &kind.zone, &kind.record))?;
        let expected = expected(self.step)?;
        Ok(self
            .start(include_str!("shell/remove_record.sh"))
            .text("ZONE_ID", kind.zone_id.as_str())
            .text("RECORD", kind.record.as_str())
            .list("EXPECTED", expected))
    }

    fn remove_zone(&self, kind: &RemoveZone) -> Result<Script> {
        let key = mark::zone_key(&self.network.vpc, &kind.zone);
        self.belongs(&key)?;
        Ok(self
            .start(include_str!("shell/remove_zone.sh"))
            .text("ZONE", kind.zone.as_str())
            .text("ZONE_ID", kind.zone_id.as_str())
            .text("ZONE_MARK", mark::zone_references(&key)))
    }

    /// `ours`: made by us, and not only taken in.
    pub(super) fn of_endpoint(&self, body: &'static str, service: &str, ours: bool) -> Script {
        let key = self.keys.endpoint(service);
        let mut filters = vec![
            json!({ "Name": "vpc-id", "Values": [self.network.vpc.as_str()] }),
            json!({ "Name": format!("tag:{}", mark::KEY), "Values": [key.digest()] }),
        ];
        if ours {
            let managed = privlink_core::side::Mark::MANAGED_BY;
            filters.push(json!({ "Name": format!("tag:{}", mark::MANAGED_BY), "Values": [managed] }));
        }
        self.start(body)
            .function(include_str!("shell/own_endpoint.sh"))
            .json("ENDPOINT_FILTERS", &serde_json::Value::Array(filters))
    }

    fn user_tag(&self) -> String {
        self.cx.user(self.known).map(|user| mark::user_tag(&user).key).unwrap_or_default()
    }

    fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Script> {
        self.belongs(&self.keys.endpoint(&kind.service))?;
        Ok(self
            .of_endpoint(include_str!("shell/remove_endpoint.sh"), &kind.service, true)
            .list("ENDPOINT_IDS", kind.endpoints.iter().map(|id| id.as_str()))
            .text("ADOPTED_MARK", mark::ADOPTED)
            .text("USERS_MARK", mark::USER)
            .text("USER_TAG", self.user_tag())
            .text("AT_MOST", self.step.at_most.as_secs().to_string()))
    }

    fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Script> {
        let user =
            self.cx.user(self.known).ok_or_else(|| Error::invalid("it is not told whose mark is to be taken off"))?;
        self.belongs(&self.keys.user(&kind.service, &user))?;
        Ok(self
            .of_endpoint(include_str!("shell/leave_endpoint.sh"), &kind.service, true)
            .text("ENDPOINT_ID", kind.endpoint.as_str())
            .text("USER_TAG", mark::user_tag(&user).key))
    }

    fn release_endpoint(&self, kind: &ReleaseEndpoint) -> Result<Script> {
        let own = mark::adopted_tag(&self.cx.mark(self.keys.endpoint(&kind.service)));
        self.belongs(&self.keys.adopted(&kind.service, &kind.endpoint, &own))?;
        Ok(self
            .of_endpoint(include_str!("shell/release_endpoint.sh"), &kind.service, false)
            .text("ENDPOINT_ID", kind.endpoint.as_str())
            .text("ADOPTED_MARK", mark::ADOPTED)
            .text("ADOPTED_TAG", own)
            .list("COMMON_TAGS", [mark::KEY, mark::LINK].map(|tag| format!("Key={tag}"))))
    }

    fn remove_group(&self, kind: &RemoveGroup) -> Result<Script> {
        let key = self.keys.group(&kind.service);
        self.belongs(&key)?;
        let filters = json!([
            { "Name": "vpc-id", "Values": [self.network.vpc.as_str()] },
            { "Name": "group-name", "Values": [mark::group_name(&key)] },
            { "Name": format!("tag:{}", mark::KEY), "Values": [key.digest()] },
        ]);
        Ok(self
            .start(include_str!("shell/remove_group.sh"))
            .json("GROUP_FILTERS", &filters)
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
