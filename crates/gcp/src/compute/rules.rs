use std::collections::BTreeMap;

use http::Method;
use privlink_core::{Error, ForwardingRuleName, Pages, Region, Result, ServiceAttachment};
use uuid::Uuid;

use super::Compute;
use super::operations::{RULES_DELETE, RULES_GET, RULES_INSERT, RULES_LIST, RULES_PATCH, RULES_SET_LABELS};
use crate::api::Call;
use crate::ids::{AddressName, NetworkPath, SubnetworkPath};
use crate::model::{ForwardingRule, Operation};
use crate::wire::compute as wire;

/// A Private Service Connect endpoint to make: a forwarding rule to a service attachment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertForwardingRule {
    /// The name.
    pub name: ForwardingRuleName,
    /// The producer's service attachment; it must be of the endpoint's region.
    pub target: ServiceAttachment,
    /// The reserved address it takes, of the same project and region.
    pub address: AddressName,
    /// The network; of a Shared VPC, the host project's.
    pub network: NetworkPath,
    /// A subnetwork instead of the network, where only some of a Shared VPC may be used.
    pub subnetwork: Option<SubnetworkPath>,
    /// The description; it never changes.
    pub description: Option<String>,
    /// Lets clients of other regions use it. It fails when the producer does not support that.
    pub allow_psc_global_access: bool,
    /// Keeps Google from making a zone of its own; `true` unless changed, as such a zone collides
    /// with one of yours.
    pub no_automate_dns_zone: bool,
    /// The Service Directory namespace to register in; Google's default one otherwise.
    pub namespace: Option<String>,
    /// Tells Google that two requests are one; made up for each call unless set.
    pub request_id: Option<Uuid>,
}

impl InsertForwardingRule {
    /// An endpoint in `network` to `target`, at the reserved `address`.
    #[must_use]
    pub fn new(
        name: ForwardingRuleName,
        target: ServiceAttachment,
        network: NetworkPath,
        address: AddressName,
    ) -> Self {
        Self {
            name,
            target,
            address,
            network,
            subnetwork: None,
            description: None,
            allow_psc_global_access: false,
            no_automate_dns_zone: true,
            namespace: None,
            request_id: None,
        }
    }
}

impl Compute {
    /// The forwarding rules of a region: endpoints, and all the others.
    pub fn forwarding_rules(&self, region: &Region) -> Pages<ForwardingRule> {
        self.list(RULES_LIST, &self.regional(region, "forwardingRules", None), ForwardingRule::read)
    }

    /// One forwarding rule, or `None` when there is none of this name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn forwarding_rule(&self, region: &Region, name: &ForwardingRuleName) -> Result<Option<ForwardingRule>> {
        let path = self.regional(region, "forwardingRules", Some(name.as_str()));
        let call = Call::new(&RULES_GET, Method::GET, path.join("/"), path);
        self.api.find(call, ForwardingRule::read).await
    }

    /// Begins to make an endpoint.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) before any request when the
    /// attachment is of another region. Otherwise [`Problem::of`](crate::Problem::of) tells what
    /// is wrong: [`Exists`](crate::Problem::Exists),
    /// [`GlobalAccessUnsupported`](crate::Problem::GlobalAccessUnsupported),
    /// [`Quota`](crate::Problem::Quota), ….
    pub async fn insert_forwarding_rule(&self, region: &Region, rule: &InsertForwardingRule) -> Result<Operation> {
        if rule.target.region() != *region {
            return Err(Error::invalid(format!(
                "an endpoint in {region} cannot lead to a service attachment in {}: both must be of one region",
                rule.target.region()
            ))
            .with_resource(rule.target.as_str()));
        }
        let path = self.regional(region, "forwardingRules", None);
        let resource = format!("{}/{}", path.join("/"), rule.name);
        let address = self.regional(region, "addresses", Some(rule.address.as_str())).join("/");
        let subnetwork = rule.subnetwork.as_ref().map(SubnetworkPath::as_str);
        let namespace = rule.namespace.iter();
        let body = wire::InsertForwardingRule {
            name: rule.name.as_str(),
            description: rule.description.as_deref(),
            target: rule.target.as_str(),
            network: subnetwork.is_none().then_some(rule.network.as_str()),
            subnetwork,
            ip_address: Some(&address),
            allow_psc_global_access: rule.allow_psc_global_access,
            no_automate_dns_zone: rule.no_automate_dns_zone,
            service_directory_registrations: namespace
                .map(|name| wire::ServiceDirectoryRegistration { namespace: Some(name.clone()) })
                .collect(),
        };
        let call = Call::new(&RULES_INSERT, Method::POST, resource, path);
        self.write(call, rule.request_id.unwrap_or_else(Uuid::new_v4), &body).await
    }

    /// Begins to let clients of other regions in, or to shut them out; `fingerprint` is that of
    /// the rule as it was read.
    ///
    /// # Errors
    /// [`Problem::Stale`](crate::Problem::Stale) when the rule was changed since;
    /// [`Problem::GlobalAccessUnsupported`](crate::Problem::GlobalAccessUnsupported).
    pub async fn set_global_access(
        &self,
        region: &Region,
        name: &ForwardingRuleName,
        allow: bool,
        fingerprint: &str,
    ) -> Result<Operation> {
        let path = self.regional(region, "forwardingRules", Some(name.as_str()));
        let body = wire::PatchForwardingRule { allow_psc_global_access: allow, fingerprint };
        let call = Call::new(&RULES_PATCH, Method::PATCH, path.join("/"), path);
        self.write(call, Uuid::new_v4(), &body).await
    }

    /// Begins to replace all labels; `fingerprint` is the label fingerprint of the rule as it was
    /// read.
    ///
    /// # Errors
    /// [`Problem::Stale`](crate::Problem::Stale) when the labels were changed since.
    pub async fn set_labels(
        &self,
        region: &Region,
        name: &ForwardingRuleName,
        labels: &BTreeMap<String, String>,
        fingerprint: Option<&str>,
    ) -> Result<Operation> {
        let mut path = self.regional(region, "forwardingRules", Some(name.as_str()));
        let resource = path.join("/");
        path.push("setLabels");
        let body = wire::SetLabels { labels, label_fingerprint: fingerprint };
        self.write(Call::new(&RULES_SET_LABELS, Method::POST, resource, path), Uuid::new_v4(), &body).await
    }

    /// Begins to delete a forwarding rule; one that is gone is `None`. A rule made anew gets
    /// another connection id.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn delete_forwarding_rule(
        &self,
        region: &Region,
        name: &ForwardingRuleName,
    ) -> Result<Option<Operation>> {
        let path = self.regional(region, "forwardingRules", Some(name.as_str()));
        self.delete(Call::new(&RULES_DELETE, Method::DELETE, path.join("/"), path)).await
    }
    /// The same of a rule that was just looked at: Google compares nothing with what is there by
    /// then, so that this is asked for at once or not at all.
    pub(crate) async fn delete_rule_just_read(
        &self,
        region: &Region,
        name: &ForwardingRuleName,
    ) -> Result<Option<Operation>> {
        let path = self.regional(region, "forwardingRules", Some(name.as_str()));
        self.delete_just_read(Call::new(&RULES_DELETE, Method::DELETE, path.join("/"), path)).await
    }
}
