#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what cockroach has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 1-aws.sh.
# Takes COCKROACH_API_KEY from the environment: the secret key of a service account.
# Takes COCKROACH_SERVER from the environment: the address of CockroachDB Cloud's API; https://cockroachlabs.cloud where it is not set.
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
[ -n "${COCKROACH_API_KEY:-}" ] || die 'set COCKROACH_API_KEY to the secret key of a service account'
: "${COCKROACH_SERVER:=https://cockroachlabs.cloud}"
[ -n "${ENDPOINT_ID:-}" ] || die "run 1-aws.sh first, or set ENDPOINT_ID to the endpoint's id"

# CockroachDB Cloud's API, in the version that is known here. The key goes in by a file, not by the list of processes.
cockroach() {
    local method=$1 path=$2 url=${COCKROACH_SERVER%/}
    shift 2
    curl --silent --show-error --fail-with-body --max-time 60 --request "$method" \
        --config <(printf 'header = "authorization: Bearer %s"\n' "$COCKROACH_API_KEY") \
        --header 'cc-version: 2024-09-16' --header 'content-type: application/json' \
        "${url%/api/v1}/api/v1/clusters/$CLUSTER_ID/networking/$path" "$@"
}
look() { cockroach GET "$1" --retry 3; }
# A write. What is refused because the cluster is busy, and what may have been done, the next look tells.
change() {
    local answer
    if answer=$(cockroach "$@" 2>&1); then return; fi
    case "$1 $answer" in
    DELETE*'error: 404'*) ;;
    *lock* | *'error: 429'* | *'error: 5'* | *'timed out'*) note "not now: $answer" ;;
    *) die "$answer" ;;
    esac
}
# How the endpoint stands on the cluster's list: `AVAILABLE`, or `absent`. Azure's ids differ in case only.
connection_status() {
    local list
    list=$(look private-endpoint-connections)
    jq --raw-output --arg id "$ENDPOINT_ID" \
        'first(.connections[] | select(.endpoint_id | ascii_downcase == ($id | ascii_downcase)) | .status) // "absent"
         | ltrimstr("STATUS_")' <<<"$list"
}

# 4. let the endpoint in: the vendor accepts only the endpoints that a cluster lists
# CockroachDB cluster `carts` (12deb144-d73c-43da-80dd-c3861623675d)
CLUSTER_ID=12deb144-d73c-43da-80dd-c3861623675d
AT_MOST=900
for ((waited = 0; ; waited += 10)); do
    status=$(connection_status)
    case $status in
    AVAILABLE | PENDING | PENDING_ACCEPTANCE) break ;;
    DELETING) note "an earlier connection of $ENDPOINT_ID is still being taken away" ;;
    *)
        note "letting $ENDPOINT_ID in"
        body=$(jq --null-input --compact-output --arg id "$ENDPOINT_ID" '{endpoint_id: $id}')
        change POST private-endpoint-connections --data "$body"
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the cluster does not list $ENDPOINT_ID after $waited seconds; it says $status"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done

# 5. wait until the cluster answers through the endpoint: names may lead to the endpoint only once it is let in
# CockroachDB cluster `carts` (12deb144-d73c-43da-80dd-c3861623675d)
for ((waited = 0; ; waited += 10)); do
    status=$(connection_status)
    case $status in
    AVAILABLE) break ;;
    DELETING | DELETED | FAILED | EXPIRED) die "the connection of $ENDPOINT_ID is $status: it will not come up by itself" ;;
    *) note "the connection of $ENDPOINT_ID is $status" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the connection of $ENDPOINT_ID is still $status after $waited seconds; trusted owners of the cluster, if any, must name its account"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
