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
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, aws, required};
use privlink::core::side::Naming;
use privlink::core::{CloudProvider, LinkName, Region};
use privlink::{Link, LinkBuilder, clickhouse};

struct ClickHouseAws {
    service: String,
    service_region: Option<Region>,
    place: aws::Place,
}

impl Program for ClickHouseAws {
    const NAME: &'static str = "clickhouse_aws";
    const DOES: &'static str = "Links a ClickHouse Cloud service to an AWS network.";
    const USAGE: &'static str = "--service S --vpc VPC [--subnet SUBNET]…";
    const ARGUMENTS: &'static [&'static str] = &[
        "
  --service ID or NAME      the service: its UUID, or its name in the region
  --service-region REGION   the service's region, to find it by name [default: the network's]
",
        aws::ARGUMENTS,
    ];
    const VARIABLES: &'static [&'static str] = &[
        "
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID         the organization [default: the key's own]
  CLICKHOUSE_API_URL        another base URL, with or without /v1
",
        aws::VARIABLES,
    ];
    const LINK: &'static str = "clickhouse";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut service, mut service_region, mut network) = (None, None, aws::Arguments::default());
        while let Some(option) = words.next()? {
            match option.as_str() {
                "service" => service = Some(words.value()?),
                "service-region" => service_region = Some(words.value()?),
                _ => network.take(&option, words)?,
            }
        }
        Ok(Self { service: required(service, "--service")?, service_region, place: network.finish()? })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let vendor = clickhouse::Client::from_env()?;
        let service = match self.service.parse() {
            Ok(id) => vendor.service(id),
            Err(_) => {
                let organization = vendor.own_organization().await?;
                let region = self.service_region.as_ref().unwrap_or(&self.place.region);
                organization.find_service(CloudProvider::Aws, region, &self.service).await?
            }
        };
        Ok(Link::builder(name, service, self.place.network(naming).await?))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<ClickHouseAws>().await
}
