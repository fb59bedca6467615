#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what gcp has to do.
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
command -v gcloud >/dev/null || die "gcloud is not installed"

# The command line of Google Cloud: no questions, one project, and no word of what is only advice.
cloud() { gcloud --quiet --verbosity error --project "$PROJECT" "$@"; }
# What a thing is; nothing where there is none.
seen() {
    local said
    { said=$(cloud "$@" 2>&1 >&3 3>&-); } 3>&1 && return
    case $said in
    *'was not found'* | *'does not exist'*) ;;
    *) die "$said" ;;
    esac
}
# A thing of ours says so in its description, from birth.
ours() { [[ "$1 " == "$2 "* ]]; }

# 1. remove the record nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: nothing may lead to the endpoint when it goes
# project example-project, us-central1, network example-project/global/networks/main
PROJECT=example-project
ZONE_NAME=privlink-da79df2eaf2c0442
RECORD=nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud
EXPECTED=('nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud 300 A 10.10.0.3')
if ! records=$(cloud dns record-sets list --zone "$ZONE_NAME" --name "$RECORD." \
    --format 'value[separator="|"](ttl,type,rrdatas.list(separator=" "))' 2>&1); then
    case $records in
    *'was not found'* | *'does not exist'*) records='' ;;
    *) die "$records" ;;
    esac
fi
while IFS='|' read -r ttl type values; do
    case $type in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    as_planned=no
    for set in "${EXPECTED[@]}"; do
        [ "$RECORD $ttl $type $values" != "$set" ] || as_planned=yes
    done
    [ "$as_planned" = yes ] || die "the record $RECORD $type leads to $values by now; look who wrote it, and plan again"
    note "removing the record $RECORD $type"
    cloud dns record-sets delete "$RECORD." --zone "$ZONE_NAME" --type "$type" >/dev/null
done <<<"$records"

# 2. remove the private zone nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: it is ours, and holds nothing else
# project example-project, us-central1, network example-project/global/networks/main
ZONE=nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud
ZONE_MARK='managed-by=privlink key=da79df2eaf2c0442'
found=$(seen dns managed-zones describe "$ZONE_NAME" --format 'value[separator="|"](dnsName,description)')
if [ -n "$found" ]; then
    IFS='|' read -r name description <<<"$found"
    [ "$name" = "$ZONE." ] || die "the zone $ZONE_NAME is of $name"
    ours "$description" "$ZONE_MARK" || die "the zone $ZONE_NAME is somebody else's"
    while IFS='|' read -r name type; do
        case "$name $type" in
        "$ZONE. NS" | "$ZONE. SOA" | ' ') ;;
        *) die "the zone $ZONE still holds $name $type" ;;
        esac
    done <<<"$(cloud dns record-sets list --zone "$ZONE_NAME" --format 'value[separator="|"](name,type)')"
    note "removing the private zone $ZONE"
    cloud dns managed-zones delete "$ZONE_NAME" >/dev/null
fi
