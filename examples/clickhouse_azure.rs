//! Links a ClickHouse Cloud service to an Azure network: the real thing.
//!
//! ```sh
//! export AZURE_ACCESS_TOKEN="$(az account get-access-token --query accessToken -o tsv)"
//! cargo run --example clickhouse_azure --features azure -- plan --service ledger --service-region westus3 \
//!     --network /subscriptions/…/resourceGroups/app/providers/Microsoft.Network/virtualNetworks/main --subnet data
//! ```
//!
//! Without a subscription, against the simulator (the network is that of the comment line it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env > sim.env &
//! until grep -q AZURE_RESOURCE_MANAGER_ENDPOINT sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example clickhouse_azure --features azure -- plan --service ledger --service-region westus3 \
//!     --network "$(sed -n 's/^# virtual-network //p' sim.env)"
//! ```
//!
//! | command | does |
//! | --- | --- |
//! | `plan` | reads both sides and prints what has to be done; changes nothing |
//! | `apply` | plans, then does it, printing each event; run it again at any time |
//! | `list` | prints what of it exists, thing by thing; changes nothing |
//! | `remove` | takes down what it made, and nothing else |
//!
//! | argument | meaning |
//! | --- | --- |
//! | `--service ID or NAME` | the service: its UUID, or its name in `--service-region` |
//! | `--service-region REGION` | the service's region, to find it by name |
//! | `--network ID` | the virtual network's resource id |
//! | `--subnet ID or NAME` | the endpoint's subnet; the network's only one unless given |
//! | `--resource-group NAME` | where the endpoint and the zone are made; the network's unless given |
//! | `--zone ID` | an existing private zone to write into, in whatever subscription |
//! | `--also-resolve-in ID` | a further network that is to resolve the name; repeat it |
//! | `--name NAME` | the link's name, a label for people; `clickhouse` unless given |
//! | `--naming MODE` | `apex` (default), `exact`, `wildcard` or `self-managed` |
//! | `--json` | prints the plan, or the result, as JSON on standard output |
//! | `--help` | prints all this |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `CLICKHOUSE_CLOUD_API_KEY`, `CLICKHOUSE_CLOUD_API_SECRET` | the API key |
//! | `CLICKHOUSE_ORG_ID` | the organization; else the key's own |
//! | `CLICKHOUSE_API_URL` | another base URL, with or without `/v1` |
//! | `AZURE_SUBSCRIPTION_ID` | the subscription; `ARM_SUBSCRIPTION_ID` does too |
//! | `AZURE_ACCESS_TOKEN` | a token for the resource manager |
//! | `AZURE_ENVIRONMENT`, `ARM_ENVIRONMENT` | the cloud: `public`, `usgovernment`, `china` |
//! | `AZURE_RESOURCE_MANAGER_ENDPOINT` | another address of the resource manager |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::azure::{PrivateDnsZoneId, SubnetId, VirtualNetworkId};
use privlink::core::side::{Naming, Plan};
use privlink::core::{CloudProvider, LinkName, Region};
use privlink::{ApplyError, Link, azure, clickhouse};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

const HELP: &str = "\
Links a ClickHouse Cloud service to an Azure network.

Usage: clickhouse_azure plan|apply|list|remove --service S --network NETWORK [--subnet SUBNET] [more]

Commands:
  plan    reads both sides and prints what has to be done; changes nothing
  apply   plans, then does it, printing each event; run it again at any time
  list    prints what of it exists, thing by thing; changes nothing
  remove  takes down what it made, and nothing else

Arguments:
  --service ID or NAME      the service: its UUID, or its name in the service's region
  --service-region REGION   the service's region, to find it by name
  --network ID              the virtual network's resource id
  --subnet ID or NAME       the endpoint's subnet [default: the network's only one]
  --resource-group NAME     where the endpoint and the zone are made [default: the network's]
  --zone ID                 an existing private zone to write into, in whatever subscription
  --also-resolve-in ID      a further network that is to resolve the name; repeat it
  --name NAME               the link's name, a label for people [default: clickhouse]
  --naming MODE             how the database's name gets into the network [default: apex]
  --json                    print the plan, or the result, as JSON on standard output
  --help                    print this

Naming modes:
  apex          a private zone named exactly the host; hides no other name
  exact         one record in a private zone of the vendor's shared parent name
  wildcard      a wildcard in that zone, which serves every service behind the endpoint
  self-managed  touch no DNS; what to write is printed

Variables:
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID         the organization [default: the key's own]
  CLICKHOUSE_API_URL        another base URL, with or without /v1
  AZURE_SUBSCRIPTION_ID     the subscription; ARM_SUBSCRIPTION_ID does too
  AZURE_ACCESS_TOKEN        a token for the resource manager
  AZURE_ENVIRONMENT         the cloud: public, usgovernment, china; ARM_ENVIRONMENT does too
  AZURE_RESOURCE_MANAGER_ENDPOINT   another address of the resource manager

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::parse(lexopt::Parser::from_env()) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\nusage: clickhouse_azure plan|apply|list|remove --service S --network NETWORK");
            eprintln!("`clickhouse_azure --help` explains every argument");
            return ExitCode::from(2);
        }
    };
    match run(&arguments).await {
        Ok(code) => code,
        Err(error) => {
            let stopped = error.downcast_ref::<ApplyError>();
            match (stopped, error.downcast_ref::<privlink::core::Error>()) {
                (Some(error), _) => eprintln!("{}", error.report()),
                (None, Some(error)) => eprintln!("{}", error.report()),
                (None, None) => eprintln!("{error}"),
            }
            match stopped {
                Some(ApplyError::Blocked { .. }) => ExitCode::from(BLOCKED),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let link = link(arguments).await?;
    let plan = match arguments.command {
        Command::Plan | Command::Apply => link.plan().await?,
        Command::Remove => link.removal_plan().await?,
        Command::List => {
            let inventory = link.inventory().await?;
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&inventory)?);
            } else {
                println!("{inventory}");
            }
            return Ok(ExitCode::SUCCESS);
        }
    };
    if arguments.command == Command::Plan {
        show(arguments, &plan)?;
        return Ok(if plan.blockers().next().is_some() { ExitCode::from(BLOCKED) } else { ExitCode::SUCCESS });
    }
    if !arguments.json {
        println!("{plan}");
    }
    let applied = link.apply(&plan).observe(|event| eprintln!("{event}")).await?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&applied.exchange)?);
    } else if arguments.command == Command::Apply {
        if arguments.naming == Some(Naming::SelfManaged) {
            for record in applied.records() {
                println!("write the record {record}");
            }
        }
        for name in applied.names() {
            println!("connect to {name}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn link(arguments: &Arguments) -> Result<Link, Box<dyn Error>> {
    let vendor = clickhouse::Client::from_env()?;
    let service = match (arguments.service.parse(), &arguments.service_region) {
        (Ok(id), _) => vendor.service(id),
        (Err(_), Some(region)) => {
            let organization = vendor.own_organization().await?;
            organization.find_service(CloudProvider::Azure, region, &arguments.service).await?
        }
        (Err(_), None) => return Err("to find a service by its name, give --service-region".into()),
    };
    let mut network = azure::Client::from_env()?
        .network(arguments.network.clone())
        .also_resolve_in(arguments.also_resolve_in.clone());
    if let Some(subnet) = &arguments.subnet {
        network = network.subnet(subnet.clone());
    }
    if let Some(group) = &arguments.resource_group {
        network = network.resource_group(group)?;
    }
    if let Some(zone) = &arguments.zone {
        network = network.zone(zone.clone());
    }
    if let Some(naming) = arguments.naming {
        network = network.naming(naming);
    }
    Ok(Link::builder(arguments.name.clone(), service, network).build()?)
}

fn show(arguments: &Arguments, plan: &Plan) -> Result<(), Box<dyn Error>> {
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(plan)?);
    } else {
        println!("{plan}");
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Plan,
    Apply,
    List,
    Remove,
}

struct Arguments {
    command: Command,
    service: String,
    service_region: Option<Region>,
    network: VirtualNetworkId,
    subnet: Option<SubnetId>,
    resource_group: Option<String>,
    zone: Option<PrivateDnsZoneId>,
    also_resolve_in: Vec<VirtualNetworkId>,
    name: LinkName,
    naming: Option<Naming>,
    json: bool,
}

impl Arguments {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut command, mut service, mut service_region) = (None, None, None);
        let (mut network, mut subnet, mut resource_group) = (None, None, None);
        let (mut zone, mut also_resolve_in) = (None, Vec::new());
        let (mut name, mut naming, mut json) = (None, None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("service") => service = Some(parser.value()?.string()?),
                Long("service-region") => service_region = Some(parser.value()?.string()?.parse()?),
                Long("network") => network = Some(parser.value()?.string()?.parse::<VirtualNetworkId>()?),
                Long("subnet") => subnet = Some(parser.value()?.string()?),
                Long("resource-group") => resource_group = Some(parser.value()?.string()?),
                Long("zone") => zone = Some(parser.value()?.string()?.parse()?),
                Long("also-resolve-in") => also_resolve_in.push(parser.value()?.string()?.parse()?),
                Long("name") => name = Some(parser.value()?.string()?.parse()?),
                Long("naming") => naming = Some(parser.value()?.string()?.parse()?),
                Long("json") => json = true,
                Long("help") | Short('h') => return Ok(None),
                Value(word) if command.is_none() => {
                    command = Some(match word.string()?.as_str() {
                        "plan" => Command::Plan,
                        "apply" => Command::Apply,
                        "list" => Command::List,
                        "remove" => Command::Remove,
                        other => return Err(format!("there is no command `{other}`").into()),
                    });
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let network = network.ok_or("--network is missing")?;
        let subnet = match subnet {
            Some(id) if id.starts_with('/') => Some(id.parse()?),
            Some(name) => Some(network.subnet(&name)?),
            None => None,
        };
        Ok(Some(Self {
            command: command.ok_or("give a command: plan, apply or remove")?,
            service: service.ok_or("--service is missing")?,
            service_region,
            network,
            subnet,
            resource_group,
            zone,
            also_resolve_in,
            name: match name {
                Some(name) => name,
                None => "clickhouse".parse()?,
            },
            naming,
            json,
        }))
    }
}
