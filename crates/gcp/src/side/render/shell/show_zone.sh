networks=$(cloud dns managed-zones describe "$ZONE_NAME" \
    --format 'value(privateVisibilityConfig.networks[].networkUrl.list(separator=","))')
if [[ "$networks," != *"/$OTHER_NETWORK,"* ]]; then
    note "letting $OTHER_NETWORK see the zone"
    # The whole list is replaced, so that those that see it already are in it.
    cloud dns managed-zones update "$ZONE_NAME" --networks "${networks:+$networks,}$OTHER_NETWORK_URL" >/dev/null
fi
