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
//! cargo run --example zilliz_aws --features zilliz -- apply --project "$(sed -n 's/^# zilliz-project //p' sim.env)" \
//!     --vpc "$(sed -n 's/^# vpc //p' sim.env)" --subnet "$(sed -n '/^# subnet /{s///p;q}' sim.env)"
//! ```
//!
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, aws, required};
use privlink::core::LinkName;
use privlink::core::side::Naming;
use privlink::{Link, LinkBuilder, zilliz};

struct ZillizAws {
    project: zilliz::ProjectId,
    clusters: Vec<zilliz::ClusterId>,
    place: aws::Place,
}

impl Program for ZillizAws {
    const NAME: &'static str = "zilliz_aws";
    const DOES: &'static str = "Links the clusters of a Zilliz Cloud project in a region to an AWS network.";
    const USAGE: &'static str = "--project P --vpc VPC [--subnet SUBNET]…";
    const ARGUMENTS: &'static [&'static str] = &[
        "
  --project ID              the project
  --cluster ID              a cluster to name; repeat it [default: all Dedicated ones of the network's
                            region, those made later too]
",
        aws::ARGUMENTS,
    ];
    const VARIABLES: &'static [&'static str] = &[
        "
  ZILLIZCLOUD_API_KEY       the API key
  ZILLIZCLOUD_HOST_ADDRESS  another base URL, with or without /v2
",
        aws::VARIABLES,
    ];
    const LINK: &'static str = "zilliz";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut project, mut clusters, mut network) = (None, Vec::new(), aws::Arguments::default());
        while let Some(option) = words.next()? {
            match option.as_str() {
                "project" => project = Some(words.value()?),
                "cluster" => clusters.push(words.value()?),
                _ => network.take(&option, words)?,
            }
        }
        Ok(Self { project: required(project, "--project")?, clusters, place: network.finish()? })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let project = zilliz::Client::from_env()?.project(self.project.clone());
        let region = format!("aws-{}", self.place.region).parse()?;
        let clusters = project.region(region).only(self.clusters.iter().cloned());
        Ok(Link::builder(name, clusters, self.place.network(naming).await?))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<ZillizAws>().await
}
