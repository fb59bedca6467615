//! The steps of this side as text for other tools.

use privlink_core::render::{Block, Datum, Environment, Expr, Format, Fragment, Guidance, Provider, Resources, Script};
use privlink_core::side::{Exchange, Slot, Step, StepKind, StepState};
use privlink_core::{PrivateEndpointId, Result};

use super::endpoint::live;
use serde_json::json;

use super::steps::{Allow, Unregister, Withdraw, check_unregister, check_withdraw};
use crate::Service;

/// Attributes as in the provider's documentation of 3.33.0.
const PROVIDER: Provider = Provider::new("clickhouse", "ClickHouse/clickhouse", "~> 3.33", "2026-11");

pub(super) fn render(service: &Service, step: &Step, known: &Exchange, format: Format) -> Result<Option<Fragment>> {
    if step.verb != Allow::VERB {
        return removed(service, step, format);
    }
    service.own(step, |kind: &Allow| kind.service)?;
    Ok(match format {
        Format::Shell => Some(Fragment::Script(allow(service, step))),
        Format::Terraform => Some(Fragment::Resources(attachment(service, step, known))),
        Format::RunBook => {
            let guidance = Guidance::new().console(service.client().facts().console.clone());
            Some(Fragment::Guidance(guidance.back("take the endpoint off the same list; it can be put there again")))
        }
        _ => None,
    })
}

/// A step that takes a link down.
fn removed(service: &Service, step: &Step, format: Format) -> Result<Option<Fragment>> {
    if format == Format::Shell {
        return Ok(removal(service, step)?.map(Fragment::Script));
    }
    let guidance = match (&*step.verb, format) {
        (Withdraw::VERB, Format::RunBook) => Guidance::new().console(service.client().facts().console.clone()),
        (Unregister::VERB, Format::RunBook) => {
            let console = &service.client().facts().console;
            let way = console.clone().map(|_| "Organization details, Private Endpoints, the endpoint, delete");
            Guidance::new().console(way)
        }
        _ => return Ok(None),
    };
    Ok(Some(Fragment::Guidance(guidance)))
}

/// The scripts that take a link down.
fn removal(service: &Service, step: &Step) -> Result<Option<Script>> {
    Ok(Some(match &*step.verb {
        Withdraw::VERB => {
            let kind: Withdraw = service.own(step, |kind: &Withdraw| kind.service)?;
            check_withdraw(step, &kind)?;
            let ids: Vec<String> = kind.endpoints.iter().map(|id| id.to_string().to_ascii_lowercase()).collect();
            of_service(service, include_str!("withdraw.sh"))
                .json("ENDPOINT_IDS", &json!(ids))
                .text("AT_MOST", step.at_most.as_secs().to_string())
        }
        Unregister::VERB => {
            let kind: Unregister = step.kind()?;
            check_unregister(step, &kind, service.known_organization())?;
            let entry = json!({
                "id": kind.endpoint.to_string(),
                "cloudProvider": kind.provider,
                "region": kind.region.as_str(),
            });
            start(include_str!("unregister.sh"))
                .text("ORGANIZATION_ID", kind.organization.to_string())
                .json("ENTRY", &entry)
                .text("AT_MOST", step.at_most.as_secs().to_string())
        }
        _ => return Ok(None),
    }))
}

fn allow(service: &Service, step: &Step) -> Script {
    of_service(service, include_str!("allow.sh"))
        .takes("ENDPOINT_ID", &Slot::main(), Datum::EndpointId)
        .text("AT_MOST", step.at_most.as_secs().to_string())
}

fn of_service(service: &Service, body: &'static str) -> Script {
    let organization = service.known_organization().map(|id| id.to_string()).unwrap_or_default();
    start(body).text("ORGANIZATION_ID", organization).text("SERVICE_ID", service.id().to_string())
}

fn start(body: &'static str) -> Script {
    Script::new(body)
        .programs(["curl", "jq"])
        .environment(Environment::required("CLICKHOUSE_CLOUD_API_KEY", "the id of an API key of ClickHouse Cloud"))
        .environment(Environment::required("CLICKHOUSE_CLOUD_API_SECRET", "the secret of that key"))
        .environment(Environment::optional(
            "CLICKHOUSE_API_URL",
            "the address of ClickHouse Cloud's API",
            "https://api.clickhouse.cloud",
        ))
        .function(include_str!("api.sh"))
}

/// The resource holds all endpoints that Terraform keeps on the service: two of them for one service
/// undo each other, so that those there already are in it too.
fn attachment(service: &Service, step: &Step, known: &Exchange) -> Resources {
    let endpoint = live(known).and_then(|endpoint| endpoint.ids.primary());
    let there = step.state == StepState::AlreadyDone;
    let block = Block::resource("clickhouse_service_private_endpoints_attachment", "endpoint")
        .set("service_id", service.id().to_string())
        .set("private_endpoint_ids", Expr::List(vec![Expr::Datum(Slot::main(), Datum::EndpointId)]));
    let organization = service.known_organization().map(|id| ("organization_id", id.to_string().into()));
    Resources::of(PROVIDER, organization)
        .block(block)
        .import(endpoint.filter(|_: &PrivateEndpointId| there).map(|_| service.id().to_string()))
}
