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
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, aws, required};
use privlink::core::LinkName;
use privlink::core::side::Naming;
use privlink::{Link, LinkBuilder, cockroach};

struct CockroachAws {
    cluster: String,
    place: aws::Place,
}

impl Program for CockroachAws {
    const NAME: &'static str = "cockroach_aws";
    const DOES: &'static str = "Links a CockroachDB Cloud cluster to an AWS network.";
    const USAGE: &'static str = "--cluster C --vpc VPC [--subnet SUBNET]…";
    const ARGUMENTS: &'static [&'static str] =
        &["  --cluster ID or NAME      the cluster: its UUID, or its name\n", aws::ARGUMENTS];
    const VARIABLES: &'static [&'static str] = &[
        "
  COCKROACH_API_KEY         the secret key of a service account
  COCKROACH_API_JWT, COCKROACH_VANITY_NAME, COCKROACH_USERNAME   or a JWT with its organization
  COCKROACH_SERVER          another base URL, with or without /api/v1
",
        aws::VARIABLES,
    ];
    const LINK: &'static str = "cockroach";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut cluster, mut network) = (None, aws::Arguments::default());
        while let Some(option) = words.next()? {
            match option.as_str() {
                "cluster" => cluster = Some(words.value()?),
                _ => network.take(&option, words)?,
            }
        }
        Ok(Self { cluster: required(cluster, "--cluster")?, place: network.finish()? })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let vendor = cockroach::Client::from_env()?;
        let cluster = match self.cluster.parse() {
            Ok(id) => vendor.cluster(id),
            Err(_) => vendor.find_cluster(&self.cluster).await?,
        };
        let cluster = cluster.in_region(self.place.region.clone());
        Ok(Link::builder(name, cluster, self.place.network(naming).await?))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<CockroachAws>().await
}
