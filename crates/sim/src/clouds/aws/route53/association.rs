//! More VPCs that see a private zone.

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::body::Element;
use super::zone::{no_conflict, read_vpc};
use super::{change, find_zone};

/// VPCs of one private zone.
const MOST: usize = 300;

pub(super) fn associate(state: &mut AwsState, call: &Call<'_>, id: &str, body: &Element) -> Answer<Xml> {
    body.only(&["VPC", "Comment"])?;
    let zone = find_zone(state, call, id)?.clone();
    let (vpc, region) = read_vpc(state, call, body.required("VPC")?)?;
    if !zone.private {
        return Err(ApiError::new(
            "PublicZoneVPCAssociation",
            "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support that.",
        ));
    }
    no_conflict(state, call, &vpc, &zone.name)?;
    if zone.content.vpcs.len() >= MOST {
        return Err(ApiError::new(
            "LimitsExceeded",
            format!("Limits Exceeded: MAX_VPCS_ASSOCIATED_BY_ZONE - Cannot associate more than {MOST} VPCs."),
        ));
    }
    change::not_too_soon(state, call, &zone.id)?;
    find_zone(state, call, id)?.content.vpcs.insert(vpc, region);
    let mut x = Xml::default();
    change::start(&mut x, state, call, Some(&zone.id), body.child_text("Comment"));
    Ok(x)
}

pub(super) fn disassociate(state: &mut AwsState, call: &Call<'_>, id: &str, body: &Element) -> Answer<Xml> {
    body.only(&["VPC", "Comment"])?;
    let zone = find_zone(state, call, id)?.clone();
    let (vpc, region) = read_vpc(state, call, body.required("VPC")?)?;
    if !zone.content.vpcs.contains_key(&vpc) {
        return Err(ApiError::new(
            "VPCAssociationNotFound",
            format!("The VPC: {vpc} in region {region} is not currently associated with the hosted zone: {}", zone.id),
        )
        .status(404));
    }
    if zone.content.vpcs.len() == 1 {
        return Err(ApiError::new("LastVPCAssociation", "Cannot remove last VPC association for the private zone"));
    }
    change::not_too_soon(state, call, &zone.id)?;
    find_zone(state, call, id)?.content.vpcs.remove(&vpc);
    let mut x = Xml::default();
    change::start(&mut x, state, call, Some(&zone.id), body.child_text("Comment"));
    Ok(x)
}
