in_account
if found=$(cloud route53 get-hosted-zone --id "$ZONE_ID" --query '[HostedZone.Name, HostedZone.CallerReference]' 2>&1); then
    read -r name reference <<<"$found"
    [ "$name" = "$ZONE." ] || die "the zone $ZONE_ID is called $name"
    [[ $reference == "$ZONE_MARK"* ]] || die "the zone $ZONE_ID is not of this link"
    while read -r name kind; do
        case "$name $kind" in
        "$ZONE. NS" | "$ZONE. SOA" | ' ') ;;
        *) die "the zone $ZONE still holds $name $kind" ;;
        esac
    done <<<"$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" --query 'ResourceRecordSets[].[Name, Type]')"
    note "removing the private zone $ZONE"
    cloud route53 delete-hosted-zone --id "$ZONE_ID" >/dev/null
else
    case $found in
    *NoSuchHostedZone*) ;;
    *) die "$found" ;;
    esac
fi
