in_account
seen=$(cloud route53 get-hosted-zone --id "$ZONE_ID" --query "VPCs[?VPCId=='$OTHER_VPC_ID'] | [0].VPCId")
if [ "$seen" = None ]; then
    note "letting $OTHER_VPC_ID see the zone"
    change=$(cloud route53 associate-vpc-with-hosted-zone --hosted-zone-id "$ZONE_ID" \
        --vpc "VPCRegion=$OTHER_REGION,VPCId=$OTHER_VPC_ID" --query ChangeInfo.Id)
    spread "$change"
fi
