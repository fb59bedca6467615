for ((waited = 0; ; waited += 10)); do
    status=$(connection_status)
    case $status in
    AVAILABLE | PENDING | PENDING_ACCEPTANCE) break ;;
    DELETING) note "an earlier connection of $ENDPOINT_ID is still being taken away" ;;
    *)
        note "letting $ENDPOINT_ID in"
        body=$(jq --null-input --compact-output --arg id "$ENDPOINT_ID" '{endpoint_id: $id}')
        change POST private-endpoint-connections --data "$body"
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the cluster does not list $ENDPOINT_ID after $waited seconds; it says $status"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
