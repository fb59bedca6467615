# Has Aiven look for endpoints where nobody tells it of them, and gives the connection of this one; `null` while
# there is none.
connection_now() {
    if [ "$REFRESH" = yes ]; then unless_busy privatelink refresh "$SERVICE"; fi
    local connection id
    connection=$(privatelink connection list "$SERVICE" --json | only_json |
        jq --arg field "$ENDPOINT_FIELD" --arg id "$ENDPOINT_ID" \
            'map(select((.[$field] // "" | ascii_downcase) == ($id | ascii_downcase))) | .[0]')
    id=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    if [ -n "$PINNED" ] && [ -n "$id" ] && [ "$id" != "$PINNED" ]; then
        die "$ENDPOINT_ID is connection $id of $SERVICE, not $PINNED"
    fi
    printf '%s\n' "$connection"
}
