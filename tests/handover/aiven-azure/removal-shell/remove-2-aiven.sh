#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 2: what aiven has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-azure.sh.
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

# 2. delete the privatelink: asked for, and no other endpoint is connected; a new one has other ids
# Aiven service `stock-mysql` of project `example-project`
PROJECT=example-project
SERVICE=stock-mysql
AT_MOST=1200
CLOUD=azure
ENDPOINT_FIELD=private_endpoint_id
ENDPOINT_IDS='["/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/example/providers/microsoft.network/privateendpoints/privlink-faca614fd16616fb"]'
# The privatelink as it is; a service that is gone has taken it along.
left_now() {
    local answer
    if answer=$(aiven service get "$SERVICE" --json 2>&1); then
        privatelink_now
    else
        case $answer in
        *'(status 404)'*) printf 'null\n' ;;
        *) die "$answer" ;;
        esac
    fi
}
for ((waited = 0; ; waited += 5)); do
    link=$(left_now)
    state=$(jq --raw-output '.state // "absent"' <<<"$link")
    case $state in
    absent) break ;;
    deleting) note "the privatelink of $SERVICE is going" ;;
    *)
        others=$(privatelink connection list "$SERVICE" --json | only_json |
            jq --raw-output --arg field "$ENDPOINT_FIELD" --argjson ours "$ENDPOINT_IDS" \
                'map(.[$field] // "one that says nothing" | ascii_downcase) - $ours | join(", ")')
        [ -z "$others" ] || die "the privatelink of $SERVICE stays: it would be cut off from $others"
        note "deleting the privatelink of $SERVICE"
        unless_busy privatelink delete "$SERVICE" --json
        ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the privatelink of $SERVICE is still $state after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
