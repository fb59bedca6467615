for id in "${ENDPOINT_IDS[@]}"; do
    found=$(seen network private-endpoint show --ids "$id")
    [ -n "$found" ] || continue
    ours "$found" "$ENDPOINT_KEY" || die "the private endpoint $id is somebody else's"
    others=$(jq --raw-output --arg users "$USERS_MARK" --arg mine "$USER_TAG" \
        '[.tags | keys[] | ascii_downcase | select(startswith($users) and . != $mine)] | join(", ")' <<<"$found")
    [ -z "$others" ] || die "the private endpoint $id carries the mark $others: somebody else uses it, and it stays"
    note "deleting the private endpoint $id"
    cloud network private-endpoint delete --ids "$id" --output none
done
