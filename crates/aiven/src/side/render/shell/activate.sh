for ((waited = 0; ; waited += 5)); do
    connection=$(connection_now)
    state=$(jq --raw-output '.state // "not listed"' <<<"$connection")
    told=$(jq --raw-output '.user_ip_address // ""' <<<"$connection")
    CONNECTION_ID=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    case $state in
    active | connected)
        if [ "$state" = active ] && [ "$told" = "$ENDPOINT_ADDRESS" ] && [ -n "$CONNECTION_ID" ]; then break; fi
        if [ "$CLOUD" = google ] && [ "$told" != "$ENDPOINT_ADDRESS" ]; then
            die "$ENDPOINT_ID was approved with ${told:-no address}, for good; make the endpoint again, so that it gets another connection id"
        elif [ "$CLOUD" = azure ] && [ -n "$CONNECTION_ID" ]; then
            note "telling Aiven that $ENDPOINT_ID is $ENDPOINT_ADDRESS"
            unless_busy privatelink connection update --endpoint-ip-address "$ENDPOINT_ADDRESS" "$SERVICE" "$CONNECTION_ID" --json
        fi
        ;;
    *) note "$ENDPOINT_ID is $state at Aiven" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state at Aiven after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
