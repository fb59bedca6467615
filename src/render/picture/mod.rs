//! A picture of a link: what is where, what leads to what, and how far it has come.

mod mermaid;
mod svg;
mod topology;

use privlink_core::render::Format;
use privlink_core::side::Plan;
use privlink_core::{Error, Result};

use self::topology::Topology;
use super::Files;
use crate::{Diagnosis, Link};

pub(super) fn mermaid(link: &Link, plan: &Plan, diagnosis: Option<&Diagnosis>) -> Result<Files> {
    let rendered = link.rendered(plan, Format::Mermaid)?;
    let text = mermaid::text(&Topology::of(link, &rendered, plan, diagnosis));
    Ok(Files::default().with(format!("{}.mmd", plan.link), text))
}

pub(super) fn svg(link: &Link, plan: &Plan, diagnosis: Option<&Diagnosis>) -> Result<Files> {
    let rendered = link.rendered(plan, Format::Svg)?;
    match svg::text(&Topology::of(link, &rendered, plan, diagnosis)) {
        Ok(text) => Ok(Files::default().with(format!("{}.svg", plan.link), text)),
        Err(error) => Err(Error::invalid("the picture cannot be written").with_source(error)),
    }
}
