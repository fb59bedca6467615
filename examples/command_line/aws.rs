//! What the programs for AWS share: the network's arguments, and the client.

use privlink::aws::{Client, Network};
use privlink::core::side::Naming;
use privlink::core::{Region, SecurityGroupId, SubnetId, VpcId};

use super::{Result, Words, required};

/// The lines of `--help` on [`Arguments`].
pub(crate) const ARGUMENTS: &str = "
  --vpc ID                  the VPC
  --subnet ID               a subnet for the endpoint, one a zone; repeat it
  --security-group ID       an existing group for the endpoint; repeat it. Without, one is made
  --region REGION           the network's region [default: AWS_REGION, AWS_DEFAULT_REGION]
";

/// The lines of `--help` on the variables that the client reads.
pub(crate) const VARIABLES: &str = "
  AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN   the AWS credentials; built with
                            the feature aws-config, the whole chain
  AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_EC2, AWS_ENDPOINT_URL_ROUTE_53, AWS_ENDPOINT_URL_STS
                            other endpoints
";

/// Where the endpoint is to be.
#[derive(Default)]
pub(crate) struct Arguments {
    vpc: Option<VpcId>,
    subnets: Vec<SubnetId>,
    groups: Vec<SecurityGroupId>,
    region: Option<Region>,
}

impl Arguments {
    /// Takes one of its options.
    pub(crate) fn take(&mut self, option: &str, words: &mut Words) -> Result<()> {
        match option {
            "vpc" => self.vpc = Some(words.value()?),
            "subnet" => self.subnets.push(words.value()?),
            "security-group" => self.groups.push(words.value()?),
            "region" => self.region = Some(words.value()?),
            _ => return Err(Words::unknown(option)),
        }
        Ok(())
    }

    /// Once all are taken.
    pub(crate) fn finish(self) -> Result<Place> {
        let region = match self.region {
            Some(region) => region,
            None => std::env::var("AWS_REGION")
                .or_else(|_| std::env::var("AWS_DEFAULT_REGION"))
                .map_err(|_| "no region: give --region or set AWS_REGION")?
                .parse()?,
        };
        Ok(Place { region, vpc: required(self.vpc, "--vpc")?, subnets: self.subnets, groups: self.groups })
    }
}

/// Where the endpoint is to be.
pub(crate) struct Place {
    pub(crate) region: Region,
    vpc: VpcId,
    subnets: Vec<SubnetId>,
    groups: Vec<SecurityGroupId>,
}

impl Place {
    /// The network's side.
    pub(crate) async fn network(&self, naming: Option<Naming>) -> Result<Network> {
        let mut network = client(&self.region).await?.vpc(self.vpc.clone());
        if !self.subnets.is_empty() {
            network = network.subnets(self.subnets.clone());
        }
        if !self.groups.is_empty() {
            network = network.security_groups(self.groups.clone());
        }
        if let Some(naming) = naming {
            network = network.naming(naming);
        }
        Ok(network)
    }
}

#[cfg(feature = "aws-config")]
async fn client(region: &Region) -> Result<Client> {
    Ok(Client::from_chain(region.clone()).await?)
}

#[cfg(not(feature = "aws-config"))]
async fn client(region: &Region) -> Result<Client> {
    Ok(Client::from_env(region.clone())?)
}
