#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what cockroach has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-gcp.sh.
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

# 3. let endpoint 13897981136445086531 in no more: the connection is of an endpoint of this link
# CockroachDB cluster `tracking` (d395cf71-41d9-423f-89f7-9827c3f03fd6)
by_hand 8a8d52220a4df337 'let endpoint 13897981136445086531 in no more, at CockroachDB cluster "tracking" (d395cf71-41d9-423f-89f7-9827c3f03fd6)'
