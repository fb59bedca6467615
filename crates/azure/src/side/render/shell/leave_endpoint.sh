found=$(seen network private-endpoint show --ids "$ENDPOINT_ID")
if [ -n "$found" ] && ours "$found" "$ENDPOINT_KEY"; then
    let_go "$(jq --raw-output --arg mine "$USER_TAG" '.tags | keys[] | select(ascii_downcase == $mine)' <<<"$found")"
fi
