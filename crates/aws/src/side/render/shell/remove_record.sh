in_account
changes=()
if ! sets=$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" --start-record-name "$RECORD" \
    --start-record-type A --max-items 20 \
    --query 'ResourceRecordSets[].[Name, Type, AliasTarget.DNSName, AliasTarget.HostedZoneId]' 2>&1); then
    case $sets in
    *NoSuchHostedZone*) sets='' ;;
    *) die "$sets" ;;
    esac
fi
while read -r name kind leads_to zone; do
    # Route 53 writes the star of a wildcard as \052.
    [ "${name//\\052/*}" = "$RECORD." ] || continue
    case $kind in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    as_planned=no
    for set in "${EXPECTED[@]}"; do
        [ "$RECORD $kind alias ${leads_to%.} in zone $zone" != "$set" ] || as_planned=yes
    done
    [ "$as_planned" = yes ] || die "the record $RECORD $kind leads to $leads_to by now; look who wrote it, and plan again"
    alias="{\"HostedZoneId\":\"$zone\",\"DNSName\":\"$leads_to\",\"EvaluateTargetHealth\":false}"
    changes+=("{\"Action\":\"DELETE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}}")
done <<<"$sets"
if [ ${#changes[@]} -gt 0 ]; then
    note "removing the record $RECORD"
    batch=$(printf '%s,' "${changes[@]}")
    change=$(cloud route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --query ChangeInfo.Id \
        --change-batch "{\"Changes\":[${batch%,}]}")
    spread "$change"
fi
