//! The database side of a link.

mod endpoint;
mod findings;
mod link;
mod public;
mod read;
mod register;
mod removal;
mod render;
mod steps;
mod survey;
mod whitelist;
mod withdraw;

use privlink_core::render::{Cost, Format, Fragment};
use privlink_core::side::{
    Cx, DatabaseSide, EndpointFacts, Exchange, Outcome, Receipt, Side, SideId, Step, StepKind, Survey, TouchKey,
};
use privlink_core::{BoxFuture, Error, ErrorKind, Result, Text};
use serde::de::DeserializeOwned;

use self::steps::OfRegion;
use crate::ProjectRegion;

impl Side for ProjectRegion {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        let whole = format!("Zilliz Cloud project {} in {}", self.project().id(), self.region());
        let named: Vec<&str> = self.named().iter().map(crate::ClusterId::as_str).collect();
        if named.is_empty() { whole } else { format!("{whole}, clusters {}", named.join(", ")) }.into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(survey::survey(self, known, cx))
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            match &*step.verb {
                steps::CrossRegion::VERB => {
                    self.own::<steps::CrossRegion>(step)?;
                    Ok(whitelist::cross_region(self))
                }
                steps::Whitelist::VERB => {
                    self.own::<steps::Whitelist>(step)?;
                    whitelist::whitelist(self, known).await
                }
                steps::Register::VERB => {
                    self.own::<steps::Register>(step)?;
                    register::register(self, known, cx).await
                }
                steps::AwaitLink::VERB => {
                    let kind = self.own::<steps::AwaitLink>(step)?;
                    link::await_link(self, &kind, known).await
                }
                steps::Withdraw::VERB => {
                    let kind = self.own::<steps::Withdraw>(step)?;
                    steps::check_withdraw(step, &kind)?;
                    withdraw::withdraw(self, &kind).await
                }
                steps::ClosePublic::VERB => {
                    let kind = self.own::<steps::ClosePublic>(step)?;
                    public::close(self, &kind, cx).await
                }
                steps::OpenPublic::VERB => {
                    let kind = self.own::<steps::OpenPublic>(step)?;
                    match steps::check_open_public(self, step, &kind) {
                        Some(finding) => Ok(Outcome::refused(finding)),
                        None => public::open(self, &kind, cx).await,
                    }
                }
                other => Err(Error::new(ErrorKind::Unsupported, format!("`{other}` is no step of Zilliz Cloud"))),
            }
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(removal::removal(self, known, cx))
    }

    fn render(&self, step: &Step, known: &Exchange, _: &Cx, format: Format) -> Result<Option<Fragment>> {
        render::render(self, step, known, format)
    }

    fn costs(&self, _: &[&Step], _: &Exchange, _: &Cx) -> Result<Vec<Cost>> {
        Ok(self.client().facts().costs.clone())
    }
}

impl DatabaseSide for ProjectRegion {
    fn users<'a>(&'a self, endpoint: &'a EndpointFacts, cx: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(removal::users(self, endpoint, cx))
    }

    fn closing<'a>(&'a self, _: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<(Survey, Receipt)>> {
        Box::pin(public::closing(self, cx))
    }

    fn reopening<'a>(&'a self, receipt: &'a Receipt, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(public::reopening(self, receipt, cx))
    }
}

impl ProjectRegion {
    /// The typed step, refused when it is of another project, region or cluster.
    fn own<K: StepKind + DeserializeOwned + OfRegion>(&self, step: &Step) -> Result<K> {
        let kind: K = step.kind()?;
        let (project, region) = kind.of();
        let cluster_fits = kind.cluster().is_none_or(|cluster| self.covers(cluster));
        if project == self.project().id() && region == self.region() && cluster_fits {
            return Ok(kind);
        }
        let text = format!("step `{}` is of project {project} in {region}, not of {}", step.verb, self.subject());
        Err(Error::invalid(text))
    }
}
