//! VPCs and their DNS attributes.

use privlink_core::VpcId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::state::{AwsState, Vpc};
use super::super::xml::Xml;
use super::{parse_id, tag, yes};

/// The caller's VPC with this id.
pub(super) fn find<'a>(state: &'a AwsState, call: &Call<'_>, text: &str) -> Answer<&'a Vpc> {
    let id: VpcId = parse_id(text, "InvalidVpcID.Malformed", "vpc")?;
    state.vpc(&call.caller.account, &call.caller.region, &id).ok_or_else(|| not_found(text))
}

fn not_found(id: &str) -> ApiError {
    ApiError::new("InvalidVpcID.NotFound", format!("The vpc ID '{id}' does not exist"))
}

pub(super) fn describe(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &["cidr", "cidr-block-association.cidr-block", "is-default", "owner-id", "state", "vpc-id"],
    )?;
    let named = params.list("VpcId");
    let mut chosen = Vec::new();
    for id in &named {
        chosen.push(find(state, call, id)?);
    }
    if named.is_empty() {
        let (account, region) = (&call.caller.account, &call.caller.region);
        chosen = state.vpcs.values().filter(|vpc| vpc.account == *account && vpc.region == *region).collect();
    }
    chosen.retain(|vpc| {
        filters.keep(state.tags_of(vpc.id.as_str()), |name| {
            vec![match name {
                "vpc-id" => vpc.id.to_string(),
                "owner-id" => vpc.account.to_string(),
                "state" => "available".to_owned(),
                "is-default" => "false".to_owned(),
                _ => vpc.cidr.to_string(),
            }]
        })
    });
    let (chosen, next) = page(params, 5, chosen, |vpc| vpc.id.to_string())?;
    let mut x = Xml::default();
    x.items("vpcSet", chosen, |x, vpc| {
        x.text("vpcId", &vpc.id);
        x.text("ownerId", &vpc.account);
        x.text("state", "available");
        x.text("cidrBlock", vpc.cidr);
        x.items("cidrBlockAssociationSet", [vpc.cidr], |x, cidr| {
            x.text("cidrBlock", cidr);
            x.text("associationId", vpc.id.as_str().replacen("vpc-", "vpc-cidr-assoc-", 1));
            x.node("cidrBlockState", |x| x.text("state", "associated"));
        });
        x.text("dhcpOptionsId", "dopt-0a1b2c3d4e5f67890");
        x.text("instanceTenancy", "default");
        x.text("isDefault", false);
        tag::write(x, state, vpc.id.as_str());
    });
    x.optional("nextToken", next);
    Ok(x)
}

pub(super) fn describe_attribute(state: &AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let vpc = find(state, call, params.required("VpcId")?)?;
    let attribute = params.required("Attribute")?;
    let value = match attribute {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => vpc.usage_metrics,
        other => {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("Value ({other}) for parameter attribute is invalid. Unknown attribute."),
            ));
        }
    };
    let mut x = Xml::default();
    x.text("vpcId", &vpc.id);
    x.node(attribute, |x| x.text("value", value));
    Ok(x)
}

pub(super) fn modify_attribute(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let id = find(state, call, params.required("VpcId")?)?.id.clone();
    let support = params.flag("EnableDnsSupport.Value")?;
    let hostnames = params.flag("EnableDnsHostnames.Value")?;
    let metrics = params.flag("EnableNetworkAddressUsageMetrics.Value")?;
    match [support, hostnames, metrics].iter().flatten().count() {
        1 => {}
        0 => return Err(ApiError::missing("attribute")),
        _ => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified; only one attribute can be modified at a time",
            ));
        }
    }
    let vpc = state.vpcs.get_mut(&id).ok_or_else(|| not_found(id.as_str()))?;
    if hostnames == Some(true) && !vpc.dns_support {
        return Err(ApiError::new(
            "InvalidParameter",
            format!("DNS hostnames can be enabled only if DNS support is enabled for VPC {id}."),
        ));
    }
    if let Some(value) = support {
        vpc.dns_support = value;
    }
    if let Some(value) = hostnames {
        vpc.dns_hostnames = value;
    }
    if let Some(value) = metrics {
        vpc.usage_metrics = value;
    }
    Ok(yes())
}
