//! Links a ClickHouse Cloud service to an Azure network: the real thing.
//!
//! ```sh
//! export AZURE_ACCESS_TOKEN="$(az account get-access-token --query accessToken -o tsv)"
//! cargo run --example clickhouse_azure --features azure -- plan --service ledger --service-region westus3 \
//!     --network /subscriptions/…/resourceGroups/app/providers/Microsoft.Network/virtualNetworks/main --subnet data
//! ```
//!
//! Without a subscription, against the simulator (the network is that of the comment line it printed):
//!
//! ```sh
//! cargo run -p privlink-sim -- --print env > sim.env &
//! until grep -q AZURE_RESOURCE_MANAGER_ENDPOINT sim.env; do sleep 1; done
//! set -a; . ./sim.env; set +a
//! cargo run --example clickhouse_azure --features azure -- plan --service ledger --service-region westus3 \
//!     --network "$(sed -n 's/^# virtual-network //p' sim.env)"
//! ```
//!
//! `--help` explains every command, argument and variable.

mod command_line;

use std::process::ExitCode;

use command_line::{Program, Result, Words, required};
use privlink::azure::{PrivateDnsZoneId, SubnetId, VirtualNetworkId};
use privlink::core::side::Naming;
use privlink::core::{CloudProvider, LinkName, Region};
use privlink::{Link, LinkBuilder, azure, clickhouse};

struct ClickHouseAzure {
    service: String,
    service_region: Option<Region>,
    network: VirtualNetworkId,
    subnet: Option<SubnetId>,
    resource_group: Option<String>,
    zone: Option<PrivateDnsZoneId>,
    also_resolve_in: Vec<VirtualNetworkId>,
}

impl Program for ClickHouseAzure {
    const NAME: &'static str = "clickhouse_azure";
    const DOES: &'static str = "Links a ClickHouse Cloud service to an Azure network.";
    const USAGE: &'static str = "--service S --network NETWORK [--subnet SUBNET]";
    const ARGUMENTS: &'static [&'static str] = &["
  --service ID or NAME      the service: its UUID, or its name in the service's region
  --service-region REGION   the service's region, to find it by name
  --network ID              the virtual network's resource id
  --subnet ID or NAME       the endpoint's subnet [default: the network's only one]
  --resource-group NAME     where the endpoint and the zone are made [default: the network's]
  --zone ID                 an existing private zone to write into, in whatever subscription
  --also-resolve-in ID      a further network that is to resolve the name; repeat it
"];
    const VARIABLES: &'static [&'static str] = &["
  CLICKHOUSE_CLOUD_API_KEY, CLICKHOUSE_CLOUD_API_SECRET   the API key
  CLICKHOUSE_ORG_ID         the organization [default: the key's own]
  CLICKHOUSE_API_URL        another base URL, with or without /v1
  AZURE_SUBSCRIPTION_ID     the subscription; ARM_SUBSCRIPTION_ID does too
  AZURE_ACCESS_TOKEN        a token for the resource manager
  AZURE_ENVIRONMENT         the cloud: public, usgovernment, china; ARM_ENVIRONMENT does too
  AZURE_RESOURCE_MANAGER_ENDPOINT   another address of the resource manager
"];
    const LINK: &'static str = "clickhouse";

    fn parse(words: &mut Words) -> Result<Self> {
        let (mut service, mut service_region, mut network) = (None, None, None);
        let (mut subnet, mut resource_group) = (None::<String>, None);
        let (mut zone, mut also_resolve_in) = (None, Vec::new());
        while let Some(option) = words.next()? {
            match option.as_str() {
                "service" => service = Some(words.value()?),
                "service-region" => service_region = Some(words.value()?),
                "network" => network = Some(words.value()?),
                "subnet" => subnet = Some(words.value()?),
                "resource-group" => resource_group = Some(words.value()?),
                "zone" => zone = Some(words.value()?),
                "also-resolve-in" => also_resolve_in.push(words.value()?),
                _ => return Err(Words::unknown(&option)),
            }
        }
        let network: VirtualNetworkId = required(network, "--network")?;
        let subnet = match subnet {
            Some(id) if id.starts_with('/') => Some(id.parse()?),
            Some(name) => Some(network.subnet(&name)?),
            None => None,
        };
        let service = required(service, "--service")?;
        Ok(Self { service, service_region, network, subnet, resource_group, zone, also_resolve_in })
    }

    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder> {
        let vendor = clickhouse::Client::from_env()?;
        let service = match (self.service.parse(), &self.service_region) {
            (Ok(id), _) => vendor.service(id),
            (Err(_), Some(region)) => {
                let organization = vendor.own_organization().await?;
                organization.find_service(CloudProvider::Azure, region, &self.service).await?
            }
            (Err(_), None) => return Err("to find a service by its name, give --service-region".into()),
        };
        let mut network =
            azure::Client::from_env()?.network(self.network.clone()).also_resolve_in(self.also_resolve_in.clone());
        if let Some(subnet) = &self.subnet {
            network = network.subnet(subnet.clone());
        }
        if let Some(group) = &self.resource_group {
            network = network.resource_group(group)?;
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    command_line::main::<ClickHouseAzure>().await
}
