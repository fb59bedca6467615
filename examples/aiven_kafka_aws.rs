//! Links an Aiven service, such as Kafka with its schema registry, to an AWS network: the real thing.
//!
//! ```sh
//! cargo run --features aiven --example aiven_kafka_aws -- plan \
//!     --project example-project --service events-kafka \
//!     --component kafka --component schema_registry --vpc vpc-0a1b2c3d4e5f67890
//! ```
//!
//! Without an account, against the simulator (VPC and services are those of the comment lines it
//! printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --time-scale 30 --print env > sim.env &
//! until grep -q AWS_ENDPOINT_URL sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --features aiven --example aiven_kafka_aws -- apply --service events-kafka \
//!     --component kafka --component schema_registry --vpc "$(sed -n 's/^# vpc //p' sim.env)"
//! ```
//!
//! | command | does |
//! | --- | --- |
//! | `plan` | reads both sides and prints what has to be done; changes nothing |
//! | `apply` | plans, then does it, printing each event; plans once more when the privatelink had to be made first |
//! | `connections` | prints who is connected and let in, and where clients connect through each connection |
//! | `remove` | takes down what it made; the privatelink, its list and its components stay and are told |
//!
//! | argument | meaning |
//! | --- | --- |
//! | `--service NAME` | the service |
//! | `--project NAME` | its project; else `AIVEN_PROJECT` |
//! | `--component NAME` | a component to be reached; repeat it. Without, the main one of the service's type |
//! | `--principal ARN` | whom to let in; else the user or role of the AWS credentials |
//! | `--connection ID` | the connection to use and no other: `plc…` |
//! | `--delete-privatelink` | with `remove`: the privatelink too, unless others are connected |
//! | `--vpc ID` | the VPC |
//! | `--subnet ID` | a subnet for the endpoint, one a zone; repeat it. Without, one in each zone |
//! | `--name NAME` | the link's name, a label for people; `aiven` unless given |
//! | `--region REGION` | the network's region; else `AWS_REGION` or `AWS_DEFAULT_REGION` |
//! | `--json` | prints the plan, or the result, as JSON on standard output |
//! | `--help` | prints all this |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `AIVEN_AUTH_TOKEN` or `AIVEN_TOKEN` | the token |
//! | `AIVEN_WEB_URL` | another base URL, with or without `/v1` |
//! | `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | the AWS credentials; with `--features aws-config` the whole chain |
//! | `AWS_ENDPOINT_URL` and the like | other endpoints |
//!
//! Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked.

use std::error::Error;
use std::process::ExitCode;

use lexopt::prelude::*;
use privlink::aiven::{ConnectionId, ProjectName, Service, ServiceName};
use privlink::core::{AwsPrincipal, CloudProvider, LinkName, Region, SubnetId, VpcId};
use privlink::{ApplyError, Link, aiven, aws};

/// The exit code of a blocked plan.
const BLOCKED: u8 = 3;

const HELP: &str = "\
Links an Aiven service to an AWS network.

Usage: aiven_kafka_aws plan|apply|connections|remove --service S --vpc VPC [more]

Commands:
  plan         reads both sides and prints what has to be done; changes nothing
  apply        plans, then does it, printing each event; run it again at any time
  connections  prints who is connected and let in, and where clients connect through each connection
  remove       takes down what it made; what is the service's stays and is told

Arguments:
  --service NAME        the service
  --project NAME        its project [default: AIVEN_PROJECT]
  --component NAME      a component to be reached; repeat it [default: the main one of its type]
  --principal ARN       whom to let in [default: the user or role of the AWS credentials]
  --connection ID       the connection to use and no other
  --delete-privatelink  with `remove`: the privatelink too, unless others are connected
  --vpc ID              the VPC
  --subnet ID           a subnet for the endpoint, one a zone; repeat it
  --name NAME           the link's name, a label for people [default: aiven]
  --region REGION       the network's region [default: AWS_REGION, AWS_DEFAULT_REGION]
  --json                print the plan, or the result, as JSON on standard output
  --help                print this

Variables:
  AIVEN_AUTH_TOKEN or AIVEN_TOKEN   the token
  AIVEN_WEB_URL             another base URL, with or without /v1
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   the AWS credentials; built with
                            the feature aws-config, the whole chain
  AWS_ENDPOINT_URL          and the like: other endpoints

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
            eprintln!("{error}\nusage: aiven_kafka_aws plan|apply|connections|remove --service S --vpc VPC");
            eprintln!("`aiven_kafka_aws --help` explains every argument");
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
    let service = service(arguments)?;
    if arguments.command == Command::Connections {
        connections(arguments, &service).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let network = cloud(arguments).await?.vpc(arguments.vpc.clone().ok_or("--vpc is missing")?);
    let network = if arguments.subnets.is_empty() { network } else { network.subnets(arguments.subnets.clone()) };
    let link = Link::builder(arguments.name.clone(), service, network).build()?;
    loop {
        let plan = match arguments.command {
            Command::Remove => link.removal_plan().await?,
            _ => link.plan().await?,
        };
        let whole_as_json = arguments.json && arguments.command == Command::Plan;
        if whole_as_json {
            println!("{}", serde_json::to_string_pretty(&plan)?);
        } else if !arguments.json {
            println!("{plan}");
        }
        if arguments.command == Command::Plan {
            return Ok(if plan.blockers().next().is_some() { ExitCode::from(BLOCKED) } else { ExitCode::SUCCESS });
        }
        let applied = link.apply(&plan).observe(|event| eprintln!("{event}")).await?;
        // There was no privatelink: the network's part is planned now that there is.
        if applied.plan_again {
            continue;
        }
        if arguments.json {
            println!("{}", serde_json::to_string_pretty(&applied.exchange)?);
        } else if arguments.command == Command::Apply {
            for name in applied.names() {
                println!("connect to {}: {name}", name.component);
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
}

/// Who is let in, who is connected, and where clients connect through each connection: several
/// networks share one privatelink, and each has hosts and ports of its own.
async fn connections(arguments: &Arguments, service: &Service) -> Result<(), Box<dyn Error>> {
    let privatelink = service.privatelink(CloudProvider::Aws);
    let Some(there) = privatelink.get().await? else { return Err("the service has no privatelink".into()) };
    let details = service.details().await?;
    let mut shown = Vec::new();
    for connection in privatelink.connections().await? {
        let connection = connection?;
        let components = details.over_privatelink(connection.id.as_ref())?;
        shown.push(serde_json::json!({ "connection": connection, "components": components }));
        if arguments.json {
            continue;
        }
        let id = connection.id.as_ref().map_or("without an id", ConnectionId::as_str);
        println!("connection {id} of {}: {}", connection.endpoint_id, connection.state);
        for one in components {
            let way = one.kafka_authentication.as_ref().map(|way| format!(" ({way})")).unwrap_or_default();
            println!("  {}{way} at {}:{}", one.component, one.host, one.port);
        }
    }
    if arguments.json {
        println!(
            "{}",
            serde_json::to_string_pretty(&serde_json::json!({ "privatelink": there, "connections": shown }))?
        );
    } else {
        println!("let in: {}", there.allowed.unwrap_or_default().join(", "));
    }
    Ok(())
}

fn service(arguments: &Arguments) -> Result<Service, Box<dyn Error>> {
    let project = aiven::Client::from_env()?.project(arguments.project.clone());
    let mut service = project.service(arguments.service.clone()).in_cloud(CloudProvider::Aws);
    for component in &arguments.components {
        service = service.component(component.clone());
    }
    if let Some(principal) = &arguments.principal {
        service = service.allow(principal.clone());
    }
    if let Some(connection) = &arguments.connection {
        service = service.pin_connection(connection.clone());
    }
    Ok(if arguments.delete_privatelink { service.delete_privatelink_on_removal() } else { service })
}

#[cfg(feature = "aws-config")]
async fn cloud(arguments: &Arguments) -> Result<aws::Client, Box<dyn Error>> {
    Ok(aws::Client::from_chain(arguments.region()?).await?)
}

#[cfg(not(feature = "aws-config"))]
async fn cloud(arguments: &Arguments) -> Result<aws::Client, Box<dyn Error>> {
    Ok(aws::Client::from_env(arguments.region()?)?)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Plan,
    Apply,
    Connections,
    Remove,
}

struct Arguments {
    command: Command,
    project: ProjectName,
    service: ServiceName,
    components: Vec<String>,
    principal: Option<AwsPrincipal>,
    connection: Option<ConnectionId>,
    delete_privatelink: bool,
    vpc: Option<VpcId>,
    subnets: Vec<SubnetId>,
    name: LinkName,
    region: Option<Region>,
    json: bool,
}

impl Arguments {
    /// `None` when help was asked for.
    fn parse(mut parser: lexopt::Parser) -> Result<Option<Self>, Box<dyn Error>> {
        let (mut command, mut project, mut service, mut vpc, mut name) = (None, None, None, None, None);
        let (mut components, mut subnets) = (Vec::new(), Vec::new());
        let (mut principal, mut connection, mut region) = (None, None, None);
        let (mut delete_privatelink, mut json) = (false, false);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("project") => project = Some(parser.value()?.string()?.parse()?),
                Long("service") => service = Some(parser.value()?.string()?.parse()?),
                Long("component") => components.push(parser.value()?.string()?),
                Long("principal") => principal = Some(parser.value()?.string()?.parse()?),
                Long("connection") => connection = Some(parser.value()?.string()?.parse()?),
                Long("delete-privatelink") => delete_privatelink = true,
                Long("vpc") => vpc = Some(parser.value()?.string()?.parse()?),
                Long("subnet") => subnets.push(parser.value()?.string()?.parse()?),
                Long("name") => name = Some(parser.value()?.string()?.parse()?),
                Long("region") => region = Some(parser.value()?.string()?.parse()?),
                Long("json") => json = true,
                Long("help") | Short('h') => return Ok(None),
                Value(word) if command.is_none() => {
                    command = Some(match word.string()?.as_str() {
                        "plan" => Command::Plan,
                        "apply" => Command::Apply,
                        "connections" => Command::Connections,
                        "remove" => Command::Remove,
                        other => return Err(format!("there is no command `{other}`").into()),
                    });
                }
                other => return Err(other.unexpected().into()),
            }
        }
        let project = match project {
            Some(project) => project,
            None => std::env::var("AIVEN_PROJECT")
                .map_err(|_| "no project: give --project or set AIVEN_PROJECT")?
                .parse()?,
        };
        Ok(Some(Self {
            command: command.ok_or("give a command: plan, apply, connections or remove")?,
            project,
            service: service.ok_or("--service is missing")?,
            components,
            principal,
            connection,
            delete_privatelink,
            vpc,
            subnets,
            name: match name {
                Some(name) => name,
                None => "aiven".parse()?,
            },
            region,
            json,
        }))
    }

    fn region(&self) -> Result<Region, Box<dyn Error>> {
        match &self.region {
            Some(region) => Ok(region.clone()),
            None => Ok(std::env::var("AWS_REGION")
                .or_else(|_| std::env::var("AWS_DEFAULT_REGION"))
                .map_err(|_| "no region: give --region or set AWS_REGION")?
                .parse()?),
        }
    }
}
