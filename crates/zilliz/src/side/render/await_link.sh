ENDPOINT=${ENDPOINT:-$ENDPOINT_NAME.$ENDPOINT_GUID}
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    case $status in
    rejected | failed | expired | deleted) die "$ENDPOINT is $status at Zilliz Cloud" ;;
    esac
    cluster=$(zilliz GET "clusters/$CLUSTER_ID" --retry 3)
    # The cluster is linked once it has left this state.
    address=$(jq --raw-output 'if .status == "SET_PRIVATE_LINK" then "" else .privateLinkAddress // "" end' <<<"$cluster")
    case $status in
    available | accepted) if [ -n "$address" ]; then break; fi ;;
    esac
    note "$ENDPOINT is $status, and cluster $CLUSTER_ID is $(jq --raw-output .status <<<"$cluster")"
    [ "$waited" -lt "$AT_MOST" ] || die "cluster $CLUSTER_ID has no private address after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
note "cluster $CLUSTER_ID is reached at $address"
port=${address##*:}
port=${port%%/*}
case $port in
'' | *[!0-9]*) port=443 ;;
esac
# Each cluster has a port of its own.
PORTS=$(printf '%s %s' "${PORTS:-}" "$port" | tr -s ' ' '\n' | sed '/^$/d' | sort -n -u | paste -s -d ' ' -)
