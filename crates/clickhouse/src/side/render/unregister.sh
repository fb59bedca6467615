registered() {
    clickhouse GET "organizations/$ORGANIZATION_ID" |
        jq --compact-output --argjson entry "$ENTRY" '[.result.privateEndpoints[]? | select(
            (.id | ascii_downcase) == ($entry.id | ascii_downcase) and .cloudProvider == $entry.cloudProvider and
            .region == $entry.region) | {id, cloudProvider, region}]'
}
# Whoever lists the endpoint keeps it on the register.
user=$(clickhouse GET "organizations/$ORGANIZATION_ID/services" | jq --raw-output --argjson entry "$ENTRY" \
    '[.result[] | select(.privateEndpointIds[]? | ascii_downcase == ($entry.id | ascii_downcase)) | .name][0] // empty')
if [ -n "$user" ]; then
    note "the service $user still lists the endpoint: it stays on the organization's register"
else
    for ((waited = 0; ; waited += 5)); do
        going=$(registered)
        if [ "$going" = '[]' ]; then break; fi
        if [ "$waited" -eq 0 ]; then
            note "taking the endpoint off the organization's register"
            change=$(jq --null-input --compact-output --argjson entries "$going" '{privateEndpoints: {remove: $entries}}')
            clickhouse PATCH "organizations/$ORGANIZATION_ID" --data "$change" >/dev/null
            continue
        fi
        [ "$waited" -lt "$AT_MOST" ] || die "the register still shows $going after $waited seconds"
        sleep "${PRIVLINK_POLL_SECONDS:-5}"
    done
fi
