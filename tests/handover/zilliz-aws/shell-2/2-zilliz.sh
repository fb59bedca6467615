#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what zilliz has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 1-aws.sh.
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

# 3. register endpoint vpce-a7658f5f9fd8e62e1: the vendor lets in only the endpoints that the project lists
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in aws-us-east-1
PROJECT_ID=proj-128b4c57b5fd298bd94ebb
REGION_ID=aws-us-east-1
AT_MOST=1800
GCP_PROJECT=''
ENDPOINT=vpce-a7658f5f9fd8e62e1
ENDPOINT=${ENDPOINT:-$ENDPOINT_NAME.$ENDPOINT_GUID}
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    case $status in
    rejected | failed | expired | deleted) die "$ENDPOINT is $status at Zilliz Cloud; take it off its list, and make the endpoint again" ;;
    absent)
        # The list lags behind: asked once a minute at most.
        if [ $((waited % 60)) -eq 0 ]; then
            note "registering $ENDPOINT"
            body=$(jq --null-input --compact-output --arg region "$REGION_ID" --arg id "$ENDPOINT" --arg gcp "$GCP_PROJECT" \
                '{regionId: $region, endpointId: $id} + (if $gcp == "" then {} else {gcpProjectId: $gcp} end)')
            # One that is there already may be refused: the list says.
            zilliz POST "projects/$PROJECT_ID/privateEndpoints" --data "$body" >/dev/null || note "refused; looking whether it is registered"
        fi
        ;;
    *) break ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "Zilliz Cloud does not list $ENDPOINT after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done

# 4. wait until cluster `images` (in01-61675cff22a2566) is reached through the endpoint: the vendor gives out the private host and its port only then
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in aws-us-east-1
ENDPOINT=vpce-a7658f5f9fd8e62e1
CLUSTER_ID=in01-61675cff22a2566
ENDPOINT=${ENDPOINT:-$ENDPOINT_NAME.$ENDPOINT_GUID}
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    case $status in
    rejected | failed | expired | deleted) die "$ENDPOINT is $status at Zilliz Cloud" ;;
    esac
    cluster=$(zilliz GET "clusters/$CLUSTER_ID" --retry 3)
    # The cluster is linked once it has left this state.
    address=$(jq --raw-output 'if .status == "SET_PRIVATE_LINK" then "" else .privateLinkAddress // "" end' <<<"$cluster")
    case $status in
    available | accepted) if [ -n "$address" ]; then break; fi ;;
    esac
    note "$ENDPOINT is $status, and cluster $CLUSTER_ID is $(jq --raw-output .status <<<"$cluster")"
    [ "$waited" -lt "$AT_MOST" ] || die "cluster $CLUSTER_ID has no private address after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
note "cluster $CLUSTER_ID is reached at $address"
port=${address##*:}
port=${port%%/*}
case $port in
'' | *[!0-9]*) port=443 ;;
esac
# Each cluster has a port of its own.
PORTS=$(printf '%s %s' "${PORTS:-}" "$port" | tr -s ' ' '\n' | sed '/^$/d' | sort -n -u | paste -s -d ' ' -)
remember PORTS "$PORTS"

# 5. wait until cluster `articles` (in01-ea153d242f774a1) is reached through the endpoint: the vendor gives out the private host and its port only then
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in aws-us-east-1
ENDPOINT=vpce-a7658f5f9fd8e62e1
CLUSTER_ID=in01-ea153d242f774a1
ENDPOINT=${ENDPOINT:-$ENDPOINT_NAME.$ENDPOINT_GUID}
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    case $status in
    rejected | failed | expired | deleted) die "$ENDPOINT is $status at Zilliz Cloud" ;;
    esac
    cluster=$(zilliz GET "clusters/$CLUSTER_ID" --retry 3)
    # The cluster is linked once it has left this state.
    address=$(jq --raw-output 'if .status == "SET_PRIVATE_LINK" then "" else .privateLinkAddress // "" end' <<<"$cluster")
    case $status in
    available | accepted) if [ -n "$address" ]; then break; fi ;;
    esac
    note "$ENDPOINT is $status, and cluster $CLUSTER_ID is $(jq --raw-output .status <<<"$cluster")"
    [ "$waited" -lt "$AT_MOST" ] || die "cluster $CLUSTER_ID has no private address after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
note "cluster $CLUSTER_ID is reached at $address"
port=${address##*:}
port=${port%%/*}
case $port in
'' | *[!0-9]*) port=443 ;;
esac
# Each cluster has a port of its own.
PORTS=$(printf '%s %s' "${PORTS:-}" "$port" | tr -s ' ' '\n' | sed '/^$/d' | sort -n -u | paste -s -d ' ' -)
remember PORTS "$PORTS"
