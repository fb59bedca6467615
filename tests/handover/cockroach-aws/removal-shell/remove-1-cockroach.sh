#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 2: what cockroach has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
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

# 1. let endpoint vpce-38e34bf25034ad499 in no more: the connection is of an endpoint of this link
# CockroachDB cluster `carts` (12deb144-d73c-43da-80dd-c3861623675d)
CLUSTER_ID=12deb144-d73c-43da-80dd-c3861623675d
AT_MOST=900
ENDPOINT_ID=vpce-38e34bf25034ad499
# How the endpoint stands; a cluster that is gone has taken its list along.
standing() {
    local answer
    if answer=$(look private-endpoint-connections 2>&1); then
        connection_status
    else
        case $answer in
        *'error: 404'*) printf 'absent\n' ;;
        *) die "$answer" ;;
        esac
    fi
}
# One part of the path, whatever slashes the id holds.
segment=$(jq --null-input --raw-output --arg id "$ENDPOINT_ID" '$id | @uri')
for ((waited = 0; ; waited += 10)); do
    status=$(standing)
    case $status in
    absent | REJECTED | DELETED | FAILED | EXPIRED) break ;;
    DELETING) note "the connection of $ENDPOINT_ID is being taken away" ;;
    *)
        note "letting $ENDPOINT_ID in no more"
        change DELETE "private-endpoint-connections/$segment"
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the cluster still lists $ENDPOINT_ID after $waited seconds; it says $status"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
