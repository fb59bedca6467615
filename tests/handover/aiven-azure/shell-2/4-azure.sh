#!/usr/bin/env bash
# The link `orders-prod`, part 4 of 5: what azure has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 3-aiven.sh.
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
command -v az >/dev/null || die "az is not installed"
command -v jq >/dev/null || die "jq is not installed"
[ -n "${ENDPOINT_ID:-}" ] || die "run 2-azure.sh first, or set ENDPOINT_ID to the endpoint's id"

# The command line of Azure, without words of advice.
cloud() { az "$@" --only-show-errors; }
# What a thing is; nothing where there is none, which az tells by its status 3.
seen() {
    local said status=0
    { said=$(cloud "$@" --output json 2>&1 >&3 3>&-) || status=$?; } 3>&1
    case $status in
    0 | 3) ;;
    *) die "$said" ;;
    esac
}
# A thing of ours says so in its tags, from birth.
ours() {
    jq --exit-status --arg key "$2" '(.tags // .metadata // {}) | ."managed-by" == "privlink" and ."privlink-key" == $key' \
        <<<"$1" >/dev/null
}

# 6. wait until the endpoint's connection is approved: nothing may lead to the endpoint before it works
# 00000000-0000-0000-0000-000000000001 example main
AT_MOST=3600
for ((waited = 0; ; waited += 15)); do
    state=$(cloud network private-endpoint show --ids "$ENDPOINT_ID" --output tsv \
        --query '[manualPrivateLinkServiceConnections, privateLinkServiceConnections][].privateLinkServiceConnectionState.status | [0]')
    case $state in
    Approved) break ;;
    Pending) note "$ENDPOINT_ID waits for the owner of the service, whose list must name the endpoint" ;;
    Rejected | Disconnected) die "$ENDPOINT_ID is $state: it will not come up by itself" ;;
    *) note "Azure is building $ENDPOINT_ID" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state after $waited seconds; run this again once the service's owner has looked"
    sleep "${PRIVLINK_POLL_SECONDS:-15}"
done
