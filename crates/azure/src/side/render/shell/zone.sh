found=$(seen network private-dns zone show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --name "$ZONE")
if [ -z "$found" ]; then
    note "making the private zone $ZONE"
    cloud network private-dns zone create --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --name "$ZONE" --tags "$ZONE_TAGS" --output none
elif ! ours "$found" "$ZONE_KEY"; then
    die "the private zone $ZONE is somebody else's"
fi
