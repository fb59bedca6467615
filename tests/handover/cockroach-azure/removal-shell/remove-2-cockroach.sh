#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 3: what cockroach has to do.
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

# 4. let endpoint /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/privateEndpoints/privlink-2007a0f670faa577 in no more: the connection is of an endpoint of this link
# CockroachDB cluster `invoices` (fe1acad2-06c3-4552-9a30-d473019b231c)
by_hand dd9abee5d3d0ce6e 'let endpoint /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/privateEndpoints/privlink-2007a0f670faa577 in no more, at CockroachDB cluster "invoices" (fe1acad2-06c3-4552-9a30-d473019b231c)'
