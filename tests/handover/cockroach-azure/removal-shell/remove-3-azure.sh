#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what azure has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-2-cockroach.sh.
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

# 5. delete the private endpoint privlink-2007a0f670faa577: it is ours; a new one has to be approved again
# 00000000-0000-0000-0000-000000000001 example main
ENDPOINT_IDS=(/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/privateEndpoints/privlink-2007a0f670faa577)
ENDPOINT_KEY=2007a0f670faa577
USERS_MARK=privlink-user-
USER_TAG=privlink-user-98a4a0c60334aed1
for id in "${ENDPOINT_IDS[@]}"; do
    found=$(seen network private-endpoint show --ids "$id")
    [ -n "$found" ] || continue
    ours "$found" "$ENDPOINT_KEY" || die "the private endpoint $id is somebody else's"
    others=$(jq --raw-output --arg users "$USERS_MARK" --arg mine "$USER_TAG" \
        '[.tags | keys[] | ascii_downcase | select(startswith($users) and . != $mine)] | join(", ")' <<<"$found")
    [ -z "$others" ] || die "the private endpoint $id carries the mark $others: somebody else uses it, and it stays"
    note "deleting the private endpoint $id"
    cloud network private-endpoint delete --ids "$id" --output none
done
