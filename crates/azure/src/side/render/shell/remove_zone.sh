found=$(seen network private-dns zone show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --name "$ZONE")
if [ -n "$found" ]; then
    ours "$found" "$ZONE_KEY" || die "the private zone $ZONE is somebody else's"
    in_zone=(--subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --zone-name "$ZONE" --output json)
    records=$(cloud network private-dns record-set list "${in_zone[@]}")
    links=$(cloud network private-dns link vnet list "${in_zone[@]}")
    left=$(jq --raw-output --argjson links "$links" '
        [(.[] | {name, type: (.type | split("/") | last)} | select(.type != "SOA") | "\(.name) \(.type)"), ($links[] | "link \(.name)")]
        | join(", ")' <<<"$records")
    [ -z "$left" ] || die "the private zone $ZONE still holds $left"
    note "removing the private zone $ZONE"
    cloud network private-dns zone delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --name "$ZONE" --if-match "$(as_seen "$found")" --yes --output none
fi
