ORGANIZATION_ID=$(organization)
service="organizations/$ORGANIZATION_ID/services/$SERVICE_ID"
listed() {
    clickhouse GET "$service" |
        jq --exit-status --arg id "$ENDPOINT_ID" \
            '.result.privateEndpointIds | any(ascii_downcase == ($id | ascii_downcase))' >/dev/null
}
if ! listed; then
    note "putting $ENDPOINT_ID onto the allow list"
    # A difference, not the list: what others add in between stays. An id that is there already may be refused.
    change=$(jq --null-input --compact-output --arg id "$ENDPOINT_ID" '{privateEndpointIds: {add: [$id]}}')
    clickhouse PATCH "$service" --data "$change" >/dev/null || listed || die "the allow list did not take $ENDPOINT_ID"
fi
for ((waited = 0; ; waited += 5)); do
    if listed; then break; fi
    [ "$waited" -lt "$AT_MOST" ] || die "the allow list does not show $ENDPOINT_ID after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
