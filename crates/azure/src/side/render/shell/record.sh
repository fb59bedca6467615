found=$(seen network private-dns record-set a show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$RECORD_LABEL")
if [ -z "$found" ]; then
    note "writing the record $RECORD_LABEL of $ZONE"
    record=$(jq --null-input --compact-output --arg address "$ENDPOINT_ADDRESS" --argjson ttl "$TTL" \
        --argjson metadata "$RECORD_METADATA" \
        '{properties: {ttl: $ttl, aRecords: [{ipv4Address: $address}], metadata: $metadata}}')
    # Created, not replaced: what somebody writes in between is never overwritten.
    cloud rest --method put --url "$ZONE_ID/A/$RECORD_LABEL?api-version=$DNS_API_VERSION" \
        --headers 'If-None-Match=*' --body "$record" --output none
else
    leads_to=$(jq --raw-output '[.aRecords[].ipv4Address] | join(" ")' <<<"$found")
    [ "$leads_to" = "$ENDPOINT_ADDRESS" ] ||
        die "the record $RECORD_LABEL of $ZONE leads to $leads_to; look who wrote it, and take it away if it may go"
fi
