for ((waited = 0; ; waited += 15)); do
    state=$(cloud network private-endpoint show --ids "$ENDPOINT_ID" --output tsv \
        --query '[manualPrivateLinkServiceConnections, privateLinkServiceConnections][].privateLinkServiceConnectionState.status | [0]')
    case $state in
    Approved) break ;;
    Pending) note "$ENDPOINT_ID waits for the owner of the service, whose list must name the endpoint" ;;
    Rejected | Disconnected) die "$ENDPOINT_ID is $state: it will not come up by itself" ;;
    *) note "Azure is building $ENDPOINT_ID" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state after $waited seconds; run this again once the service's owner has looked"
    sleep "${PRIVLINK_POLL_SECONDS:-15}"
done
