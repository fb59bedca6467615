#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what azure has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 2-clickhouse.sh.
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
[ -n "${ENDPOINT_ADDRESS:-}" ] || die "run 1-azure.sh first, or set ENDPOINT_ADDRESS to the endpoint's address"
[ -n "${ENDPOINT_ID:-}" ] || die "run 1-azure.sh first, or set ENDPOINT_ID to the endpoint's id"

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

# 4. wait until the endpoint's connection is approved: nothing may lead to the endpoint before it works
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

# 5. make the private zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
# 00000000-0000-0000-0000-000000000001 example main
ZONE_SUBSCRIPTION=00000000-0000-0000-0000-000000000001
ZONE_GROUP=example
ZONE=jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud
ZONE_KEY=51ec75f1bc85c4c4
ZONE_TAGS='{"managed-by":"privlink","privlink-database":"a57bcbcd211f14f5","privlink-key":"51ec75f1bc85c4c4","privlink-link":"orders-prod"}'
found=$(seen network private-dns zone show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" --name "$ZONE")
if [ -z "$found" ]; then
    note "making the private zone $ZONE"
    cloud network private-dns zone create --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --name "$ZONE" --tags "$ZONE_TAGS" --output none
elif ! ours "$found" "$ZONE_KEY"; then
    die "the private zone $ZONE is somebody else's"
fi

# 6. write the record jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: clients in the network then reach the database by its own name
# 00000000-0000-0000-0000-000000000001 example main
ZONE_ID=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/privateDnsZones/jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud
RECORD_LABEL=@
TTL=300
RECORD_METADATA='{"managed-by":"privlink","privlink-database":"a57bcbcd211f14f5","privlink-key":"852a7c8a52ae4ad7","privlink-link":"orders-prod"}'
DNS_API_VERSION=2024-06-01
found=$(seen network private-dns record-set a show --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --name "$RECORD_LABEL")
if [ -z "$found" ]; then
    note "writing the record $RECORD_LABEL of $ZONE"
    record=$(jq --null-input --compact-output --arg address "$ENDPOINT_ADDRESS" --argjson ttl "$TTL" \
        --argjson metadata "$RECORD_METADATA" \
        '{properties: {ttl: $ttl, aRecords: [{ipv4Address: $address}], metadata: $metadata}}')
    # Created, not replaced: what somebody writes in between is never overwritten.
    cloud rest --method put --url "$ZONE_ID/A/$RECORD_LABEL?api-version=$DNS_API_VERSION" \
        --headers 'If-None-Match=*' --body "$record" --output none
else
    leads_to=$(jq --raw-output '[.aRecords[].ipv4Address] | join(" ")' <<<"$found")
    [ "$leads_to" = "$ENDPOINT_ADDRESS" ] ||
        die "the record $RECORD_LABEL of $ZONE leads to $leads_to; look who wrote it, and take it away if it may go"
fi

# 7. link the zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud to main: a private zone answers in the networks it is linked to, and in no other
# 00000000-0000-0000-0000-000000000001 example main
OTHER_NETWORK=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main
LINK_NAME=privlink-e39ac57b006b30cb
LINK_TAGS='{"managed-by":"privlink","privlink-database":"a57bcbcd211f14f5","privlink-key":"e39ac57b006b30cb","privlink-link":"orders-prod"}'
links=$(cloud network private-dns link vnet list --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
    --zone-name "$ZONE" --output json)
if ! jq --exit-status --arg network "$OTHER_NETWORK" \
    'any(.[]; .virtualNetwork.id | ascii_downcase == ($network | ascii_downcase))' <<<"$links" >/dev/null; then
    note "linking the zone $ZONE to $OTHER_NETWORK"
    cloud network private-dns link vnet create --subscription "$ZONE_SUBSCRIPTION" --resource-group "$ZONE_GROUP" \
        --zone-name "$ZONE" --name "$LINK_NAME" --virtual-network "$OTHER_NETWORK" --registration-enabled false \
        --tags "$LINK_TAGS" --output none
fi
