in_account
find_zone() {
    cloud route53 list-hosted-zones-by-vpc --vpc-id "$VPC_ID" --vpc-region "$REGION" \
        --query "HostedZoneSummaries[?Name=='$ZONE.'] | [0].[HostedZoneId, Owner.OwningService]"
}
read -r ZONE_ID owner < <(find_zone)
if [ "$ZONE_ID" = None ]; then
    note "making the private zone $ZONE"
    for reference in "${REFERENCES[@]}"; do
        # A reference is used for ever, also by a zone since deleted.
        if answer=$(cloud route53 create-hosted-zone --name "$ZONE" --vpc "VPCRegion=$REGION,VPCId=$VPC_ID" \
            --caller-reference "$reference" --hosted-zone-config "$ZONE_CONFIG" --query HostedZone.Id 2>&1); then
            ZONE_ID=${answer#/hostedzone/}
            break
        fi
        case $answer in
        *HostedZoneAlreadyExists*) ;;
        *) die "$answer" ;;
        esac
    done
    [ "$ZONE_ID" != None ] || die "the references of the zone $ZONE are used up; delete what is left of it, or apply the plan with privlink"
elif [ "$owner" != None ]; then
    die "$ZONE belongs to $owner in this VPC: an endpoint's private DNS answers for it already"
fi
