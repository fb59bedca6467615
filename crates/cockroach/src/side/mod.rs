//! The database side of a link.

mod connect;
mod endpoint;
mod findings;
mod public;
mod read;
mod removal;
mod render;
mod services;
mod steps;
mod survey;
mod users;
mod withdraw;

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::render::{Cost, Format, Fragment};
use privlink_core::side::{
    Cx, DatabaseSide, EndpointFacts, Exchange, Outcome, Receipt, Side, SideId, Step, StepKind, Survey, TouchKey,
};
use privlink_core::{BoxFuture, DnsName, Error, ErrorKind, Result, Text};
use serde::de::DeserializeOwned;

use crate::{Cluster, ClusterId};

impl Side for Cluster {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        match self.region() {
            Some(region) => format!("CockroachDB cluster {} in {region}", Self::id(self)),
            None => format!("CockroachDB cluster {}", Self::id(self)),
        }
        .into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(survey::survey(self, known, cx))
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            match &*step.verb {
                steps::MakeServices::VERB => {
                    let kind = self.own(step, |kind: &steps::MakeServices| kind.cluster)?;
                    services::make(self, &kind).await
                }
                steps::Connect::VERB => {
                    self.own(step, |kind: &steps::Connect| kind.cluster)?;
                    connect::connect(self, known).await
                }
                steps::AwaitAvailable::VERB => {
                    self.own(step, |kind: &steps::AwaitAvailable| kind.cluster)?;
                    connect::await_available(self, known).await
                }
                steps::Withdraw::VERB => {
                    let kind = self.own(step, |kind: &steps::Withdraw| kind.cluster)?;
                    steps::check_withdraw(step, &kind)?;
                    withdraw::withdraw(self, &kind).await
                }
                steps::ClosePublic::VERB => {
                    let kind = self.own(step, |kind: &steps::ClosePublic| kind.cluster)?;
                    public::close(self, &kind, cx).await
                }
                steps::OpenPublic::VERB => {
                    let kind = self.own(step, |kind: &steps::OpenPublic| kind.cluster)?;
                    match steps::check_open_public(self, step, &kind) {
                        Some(finding) => Ok(Outcome::refused(finding)),
                        None => public::open(self, &kind, cx).await,
                    }
                }
                other => Err(Error::new(ErrorKind::Unsupported, format!("`{other}` is no step of CockroachDB Cloud"))),
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

impl DatabaseSide for Cluster {
    fn users<'a>(&'a self, endpoint: &'a EndpointFacts, cx: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(users::users(self, endpoint, cx))
    }

    fn users_in_words<'a>(
        &'a self,
        users: &'a BTreeSet<TouchKey>,
        cx: &'a Cx,
    ) -> BoxFuture<'a, Result<BTreeMap<TouchKey, Text>>> {
        Box::pin(users::in_words(self, users, cx))
    }

    fn shared_hosts<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<BTreeSet<DnsName>>> {
        Box::pin(removal::shared_hosts_now(self, known, cx))
    }

    fn closing<'a>(&'a self, _: &'a Exchange, _: &'a Cx) -> BoxFuture<'a, Result<(Survey, Receipt)>> {
        Box::pin(public::closing(self))
    }

    fn reopening<'a>(&'a self, receipt: &'a Receipt, _: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(public::reopening(self, receipt))
    }
}

impl Cluster {
    /// The typed step, refused when it is of another cluster.
    fn own<K: StepKind + DeserializeOwned>(&self, step: &Step, cluster: impl Fn(&K) -> ClusterId) -> Result<K> {
        let kind: K = step.kind()?;
        let of = cluster(&kind);
        if of == self.id() {
            return Ok(kind);
        }
        Err(Error::invalid(format!("step `{}` is of cluster {of}, not of {}", step.verb, self.id())))
    }
}
