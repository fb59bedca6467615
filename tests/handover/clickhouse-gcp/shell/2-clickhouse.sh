#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what clickhouse has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 1-gcp.sh.
# Takes CLICKHOUSE_API_URL from the environment: the address of ClickHouse Cloud's API; https://api.clickhouse.cloud where it is not set.
# Takes CLICKHOUSE_CLOUD_API_KEY from the environment: the id of an API key of ClickHouse Cloud.
# Takes CLICKHOUSE_CLOUD_API_SECRET from the environment: the secret of that key.
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
: "${CLICKHOUSE_API_URL:=https://api.clickhouse.cloud}"
[ -n "${CLICKHOUSE_CLOUD_API_KEY:-}" ] || die 'set CLICKHOUSE_CLOUD_API_KEY to the id of an API key of ClickHouse Cloud'
[ -n "${CLICKHOUSE_CLOUD_API_SECRET:-}" ] || die 'set CLICKHOUSE_CLOUD_API_SECRET to the secret of that key'
[ -n "${ENDPOINT_ID:-}" ] || die "run 1-gcp.sh first, or set ENDPOINT_ID to the endpoint's id"

# ClickHouse Cloud's API. The key goes in by a file, not by the list of processes.
clickhouse() {
    local method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --max-time 60 --retry 3 --request "$method" \
        --config <(printf 'user = "%s:%s"\n' "$CLICKHOUSE_CLOUD_API_KEY" "$CLICKHOUSE_CLOUD_API_SECRET") \
        --header 'content-type: application/json' "${CLICKHOUSE_API_URL%/v1}/v1/$path" "$@"
}
organization() {
    if [ -n "$ORGANIZATION_ID" ]; then
        printf '%s\n' "$ORGANIZATION_ID"
    else
        clickhouse GET organizations | jq --raw-output '.result[0].id'
    fi
}

# 3. allow the endpoint: the service answers only through endpoints on its allow list
# ClickHouse service `metrics` (33539042-1dbe-465e-a510-9511afc84eeb)
ORGANIZATION_ID=060d5e60-8949-46d0-9196-e9d0b7404570
SERVICE_ID=33539042-1dbe-465e-a510-9511afc84eeb
AT_MOST=300
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
