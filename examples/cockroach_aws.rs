//! Links a CockroachDB Cloud cluster to an AWS network: the real thing.
//!
//! ```sh
//! cargo run --example cockroach_aws --features cockroach -- plan \
//!     --cluster shopfront --vpc vpc-0a1b2c3d4e5f67890 \
//!     --subnet subnet-0a1b2c3d4e5f67890 --subnet subnet-0b1b2c3d4e5f67890
//! ```
//!
//! On an Advanced cluster without an endpoint service, `apply` plans twice: the service first, which
//! takes some minutes, then all that is named after it. Both plans are printed before they are done.
//! A cluster in several regions is linked in the network's; link each region by itself.
//!
//! Without an account, against the simulator (the cluster, VPC and subnet are those of the
//! comment lines it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env > sim.env &
//! until grep -q AWS_ENDPOINT_URL sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example cockroach_aws --features cockroach -- plan --cluster shopfront \
//!     --vpc "$(sed -n 's/^# vpc //p' sim.env)" --subnet "$(sed -n '/^# subnet /{s///p;q}' sim.env)"
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
//! | `--cluster ID or NAME` | the cluster: its UUID, or its name |
//! | `--vpc ID` | the VPC |
//! | `--subnet ID` | a subnet for the endpoint, one a zone; repeat it |
//! | `--security-group ID` | an existing group for the endpoint; repeat it. Without, one is made |
//! | `--name NAME` | the link's name, a label for people; `cockroach` unless given |
//! | `--naming MODE` | `endpoint-private-dns` (default), `apex`, `exact` or `self-managed` |
//! | `--region REGION` | the network's region; else `AWS_REGION` or `AWS_DEFAULT_REGION` |
//! | `--json` | prints the plan, or the result, as JSON on standard output |
//! | `--help` | prints all this |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `COCKROACH_API_KEY` | the secret key of a service account; or `COCKROACH_API_JWT` with `COCKROACH_VANITY_NAME` |
//! | `COCKROACH_SERVER` | another base URL, with or without `/api/v1` |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the AWS credentials; with `--features aws-config` the whole chain |
//! | `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_ROUTE_53`, `AWS_ENDPOINT_URL_STS` | other endpoints |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::core::side::{Naming, Plan};
use privlink::core::{LinkName, Region, SecurityGroupId, SubnetId, VpcId};
use privlink::{Applied, ApplyError, Link, aws, cockroach};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

const HELP: &str = "\
Links a CockroachDB Cloud cluster to an AWS network.

Usage: cockroach_aws plan|apply|list|remove --cluster C --vpc VPC [--subnet SUBNET]… [more]

Commands:
  plan    reads both sides and prints what has to be done; changes nothing
  apply   plans, then does it, printing each event; run it again at any time
  list    prints what of it exists, thing by thing; changes nothing
  remove  takes down what it made, and nothing else

Arguments:
  --cluster ID or NAME      the cluster: its UUID, or its name
  --vpc ID                  the VPC
  --subnet ID               a subnet for the endpoint, one a zone; repeat it
  --security-group ID       an existing group for the endpoint; repeat it. Without, one is made
  --name NAME               the link's name, a label for people [default: cockroach]
  --naming MODE             how the database's name gets into the network
                            [default: endpoint-private-dns]
  --region REGION           the network's region [default: AWS_REGION, AWS_DEFAULT_REGION]
  --json                    print the plan, or the result, as JSON on standard output
  --help                    print this

Naming modes:
  endpoint-private-dns  the endpoint's own private DNS, on once the endpoint is accepted
  apex                  a private zone named exactly the host; hides no other name
  exact                 one record in a private zone of the host's parent name
  self-managed          touch no DNS; what to write is printed

Variables:
  COCKROACH_API_KEY         the secret key of a service account
  COCKROACH_API_JWT, COCKROACH_VANITY_NAME, COCKROACH_USERNAME   or a JWT with its organization
  COCKROACH_SERVER          another base URL, with or without /api/v1
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   the AWS credentials; built with
                            the feature aws-config, the whole chain
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL_ROUTE_53, AWS_ENDPOINT_URL_STS
                            other endpoints

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
            eprintln!("{error}\nusage: cockroach_aws plan|apply|list|remove --cluster C --vpc VPC --subnet SUBNET…");
            eprintln!("`cockroach_aws --help` explains every argument");
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
    match arguments.command {
        Command::Plan => {
            let plan = link.plan().await?;
            show(arguments, &plan)?;
            return Ok(if plan.blockers().next().is_some() { ExitCode::from(BLOCKED) } else { ExitCode::SUCCESS });
        }
        Command::List => {
            let inventory = link.inventory().await?;
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&inventory)?);
            } else {
                println!("{inventory}");
            }
        }
        Command::Remove => {
            let applied = perform(arguments, &link, &link.removal_plan().await?).await?;
            if arguments.json {
                println!("{}", serde_json::to_string_pretty(&applied.exchange)?);
            }
        }
        Command::Apply => {
            // The endpoint service first, where there is none; then what is named after it.
            let applied = loop {
                let applied = perform(arguments, &link, &link.plan().await?).await?;
                if !applied.plan_again {
                    break applied;
                }
            };
            tell(arguments, &applied)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints a plan and does it.
async fn perform(arguments: &Arguments, link: &Link, plan: &Plan) -> Result<Applied, ApplyError> {
    if !arguments.json {
        println!("{plan}");
    }
    link.apply(plan).observe(|event| eprintln!("{event}")).await
}

/// Prints how clients reach the cluster.
fn tell(arguments: &Arguments, applied: &Applied) -> Result<(), Box<dyn Error>> {
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&applied.exchange)?);
        return Ok(());
    }
    if arguments.naming == Some(Naming::SelfManaged) {
        for record in applied.records() {
            println!("write the record {record}");
        }
    }
    for name in applied.names() {
        println!("connect to {name}");
    }
    Ok(())
}

async fn link(arguments: &Arguments) -> Result<Link, Box<dyn Error>> {
    let vendor = cockroach::Client::from_env()?;
    let cluster = match arguments.cluster.parse() {
        Ok(id) => vendor.cluster(id),
        Err(_) => vendor.find_cluster(&arguments.cluster).await?,
    };
    let cluster = cluster.in_region(arguments.region.clone());
    let mut network = cloud(arguments).await?.vpc(arguments.vpc.clone()).subnets(arguments.subnets.clone());
    if !arguments.groups.is_empty() {
        network = network.security_groups(arguments.groups.clone());
    }
    if let Some(naming) = arguments.naming {
        network = network.naming(naming);
    }
    Ok(Link::builder(arguments.name.clone(), cluster, network).build()?)
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
    Remove,
}

struct Arguments {
    command: Command,
    cluster: String,
    vpc: VpcId,
    subnets: Vec<SubnetId>,
    groups: Vec<SecurityGroupId>,
    name: LinkName,
    naming: Option<Naming>,
    region: Region,
    json: bool,
}

impl Arguments {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut command, mut cluster, mut vpc, mut name) = (None, None, None, None);
        let (mut subnets, mut groups) = (Vec::new(), Vec::new());
        let (mut naming, mut region, mut json) = (None, None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("cluster") => cluster = Some(parser.value()?.string()?),
                Long("vpc") => vpc = Some(parser.value()?.string()?.parse()?),
                Long("subnet") => subnets.push(parser.value()?.string()?.parse()?),
                Long("security-group") => groups.push(parser.value()?.string()?.parse()?),
                Long("name") => name = Some(parser.value()?.string()?.parse()?),
                Long("naming") => naming = Some(parser.value()?.string()?.parse()?),
                Long("region") => region = Some(parser.value()?.string()?.parse()?),
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
        let region = match region {
            Some(region) => region,
            None => std::env::var("AWS_REGION")
                .or_else(|_| std::env::var("AWS_DEFAULT_REGION"))
                .map_err(|_| "no region: give --region or set AWS_REGION")?
                .parse()?,
        };
        Ok(Some(Self {
            command: command.ok_or("give a command: plan, apply or remove")?,
            cluster: cluster.ok_or("--cluster is missing")?,
            vpc: vpc.ok_or("--vpc is missing")?,
            subnets,
            groups,
            name: match name {
                Some(name) => name,
                None => "cockroach".parse()?,
            },
            naming,
            region,
            json,
        }))
    }
}
