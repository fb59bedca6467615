#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 4: what zilliz has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
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

# 1. let 00000000-0000-0000-0000-000000000001 see the endpoint service: the vendor says that accounts must be on its list before they make an endpoint
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in az-westus3
PROJECT_ID=proj-128b4c57b5fd298bd94ebb
REGION_ID=az-westus3
ACCOUNT_ID=00000000-0000-0000-0000-000000000001
# Nothing lists whom the vendor lets in: it is said again, which adds nothing twice.
note "letting $ACCOUNT_ID see the endpoint service"
body=$(jq --null-input --compact-output --arg region "$REGION_ID" --arg account "$ACCOUNT_ID" \
    '{regionId: $region, outerUserId: $account}')
zilliz POST "projects/$PROJECT_ID/privateEndpointWhitelist" --data "$body" >/dev/null
