use std::net::{Ipv4Addr, Ipv6Addr};

use privlink_core::{
    Error, ErrorKind, Pages, Region, Result, SecurityGroupId, SubnetId, VpcEndpointId, VpcEndpointServiceName, VpcId,
};

use super::operations::{
    CREATE_VPC_ENDPOINT, DELETE_VPC_ENDPOINTS, DESCRIBE_VPC_ENDPOINT_SERVICES, DESCRIBE_VPC_ENDPOINTS,
    MODIFY_VPC_ENDPOINT, VERSION,
};
use super::{Ec2, Filter};
use crate::model::{DnsRecordIpType, IpAddressType, ServiceDetail, Tag, UnsuccessfulItem, VpcEndpoint};
use crate::problem::Problem;
use crate::wire::query::Form;
use crate::wire::xml;

/// A subnet with the address its interface is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SubnetAddress {
    /// The subnet.
    pub subnet: SubnetId,
    /// The IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
}

impl SubnetAddress {
    /// A subnet with the addresses its interface is to have.
    #[must_use]
    pub fn new(subnet: SubnetId, ipv4: Option<Ipv4Addr>, ipv6: Option<Ipv6Addr>) -> Self {
        Self { subnet, ipv4, ipv6 }
    }
}

/// An interface endpoint to be made.
///
/// The client token is required: the same token with the same parameters gives the first
/// answer again, so that a create whose answer was lost can be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreateVpcEndpoint {
    /// The VPC.
    pub vpc: VpcId,
    /// The service it points at.
    pub service: VpcEndpointServiceName,
    /// Up to 64 ASCII characters, compared with case.
    pub client_token: String,
    /// One subnet a zone; at least one.
    pub subnets: Vec<SubnetId>,
    /// Its groups; at least one, since without any AWS takes the VPC's default group, which
    /// lets nobody in.
    pub groups: Vec<SecurityGroupId>,
    /// The service's region, given only when it is another one than the client's.
    pub service_region: Option<Region>,
    /// Whether it answers the vendor's private name itself. Always sent; off for a new endpoint,
    /// since switching it on before the vendor has accepted is refused.
    pub private_dns: bool,
    /// Which IP versions its interfaces have; AWS decides when `None`.
    pub ip_address_type: Option<IpAddressType>,
    /// Which addresses its names answer with.
    pub dns_record_ip_type: Option<DnsRecordIpType>,
    /// Fixed addresses; each subnet must be among `subnets` too.
    pub addresses: Vec<SubnetAddress>,
    /// The tags it is born with.
    pub tags: Vec<Tag>,
}

impl CreateVpcEndpoint {
    /// An endpoint in `vpc` to `service`, with private DNS off.
    #[must_use]
    pub fn new(
        vpc: VpcId,
        service: VpcEndpointServiceName,
        client_token: impl Into<String>,
        subnets: Vec<SubnetId>,
        groups: Vec<SecurityGroupId>,
    ) -> Self {
        Self {
            vpc,
            service,
            client_token: client_token.into(),
            subnets,
            groups,
            service_region: None,
            private_dns: false,
            ip_address_type: None,
            dns_record_ip_type: None,
            addresses: Vec::new(),
            tags: Vec::new(),
        }
    }

    fn form(&self) -> Result<Form> {
        if self.subnets.is_empty() || self.groups.is_empty() {
            return Err(Error::invalid("an interface endpoint needs at least one subnet and one security group"));
        }
        let token = &self.client_token;
        if token.is_empty() || token.len() > 64 || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::invalid("a client token has 1 to 64 printable ASCII characters"));
        }
        let mut form = Form::new(CREATE_VPC_ENDPOINT.name, VERSION);
        form.set("VpcEndpointType", "Interface");
        form.set("VpcId", self.vpc.as_str());
        form.set("ServiceName", self.service.as_str());
        form.list("SubnetId", &self.subnets);
        form.list("SecurityGroupId", &self.groups);
        form.flag("PrivateDnsEnabled", self.private_dns);
        form.set_opt("IpAddressType", self.ip_address_type.as_ref());
        form.set_opt("DnsOptions.DnsRecordIpType", self.dns_record_ip_type.as_ref());
        for (place, address) in self.addresses.iter().enumerate() {
            let prefix = format!("SubnetConfiguration.{}", place + 1);
            form.set(&format!("{prefix}.SubnetId"), address.subnet.as_str());
            form.set_opt(&format!("{prefix}.Ipv4"), address.ipv4.map(|ip| ip.to_string()));
            form.set_opt(&format!("{prefix}.Ipv6"), address.ipv6.map(|ip| ip.to_string()));
        }
        form.set_opt("ServiceRegion", self.service_region.as_ref());
        form.set("ClientToken", token);
        form.born_with("vpc-endpoint", &self.tags);
        Ok(form)
    }
}

/// Changes of an endpoint; what is not set stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ModifyVpcEndpoint {
    private_dns: Option<bool>,
    add_subnets: Vec<SubnetId>,
    remove_subnets: Vec<SubnetId>,
    add_groups: Vec<SecurityGroupId>,
    remove_groups: Vec<SecurityGroupId>,
    ip_address_type: Option<IpAddressType>,
}

impl ModifyVpcEndpoint {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Switches private DNS; the endpoint goes through `pending` for up to five minutes.
    pub fn private_dns(mut self, on: bool) -> Self {
        self.private_dns = Some(on);
        self
    }

    /// Adds a subnet.
    pub fn add_subnet(mut self, subnet: SubnetId) -> Self {
        self.add_subnets.push(subnet);
        self
    }

    /// Takes a subnet away.
    pub fn remove_subnet(mut self, subnet: SubnetId) -> Self {
        self.remove_subnets.push(subnet);
        self
    }

    /// Adds a security group.
    pub fn add_group(mut self, group: SecurityGroupId) -> Self {
        self.add_groups.push(group);
        self
    }

    /// Takes a security group away.
    pub fn remove_group(mut self, group: SecurityGroupId) -> Self {
        self.remove_groups.push(group);
        self
    }

    /// Changes the IP versions.
    pub fn ip_address_type(mut self, kind: IpAddressType) -> Self {
        self.ip_address_type = Some(kind);
        self
    }
}

impl Ec2 {
    /// An endpoint service as this account sees it from this region.
    ///
    /// `service_region` is given for a service of another region. `None` when the service is not
    /// visible; the reasons are those of [`Problem::ServiceNotVisible`].
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn endpoint_service(
        &self,
        name: &VpcEndpointServiceName,
        service_region: Option<&Region>,
    ) -> Result<Option<ServiceDetail>> {
        let mut form = Form::new(DESCRIBE_VPC_ENDPOINT_SERVICES.name, VERSION);
        form.list("ServiceName", [name]);
        form.list("ServiceRegion", service_region);
        let answer = match self.api.query(&DESCRIBE_VPC_ENDPOINT_SERVICES, name.as_str(), form).await {
            Ok(answer) => answer,
            Err(error) if Problem::of(&error) == Problem::ServiceNotVisible => return Ok(None),
            Err(error) => return Err(error),
        };
        let details: Vec<ServiceDetail> = answer
            .list("serviceDetailSet")
            .map(ServiceDetail::read)
            .collect::<Result<_>>()
            .map_err(|error| self.api.tell(&DESCRIBE_VPC_ENDPOINT_SERVICES, error))?;
        Ok(details.into_iter().find(|detail| detail.name == name.as_str()))
    }

    /// VPC endpoints.
    pub fn vpc_endpoints(&self, filter: Filter) -> Pages<VpcEndpoint> {
        self.describe(DESCRIBE_VPC_ENDPOINTS, filter, "VpcEndpointId", "vpcEndpointSet", VpcEndpoint::read)
    }

    /// One VPC endpoint, or `None` when there is no such endpoint: never was, not visible yet,
    /// or long deleted.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn vpc_endpoint(&self, id: &VpcEndpointId) -> Result<Option<VpcEndpoint>> {
        match self.vpc_endpoints(Filter::new().ids([id])).all().await {
            Ok(endpoints) => Ok(endpoints.into_iter().find(|endpoint| endpoint.id == *id)),
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes an interface endpoint, or gives back the one made before with the same token.
    ///
    /// # Errors
    /// [`Problem::of`] tells what is wrong: [`Problem::ServiceNotVisible`],
    /// [`Problem::ZoneMismatch`], [`Problem::TokenReuse`], [`Problem::Limit`], …
    pub async fn create_vpc_endpoint(&self, endpoint: &CreateVpcEndpoint) -> Result<VpcEndpoint> {
        let answer = self.api.query(&CREATE_VPC_ENDPOINT, endpoint.service.as_str(), endpoint.form()?).await?;
        let made = answer.child("vpcEndpoint").ok_or_else(|| xml::missing(answer.name(), "vpcEndpoint"));
        made.and_then(VpcEndpoint::read).map_err(|error| {
            // It was made; only its answer cannot be read.
            self.api.tell(&CREATE_VPC_ENDPOINT, error.with_kind(ErrorKind::OutcomeUnknown))
        })
    }

    /// Whether [`create_vpc_endpoint`](Self::create_vpc_endpoint) would be allowed: a dry run.
    /// It does not prove that private DNS will be.
    ///
    /// # Errors
    /// When the parameters are refused, or it cannot be told.
    pub async fn may_create_vpc_endpoint(&self, endpoint: &CreateVpcEndpoint) -> Result<bool> {
        let mut form = endpoint.form()?;
        form.flag("DryRun", true);
        let answer = self.api.query(&CREATE_VPC_ENDPOINT, endpoint.service.as_str(), form).await;
        match answer {
            Err(error) if Problem::of(&error) == Problem::DryRunOk => Ok(true),
            Err(error) if error.code() == Some("UnauthorizedOperation") => Ok(false),
            Err(error) => Err(error),
            Ok(_) => Err(Error::new(
                ErrorKind::OutcomeUnknown,
                "the service does not know dry runs: it may have made the endpoint",
            )
            .with_operation(CREATE_VPC_ENDPOINT.name)),
        }
    }

    /// Changes an endpoint.
    ///
    /// # Errors
    /// [`Problem::of`] tells why private DNS is refused.
    pub async fn modify_vpc_endpoint(&self, id: &VpcEndpointId, changes: &ModifyVpcEndpoint) -> Result<()> {
        let mut form = Form::new(MODIFY_VPC_ENDPOINT.name, VERSION);
        form.set("VpcEndpointId", id.as_str());
        form.list("AddSubnetId", &changes.add_subnets);
        form.list("RemoveSubnetId", &changes.remove_subnets);
        form.list("AddSecurityGroupId", &changes.add_groups);
        form.list("RemoveSecurityGroupId", &changes.remove_groups);
        if let Some(on) = changes.private_dns {
            form.flag("PrivateDnsEnabled", on);
        }
        form.set_opt("IpAddressType", changes.ip_address_type.as_ref());
        self.api.query(&MODIFY_VPC_ENDPOINT, id.as_str(), form).await.map(drop)
    }

    /// Deletes endpoints. AWS answers 200 even when some were not deleted: those come back.
    ///
    /// # Errors
    /// When the call as a whole failed.
    pub async fn delete_vpc_endpoints(&self, ids: &[VpcEndpointId]) -> Result<Vec<UnsuccessfulItem>> {
        let mut form = Form::new(DELETE_VPC_ENDPOINTS.name, VERSION);
        form.list("VpcEndpointId", ids);
        let answer = self.api.query(&DELETE_VPC_ENDPOINTS, &super::joined(ids), form).await?;
        Ok(answer.list("unsuccessful").map(UnsuccessfulItem::read).collect())
    }

    /// Deletes one endpoint; one that is gone is no error.
    ///
    /// # Errors
    /// Why it was not deleted, though the call answered 200.
    pub async fn delete_vpc_endpoint(&self, id: &VpcEndpointId) -> Result<()> {
        let failed = self.delete_vpc_endpoints(std::slice::from_ref(id)).await?;
        let Some(item) = failed.into_iter().next() else { return Ok(()) };
        let problem = Problem::told(&item.code, &item.message);
        if problem == Problem::NotFound {
            return Ok(());
        }
        let error = Error::new(problem.kind(400), "the endpoint was not deleted")
            .with_vendor("Amazon EC2")
            .with_resource(id.as_str())
            .with_http_status(200)
            .with_api(privlink_core::ApiError::new(Some(&item.code), &item.message));
        Err(self.api.tell(&DELETE_VPC_ENDPOINTS, error))
    }
}
