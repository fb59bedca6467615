#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what azure has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
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

# 1. make the private endpoint: it is the network's end of the link to production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice
# 00000000-0000-0000-0000-000000000001 example main
SUBSCRIPTION=00000000-0000-0000-0000-000000000001
ENDPOINT_GROUP=example
ENDPOINT_NAMES=(privlink-c5d1c9ccde2f408a privlink-c5d1c9ccde2f408a-1 privlink-c5d1c9ccde2f408a-2 privlink-c5d1c9ccde2f408a-3 privlink-c5d1c9ccde2f408a-4 privlink-c5d1c9ccde2f408a-5 privlink-c5d1c9ccde2f408a-6 privlink-c5d1c9ccde2f408a-7 privlink-c5d1c9ccde2f408a-8 privlink-c5d1c9ccde2f408a-9 privlink-c5d1c9ccde2f408a-10 privlink-c5d1c9ccde2f408a-11 privlink-c5d1c9ccde2f408a-12 privlink-c5d1c9ccde2f408a-13 privlink-c5d1c9ccde2f408a-14 privlink-c5d1c9ccde2f408a-15)
ENDPOINT_ADOPTED=no
ENDPOINT_KEY=c5d1c9ccde2f408a
ENDPOINT_TAGS='{"managed-by":"privlink","privlink-database":"a57bcbcd211f14f5","privlink-key":"c5d1c9ccde2f408a","privlink-link":"orders-prod","privlink-user-0825f9744f625bb9":"true"}'
USER_TAGS=('privlink-user-0825f9744f625bb9=true')
LOCATION=westus3
SUBNET_ID=/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default
SERVICE=production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice
REQUEST_MESSAGE='privlink: orders-prod'
CONNECTION_SUFFIX=-conn
INTERFACE_SUFFIX=-nic
ADDRESS_SUFFIX=-ip
FIXED_ADDRESSES=()
ENDPOINT_OPTIONS=()
NETWORK_API_VERSION=2025-05-01
find_endpoint() {
    seen network private-endpoint show --subscription "$SUBSCRIPTION" --resource-group "$ENDPOINT_GROUP" --name "$1"
}
connection_state() {
    jq --raw-output '[(.manualPrivateLinkServiceConnections // [])[], (.privateLinkServiceConnections // [])[]][0]
        .privateLinkServiceConnectionState.status // empty' <<<"$found"
}
found=''
for name in "${ENDPOINT_NAMES[@]}"; do
    found=$(find_endpoint "$name")
    if [ -z "$found" ]; then
        note "making the private endpoint $name"
        fixed=()
        for address in "${FIXED_ADDRESSES[@]}"; do
            fixed+=(--ip-config "name=$name$ADDRESS_SUFFIX" "private-ip-address=$address")
        done
        # The owner of the service approves by hand or by a list: the request is a manual one.
        cloud network private-endpoint create --subscription "$SUBSCRIPTION" --resource-group "$ENDPOINT_GROUP" \
            --name "$name" --location "$LOCATION" --subnet "$SUBNET_ID" --private-connection-resource-id "$SERVICE" \
            --manual-request true --connection-name "$name$CONNECTION_SUFFIX" --request-message "$REQUEST_MESSAGE" \
            --nic-name "$name$INTERFACE_SUFFIX" --tags "$ENDPOINT_TAGS" "${fixed[@]}" "${ENDPOINT_OPTIONS[@]}" \
            --output none
        found=$(find_endpoint "$name")
    fi
    # One that was refused keeps its name while it is there, and never comes back.
    case $(connection_state) in
    Rejected | Disconnected) found='' ;;
    *) break ;;
    esac
done
[ -n "$found" ] || die "every endpoint of this link was refused; look why, and delete them"
ENDPOINT_ID=$(jq --raw-output .id <<<"$found")
if [ "$ENDPOINT_ADOPTED" = no ]; then
    ours "$found" "$ENDPOINT_KEY" || die "the private endpoint $ENDPOINT_ID is somebody else's"
    # Whoever uses the endpoint leaves a tag on it, so that no other link's removal takes it away.
    for tag in "${USER_TAGS[@]}"; do
        jq --exit-status --arg tag "${tag%%=*}" '.tags | has($tag)' <<<"$found" >/dev/null ||
            cloud network private-endpoint update --ids "$ENDPOINT_ID" --set "tags.$tag" --force-string true --output none
    done
fi
# The command line's own view of an endpoint has no GUID; some vendors know an endpoint by nothing else.
ENDPOINT_GUID=$(cloud rest --method get --url "$ENDPOINT_ID?api-version=$NETWORK_API_VERSION" \
    --query properties.resourceGuid --output tsv)
ENDPOINT_NAME=${ENDPOINT_ID##*/}
remember ENDPOINT_ID "$ENDPOINT_ID"
remember ENDPOINT_NAME "$ENDPOINT_NAME"
remember ENDPOINT_GUID "$ENDPOINT_GUID"

# 2. read the endpoint's address: the endpoint's interface has it, before and after the connection is approved
# 00000000-0000-0000-0000-000000000001 example main
interface=$(cloud network private-endpoint show --ids "$ENDPOINT_ID" --query 'networkInterfaces[0].id' --output tsv)
ENDPOINT_ADDRESS=$(cloud network nic show --ids "$interface" --query 'ipConfigurations[0].privateIPAddress' --output tsv)
[ -n "$ENDPOINT_ADDRESS" ] || die "the interface of $ENDPOINT_ID has no address yet; run this again"
remember ENDPOINT_ADDRESS "$ENDPOINT_ADDRESS"
