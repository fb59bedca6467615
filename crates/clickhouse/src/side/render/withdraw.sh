ORGANIZATION_ID=$(organization)
service="organizations/$ORGANIZATION_ID/services/$SERVICE_ID"
# The entries that name the endpoint, as the list spells them; none where the service is gone.
entries() {
    local answer
    if answer=$(clickhouse GET "$service"); then
        jq --compact-output --argjson ids "$ENDPOINT_IDS" \
            '[.result.privateEndpointIds[]? | select(ascii_downcase as $id | $ids | any(ascii_downcase == $id))]' <<<"$answer"
    elif [ "$(jq '.status' <<<"$answer")" = 404 ]; then
        echo '[]'
    else
        die "$answer"
    fi
}
for ((waited = 0; ; waited += 5)); do
    going=$(entries)
    if [ "$going" = '[]' ]; then break; fi
    if [ "$waited" -eq 0 ]; then
        note "taking $going off the allow list"
        change=$(jq --null-input --compact-output --argjson ids "$going" '{privateEndpointIds: {remove: $ids}}')
        clickhouse PATCH "$service" --data "$change" >/dev/null || [ "$(entries)" = '[]' ] || die "the allow list kept $going"
        continue
    fi
    [ "$waited" -lt "$AT_MOST" ] || die "the allow list still shows $going after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
