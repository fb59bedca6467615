//! Links the clusters of a Zilliz Cloud project in a region to an AWS network: the real thing. One endpoint serves them
//! all, and each gets a record of its own.
//!
//! ```sh
//! cargo run --example zilliz_aws --features zilliz -- plan \
//!     --project proj-0a1b2c3d4e5f67890a1b2c --vpc vpc-0a1b2c3d4e5f67890 \
//!     --subnet subnet-0a1b2c3d4e5f67890 --subnet subnet-0b1b2c3d4e5f67890
//! ```
//!
//! Without an account, against the simulator, whose project has two Dedicated clusters there (the project, VPC and
//! subnet are those of the comment lines it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env --time-scale 60 > sim.env &
//! until grep -q AWS_ENDPOINT_URL sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example zilliz_aws --features zilliz -- apply --project "$(sed -n 's/^# project //p' sim.env)" \
//!     --vpc "$(sed -n 's/^# vpc //p' sim.env)" --subnet "$(sed -n '/^# subnet /{s///p;q}' sim.env)"
//! ```
//!
//! | command | does |
//! | --- | --- |
//! | `plan` | reads both sides and prints what has to be done; changes nothing |
//! | `apply` | plans, then does it, printing each event, and plans again where names came only then; run it again at any time, and after a cluster was made |
//! | `list` | prints what of it exists, thing by thing; changes nothing |
//! | `remove` | takes down what it made, and nothing else |
//!
//! | argument | meaning |
//! | --- | --- |
//! | `--project ID` | the project |
//! | `--cluster ID` | a cluster to name; repeat it. Without, all Dedicated clusters of the region, those made later too |
//! | `--vpc ID` | the VPC |
//! | `--subnet ID` | a subnet for the endpoint, one a zone; repeat it |
//! | `--security-group ID` | an existing group for the endpoint; repeat it. Without, one is made |
//! | `--name NAME` | the link's name, a label for people; `zilliz` unless given |
//! | `--naming MODE` | `apex` (default) or `self-managed` |
//! | `--region REGION` | the network's region, and the clusters'; else `AWS_REGION` or `AWS_DEFAULT_REGION` |
//! | `--json` | prints the plan, or the result, as JSON on standard output |
//! | `--help` | prints all this |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `ZILLIZCLOUD_API_KEY` | the API key |
//! | `ZILLIZCLOUD_HOST_ADDRESS` | another base URL, with or without `/v2` |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the AWS credentials; with `--features aws-config` the whole chain |
//! | `AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL_ROUTE_53`, `AWS_ENDPOINT_URL_STS` | other endpoints |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::core::side::{Naming, Plan};
use privlink::core::{LinkName, Region, SecurityGroupId, SubnetId, VpcId};
use privlink::{ApplyError, Link, aws, zilliz};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

const HELP: &str = "\
Links the clusters of a Zilliz Cloud project in a region to an AWS network.

Usage: zilliz_aws plan|apply|list|remove --project P --vpc VPC [--subnet SUBNET]… [more]

Commands:
  plan    reads both sides and prints what has to be done; changes nothing
  apply   plans, then does it, printing each event, and plans again where names came only then;
          run it again at any time, and after a cluster was made
  list    prints what of it exists, thing by thing; changes nothing
  remove  takes down what it made, and nothing else

Arguments:
  --project ID              the project
  --cluster ID              a cluster to name; repeat it [default: all Dedicated ones of the region]
  --vpc ID                  the VPC
  --subnet ID               a subnet for the endpoint, one a zone; repeat it
  --security-group ID       an existing group for the endpoint; repeat it. Without, one is made
  --name NAME               the link's name, a label for people [default: zilliz]
  --naming MODE             how the clusters' names get into the network [default: apex]
  --region REGION           the network's region, and the clusters' [default: AWS_REGION,
                            AWS_DEFAULT_REGION]
  --json                    print the plan, or the result, as JSON on standard output
  --help                    print this

Naming modes:
  apex                  a private zone named exactly each host; hides no other name
  self-managed          touch no DNS; what to write is printed

Variables:
  ZILLIZCLOUD_API_KEY       the API key
  ZILLIZCLOUD_HOST_ADDRESS  another base URL, with or without /v2
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
            eprintln!("{error}\nusage: zilliz_aws plan|apply|list|remove --project P --vpc VPC --subnet SUBNET…");
            eprintln!("`zilliz_aws --help` explains every argument");
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
    loop {
        let (code, plan_again) = once(arguments, &link).await?;
        if !plan_again {
            return Ok(code);
        }
    }
}

/// Does what was asked for once; whether more is to be planned now.
async fn once(arguments: &Arguments, link: &Link) -> Result<(ExitCode, bool), Box<dyn Error>> {
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
            return Ok((ExitCode::SUCCESS, false));
        }
    };
    if arguments.command == Command::Plan {
        show(arguments, &plan)?;
        let code = if plan.blockers().next().is_some() { ExitCode::from(BLOCKED) } else { ExitCode::SUCCESS };
        return Ok((code, false));
    }
    if !arguments.json {
        println!("{plan}");
    }
    let applied = link.apply(&plan).observe(|event| eprintln!("{event}")).await?;
    if applied.plan_again {
        return Ok((ExitCode::SUCCESS, true));
    }
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
    Ok((ExitCode::SUCCESS, false))
}

async fn link(arguments: &Arguments) -> Result<Link, Box<dyn Error>> {
    let project = zilliz::Client::from_env()?.project(arguments.project.clone());
    let region = format!("aws-{}", arguments.region).parse()?;
    let clusters = project.region(region).only(arguments.clusters.iter().cloned());
    let mut network = cloud(arguments).await?.vpc(arguments.vpc.clone()).subnets(arguments.subnets.clone());
    if !arguments.groups.is_empty() {
        network = network.security_groups(arguments.groups.clone());
    }
    if let Some(naming) = arguments.naming {
        network = network.naming(naming);
    }
    Ok(Link::builder(arguments.name.clone(), clusters, network).build()?)
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
    project: zilliz::ProjectId,
    clusters: Vec<zilliz::ClusterId>,
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
        let (mut command, mut project, mut vpc, mut name) = (None, None, None, None);
        let (mut clusters, mut subnets, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        let (mut naming, mut region, mut json) = (None, None, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("project") => project = Some(parser.value()?.string()?.parse()?),
                Long("cluster") => clusters.push(parser.value()?.string()?.parse()?),
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
            project: project.ok_or("--project is missing")?,
            clusters,
            vpc: vpc.ok_or("--vpc is missing")?,
            subnets,
            groups,
            name: match name {
                Some(name) => name,
                None => "zilliz".parse()?,
            },
            naming,
            region,
            json,
        }))
    }
}
