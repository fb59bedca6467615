# The privatelink as it is; a service that is gone has taken it along.
left_now() {
    local answer
    if answer=$(aiven service get "$SERVICE" --json 2>&1); then
        privatelink_now
    else
        case $answer in
        *'(status 404)'*) printf 'null\n' ;;
        *) die "$answer" ;;
        esac
    fi
}
for ((waited = 0; ; waited += 5)); do
    link=$(left_now)
    state=$(jq --raw-output '.state // "absent"' <<<"$link")
    case $state in
    absent) break ;;
    deleting) note "the privatelink of $SERVICE is going" ;;
    *)
        others=$(privatelink connection list "$SERVICE" --json | only_json |
            jq --raw-output --arg field "$ENDPOINT_FIELD" --argjson ours "$ENDPOINT_IDS" \
                'map(.[$field] // "one that says nothing" | ascii_downcase) - $ours | join(", ")')
        [ -z "$others" ] || die "the privatelink of $SERVICE stays: it would be cut off from $others"
        note "deleting the privatelink of $SERVICE"
        unless_busy privatelink delete "$SERVICE" --json
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the privatelink of $SERVICE is still $state after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
