use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result};

use super::super::steps::LeaveEndpoint;
use super::super::{findings, mark};
use super::{Act, cloud, is_unknown};
use crate::model::{Tag, VpcEndpoint};
use crate::problem::Problem;

impl Act<'_> {
    /// Whoever uses the endpoint of this link.
    pub(super) fn user(&self) -> Option<String> {
        self.cx.user(self.known)
    }

    /// An endpoint of ours that is there: done once it carries our user's mark and still lives.
    ///
    /// The removal of another user's link looks for marks just before it deletes. Between that look
    /// and its request a mark comes too late; what is seen after ours was put on tells.
    pub(super) async fn take(&self, endpoint: &VpcEndpoint, made: bool) -> Result<Outcome> {
        let user = self.user();
        if mark::is_taken_by(endpoint, user.as_deref(), self.keys) {
            return Ok(self.done(made, self.with_endpoint(endpoint).await?));
        }
        let tags: Vec<Tag> = user.iter().map(|user| mark::user_tag(user)).collect();
        let ec2 = self.network.client.ec2();
        match ec2.create_tags(std::slice::from_ref(&endpoint.id), &tags).await {
            Ok(()) => {}
            Err(error) if is_unknown(&error) || Problem::of(&error) == Problem::NotFound => {
                return Ok(cloud("our user's mark may have been put on the endpoint"));
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied || findings::is_refusal(&error) => {
                return Ok(Outcome::refused(findings::not_to_be_taken(&endpoint.id, &error)));
            }
            Err(error) => return Err(error),
        }
        Ok(match ec2.vpc_endpoint(&endpoint.id).await? {
            Some(seen) if seen.state.is_gone() => cloud("the endpoint went while our user's mark was put on it"),
            Some(seen) if mark::is_taken_by(&seen, user.as_deref(), self.keys) => {
                Outcome::done(self.with_endpoint(&seen).await?)
            }
            _ => cloud("our user's mark on the endpoint is not visible yet"),
        })
    }

    pub(super) async fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Outcome> {
        let Some(user) = self.user() else {
            return Ok(Outcome::refused(self.step.altered("it is not told whose mark is to be taken off")));
        };
        self.belongs(&self.keys.user(&kind.service, &user))?;
        let (ec2, tag) = (self.network.client.ec2(), mark::user_tag(&user));
        let there = ec2.vpc_endpoint(&kind.endpoint).await?.is_some_and(|endpoint| {
            let of_service = endpoint.service_name == kind.service && !endpoint.state.is_gone();
            of_service
                && mark::of_endpoint(&endpoint, self.keys).is_ours()
                && Tag::find(&endpoint.tags, &tag.key).is_some()
        });
        if there {
            ec2.delete_tags(std::slice::from_ref(&kind.endpoint), &[tag.key.as_str()]).await?;
        }
        Ok(self.done(there, Exchange::new()))
    }
}
