//! What people have to know to do the steps.

use privlink_core::CloudProvider;
use privlink_core::render::Guidance;

use super::Kind;
use crate::Service;

/// The console has a way to the components alone; the rest is done by the command line.
pub(super) fn guidance(service: &Service, kind: &Kind) -> Guidance {
    let facts = service.client().facts();
    let made = |cloud: CloudProvider| match facts.said(cloud) {
        Some(said) => Guidance::new().takes(said),
        None => Guidance::new(),
    };
    match kind {
        Kind::Privatelink(kind) => made(kind.cloud)
            .back("`avn service privatelink` updates the list without the entry, or deletes the privatelink once nobody uses it"),
        Kind::SwitchOn(_) => Guidance::new()
            .console(facts.console.clone())
            .takes(facts.component_said.clone())
            .back("switch the component off there, once nobody uses it"),
        Kind::Discover(_) | Kind::Approve(_) | Kind::Activate(_) => {
            Guidance::new().back("it goes with the endpoint")
        }
        Kind::Names(_) => Guidance::new(),
    }
}
