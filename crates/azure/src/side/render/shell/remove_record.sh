found=$(seen network private-dns record-set a show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$RECORD_LABEL")
if [ -n "$found" ]; then
    leads_to=$(jq --raw-output '[.aRecords[]?.ipv4Address] | join(" ")' <<<"$found")
    [ "$RECORD_LABEL A $leads_to" = "$EXPECTED" ] ||
        die "the record $RECORD leads to $leads_to by now; look who wrote it, and plan again"
    ours "$found" "$RECORD_KEY" || die "the record $RECORD is somebody else's"
    note "removing the record $RECORD"
    cloud network private-dns record-set a delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$RECORD_LABEL" --if-match "$(as_seen "$found")" --yes --output none
fi
