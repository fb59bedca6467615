if ! records=$(cloud dns record-sets list --zone "$ZONE_NAME" --name "$RECORD." \
    --format 'value[separator="|"](ttl,type,rrdatas.list(separator=" "))' 2>&1); then
    case $records in
    *'was not found'* | *'does not exist'*) records='' ;;
    *) die "$records" ;;
    esac
fi
while IFS='|' read -r ttl type values; do
    case $type in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    as_planned=no
    for set in "${EXPECTED[@]}"; do
        [ "$RECORD $ttl $type $values" != "$set" ] || as_planned=yes
    done
    [ "$as_planned" = yes ] || die "the record $RECORD $type leads to $values by now; look who wrote it, and plan again"
    note "removing the record $RECORD $type"
    cloud dns record-sets delete "$RECORD." --zone "$ZONE_NAME" --type "$type" >/dev/null
done <<<"$records"
