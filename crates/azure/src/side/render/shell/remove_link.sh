found=$(seen network private-dns link vnet show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$LINK_NAME")
if [ -n "$found" ]; then
    ours "$found" "$LINK_KEY" || die "the link $LINK_NAME of the zone $ZONE is somebody else's"
    note "unlinking the zone $ZONE from $OTHER_NETWORK"
    cloud network private-dns link vnet delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$LINK_NAME" --if-match "$(as_seen "$found")" --yes --output none
fi
