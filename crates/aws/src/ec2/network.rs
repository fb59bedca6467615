use privlink_core::{ErrorKind, Pages, Result, VpcId};

use super::operations::{
    DESCRIBE_NETWORK_INTERFACES, DESCRIBE_SUBNETS, DESCRIBE_VPC_ATTRIBUTE, DESCRIBE_VPCS, MODIFY_VPC_ATTRIBUTE, VERSION,
};
use super::{Ec2, Filter};
use crate::model::{NetworkInterface, Subnet, Vpc, VpcAttribute};
use crate::wire::query::Form;
use crate::wire::xml;

impl Ec2 {
    /// VPCs.
    pub fn vpcs(&self, filter: Filter) -> Pages<Vpc> {
        self.describe(DESCRIBE_VPCS, filter, "VpcId", "vpcSet", Vpc::read)
    }

    /// One of a VPC's DNS switches. AWS answers one a call.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such VPC.
    pub async fn vpc_attribute(&self, vpc: &VpcId, attribute: VpcAttribute) -> Result<bool> {
        let mut form = Form::new(DESCRIBE_VPC_ATTRIBUTE.name, VERSION);
        form.set("VpcId", vpc.as_str());
        form.set("Attribute", attribute.as_str());
        let answer = self.api.query(&DESCRIBE_VPC_ATTRIBUTE, vpc.as_str(), form).await?;
        answer
            .child(attribute.as_str())
            .and_then(|attribute| attribute.boolean("value"))
            .ok_or_else(|| xml::missing(answer.name(), attribute.as_str()).with_operation(DESCRIBE_VPC_ATTRIBUTE.name))
    }

    /// Sets one of a VPC's DNS switches. Everything in the VPC notices.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such VPC.
    pub async fn modify_vpc_attribute(&self, vpc: &VpcId, attribute: VpcAttribute, on: bool) -> Result<()> {
        let mut form = Form::new(MODIFY_VPC_ATTRIBUTE.name, VERSION);
        form.set("VpcId", vpc.as_str());
        form.flag(attribute.parameter(), on);
        self.api.query(&MODIFY_VPC_ATTRIBUTE, vpc.as_str(), form).await.map(drop)
    }

    /// Subnets, a page fetched when its first item is asked for.
    ///
    /// ```
    /// use privlink_aws::Filter;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let key = world.aws().key();
    /// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
    /// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
    /// let mut subnets = client.ec2().subnets(Filter::new());
    /// while let Some(subnet) = subnets.next().await {
    ///     println!("{}", subnet?.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn subnets(&self, filter: Filter) -> Pages<Subnet> {
        self.describe(DESCRIBE_SUBNETS, filter, "SubnetId", "subnetSet", Subnet::read)
    }

    /// Network interfaces.
    pub fn network_interfaces(&self, filter: Filter) -> Pages<NetworkInterface> {
        self.describe(
            DESCRIBE_NETWORK_INTERFACES,
            filter,
            "NetworkInterfaceId",
            "networkInterfaceSet",
            NetworkInterface::read,
        )
    }

    /// One VPC, or `None` when there is no such VPC.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn vpc(&self, id: &VpcId) -> Result<Option<Vpc>> {
        match self.vpcs(Filter::new().ids([id])).all().await {
            Ok(vpcs) => Ok(vpcs.into_iter().find(|vpc| vpc.id == *id)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
