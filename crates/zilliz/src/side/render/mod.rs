//! The steps of this side as text for other tools.

use privlink_core::render::{Block, Datum, Environment, Expr, Format, Fragment, Guidance, Provider, Resources, Script};
use privlink_core::side::{ConsumerIdentity, Exchange, Slot, Step, StepKind};
use privlink_core::{Error, Result};

use super::endpoint::{account, live};
use super::steps::{AwaitLink, Register, SIDE, Whitelist, Withdraw, check_withdraw};
use crate::{ClusterId, EndpointId, ProjectRegion};

/// Attributes as in the provider's documentation of 0.6.41 (commit 13a5e92): `zillizcloud_private_endpoint` and
/// `zillizcloud_private_endpoint_whitelist`, neither of which takes in what is there.
const PROVIDER: Provider = Provider::new("zillizcloud", "zilliztech/zillizcloud", "~> 0.6.41", "2026-11");

/// The kinds of steps that set a link up; a support ticket is a person's.
enum Kind {
    /// The account that is let in.
    Whitelist(String),
    Register,
    AwaitLink(ClusterId),
}

impl Kind {
    fn of(side: &ProjectRegion, step: &Step, known: &Exchange) -> Result<Option<Self>> {
        if step.side != SIDE {
            return Err(Error::invalid(format!("step `{}` is of {}, not of Zilliz Cloud", step.verb, step.side)));
        }
        Ok(Some(match &*step.verb {
            Whitelist::VERB => {
                side.own::<Whitelist>(step)?;
                let nobody = || Error::invalid("the plan does not say which account it is for; plan again");
                Self::Whitelist(account(known).ok_or_else(nobody)?)
            }
            Register::VERB => {
                side.own::<Register>(step)?;
                Self::Register
            }
            AwaitLink::VERB => Self::AwaitLink(side.own::<AwaitLink>(step)?.cluster),
            _ => return Ok(None),
        }))
    }
}

pub(super) fn render(side: &ProjectRegion, step: &Step, known: &Exchange, format: Format) -> Result<Option<Fragment>> {
    let Some(kind) = Kind::of(side, step, known)? else {
        // Withdrawing, and what only support does.
        return Ok(match (&*step.verb, format) {
            (Withdraw::VERB, Format::Shell) => Some(Fragment::Script(withdrawal(side, step)?)),
            (_, Format::RunBook) => Some(Fragment::Guidance(other_guidance(side, step))),
            _ => None,
        });
    };
    Ok(match format {
        Format::Shell => Some(Fragment::Script(script(side, step, known, kind))),
        Format::Terraform => Some(Fragment::Resources(resources(side, known, &kind))),
        Format::RunBook => Some(Fragment::Guidance(guidance(side, &kind))),
        _ => None,
    })
}

fn guidance(side: &ProjectRegion, kind: &Kind) -> Guidance {
    let facts = side.client().facts();
    let console = Guidance::new().console(facts.endpoints_console.clone());
    match kind {
        Kind::Whitelist(_) => console.back("Zilliz support takes an account off the list"),
        Kind::Register => console.back("delete it in the same list"),
        Kind::AwaitLink(_) => {
            let way = facts.endpoints_console.clone().map(|_| "the cluster, Connect, Private Link");
            Guidance::new().console(way).takes(facts.link_said.clone())
        }
    }
}

/// Of a step that nobody has a script for.
fn other_guidance(side: &ProjectRegion, step: &Step) -> Guidance {
    match &*step.verb {
        Withdraw::VERB => Guidance::new().console(side.client().facts().endpoints_console.clone()),
        _ => Guidance::new(),
    }
}

fn script(side: &ProjectRegion, step: &Step, known: &Exchange, kind: Kind) -> Script {
    let of_endpoint = |body| {
        let script = of_endpoint(side, step, body).text("GCP_PROJECT", gcp_project(known).unwrap_or_default());
        let id = live(known).and_then(|endpoint| EndpointId::of(&endpoint.ids));
        match (id, &known.consumer) {
            (Some(id), _) => script.text("ENDPOINT", id.to_string()),
            (None, Some(ConsumerIdentity::Azure { .. })) => script
                .text("ENDPOINT", "")
                .takes("ENDPOINT_NAME", &Slot::main(), Datum::EndpointName)
                .takes("ENDPOINT_GUID", &Slot::main(), Datum::EndpointGuid),
            (None, _) => script.takes("ENDPOINT", &Slot::main(), endpoint(known)),
        }
    };
    match kind {
        Kind::Whitelist(account) => start(side, include_str!("whitelist.sh")).text("ACCOUNT_ID", account),
        Kind::Register => of_endpoint(include_str!("register.sh")),
        Kind::AwaitLink(cluster) => {
            of_endpoint(include_str!("await_link.sh")).text("CLUSTER_ID", cluster.as_str()).gives(Datum::Ports, "PORTS")
        }
    }
}

/// The script that takes a link down.
fn withdrawal(side: &ProjectRegion, step: &Step) -> Result<Script> {
    let kind = side.own::<Withdraw>(step)?;
    check_withdraw(step, &kind)?;
    Ok(of_endpoint(side, step, include_str!("withdraw.sh"))
        .text("GCP_PROJECT", kind.endpoint.gcp_project().unwrap_or_default())
        .text("ENDPOINT", kind.endpoint.to_string()))
}

fn of_endpoint(side: &ProjectRegion, step: &Step, body: &'static str) -> Script {
    start(side, body).function(include_str!("endpoint.sh")).text("AT_MOST", step.at_most.as_secs().to_string())
}

fn start(side: &ProjectRegion, body: &'static str) -> Script {
    Script::new(body)
        .programs(["curl", "jq"])
        .environment(Environment::required("ZILLIZCLOUD_API_KEY", "an API key of Zilliz Cloud"))
        .environment(Environment::optional(
            "ZILLIZCLOUD_HOST_ADDRESS",
            "the address of Zilliz Cloud's API",
            "https://api.cloud.zilliz.com",
        ))
        .function(include_str!("api.sh"))
        .text("PROJECT_ID", side.project().id().as_str())
        .text("REGION_ID", side.region().as_str())
}

fn resources(side: &ProjectRegion, known: &Exchange, kind: &Kind) -> Resources {
    let block = |of, name| {
        Block::resource(of, name)
            .set("project_id", side.project().id().as_str())
            .set("region_id", side.region().as_str())
    };
    let all = Resources::of(PROVIDER, []).not_importable();
    match kind {
        Kind::Whitelist(account) => {
            all.block(block("zillizcloud_private_endpoint_whitelist", "account").set("outer_user_id", account.as_str()))
        }
        Kind::Register => {
            let id = live(known).and_then(|endpoint| EndpointId::of(&endpoint.ids));
            all.block(
                block("zillizcloud_private_endpoint", "endpoint")
                    .set("endpoint_id", id.map_or_else(|| endpoint_in_terraform(known), |id| id.to_string().into()))
                    .set_some("gcp_project_id", gcp_project(known)),
            )
        }
        // Nothing of the provider's waits for a cluster.
        Kind::AwaitLink(_) => all,
    }
}

/// What the vendor calls the endpoint, but on Azure.
fn endpoint(known: &Exchange) -> Datum {
    match known.consumer {
        Some(ConsumerIdentity::Gcp { .. }) => Datum::EndpointName,
        _ => Datum::EndpointId,
    }
}

/// The same everywhere: on Azure it is the name, a dot and the GUID.
fn endpoint_in_terraform(known: &Exchange) -> Expr {
    let datum = |datum| Expr::Datum(Slot::main(), datum);
    match known.consumer {
        Some(ConsumerIdentity::Azure { .. }) => {
            Expr::call("format", ["%s.%s".into(), datum(Datum::EndpointName), datum(Datum::EndpointGuid)])
        }
        _ => datum(endpoint(known)),
    }
}

fn gcp_project(known: &Exchange) -> Option<String> {
    match known.consumer.as_ref()? {
        ConsumerIdentity::Gcp { project } => Some(project.to_string()),
        _ => None,
    }
}
