found=$(seen dns managed-zones describe "$ZONE_NAME" --format 'value[separator="|"](dnsName,description)')
if [ -n "$found" ]; then
    IFS='|' read -r name description <<<"$found"
    [ "$name" = "$ZONE." ] || die "the zone $ZONE_NAME is of $name"
    ours "$description" "$ZONE_MARK" || die "the zone $ZONE_NAME is somebody else's"
    while IFS='|' read -r name type; do
        case "$name $type" in
        "$ZONE. NS" | "$ZONE. SOA" | ' ') ;;
        *) die "the zone $ZONE still holds $name $type" ;;
        esac
    done <<<"$(cloud dns record-sets list --zone "$ZONE_NAME" --format 'value[separator="|"](name,type)')"
    note "removing the private zone $ZONE"
    cloud dns managed-zones delete "$ZONE_NAME" >/dev/null
fi
