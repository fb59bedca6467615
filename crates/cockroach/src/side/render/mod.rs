//! The steps of this side as text for other tools.

use privlink_core::render::{Block, Datum, Environment, Expr, Format, Fragment, Guidance, Provider, Resources, Script};
use privlink_core::side::{Exchange, Slot, Step, StepKind, StepState};
use privlink_core::{Error, Result};

use super::endpoint::live;
use super::steps::{AwaitAvailable, Connect, MakeServices, SIDE, Withdraw, check_withdraw};
use crate::Cluster;

/// Attributes as in the provider's documentation of 1.22.0: `cockroach_private_endpoint_services` and
/// `cockroach_private_endpoint_connection`.
const PROVIDER: Provider = Provider::new("cockroach", "cockroachdb/cockroach", "~> 1.22", "2026-11");

/// The kinds of steps that set a link up.
enum Kind {
    Services(MakeServices),
    Connect,
    AwaitAvailable,
}

impl Kind {
    fn of(cluster: &Cluster, step: &Step) -> Result<Option<Self>> {
        if step.side != SIDE {
            return Err(Error::invalid(format!("step `{}` is of {}, not of CockroachDB Cloud", step.verb, step.side)));
        }
        Ok(Some(match &*step.verb {
            MakeServices::VERB => Self::Services(cluster.own(step, |kind: &MakeServices| kind.cluster)?),
            Connect::VERB => {
                cluster.own(step, |kind: &Connect| kind.cluster)?;
                Self::Connect
            }
            AwaitAvailable::VERB => {
                cluster.own(step, |kind: &AwaitAvailable| kind.cluster)?;
                Self::AwaitAvailable
            }
            _ => return Ok(None),
        }))
    }
}

pub(super) fn render(cluster: &Cluster, step: &Step, known: &Exchange, format: Format) -> Result<Option<Fragment>> {
    let console = || Guidance::new().console(cluster.client().facts().console.clone());
    let Some(kind) = Kind::of(cluster, step)? else {
        return Ok(match (&*step.verb, format) {
            (Withdraw::VERB, Format::Shell) => Some(Fragment::Script(withdrawal(cluster, step)?)),
            (Withdraw::VERB, Format::RunBook) => Some(Fragment::Guidance(console())),
            _ => None,
        });
    };
    Ok(match format {
        Format::Shell => Some(Fragment::Script(script(cluster, step, &kind))),
        Format::Terraform => Some(Fragment::Resources(resources(cluster, step, known, &kind))),
        Format::RunBook => Some(Fragment::Guidance(match kind {
            Kind::Services(_) => console(),
            Kind::Connect => console().back("delete the connection in the same list; it can be added again"),
            Kind::AwaitAvailable => console(),
        })),
        _ => None,
    })
}

fn script(cluster: &Cluster, step: &Step, kind: &Kind) -> Script {
    let start = |body| start(cluster, step, body);
    let of_endpoint = |body| start(body).takes("ENDPOINT_ID", &Slot::main(), Datum::EndpointId);
    match kind {
        Kind::Services(kind) => start(include_str!("services.sh")).text("SERVICE_REGION", kind.region.as_str()),
        Kind::Connect => of_endpoint(include_str!("connect.sh")),
        Kind::AwaitAvailable => of_endpoint(include_str!("await_available.sh")),
    }
}

/// The script that takes a link down.
fn withdrawal(cluster: &Cluster, step: &Step) -> Result<Script> {
    let kind = cluster.own(step, |kind: &Withdraw| kind.cluster)?;
    check_withdraw(step, &kind)?;
    Ok(start(cluster, step, include_str!("withdraw.sh")).text("ENDPOINT_ID", kind.endpoint.to_string()))
}

fn start(cluster: &Cluster, step: &Step, body: &'static str) -> Script {
    Script::new(body)
        .programs(["curl", "jq"])
        .environment(Environment::required("COCKROACH_API_KEY", "the secret key of a service account"))
        .environment(Environment::optional(
            "COCKROACH_SERVER",
            "the address of CockroachDB Cloud's API",
            "https://cockroachlabs.cloud",
        ))
        .function(include_str!("api.sh"))
        .text("CLUSTER_ID", cluster.id().to_string())
        .text("AT_MOST", step.at_most.as_secs().to_string())
}

fn resources(cluster: &Cluster, step: &Step, known: &Exchange, kind: &Kind) -> Resources {
    let id = cluster.id().to_string();
    let there = step.state == StepState::AlreadyDone;
    match kind {
        Kind::Services(_) => {
            let block =
                Block::resource("cockroach_private_endpoint_services", "services").set("cluster_id", id.clone());
            Resources::of(PROVIDER, []).block(block).import(there.then_some(id))
        }
        Kind::Connect => {
            let endpoint = live(known).filter(|_| there).and_then(|endpoint| endpoint.ids.primary());
            let block = Block::resource("cockroach_private_endpoint_connection", "endpoint")
                .set("cluster_id", id.clone())
                .set("endpoint_id", Expr::Datum(Slot::main(), Datum::EndpointId));
            Resources::of(PROVIDER, []).block(block).import(endpoint.map(|endpoint| format!("{id}:{endpoint}")))
        }
        // The resource of the connection waits by itself.
        Kind::AwaitAvailable => Resources::of(PROVIDER, []),
    }
}
