//! The database side of a link.

mod component;
mod connection;
mod entry;
mod findings;
mod names;
mod privatelink;
mod read;
mod removal;
mod render;
mod steps;
mod survey;

use privlink_core::render::{Cost, Format, Fragment};
use privlink_core::side::{
    Cx, DatabaseSide, EndpointFacts, Exchange, Outcome, Side, SideId, Step, StepKind, Survey, TouchKey,
};
use privlink_core::{BoxFuture, Error, ErrorKind, Result, Text};
use serde::de::DeserializeOwned;

use self::steps::{Activate, Approve, DeletePrivatelink, Discover, MakePrivatelink, Of, ReadNames, SwitchOn};
use crate::Service;

impl Side for Service {
    fn id(&self) -> SideId {
        steps::SIDE
    }

    fn subject(&self) -> Text {
        format!("Aiven service {} of project {}", self.name(), self.project()).into()
    }

    fn survey<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(survey::survey(self, known, cx))
    }

    fn perform<'a>(&'a self, step: &'a Step, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Outcome>> {
        Box::pin(async move {
            match &*step.verb {
                MakePrivatelink::VERB => privatelink::make(self, step, &self.own(step)?, cx).await,
                SwitchOn::VERB => component::switch_on(self, &self.own(step)?).await,
                Discover::VERB => connection::discover(self, &self.own(step)?, known, cx).await,
                Approve::VERB => connection::approve(self, &self.own(step)?, known, cx).await,
                Activate::VERB => connection::activate(self, &self.own(step)?, known, cx).await,
                ReadNames::VERB => names::read(self, &self.own(step)?, known).await,
                DeletePrivatelink::VERB => privatelink::delete(self, &self.own(step)?).await,
                other => Err(Error::new(ErrorKind::Unsupported, format!("`{other}` is no step of Aiven"))),
            }
        })
    }

    fn removal<'a>(&'a self, known: &'a Exchange, cx: &'a Cx) -> BoxFuture<'a, Result<Survey>> {
        Box::pin(removal::removal(self, known, cx))
    }

    fn render(&self, step: &Step, _: &Exchange, _: &Cx, format: Format) -> Result<Option<Fragment>> {
        render::render(self, step, format)
    }

    fn costs(&self, _: &[&Step], _: &Exchange, _: &Cx) -> Result<Vec<Cost>> {
        Ok(self.client().facts().costs.clone())
    }
}

impl DatabaseSide for Service {
    /// Nobody: an endpoint service of Aiven leads to one service alone, so that no other database can
    /// be behind it, and this link's own connection goes with the endpoint.
    fn users<'a>(&'a self, _: &'a EndpointFacts, _: &'a Cx) -> BoxFuture<'a, Result<(Vec<TouchKey>, bool)>> {
        Box::pin(async { Ok((Vec::new(), true)) })
    }

    /// The project's own.
    fn authorities<'a>(&'a self, _: &'a Cx) -> BoxFuture<'a, Result<Vec<Text>>> {
        Box::pin(async {
            match self.client().project(self.project().clone()).ca().await {
                Ok(pem) => Ok(vec![pem.into()]),
                Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::NotFound) => {
                    Ok(Vec::new())
                }
                Err(error) => Err(error),
            }
        })
    }
}

impl Service {
    /// The typed step, refused when it is of another service, or was told to touch something else.
    fn own<K: StepKind + DeserializeOwned + Of>(&self, step: &Step) -> Result<K> {
        let kind: K = step.kind()?;
        if kind.project() != self.project() || kind.service() != self.name() {
            return Err(Error::invalid(format!(
                "step `{}` is of service {} of project {}, not of {} of {}",
                step.verb,
                kind.service(),
                kind.project(),
                self.name(),
                self.project()
            )));
        }
        Ok(kind)
    }
}
