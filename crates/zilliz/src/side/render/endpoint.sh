# How the endpoint stands on the project's list: `available`, or `absent`. The vendor spells it in more than one way.
endpoint_status() {
    local page part status found=absent
    for ((page = 1; ; page++)); do
        part=$(zilliz GET "projects/$PROJECT_ID/privateEndpoints?currentPage=$page&pageSize=100" --retry 3)
        status=$(jq --raw-output --arg id "$ENDPOINT" --arg region "$REGION_ID" --arg gcp "$GCP_PROJECT" \
            'first(.endpoints[] | select(.regionId == $region and (.endpointId | ascii_downcase) == ($id | ascii_downcase))
                   | select($gcp == "" or (.gcpProjectId // "") == "" or .gcpProjectId == $gcp)
                   | .endpointStatus // "pending" | ascii_downcase) // "absent"' <<<"$part")
        if [ "$status" != absent ]; then
            found=$status
            break
        fi
        if jq --exit-status --argjson page "$page" '(.endpoints | length) == 0 or $page * 100 >= .count' <<<"$part" >/dev/null; then
            break
        fi
    done
    printf '%s\n' "$found"
}
