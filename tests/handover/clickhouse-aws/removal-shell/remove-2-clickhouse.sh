#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what clickhouse has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-aws.sh.
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

# 3. withdraw endpoint vpce-803512f394463d667: the entry names an endpoint of this link
# ClickHouse service `orders` (ef042a49-8116-448b-a854-a825b142216e)
ORGANIZATION_ID=060d5e60-8949-46d0-9196-e9d0b7404570
SERVICE_ID=ef042a49-8116-448b-a854-a825b142216e
ENDPOINT_IDS='["vpce-803512f394463d667"]'
AT_MOST=300
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

# 4. unregister endpoint vpce-803512f394463d667: withdrawing an endpoint leaves it on the organization's register; it stays there while any service lists it
# ClickHouse organization 060d5e60-8949-46d0-9196-e9d0b7404570
ORGANIZATION_ID=060d5e60-8949-46d0-9196-e9d0b7404570
ENTRY='{"cloudProvider":"aws","id":"vpce-803512f394463d667","region":"us-east-1"}'
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
