use bytes::Bytes;
use http::Method;
use privlink_core::transport::Operation;
use privlink_core::{DnsName, Error, HostedZoneId, Page, Pages, Result};

use super::operations::{
    ASSOCIATE_VPC, CREATE_HOSTED_ZONE, DELETE_HOSTED_ZONE, DISASSOCIATE_VPC, GET_HOSTED_ZONE,
    LIST_HOSTED_ZONES_BY_NAME, LIST_HOSTED_ZONES_BY_VPC, NAMESPACE, VERSION,
};
use super::{Route53, zone_path};
use crate::api::Rest;
use crate::model::{ChangeInfo, HostedZone, HostedZoneListed, HostedZoneSummary, ZoneVpc};
use crate::problem::Problem;
use crate::wire::xml::Writer;

/// A page that holds all zones of one name in nearly every account.
const FEW: &str = "5";

impl Route53 {
    /// Makes a private zone for one VPC; more VPCs by
    /// [`associate_vpc`](Self::associate_vpc).
    ///
    /// `reference` must never have been used before: 1 to 128 characters. Beside the zone comes
    /// the change to wait for.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](privlink_core::ErrorKind::Conflict): `HostedZoneAlreadyExists` when the reference was
    /// used, `ConflictingDomainExists` when the VPC has a zone of this name, be it the hidden one
    /// of an endpoint with private DNS.
    pub async fn create_hosted_zone(
        &self,
        name: &DnsName,
        vpc: &ZoneVpc,
        reference: &str,
        comment: &str,
    ) -> Result<(HostedZone, ChangeInfo)> {
        if reference.is_empty() || reference.chars().count() > 128 {
            return Err(Error::invalid("a caller reference has 1 to 128 characters"));
        }
        if comment.chars().count() > 256 {
            return Err(Error::invalid("a zone's comment has up to 256 characters"));
        }
        let body = Writer::document("CreateHostedZoneRequest", NAMESPACE, |to| {
            to.text("Name", format_args!("{name}."));
            vpc.write(to);
            to.text("CallerReference", reference);
            to.element("HostedZoneConfig", |to| {
                to.text("Comment", comment);
                to.text("PrivateZone", true);
            });
        });
        let path = format!("/{VERSION}/hostedzone");
        let answer = self.api.rest(&CREATE_HOSTED_ZONE, name.as_str(), Rest::post(&path, body)).await?;
        let named = |error: Error| self.api.tell(&CREATE_HOSTED_ZONE, error);
        Ok((HostedZone::read(&answer).map_err(named)?, ChangeInfo::read(&answer).map_err(named)?))
    }

    /// One zone with its VPCs, or `None` when there is no such zone.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn hosted_zone(&self, id: &HostedZoneId) -> Result<Option<HostedZone>> {
        match self.api.rest(&GET_HOSTED_ZONE, id.as_str(), Rest::get(&zone_path(id))).await {
            Ok(answer) => HostedZone::read(&answer).map(Some).map_err(|e| self.api.tell(&GET_HOSTED_ZONE, e)),
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The zones a VPC sees, those of AWS services included.
    pub fn zones_of_vpc(&self, vpc: &ZoneVpc) -> Pages<HostedZoneSummary> {
        let (api, vpc) = (self.api.clone(), vpc.clone());
        let path = format!("/{VERSION}/hostedzonesbyvpc");
        Pages::new(move |token: Option<String>| {
            let (api, vpc, path) = (api.clone(), vpc.clone(), path.clone());
            async move {
                let mut query = vec![("vpcid", vpc.vpc.as_str()), ("vpcregion", vpc.region.as_str())];
                if let Some(token) = &token {
                    query.push(("nexttoken", token));
                }
                let answer =
                    api.rest(&LIST_HOSTED_ZONES_BY_VPC, vpc.vpc.as_str(), Rest::get(&path).query(&query)).await?;
                let items = answer.list("HostedZoneSummaries").map(|zone| {
                    HostedZoneSummary::read(zone).map_err(|error| api.tell(&LIST_HOSTED_ZONES_BY_VPC, error))
                });
                Ok(Page::new(items, answer.string("NextToken")))
            }
        })
    }

    /// The zones of the account in the order of their names, from `name` on; public ones too.
    pub fn zones_by_name(&self, name: &DnsName) -> Pages<HostedZoneListed> {
        self.zones_from(name, None)
    }

    /// The zones of the account that are called exactly `name`, public ones too: a question that
    /// costs the same however many zones there are.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn zones_named(&self, name: &DnsName) -> Result<Vec<HostedZoneListed>> {
        let mut zones = self.zones_from(name, Some(FEW));
        let mut named = Vec::new();
        while let Some(zone) = zones.next().await {
            let zone = zone?;
            if zone.name != *name {
                break;
            }
            named.push(zone);
        }
        Ok(named)
    }

    fn zones_from(&self, name: &DnsName, page: Option<&'static str>) -> Pages<HostedZoneListed> {
        let (api, first) = (self.api.clone(), name.as_str().to_owned());
        let path = format!("/{VERSION}/hostedzonesbyname");
        Pages::new(move |next: Option<(String, String)>| {
            let (api, path, first) = (api.clone(), path.clone(), first.clone());
            async move {
                let (name, id) = next.unwrap_or((first, String::new()));
                let mut query = vec![("dnsname", name.as_str())];
                if !id.is_empty() {
                    query.push(("hostedzoneid", &id));
                }
                query.extend(page.map(|items| ("maxitems", items)));
                let answer = api.rest(&LIST_HOSTED_ZONES_BY_NAME, &name, Rest::get(&path).query(&query)).await?;
                let items = answer.list("HostedZones").map(|zone| {
                    HostedZoneListed::read(zone).map_err(|error| api.tell(&LIST_HOSTED_ZONES_BY_NAME, error))
                });
                let more = answer.boolean("IsTruncated").unwrap_or(false);
                let next = answer.string("NextDNSName").zip(answer.string("NextHostedZoneId"));
                Ok(Page::new(items, next.filter(|_| more)))
            }
        })
    }

    /// Deletes a zone that holds nothing but NS and SOA; `None` when it was gone.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](privlink_core::ErrorKind::Conflict) (`HostedZoneNotEmpty`) while it holds records.
    pub async fn delete_hosted_zone(&self, id: &HostedZoneId) -> Result<Option<ChangeInfo>> {
        match self.api.rest(&DELETE_HOSTED_ZONE, id.as_str(), Rest::new(Method::DELETE, &zone_path(id))).await {
            Ok(answer) => ChangeInfo::read(&answer).map(Some).map_err(|e| self.api.tell(&DELETE_HOSTED_ZONE, e)),
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets one more VPC see a zone.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](privlink_core::ErrorKind::Conflict) (`ConflictingDomainExists`) when the VPC sees a
    /// zone of this name already.
    pub async fn associate_vpc(&self, id: &HostedZoneId, vpc: &ZoneVpc) -> Result<ChangeInfo> {
        self.association(&ASSOCIATE_VPC, "associatevpc", "AssociateVPCWithHostedZoneRequest", id, vpc).await
    }

    /// Hides a zone from a VPC.
    ///
    /// # Errors
    /// `LastVPCAssociation` for the last one: a private zone has always one.
    pub async fn disassociate_vpc(&self, id: &HostedZoneId, vpc: &ZoneVpc) -> Result<ChangeInfo> {
        self.association(&DISASSOCIATE_VPC, "disassociatevpc", "DisassociateVPCFromHostedZoneRequest", id, vpc).await
    }

    async fn association(
        &self,
        operation: &Operation,
        verb: &str,
        root: &str,
        id: &HostedZoneId,
        vpc: &ZoneVpc,
    ) -> Result<ChangeInfo> {
        let body: Bytes = Writer::document(root, NAMESPACE, |to| vpc.write(to));
        let path = format!("{}/{verb}", zone_path(id));
        let answer = self.api.rest(operation, id.as_str(), Rest::post(&path, body)).await?;
        ChangeInfo::read(&answer).map_err(|error| self.api.tell(operation, error))
    }
}
