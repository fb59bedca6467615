# How the endpoint stands; a cluster that is gone has taken its list along.
standing() {
    local answer
    if answer=$(look private-endpoint-connections 2>&1); then
        connection_status
    else
        case $answer in
        *'error: 404'*) printf 'absent\n' ;;
        *) die "$answer" ;;
        esac
    fi
}
# One part of the path, whatever slashes the id holds.
segment=$(jq --null-input --raw-output --arg id "$ENDPOINT_ID" '$id | @uri')
for ((waited = 0; ; waited += 10)); do
    status=$(standing)
    case $status in
    absent | REJECTED | DELETED | FAILED | EXPIRED) break ;;
    DELETING) note "the connection of $ENDPOINT_ID is being taken away" ;;
    *)
        note "letting $ENDPOINT_ID in no more"
        change DELETE "private-endpoint-connections/$segment"
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the cluster still lists $ENDPOINT_ID after $waited seconds; it says $status"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
