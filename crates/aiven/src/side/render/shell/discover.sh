for ((waited = 0; ; waited += 5)); do
    connection=$(connection_now)
    state=$(jq --raw-output '.state // "not listed"' <<<"$connection")
    CONNECTION_ID=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    if [ "$state" = active ] && [ -n "$CONNECTION_ID" ]; then break; fi
    note "$ENDPOINT_ID is $state at Aiven"
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state at Aiven after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
