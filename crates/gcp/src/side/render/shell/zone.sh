zones=$(cloud dns managed-zones list --filter "$ZONE_FILTER" \
    --format 'value[separator="|"](name,privateVisibilityConfig.networks[].networkUrl.list(separator=","),description)')
there=no
while IFS='|' read -r name networks description; do
    if ours "$description" "$ZONE_MARK"; then
        there=yes
    elif [[ "$networks," == *"/$NETWORK,"* ]]; then
        die "the network sees a private zone $ZONE already: $name; look who made it"
    fi
done <<<"$zones"
if [ "$there" = no ]; then
    note "making the private zone $ZONE"
    cloud dns managed-zones create "$ZONE_NAME" --dns-name "$ZONE." --visibility private \
        --networks "$ZONE_NETWORKS" --description "$ZONE_DESCRIPTION" >/dev/null
fi
