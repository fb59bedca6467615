#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what azure has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
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

# 1. unlink the zone internal-invoices-3375.azure-westus3.crdb.io from main: the zone must answer nowhere before it can go
# 00000000-0000-0000-0000-000000000001 example main
by_hand 6f91342ba64a37f8 "unlink the zone internal-invoices-3375.azure-westus3.crdb.io from main, at 00000000-0000-0000-0000-000000000001 example main (cloud's turn)"

# 2. remove the record internal-invoices-3375.azure-westus3.crdb.io: nothing may lead to the endpoint when it goes
# 00000000-0000-0000-0000-000000000001 example main
by_hand 4d0238666fe1c1ab 'remove the record internal-invoices-3375.azure-westus3.crdb.io, at 00000000-0000-0000-0000-000000000001 example main'

# 3. remove the private zone internal-invoices-3375.azure-westus3.crdb.io: it is ours, and holds nothing else
# 00000000-0000-0000-0000-000000000001 example main
by_hand 0c0ce515266d60fc "remove the private zone internal-invoices-3375.azure-westus3.crdb.io, at 00000000-0000-0000-0000-000000000001 example main (cloud's turn)"
