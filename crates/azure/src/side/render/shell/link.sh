links=$(cloud network private-dns link vnet list --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --output json)
if ! jq --exit-status --arg network "$OTHER_NETWORK" \
    'any(.[]; .virtualNetwork.id | ascii_downcase == ($network | ascii_downcase))' <<<"$links" >/dev/null; then
    note "linking the zone $ZONE to $OTHER_NETWORK"
    cloud network private-dns link vnet create --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$LINK_NAME" --virtual-network "$OTHER_NETWORK" --registration-enabled false \
        --tags "$LINK_TAGS" --output none
fi
