# Takes tags off the endpoint, one a line.
let_go() {
    local tag going=()
    while read -r tag; do
        if [ -n "$tag" ]; then going+=(--remove "tags.$tag"); fi
    done <<<"$1"
    if [ "${#going[@]}" -eq 0 ]; then return; fi
    note "taking our marks off $ENDPOINT_ID"
    cloud network private-endpoint update --ids "$ENDPOINT_ID" "${going[@]}" --output none
}
