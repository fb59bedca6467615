//! The steps of this side as text for other tools.

mod guide;
mod shell;
mod terraform;

use privlink_core::render::{Datum, Format, Fragment};
use privlink_core::side::{Step, StepKind};
use privlink_core::{CloudProvider, Error, Result};

use super::steps::{Activate, Approve, DeletePrivatelink, Discover, MakePrivatelink, ReadNames, SIDE, SwitchOn};
use crate::Service;

/// One step as it is rendered.
struct Rendering<'a> {
    service: &'a Service,
    step: &'a Step,
}

/// The kinds of steps that set a link up.
enum Kind {
    Privatelink(MakePrivatelink),
    SwitchOn(SwitchOn),
    Discover(Discover),
    Approve(Approve),
    Activate(Activate),
    Names(ReadNames),
}

impl Kind {
    fn of(service: &Service, step: &Step) -> Result<Option<Self>> {
        if step.side != SIDE {
            return Err(Error::invalid(format!("step `{}` is of {}, not of Aiven", step.verb, step.side)));
        }
        Ok(Some(match &*step.verb {
            MakePrivatelink::VERB => {
                let kind: MakePrivatelink = service.own(step)?;
                super::privatelink::fitting(service, step, &kind)?;
                Self::Privatelink(kind)
            }
            SwitchOn::VERB => Self::SwitchOn(service.own(step)?),
            Discover::VERB => Self::Discover(service.own(step)?),
            Approve::VERB => Self::Approve(service.own(step)?),
            Activate::VERB => Self::Activate(service.own(step)?),
            ReadNames::VERB => Self::Names(service.own(step)?),
            _ => return Ok(None),
        }))
    }
}

pub(super) fn render(service: &Service, step: &Step, format: Format) -> Result<Option<Fragment>> {
    let rendering = Rendering { service, step };
    let Some(kind) = Kind::of(service, step)? else {
        // Deleting the privatelink; there is no way through the console.
        return Ok(match (&*step.verb, format) {
            (DeletePrivatelink::VERB, Format::Shell) => Some(Fragment::Script(rendering.removal(&service.own(step)?))),
            _ => None,
        });
    };
    Ok(match format {
        Format::Shell => Some(Fragment::Script(rendering.script(&kind))),
        Format::Terraform => match &kind {
            Kind::SwitchOn(kind) => Some(Fragment::Lines(terraform::component(kind))),
            _ => rendering.resources(&kind).map(Fragment::Resources),
        },
        Format::RunBook => Some(Fragment::Guidance(guide::guidance(service, &kind))),
        _ => None,
    })
}

/// Aiven's id of the endpoint's connection.
fn connection() -> Datum {
    Datum::Own("aiven.connection".into())
}

/// What Aiven calls things in a cloud.
struct Words {
    cloud: &'static str,
    /// The list of whom a privatelink lets in, and what puts somebody onto it; nothing on Google Cloud.
    consumers: &'static str,
    consumer_flag: &'static str,
    /// Where endpoints point.
    service: &'static str,
    /// What a connection says of the endpoint.
    endpoint: &'static str,
}

fn words(cloud: CloudProvider) -> Words {
    match cloud {
        CloudProvider::Aws => Words {
            cloud: "aws",
            consumers: "principals",
            consumer_flag: "--principal",
            service: "aws_service_name",
            endpoint: "vpc_endpoint_id",
        },
        CloudProvider::Azure => Words {
            cloud: "azure",
            consumers: "user_subscription_ids",
            consumer_flag: "--user-subscription-id",
            service: "azure_service_alias",
            endpoint: "private_endpoint_id",
        },
        _ => Words {
            cloud: "google",
            consumers: "",
            consumer_flag: "",
            service: "google_service_attachment",
            endpoint: "psc_connection_id",
        },
    }
}
