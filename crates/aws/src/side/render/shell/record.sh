in_account
case $ENDPOINT_IP_TYPE in
dualstack) kinds=(A AAAA) ;;
ipv6) kinds=(AAAA) ;;
*) kinds=(A) ;;
esac
for kind in "${kinds[@]}"; do
    # Route 53 writes the star of a wildcard as \052.
    target=$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" \
        --start-record-name "$RECORD" --start-record-type "$kind" --max-items 1 \
        --query "ResourceRecordSets[?Type=='$kind'] | [0].[Name, AliasTarget.DNSName]")
    read -r name leads_to < <(printf '%s\n' "$target" | head -n 1)
    if [ "${name//\\052/*}" != "$RECORD." ]; then
        note "writing the record $RECORD $kind"
        alias="{\"HostedZoneId\":\"$ENDPOINT_DNS_ZONE\",\"DNSName\":\"$ENDPOINT_DNS_NAME\",\"EvaluateTargetHealth\":false}"
        change=$(cloud route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --query ChangeInfo.Id --change-batch \
            "{\"Changes\":[{\"Action\":\"CREATE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}}]}")
        spread "$change"
    elif [ "${leads_to%.}" != "$ENDPOINT_DNS_NAME" ]; then
        die "the record $RECORD $kind leads to $leads_to; look who wrote it, and take it away if it may go"
    fi
done
