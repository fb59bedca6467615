use privlink_core::{Error, ErrorKind, Pages, Result, SecurityGroupId, VpcId};

use super::operations::{
    AUTHORIZE_SECURITY_GROUP_INGRESS, CREATE_SECURITY_GROUP, DELETE_SECURITY_GROUP, DESCRIBE_SECURITY_GROUPS,
    REVOKE_SECURITY_GROUP_INGRESS, VERSION,
};
use super::{Ec2, Filter};
use crate::model::{IpPermission, PermissionSource, SecurityGroup, Tag};
use crate::problem::Problem;
use crate::wire::query::Form;

impl Ec2 {
    /// Security groups.
    pub fn security_groups(&self, filter: Filter) -> Pages<SecurityGroup> {
        self.describe(DESCRIBE_SECURITY_GROUPS, filter, "GroupId", "securityGroupInfo", SecurityGroup::read)
    }

    /// Makes a security group without incoming rules.
    ///
    /// `name`: up to 255 characters, unique in the VPC without regard to case, not starting with
    /// `sg-`. `description`: required, up to 255 of a limited set of characters.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](privlink_core::ErrorKind::Conflict) (`InvalidGroup.Duplicate`) when the name is taken.
    pub async fn create_security_group(
        &self,
        vpc: &VpcId,
        name: &str,
        description: &str,
        tags: &[Tag],
    ) -> Result<SecurityGroupId> {
        if name.is_empty() || name.chars().count() > 255 || name.starts_with("sg-") {
            return Err(Error::invalid(
                "a security group's name has 1 to 255 characters and does not start with `sg-`",
            ));
        }
        if description.is_empty() || description.chars().count() > 255 {
            return Err(Error::invalid("a security group's description has 1 to 255 characters"));
        }
        let mut form = Form::new(CREATE_SECURITY_GROUP.name, VERSION);
        form.set("GroupName", name);
        form.set("GroupDescription", description);
        form.set("VpcId", vpc.as_str());
        form.born_with("security-group", tags);
        let answer = self.api.query(&CREATE_SECURITY_GROUP, name, form).await?;
        answer.required_id("groupId").map_err(|error| self.api.tell(&CREATE_SECURITY_GROUP, error))
    }

    /// Lets traffic in; `true` when the rule was made, `false` when it was there.
    ///
    /// One rule a call: one that is there already would fail a whole batch. The answer acknowledges
    /// it; whether the group holds it tells [`security_groups`](Self::security_groups).
    ///
    /// # Errors
    /// [`ErrorKind::QuotaExceeded`](privlink_core::ErrorKind::QuotaExceeded) when the group is full;
    /// [`ErrorKind::UnexpectedResponse`](privlink_core::ErrorKind::UnexpectedResponse) when a good status says
    /// that nothing was done.
    pub async fn authorize_ingress(&self, group: &SecurityGroupId, rule: &IpPermission) -> Result<bool> {
        let mut form = Form::new(AUTHORIZE_SECURITY_GROUP_INGRESS.name, VERSION);
        form.set("GroupId", group.as_str());
        permission(&mut form, rule);
        match self.api.query(&AUTHORIZE_SECURITY_GROUP_INGRESS, group.as_str(), form).await {
            Ok(answer) if answer.boolean("return") == Some(false) => Err(self.api.tell(
                &AUTHORIZE_SECURITY_GROUP_INGRESS,
                Error::new(ErrorKind::UnexpectedResponse, format!("EC2 did not make the rule {rule}"))
                    .with_resource(group.as_str()),
            )),
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("InvalidPermission.Duplicate") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes a rule away; a rule that is not there is no error.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](privlink_core::ErrorKind::NotFound) when there is no such group.
    pub async fn revoke_ingress(&self, group: &SecurityGroupId, rule: &IpPermission) -> Result<()> {
        let mut form = Form::new(REVOKE_SECURITY_GROUP_INGRESS.name, VERSION);
        form.set("GroupId", group.as_str());
        permission(&mut form, rule);
        match self.api.query(&REVOKE_SECURITY_GROUP_INGRESS, group.as_str(), form).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("InvalidPermission.NotFound") => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Deletes a security group; one that is gone is no error.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](privlink_core::ErrorKind::Conflict) (`DependencyViolation`) while an interface or
    /// another group's rule still uses it: an endpoint's interfaces linger for a while.
    pub async fn delete_security_group(&self, group: &SecurityGroupId) -> Result<()> {
        let mut form = Form::new(DELETE_SECURITY_GROUP.name, VERSION);
        form.set("GroupId", group.as_str());
        match self.api.query(&DELETE_SECURITY_GROUP, group.as_str(), form).await {
            Ok(_) => Ok(()),
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn permission(form: &mut Form, rule: &IpPermission) {
    form.set("IpPermissions.1.IpProtocol", &rule.protocol);
    if let Some((first, last)) = rule.ports {
        form.number("IpPermissions.1.FromPort", first);
        form.number("IpPermissions.1.ToPort", last);
    }
    match &rule.source {
        PermissionSource::Range(range @ ipnet::IpNet::V4(_)) => {
            form.set("IpPermissions.1.IpRanges.1.CidrIp", &range.to_string());
        }
        PermissionSource::Range(range @ ipnet::IpNet::V6(_)) => {
            form.set("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", &range.to_string());
        }
        PermissionSource::Group(group) => form.set("IpPermissions.1.Groups.1.GroupId", group.as_str()),
        PermissionSource::Other(list) => form.set("IpPermissions.1.PrefixListIds.1.PrefixListId", list),
    }
}
