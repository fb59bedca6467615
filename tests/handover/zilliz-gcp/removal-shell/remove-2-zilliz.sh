#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what zilliz has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-gcp.sh.
# Takes ZILLIZCLOUD_API_KEY from the environment: an API key of Zilliz Cloud.
# Takes ZILLIZCLOUD_HOST_ADDRESS from the environment: the address of Zilliz Cloud's API; https://api.cloud.zilliz.com where it is not set.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")"

# Whatever is told, nothing in it moves the cursor.
note() { printf '%s\n' "$*" | tr '\000-\010\013-\037\177' ' ' >&2; }
die() {
    note "error: $*"
    exit 1
}
# What one part brings and another takes is kept in a file beside them.
VALUES=values.env
remember() {
    local others=''
    if [ -f "$VALUES" ]; then others=$(grep -v "^$1=" "$VALUES" || true); fi
    printf '%s\n' ${others:+"$others"} "$1=$(printf '%q' "$2")" >"$VALUES"
}
# What only a person can do: asked for once.
by_hand() {
    local done_before=DONE_$1
    if [ "${!done_before:-}" = yes ]; then return; fi
    note "by hand: $2"
    [ -t 0 ] || die "run this again with DONE_$1=yes once that is done"
    read -r -p 'Press Enter once it is done. '
    remember "DONE_$1" yes
}
# shellcheck source=/dev/null
if [ -f "$VALUES" ]; then . "./$VALUES"; fi
command -v curl >/dev/null || die "curl is not installed"
command -v jq >/dev/null || die "jq is not installed"
[ -n "${ZILLIZCLOUD_API_KEY:-}" ] || die 'set ZILLIZCLOUD_API_KEY to an API key of Zilliz Cloud'
: "${ZILLIZCLOUD_HOST_ADDRESS:=https://api.cloud.zilliz.com}"

# Zilliz Cloud's API, and of its answer the data. The key goes in by a file, not by the list of processes. A refusal
# may come as a success that holds a code.
zilliz() {
    local method=$1 path=$2 url=${ZILLIZCLOUD_HOST_ADDRESS%/} answer
    shift 2
    answer=$(curl --silent --show-error --fail-with-body --max-time 60 --request "$method" \
        --config <(printf 'header = "authorization: Bearer %s"\n' "$ZILLIZCLOUD_API_KEY") \
        --header 'content-type: application/json' "${url%/v2}/v2/$path" "$@") || {
        note "Zilliz Cloud: $answer"
        return 1
    }
    jq --exit-status '.code == 0 or .code == 200' <<<"$answer" >/dev/null || {
        note "Zilliz Cloud: $(jq --raw-output '"\(.code) \(.message)"' <<<"$answer")"
        return 1
    }
    jq .data <<<"$answer"
}

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

# 3. take endpoint privlink-e35f4d10c5436c27 off the list: the registration is of an endpoint of this link
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in gcp-us-central1
PROJECT_ID=proj-128b4c57b5fd298bd94ebb
REGION_ID=gcp-us-central1
AT_MOST=1800
GCP_PROJECT=example-project
ENDPOINT=privlink-e35f4d10c5436c27
segment=$(jq --null-input --raw-output --arg id "$ENDPOINT" '$id | @uri')
query="regionId=$REGION_ID"
if [ -n "$GCP_PROJECT" ]; then query+="&gcpProjectId=$GCP_PROJECT"; fi
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    if [ "$status" = absent ]; then break; fi
    # The list lags behind: asked once a minute at most.
    if [ $((waited % 60)) -eq 0 ]; then
        note "taking $ENDPOINT off the list; traffic through it stops at once"
        # What a second request comes to is not documented: the list says.
        zilliz DELETE "projects/$PROJECT_ID/privateEndpoints/$segment?$query" >/dev/null || note "refused; looking whether it is listed"
    fi
    [ "$waited" -lt "$AT_MOST" ] || die "Zilliz Cloud still lists $ENDPOINT as $status after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
