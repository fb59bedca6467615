for ((waited = 0; ; waited += 5)); do
    connection=$(connection_now)
    state=$(jq --raw-output '.state // "not listed"' <<<"$connection")
    CONNECTION_ID=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    case $state in
    user-approved | connected | active)
        told=$(jq --raw-output '.user_ip_address // ""' <<<"$connection")
        if [ "$CLOUD" = google ] && [ -n "$told" ] && [ "$told" != "$ENDPOINT_ADDRESS" ]; then
            die "$ENDPOINT_ID was approved with $told, for good; make the endpoint again, so that it gets another connection id"
        fi
        break
        ;;
    pending-user-approval)
        note "approving $ENDPOINT_ID"
        case $CLOUD in
        google) words=("$SERVICE" --privatelink-connection-id "$CONNECTION_ID" --user-ip-address "$ENDPOINT_ADDRESS") ;;
        *) words=("$SERVICE" "$CONNECTION_ID") ;;
        esac
        if [ -n "$CONNECTION_ID" ]; then unless_busy privatelink connection approve "${words[@]}" --json; fi
        ;;
    *) note "$ENDPOINT_ID is $state at Aiven" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state at Aiven after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
