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
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, required};
use privlink::core::side::Naming;
use privlink::core::{CloudProvider, LinkName, ProjectId, Region};
use privlink::{Link, LinkBuilder, clickhouse, gcp};

struct ClickHouseGcp {
    service: String,
    network: gcp::NetworkName,
    host: Option<ProjectId>,
    subnetwork: Option<gcp::SubnetworkName>,
    region: Region,
    client_regions: Vec<Region>,
    zone: Option<gcp::ManagedZoneName>,
}

impl Program for ClickHouseGcp {
    const NAME: &'static str = "clickhouse_gcp";
    const DOES: &'static str = "Links a ClickHouse Cloud service to a Google Cloud network.";
    const USAGE: &'static str = "--service S --network N [--subnetwork SUBNETWORK]";
    const ARGUMENTS: &'static [&'static str] = &["
  --service ID or NAME      the service: its UUID, or its name in the region
  --network NAME or PATH    the network; a path projects/P/global/networks/N names the host of a Shared VPC
  --subnetwork NAME or PATH the subnetwork of the endpoint's address [default: the widest]
  --region REGION           the endpoint's region, which is the service's [default: that of the
                            subnetwork's path, GOOGLE_CLOUD_REGION]
  --client-region REGION    another region with clients, by global access; repeat it
  --zone NAME               an existing private zone to write into. Without, one is made
"];
    const VARIABLES: &'static [&'static str] = &["
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID         the organization [default: the key's own]
  CLICKHOUSE_API_URL        another base URL, with or without /v1
  GOOGLE_CLOUD_PROJECT      the project of the endpoint [or CLOUDSDK_CORE_PROJECT]
  GOOGLE_OAUTH_ACCESS_TOKEN the access token [or CLOUDSDK_AUTH_ACCESS_TOKEN]
  GOOGLE_CLOUD_QUOTA_PROJECT   whose quota of requests is used
  CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE, CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS   other endpoints
"];
    const LINK: &'static str = "clickhouse";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut service, mut network, mut subnetwork) = (None, None::<String>, None::<String>);
        let (mut region, mut client_regions, mut zone) = (None, Vec::new(), None);
        while let Some(option) = words.next()? {
            match option.as_str() {
                "service" => service = Some(words.value()?),
                "network" => network = Some(words.value()?),
                "subnetwork" => subnetwork = Some(words.value()?),
                "region" => region = Some(words.value()?),
                "client-region" => client_regions.push(words.value()?),
                "zone" => zone = Some(words.value()?),
                _ => return Err(Words::unknown(&option)),
            }
        }
        let (network, host) = network_of(&required(network, "--network")?)?;
        let (subnetwork, of_subnetwork) = subnetwork_of(subnetwork.as_deref())?;
        let region = match region.or(of_subnetwork) {
            Some(region) => region,
            None => std::env::var("GOOGLE_CLOUD_REGION")
                .map_err(|_| "no region: give --region or set GOOGLE_CLOUD_REGION")?
                .parse()?,
        };
        Ok(Self { service: required(service, "--service")?, network, host, subnetwork, region, client_regions, zone })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let vendor = clickhouse::Client::from_env()?;
        let service = match self.service.parse() {
            Ok(id) => vendor.service(id),
            Err(_) => {
                let organization = vendor.own_organization().await?;
                organization.find_service(CloudProvider::Gcp, &self.region, &self.service).await?
            }
        };
        let mut network = gcp::Client::from_env()?.network(self.network.clone());
        if let Some(host) = &self.host {
            network = network.host_project(host);
        }
        let mut network = network.region(self.region.clone()).client_regions(self.client_regions.iter().cloned());
        if let Some(subnetwork) = &self.subnetwork {
            network = network.subnetwork(subnetwork.clone());
        }
        if let Some(zone) = &self.zone {
            network = network.zone(zone.clone());
        }
        if let Some(naming) = naming {
            network = network.naming(naming);
        }
        Ok(Link::builder(name, service, network))
    }
}

/// A network by its name, or by its path, which names its project too.
fn network_of(text: &str) -> Result<(gcp::NetworkName, Option<ProjectId>)> {
    if !text.contains('/') {
        return Ok((text.parse()?, None));
    }
    let path: gcp::NetworkPath = text.parse()?;
    Ok((path.name(), Some(path.project())))
}

/// A subnetwork by its name, or by its path, which names its region too.
fn subnetwork_of(text: Option<&str>) -> Result<(Option<gcp::SubnetworkName>, Option<Region>)> {
    Ok(match text {
        None => (None, None),
        Some(text) if !text.contains('/') => (Some(text.parse()?), None),
        Some(text) => {
            let path: gcp::SubnetworkPath = text.parse()?;
            (Some(path.name()), Some(path.region()))
        }
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<ClickHouseGcp>().await
}
