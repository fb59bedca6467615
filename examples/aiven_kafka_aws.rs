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
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, aws, required};
use privlink::aiven::{ConnectionId, ProjectName, Service, ServiceName};
use privlink::core::side::Naming;
use privlink::core::{AwsPrincipal, CloudProvider, LinkName};
use privlink::{Link, LinkBuilder, aiven};

struct AivenAws {
    project: ProjectName,
    service: ServiceName,
    components: Vec<String>,
    principal: Option<AwsPrincipal>,
    connection: Option<ConnectionId>,
    delete_privatelink: bool,
    /// What `connections` does without.
    place: Option<aws::Place>,
}

impl Program for AivenAws {
    const NAME: &'static str = "aiven_kafka_aws";
    const DOES: &'static str = "Links an Aiven service to an AWS network.";
    const USAGE: &'static str = "--service S --vpc VPC";
    const COMMANDS: &'static [(&'static str, &'static str)] =
        &[("connections", "prints who is connected and let in, and where clients connect through each connection")];
    const ARGUMENTS: &'static [&'static str] = &[
        "
  --service NAME            the service
  --project NAME            its project [default: AIVEN_PROJECT]
  --component NAME          a component to be reached; repeat it [default: the main one of its type]
  --principal ARN           whom to let in [default: the user or role of the AWS credentials]
  --connection ID           the connection to use and no other: plc…
  --delete-privatelink      with `remove`: the privatelink too, unless others are connected; else it, its
                            list and its components stay and are told
",
        aws::ARGUMENTS,
    ];
    const VARIABLES: &'static [&'static str] = &[
        "
  AIVEN_AUTH_TOKEN or AIVEN_TOKEN   the token
  AIVEN_WEB_URL             another base URL, with or without /v1
",
        aws::VARIABLES,
    ];
    const LINK: &'static str = "aiven";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut project, mut service, mut components) = (None, None, Vec::new());
        let (mut principal, mut connection, mut delete_privatelink) = (None, None, false);
        let mut network = aws::Arguments::default();
        while let Some(option) = words.next()? {
            match option.as_str() {
                "project" => project = Some(words.value()?),
                "service" => service = Some(words.value()?),
                "component" => components.push(words.value()?),
                "principal" => principal = Some(words.value()?),
                "connection" => connection = Some(words.value()?),
                "delete-privatelink" => delete_privatelink = true,
                _ => network.take(&option, words)?,
            }
        }
        let project = match project {
            Some(project) => project,
            None => std::env::var("AIVEN_PROJECT")
                .map_err(|_| "no project: give --project or set AIVEN_PROJECT")?
                .parse()?,
        };
        let service = required(service, "--service")?;
        let place = if words.command() == Some("connections") { None } else { Some(network.finish()?) };
        Ok(Self { project, service, components, principal, connection, delete_privatelink, place })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let place = self.place.as_ref().ok_or("--vpc is missing")?;
        Ok(Link::builder(name, self.service()?, place.network(naming).await?))
    }

    /// Who is let in, who is connected, and where clients connect through each connection: several
    /// networks share one privatelink, and each has hosts and ports of its own.
    async fn command(&self, _: &str, json: bool) -> Result<()> {
        let service = self.service()?;
        let privatelink = service.privatelink(CloudProvider::Aws);
        let Some(there) = privatelink.get().await? else { return Err("the service has no privatelink".into()) };
        let details = service.details().await?;
        let mut shown = Vec::new();
        for connection in privatelink.connections().await? {
            let connection = connection?;
            let components = details.over_privatelink(connection.id.as_ref())?;
            shown.push(serde_json::json!({ "connection": connection, "components": components }));
            if json {
                continue;
            }
            let id = connection.id.as_ref().map_or("without an id", ConnectionId::as_str);
            println!("connection {id} of {}: {}", connection.endpoint_id, connection.state);
            for one in components {
                let way = one.kafka_authentication.as_ref().map(|way| format!(" ({way})")).unwrap_or_default();
                println!("  {}{way} at {}:{}", one.component, one.host, one.port);
            }
        }
        if json {
            let all = serde_json::json!({ "privatelink": there, "connections": shown });
            println!("{}", serde_json::to_string_pretty(&all)?);
        } else {
            println!("let in: {}", there.allowed.unwrap_or_default().join(", "));
        }
        Ok(())
    }
}

impl AivenAws {
    fn service(&self) -> Result<Service> {
        let project = aiven::Client::from_env()?.project(self.project.clone());
        let mut service = project.service(self.service.clone()).in_cloud(CloudProvider::Aws);
        for component in &self.components {
            service = service.component(component.clone());
        }
        if let Some(principal) = &self.principal {
            service = service.allow(principal.clone());
        }
        if let Some(connection) = &self.connection {
            service = service.pin_connection(connection.clone());
        }
        Ok(if self.delete_privatelink { service.delete_privatelink_on_removal() } else { service })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<AivenAws>().await
}
