//! Links a ClickHouse Cloud service to an AWS network: the real thing.
//!
//! ```sh
//! cargo run --example clickhouse_aws -- plan \
//!     --service orders --vpc vpc-0a1b2c3d4e5f67890 \
//!     --subnet subnet-0a1b2c3d4e5f67890 --subnet subnet-0b1b2c3d4e5f67890
//! ```
//!
//! Without an account, against the simulator (the service, VPC and subnet are those of the
//! comment lines it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env > sim.env &
//! until grep -q AWS_ENDPOINT_URL sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example clickhouse_aws -- plan --service orders \
//!     --vpc "$(sed -n 's/^# vpc //p' sim.env)" --subnet "$(sed -n '/^# subnet /{s///p;q}' sim.env)"
//! ```
//!
//! With a data path the simulator's endpoints are reached over real sockets of this machine, so
//! that the link can be proved, too:
//!
//! ```sh
//! cargo run -p privlink-sim --features data-path -- --data-path sim.pem --time-scale 100 --print env > sim.env &
//! # … as above, then the same arguments after `apply`, after `verify` and after `diagnose`
//! ```
//!
//! | command | does |
//! | --- | --- |
//! | `plan` | reads both sides and prints what has to be done; changes nothing |
//! | `apply` | plans, then does it, printing each event; run it again at any time |
//! | `list` | prints what of it exists, thing by thing; changes nothing |
//! | `verify` | proves it from this machine, which has to be inside the network; changes nothing |
//! | `diagnose` | reads both sides, proves it from this machine, and names one cause if it does not work; changes nothing |
//! | `remove` | takes down what it made, and nothing else |
//!
//! | argument | meaning |
//! | --- | --- |
//! | `--service ID or NAME` | the service: its UUID, or its name in the region |
//! | `--vpc ID` | the VPC |
//! | `--subnet ID` | a subnet for the endpoint, one a zone; repeat it |
//! | `--security-group ID` | an existing group for the endpoint; repeat it. Without, one is made |
//! | `--name NAME` | the link's name, a label for people; `clickhouse` unless given |
//! | `--naming MODE` | `apex` (default), `exact`, `wildcard`, `endpoint-private-dns` or `self-managed` |
//! | `--region REGION` | the network's region; else `AWS_REGION` or `AWS_DEFAULT_REGION` |
//! | `--service-region REGION` | the service's region, to find it by name; else the network's |
//! | `--json` | prints the plan, or the result, as JSON on standard output |
//! | `--help` | prints all this |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `CLICKHOUSE_CLOUD_API_KEY`, `CLICKHOUSE_CLOUD_API_SECRET` | the API key |
//! | `CLICKHOUSE_ORG_ID` | the organization; else the key's own |
//! | `CLICKHOUSE_API_URL` | another base URL, with or without `/v1` |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the AWS credentials; with `--features aws-config` the whole chain |
//! | `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_ROUTE_53`, `AWS_ENDPOINT_URL_STS` | other endpoints |
//! | `PRIVLINK_NAME_SERVER` | `verify` and `diagnose` ask this name server, `ADDRESS:PORT`, instead of the system's |
//! | `PRIVLINK_CA_FILE` | `verify` and `diagnose` trust the authorities in this PEM file besides the system's |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked, 4 not proved.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::core::side::{Naming, Plan};
use privlink::core::{CloudProvider, LinkName, Region, SecurityGroupId, SubnetId, VpcId};
use privlink::probe::Local;
use privlink::{ApplyError, Link, aws, clickhouse};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

/// The exit code of a link that is not proved.
const NOT_PROVED: u8 = 4;

const HELP: &str = "\
Links a ClickHouse Cloud service to an AWS network.

Usage: clickhouse_aws plan|apply|list|verify|diagnose|remove --service S --vpc VPC [--subnet SUBNET]… [more]

Commands:
  plan      reads both sides and prints what has to be done; changes nothing
  apply     plans, then does it, printing each event; run it again at any time
  list      prints what of it exists, thing by thing; changes nothing
  verify    proves it from this machine, which has to be inside the network; changes nothing
  diagnose  reads both sides, proves it from this machine, and names one cause if it does not
            work; changes nothing
  remove    takes down what it made, and nothing else

Arguments:
  --service ID or NAME      the service: its UUID, or its name in the region
  --vpc ID                  the VPC
  --subnet ID               a subnet for the endpoint, one a zone; repeat it
  --security-group ID       an existing group for the endpoint; repeat it. Without, one is made
  --name NAME               the link's name, a label for people [default: clickhouse]
  --naming MODE             how the database's name gets into the network [default: apex]
  --region REGION           the network's region [default: AWS_REGION, AWS_DEFAULT_REGION]
  --service-region REGION   the service's region, to find it by name [default: the network's]
  --json                    print the plan, or the result, as JSON on standard output
  --help                    print this

Naming modes:
  apex                  a private zone named exactly the host; hides no other name
  exact                 one record in a private zone of the vendor's shared parent name
  wildcard              a wildcard in that zone, which serves every service behind the endpoint
  endpoint-private-dns  the endpoint's own private DNS
  self-managed          touch no DNS; what to write is printed

Variables:
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID         the organization [default: the key's own]
  CLICKHOUSE_API_URL        another base URL, with or without /v1
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   the AWS credentials; built with
                            the feature aws-config, the whole chain
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL_ROUTE_53, AWS_ENDPOINT_URL_STS
                            other endpoints
  PRIVLINK_NAME_SERVER      the name server to ask, ADDRESS:PORT [default: the system's]
  PRIVLINK_CA_FILE          a PEM file of authorities to trust besides the system's

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked, 4 not proved.
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
                "{error}\nusage: clickhouse_aws plan|apply|list|verify|diagnose|remove --service S --vpc VPC --subnet SUBNET…"
            );
            eprintln!("`clickhouse_aws --help` explains every argument");
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
        Command::Verify => {
            let verdict = link.verify().await?;
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&verdict)?);
            } else {
                println!("{verdict}");
            }
            return Ok(if verdict.proved { ExitCode::SUCCESS } else { ExitCode::from(NOT_PROVED) });
        }
        Command::Diagnose => {
            let diagnosis = link.diagnose().await?;
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&diagnosis)?);
            } else {
                println!("{diagnosis}");
            }
            return Ok(if diagnosis.is_proved() { ExitCode::SUCCESS } else { ExitCode::from(NOT_PROVED) });
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
            let region = arguments.service_region.as_ref().unwrap_or(&arguments.region);
            organization.find_service(CloudProvider::Aws, region, &arguments.service).await?
        }
    };
    let mut network = cloud(arguments).await?.vpc(arguments.vpc.clone()).subnets(arguments.subnets.clone());
    if !arguments.groups.is_empty() {
        network = network.security_groups(arguments.groups.clone());
    }
    if let Some(naming) = arguments.naming {
        network = network.naming(naming);
    }
    Ok(Link::builder(arguments.name.clone(), service, network).vantage(here()?).build()?)
}

/// This machine, with the name server and the authorities that the environment names.
fn here() -> Result<Local, Box<dyn Error>> {
    let mut here = Local::builder();
    if let Ok(server) = std::env::var("PRIVLINK_NAME_SERVER") {
        here = here.name_server(server.parse()?);
    }
    if let Some(file) = std::env::var_os("PRIVLINK_CA_FILE").filter(|file| !file.is_empty()) {
        here = here.extra_roots(std::fs::read(file)?);
    }
    Ok(here.build()?)
}

#[cfg(feature = "aws-config")]
async fn cloud(arguments: &Arguments) -> privlink::core::Result<aws::Client> {
    aws::Client::from_chain(arguments.region.clone()).await
}

#[cfg(not(feature = "aws-config"))]
async fn cloud(arguments: &Arguments) -> privlink::core::Result<aws::Client> {
    aws::Client::from_env(arguments.region.clone())
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
    Verify,
    Diagnose,
    Remove,
}

struct Arguments {
    command: Command,
    service: String,
    vpc: VpcId,
    subnets: Vec<SubnetId>,
    groups: Vec<SecurityGroupId>,
    name: LinkName,
    naming: Option<Naming>,
    region: Region,
    service_region: Option<Region>,
    json: bool,
}

impl Arguments {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut command, mut service, mut vpc, mut name) = (None, None, None, None);
        let (mut subnets, mut groups) = (Vec::new(), Vec::new());
        let (mut naming, mut region, mut service_region, mut json) = (None, None, None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("service") => service = Some(parser.value()?.string()?),
                Long("vpc") => vpc = Some(parser.value()?.string()?.parse()?),
                Long("subnet") => subnets.push(parser.value()?.string()?.parse()?),
                Long("security-group") => groups.push(parser.value()?.string()?.parse()?),
                Long("name") => name = Some(parser.value()?.string()?.parse()?),
                Long("naming") => naming = Some(parser.value()?.string()?.parse()?),
                Long("region") => region = Some(parser.value()?.string()?.parse()?),
                Long("service-region") => service_region = Some(parser.value()?.string()?.parse()?),
                Long("json") => json = true,
                Long("help") | Short('h') => return Ok(None),
                Value(word) if command.is_none() => {
                    command = Some(match word.string()?.as_str() {
                        "plan" => Command::Plan,
                        "apply" => Command::Apply,
                        "list" => Command::List,
                        "verify" => Command::Verify,
                        "diagnose" => Command::Diagnose,
                        "remove" => Command::Remove,
                        other => return Err(format!("there is no command `{other}`").into()),
                    });
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let region = match region {
            Some(region) => region,
            None => std::env::var("AWS_REGION")
                .or_else(|_| std::env::var("AWS_DEFAULT_REGION"))
                .map_err(|_| "no region: give --region or set AWS_REGION")?
                .parse()?,
        };
        Ok(Some(Self {
            command: command.ok_or("give a command: plan, apply, list, verify, diagnose or remove")?,
            service: service.ok_or("--service is missing")?,
            vpc: vpc.ok_or("--vpc is missing")?,
            subnets,
            groups,
            name: match name {
                Some(name) => name,
                None => "clickhouse".parse()?,
            },
            naming,
            region,
            service_region,
            json,
        }))
    }
}
