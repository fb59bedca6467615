#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 5: what aiven has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 2-gcp.sh.
# Takes AIVEN_AUTH_TOKEN from the environment: a token for the API of Aiven.
# Takes AIVEN_WEB_URL from the environment: the address of Aiven's API; https://api.aiven.io where it is not set.
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
command -v avn >/dev/null || die "avn is not installed"
command -v jq >/dev/null || die "jq is not installed"
[ -n "${AIVEN_AUTH_TOKEN:-}" ] || die 'set AIVEN_AUTH_TOKEN to a token for the API of Aiven'
: "${AIVEN_WEB_URL:=https://api.aiven.io}"
[ -n "${ENDPOINT_ADDRESS:-}" ] || die "run 2-gcp.sh first, or set ENDPOINT_ADDRESS to the endpoint's address"
[ -n "${ENDPOINT_ID:-}" ] || die "run 2-gcp.sh first, or set ENDPOINT_ID to the endpoint's id"

# Aiven's own command line. The token goes in by the environment, not by the list of processes.
aiven() {
    AIVEN_AUTH_TOKEN=$AIVEN_AUTH_TOKEN AIVEN_WEB_URL=${AIVEN_WEB_URL%/v1} \
        command avn --request-timeout 60 "$@" --project "$PROJECT"
}
# Of what it prints only the JSON, which begins on a line of its own: a list even for one thing.
only_json() { sed -n -e '/^\[\]$/p' -e '/^[[{]$/,$p'; }
privatelink() { aiven service privatelink "$CLOUD" "$@"; }
service_now() { aiven service get "$SERVICE" --json | only_json; }
# The privatelink as it is; `null` where there is none.
privatelink_now() {
    local answer
    if answer=$(privatelink get "$SERVICE" --json 2>&1); then
        only_json <<<"$answer" | jq '.[0]'
        return
    fi
    case $answer in
    *"Service $SERVICE does not exist"*) die "$answer" ;;
    *'(status 404)'*) printf 'null\n' ;;
    *) die "$answer" ;;
    esac
}
# What may be refused because of the state something is in; the next look tells what came of it.
unless_busy() {
    local answer
    if answer=$("$@" 2>&1); then return; fi
    case $answer in
    # 417: something still depends on what is to go.
    *'(status 409)'* | *'(status 417)'*) note "not now: $answer" ;;
    *) die "$answer" ;;
    esac
}

# Has Aiven look for endpoints where nobody tells it of them, and gives the connection of this one; `null` while
# there is none.
connection_now() {
    if [ "$REFRESH" = yes ]; then unless_busy privatelink refresh "$SERVICE"; fi
    local connection id
    connection=$(privatelink connection list "$SERVICE" --json | only_json |
        jq --arg field "$ENDPOINT_FIELD" --arg id "$ENDPOINT_ID" \
            'map(select((.[$field] // "" | ascii_downcase) == ($id | ascii_downcase))) | .[0]')
    id=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    if [ -n "$PINNED" ] && [ -n "$id" ] && [ "$id" != "$PINNED" ]; then
        die "$ENDPOINT_ID is connection $id of $SERVICE, not $PINNED"
    fi
    printf '%s\n' "$connection"
}

# 5. have Aiven look for the endpoint, and approve it: the cloud tells Aiven of nothing, and Aiven accepts only what is approved
# Aiven service `cache-valkey` of project `example-project`
PROJECT=example-project
SERVICE=cache-valkey
AT_MOST=1200
CLOUD=google
ENDPOINT_FIELD=psc_connection_id
REFRESH=yes
PINNED=''
for ((waited = 0; ; waited += 5)); do
    connection=$(connection_now)
    state=$(jq --raw-output '.state // "not listed"' <<<"$connection")
    CONNECTION_ID=$(jq --raw-output '.privatelink_connection_id // ""' <<<"$connection")
    case $state in
    user-approved | connected | active)
        told=$(jq --raw-output '.user_ip_address // ""' <<<"$connection")
        if [ "$CLOUD" = google ] && [ -n "$told" ] && [ "$told" != "$ENDPOINT_ADDRESS" ]; then
            die "$ENDPOINT_ID was approved with $told, for good; make the endpoint again, so that it gets another connection id"
        fi
        break
        ;;
    pending-user-approval)
        note "approving $ENDPOINT_ID"
        case $CLOUD in
        google) words=("$SERVICE" --privatelink-connection-id "$CONNECTION_ID" --user-ip-address "$ENDPOINT_ADDRESS") ;;
        *) words=("$SERVICE" "$CONNECTION_ID") ;;
        esac
        if [ -n "$CONNECTION_ID" ]; then unless_busy privatelink connection approve "${words[@]}" --json; fi
        ;;
    *) note "$ENDPOINT_ID is $state at Aiven" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state at Aiven after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
