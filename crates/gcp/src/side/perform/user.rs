use std::collections::BTreeMap;

use privlink_core::Result;
use privlink_core::side::{Exchange, Outcome};

use super::super::mark;
use super::super::steps::LeaveEndpoint;
use super::{Act, cloud};
use crate::model::ForwardingRule;

impl Act<'_> {
    /// Whoever uses the endpoint of this link.
    pub(super) fn user(&self) -> Option<String> {
        self.cx.user(self.known)
    }

    /// An endpoint of ours that is there: done once it carries our user's mark. Labels set when a
    /// rule is made are unreliable, so that they come by a change of their own; its fingerprint
    /// keeps two users from wiping each other's.
    pub(super) async fn take(&self, rule: &ForwardingRule) -> Result<Option<Outcome>> {
        let Some(user) = self.user().filter(|user| !mark::is_taken_by(rule, Some(user), self.keys)) else {
            return Ok(None);
        };
        let label = mark::user_label(&user);
        let mut labels = rule.labels.clone();
        labels.insert(label.clone(), "true".to_owned());
        self.set_labels(rule, &format!("{}|{label}", rule.name), &labels).await.map(Some)
    }

    pub(super) async fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Outcome> {
        let Some(user) = self.user() else {
            return Ok(Outcome::refused(self.step.altered("it is not told whose mark is to be taken off")));
        };
        let key = self.keys.user(&kind.service, &user);
        self.belongs(&key)?;
        let label = mark::user_label(&user);
        let rule = self.compute().forwarding_rule(&self.network.region, &kind.rule).await?;
        let marked = rule.filter(|rule| {
            let of_service = rule.service_attachment().as_ref() == Some(&kind.service);
            of_service && mark::of_rule(rule, self.keys).is_ours() && rule.labels.contains_key(&label)
        });
        let Some(rule) = marked else {
            return Ok(self.settled(key.as_str(), Exchange::new()));
        };
        let mut labels = rule.labels.clone();
        labels.remove(&label);
        self.set_labels(&rule, key.as_str(), &labels).await
    }

    async fn set_labels(
        &self,
        rule: &ForwardingRule,
        thing: &str,
        labels: &BTreeMap<String, String>,
    ) -> Result<Outcome> {
        if let Some(outcome) = self.under_way(thing).await? {
            return Ok(outcome);
        }
        let fingerprint = rule.label_fingerprint.as_deref();
        let answer = self.compute().set_labels(&self.network.region, &rule.name, labels, fingerprint).await;
        self.began(thing, answer.map(Some), cloud("the labels are being changed"))
    }
}
