use privlink_core::side::{Exchange, Outcome};
use privlink_core::{EndpointServiceId, Result};

use super::super::steps::LeaveEndpoint;
use super::super::{facts, findings, mark};
use super::{Act, Course, cloud};
use crate::model::{PrivateEndpoint, tag};

const MARKING: &str = "our user's mark is being put on the endpoint";
const LEAVING: &str = "our user's mark is being taken off the endpoint";

impl Act<'_> {
    /// Whoever uses the endpoint of this link.
    pub(super) fn user(&self) -> Option<String> {
        self.cx.user(self.known)
    }

    /// A built endpoint: done once it carries our user's mark.
    ///
    /// Azure replaces all tags at once and compares nothing, so that of two users who put their
    /// marks on in the same moment one may wipe the other's. So the endpoint is read by itself right
    /// before, as lists may be behind; the mark is seen to be there before the step is done, and
    /// every later plan looks again.
    pub(super) async fn take(&self, endpoint: &PrivateEndpoint, service: &EndpointServiceId) -> Result<Outcome> {
        let (user, id) = (self.user(), endpoint.id.resource());
        let networking = self.network.client.networking();
        let untaken = user.filter(|user| !mark::is_taken_by(endpoint, Some(user), service, &self.keys));
        let Some(user) = untaken else {
            let acted = self.over(id);
            return Ok(self.done(acted, self.with_endpoint(endpoint).await?));
        };
        let course = self.course(id, |handle| networking.resume_private_endpoint(handle), MARKING).await?;
        if let Course::Ends(outcome) = course {
            return Ok(outcome);
        }
        let Some(now) = networking.private_endpoint(&endpoint.id).await? else {
            return Ok(Outcome::moved(findings::endpoint_gone(id.name())));
        };
        if !facts::is_built(&now) {
            return Ok(cloud(MARKING));
        }
        if mark::is_taken_by(&now, Some(&user), service, &self.keys) {
            let acted = self.over(id);
            return Ok(self.done(acted, self.with_endpoint(&now).await?));
        }
        let request = now.as_request()?.tag(mark::user_tag(&user), "true");
        self.changing(id, networking.put_private_endpoint(&request).await, MARKING)
    }

    pub(super) async fn leave_endpoint(&self, kind: &LeaveEndpoint) -> Result<Outcome> {
        let Some(user) = self.user() else {
            return Ok(Outcome::refused(self.step.altered("it is not told whose mark is to be taken off")));
        };
        self.belongs(&self.keys.user(&kind.service, &user))?;
        let (networking, id) = (self.network.client.networking(), kind.endpoint.resource());
        let course = self.course(id, |handle| networking.resume_private_endpoint(handle), LEAVING).await?;
        if let Course::Ends(outcome) = course {
            return Ok(outcome);
        }
        let name = mark::user_tag(&user);
        let marked = networking.private_endpoint(&kind.endpoint).await?.filter(|endpoint| {
            let ours = mark::of_endpoint(endpoint, &kind.service, &self.keys).is_ours();
            ours && tag(&endpoint.tags, &name).is_some() && !facts::is_going(endpoint)
        });
        let Some(endpoint) = marked else {
            let acted = self.over(id);
            return Ok(self.done(acted, Exchange::new()));
        };
        if !facts::is_built(&endpoint) {
            return Ok(cloud(LEAVING));
        }
        let request = endpoint.as_request()?.without_tag(&name);
        self.changing(id, networking.put_private_endpoint(&request).await, LEAVING)
    }
}
