//! Links a ClickHouse Cloud service to a Google Cloud network: the real thing.
//!
//! ```sh
//! export GOOGLE_OAUTH_ACCESS_TOKEN="$(gcloud auth print-access-token)"
//! cargo run --example clickhouse_gcp --features gcp -- plan \
//!     --service metrics --network prod --subnetwork apps --region us-central1
//! ```
//!
//! Without an account, against the simulator (network and subnetwork are those of the comment
//! lines it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env > sim.env &
//! until grep -q CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example clickhouse_gcp --features gcp -- plan --service metrics \
//!     --network "$(sed -n 's/^# network //p' sim.env)" \
//!     --subnetwork "$(sed -n '/^# subnetwork /{s///p;q}' sim.env)"
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
//! | `--service ID or NAME` | the service: its UUID, or its name in the region |
//! | `--network NAME or PATH` | the network; a path `projects/P/global/networks/N` names the host of a Shared VPC |
//! | `--subnetwork NAME or PATH` | the subnetwork of the endpoint's address; the widest of the region unless given |
//! | `--region REGION` | the endpoint's region, which is the service's; else that of the subnetwork's path, else `GOOGLE_CLOUD_REGION` |
//! | `--client-region REGION` | another region with clients, reached by global access; repeat it |
//! | `--zone NAME` | an existing private zone to write into. Without, one is made |
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
//! | `GOOGLE_CLOUD_PROJECT` | the project of the endpoint; else `CLOUDSDK_CORE_PROJECT` |
//! | `GOOGLE_OAUTH_ACCESS_TOKEN` | the access token; else `CLOUDSDK_AUTH_ACCESS_TOKEN` |
//! | `GOOGLE_CLOUD_QUOTA_PROJECT` | whose quota of requests is used |
//! | `CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE`, `CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS` | other endpoints |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::core::side::{Naming, Plan};
use privlink::core::{CloudProvider, LinkName, ProjectId, Region};
use privlink::{ApplyError, Link, clickhouse, gcp};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

const HELP: &str = "\
Links a ClickHouse Cloud service to a Google Cloud network.

Usage: clickhouse_gcp plan|apply|list|remove --service S --network N [--subnetwork SUBNETWORK] [more]

Commands:
  plan    reads both sides and prints what has to be done; changes nothing
  apply   plans, then does it, printing each event; run it again at any time
  list    prints what of it exists, thing by thing; changes nothing
  remove  takes down what it made, and nothing else

Arguments:
  --service ID or NAME        the service: its UUID, or its name in the region
  --network NAME or PATH      the network; a path names the host project of a Shared VPC
  --subnetwork NAME or PATH   the subnetwork of the endpoint's address [default: the widest]
  --region REGION             the endpoint's region, which is the service's [default: that of the
                              subnetwork's path, GOOGLE_CLOUD_REGION]
  --client-region REGION      another region with clients, by global access; repeat it
  --zone NAME                 an existing private zone to write into. Without, one is made
  --name NAME                 the link's name, a label for people [default: clickhouse]
  --naming MODE               how the database's name gets into the network [default: apex]
  --json                      print the plan, or the result, as JSON on standard output
  --help                      print this

Naming modes:
  apex          a private zone named exactly the host; hides no other name
  exact         one record in a private zone of the vendor's shared parent name
  wildcard      a wildcard in that zone, which serves every service behind the endpoint
  self-managed  touch no DNS; what to write is printed

Variables:
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID           the organization [default: the key's own]
  CLICKHOUSE_API_URL          another base URL, with or without /v1
  GOOGLE_CLOUD_PROJECT        the project of the endpoint [or CLOUDSDK_CORE_PROJECT]
  GOOGLE_OAUTH_ACCESS_TOKEN   the access token [or CLOUDSDK_AUTH_ACCESS_TOKEN]
  GOOGLE_CLOUD_QUOTA_PROJECT  whose quota of requests is used
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE, CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS   other endpoints

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
            eprintln!(
                "{error}\nusage: clickhouse_gcp plan|apply|list|remove --service S --network NETWORK --subnetwork SUBNETWORK"
            );
            eprintln!("`clickhouse_gcp --help` explains every argument");
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
    let service = match arguments.service.parse() {
        Ok(id) => vendor.service(id),
        Err(_) => {
            let organization = vendor.own_organization().await?;
            organization.find_service(CloudProvider::Gcp, &arguments.region, &arguments.service).await?
        }
    };
    let mut network = gcp::Client::from_env()?.network(arguments.network.clone());
    if let Some(host) = &arguments.host {
        network = network.host_project(host);
    }
    let mut network = network.region(arguments.region.clone()).client_regions(arguments.client_regions.iter().cloned());
    if let Some(subnetwork) = &arguments.subnetwork {
        network = network.subnetwork(subnetwork.clone());
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
    network: gcp::NetworkName,
    host: Option<ProjectId>,
    subnetwork: Option<gcp::SubnetworkName>,
    region: Region,
    client_regions: Vec<Region>,
    zone: Option<gcp::ManagedZoneName>,
    name: LinkName,
    naming: Option<Naming>,
    json: bool,
}

impl Arguments {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut command, mut service, mut network, mut name) = (None, None, None, None);
        let (mut subnetwork, mut region, mut zone) = (None, None, None);
        let (mut client_regions, mut naming, mut json) = (Vec::new(), None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("service") => service = Some(parser.value()?.string()?),
                Long("network") => network = Some(parser.value()?.string()?),
                Long("subnetwork") => subnetwork = Some(parser.value()?.string()?),
                Long("region") => region = Some(parser.value()?.string()?.parse()?),
                Long("client-region") => client_regions.push(parser.value()?.string()?.parse()?),
                Long("zone") => zone = Some(parser.value()?.string()?.parse()?),
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
        let (network, host) = network_of(&network.ok_or("--network is missing")?)?;
        let (subnetwork, of_subnetwork) = subnetwork_of(subnetwork.as_deref())?;
        let region = match region.or(of_subnetwork) {
            Some(region) => region,
            None => std::env::var("GOOGLE_CLOUD_REGION")
                .map_err(|_| "no region: give --region or set GOOGLE_CLOUD_REGION")?
                .parse()?,
        };
        Ok(Some(Self {
            command: command.ok_or("give a command: plan, apply or remove")?,
            service: service.ok_or("--service is missing")?,
            network,
            host,
            subnetwork,
            region,
            client_regions,
            zone,
            name: match name {
                Some(name) => name,
                None => "clickhouse".parse()?,
            },
            naming,
            json,
        }))
    }
}

/// A network by its name, or by its path, which names its project too.
fn network_of(text: &str) -> Result<(gcp::NetworkName, Option<ProjectId>), Box<dyn Error>> {
    if !text.contains('/') {
        return Ok((text.parse()?, None));
    }
    let path: gcp::NetworkPath = text.parse()?;
    Ok((path.name(), Some(path.project())))
}

/// A subnetwork by its name, or by its path, which names its region too.
fn subnetwork_of(text: Option<&str>) -> Result<(Option<gcp::SubnetworkName>, Option<Region>), Box<dyn Error>> {
    Ok(match text {
        None => (None, None),
        Some(text) if !text.contains('/') => (Some(text.parse()?), None),
        Some(text) => {
            let path: gcp::SubnetworkPath = text.parse()?;
            (Some(path.name()), Some(path.region()))
        }
    })
}
