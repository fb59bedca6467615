case $ENDPOINT_ADDRESS in
*:*) kind=AAAA ;;
*) kind=A ;;
esac
records=$(cloud dns record-sets list --zone "$ZONE_NAME" --name "$RECORD." \
    --format 'value[separator="|"](type,rrdatas.list(separator=","))')
there=no
while IFS='|' read -r type values; do
    case $type in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    [ "$type $values" = "$kind $ENDPOINT_ADDRESS" ] ||
        die "the record $RECORD $type leads to $values; look who wrote it, and take it away if it may go"
    there=yes
done <<<"$records"
if [ "$there" = no ]; then
    note "writing the record $RECORD $kind"
    cloud dns record-sets create "$RECORD." --zone "$ZONE_NAME" --type "$kind" --ttl "$TTL" \
        --rrdatas "$ENDPOINT_ADDRESS" >/dev/null
fi
