#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what zilliz has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-azure.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

note() { printf '%s\n' "$*" >&2; }
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

# 4. take endpoint privlink-0e245f95341a80b6.e73e9639-d5ec-45b0-bdaf-1b9bfdd9086d off the list: the registration is of an endpoint of this link
# Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in az-westus3
by_hand 1cdcd5ea6f0e493f 'take endpoint privlink-0e245f95341a80b6.e73e9639-d5ec-45b0-bdaf-1b9bfdd9086d off the list, at Zilliz Cloud project proj-128b4c57b5fd298bd94ebb in az-westus3'
