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

# Only while it is as it was just seen.
as_seen() { jq --raw-output '.etag // "*"' <<<"$1"; }

# 1. unlink the zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud from main: the zone must answer nowhere before it can go
# 00000000-0000-0000-0000-000000000001 example main
ZONE_SUBSCRIPTION=00000000-0000-0000-0000-000000000001
ZONE_GROUP=example
ZONE=jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud
LINK_NAME=privlink-e39ac57b006b30cb
LINK_KEY=e39ac57b006b30cb
OTHER_NETWORK=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main
found=$(seen network private-dns link vnet show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$LINK_NAME")
if [ -n "$found" ]; then
    ours "$found" "$LINK_KEY" || die "the link $LINK_NAME of the zone $ZONE is somebody else's"
    note "unlinking the zone $ZONE from $OTHER_NETWORK"
    cloud network private-dns link vnet delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$LINK_NAME" --if-match "$(as_seen "$found")" --yes --output none
fi

# 2. remove the record jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: nothing may lead to the endpoint when it goes
# 00000000-0000-0000-0000-000000000001 example main
RECORD=jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud
RECORD_LABEL=@
RECORD_KEY=852a7c8a52ae4ad7
EXPECTED='@ A 10.0.64.5'
found=$(seen network private-dns record-set a show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$RECORD_LABEL")
if [ -n "$found" ]; then
    leads_to=$(jq --raw-output '[.aRecords[]?.ipv4Address] | join(" ")' <<<"$found")
    [ "$RECORD_LABEL A $leads_to" = "$EXPECTED" ] ||
        die "the record $RECORD leads to $leads_to by now; look who wrote it, and plan again"
    ours "$found" "$RECORD_KEY" || die "the record $RECORD is somebody else's"
    note "removing the record $RECORD"
    cloud network private-dns record-set a delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$RECORD_LABEL" --if-match "$(as_seen "$found")" --yes --output none
fi

# 3. remove the private zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: it is ours, and holds nothing else
# 00000000-0000-0000-0000-000000000001 example main
ZONE_KEY=51ec75f1bc85c4c4
found=$(seen network private-dns zone show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --name "$ZONE")
if [ -n "$found" ]; then
    ours "$found" "$ZONE_KEY" || die "the private zone $ZONE is somebody else's"
    in_zone=(--subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --zone-name "$ZONE" --output json)
    records=$(cloud network private-dns record-set list "${in_zone[@]}")
    links=$(cloud network private-dns link vnet list "${in_zone[@]}")
    left=$(jq --raw-output --argjson links "$links" '
        [(.[] | {name, type: (.type | split("/") | last)} | select(.type != "SOA") | "\(.name) \(.type)"), ($links[] | "link \(.name)")]
        | join(", ")' <<<"$records")
    [ -z "$left" ] || die "the private zone $ZONE still holds $left"
    note "removing the private zone $ZONE"
    cloud network private-dns zone delete --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --name "$ZONE" --if-match "$(as_seen "$found")" --yes --output none
fi
