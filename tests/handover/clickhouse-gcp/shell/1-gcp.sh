#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what gcp has to do.
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

# 1. reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
# project example-project, us-central1, network example-project/global/networks/main
PROJECT=example-project
REGION=us-central1
ADDRESS_NAME=privlink-0be2a0a95eefd5be
ADDRESS_MARK='managed-by=privlink key=158814e4dfeb629b'
ADDRESS_DESCRIPTION='managed-by=privlink key=158814e4dfeb629b link=orders-prod database=55d2f6fe387c22a4 service=projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse'
SUBNETWORK=projects/example-project/regions/us-central1/subnetworks/clients
ADDRESS_OPTIONS=()
find_address() {
    seen compute addresses describe "$ADDRESS_NAME" --region "$REGION" --format 'value[separator="|"](address,description)'
}
found=$(find_address)
if [ -z "$found" ]; then
    note "reserving the address $ADDRESS_NAME"
    cloud compute addresses create "$ADDRESS_NAME" --region "$REGION" --subnet "$SUBNETWORK" \
        --description "$ADDRESS_DESCRIPTION" "${ADDRESS_OPTIONS[@]}" >/dev/null
    found=$(find_address)
fi
IFS='|' read -r address description <<<"$found"
ours "$description" "$ADDRESS_MARK" || die "the address $ADDRESS_NAME is somebody else's"
[ -n "$address" ] || die "the address $ADDRESS_NAME is not reserved yet; run this again"

# 2. make the Private Service Connect endpoint: it is the network's end of the link to projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse
# project example-project, us-central1, network example-project/global/networks/main
RULE_NAME=privlink-0be2a0a95eefd5be
RULE_ADOPTED=no
RULE_MARK='managed-by=privlink key=0be2a0a95eefd5be'
RULE_DESCRIPTION='managed-by=privlink key=0be2a0a95eefd5be link=orders-prod database=55d2f6fe387c22a4 service=projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse'
ATTACHMENT=projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse
RULE_OPTIONS=(--network projects/example-project/global/networks/main --disable-automate-dns-zone)
USER_LABELS=(privlink-user-0825f9744f625bb9)
find_endpoint() {
    seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" \
        --format 'value[separator="|"](pscConnectionStatus,pscConnectionId,IPAddress,target,description)'
}
found=$(find_endpoint)
if [ -z "$found" ]; then
    note "making the endpoint $RULE_NAME"
    cloud compute forwarding-rules create "$RULE_NAME" --region "$REGION" --address "$ADDRESS_NAME" \
        --target-service-attachment "$ATTACHMENT" --description "$RULE_DESCRIPTION" "${RULE_OPTIONS[@]}" >/dev/null
    found=$(find_endpoint)
fi
IFS='|' read -r state CONNECTION_ID ENDPOINT_ADDRESS target description <<<"$found"
[[ $target == *"$ATTACHMENT" ]] || die "$RULE_NAME leads to $target"
[ "$state" != CLOSED ] || die "the producer closed $RULE_NAME for good; plan again"
if [ "$RULE_ADOPTED" = no ]; then
    ours "$description" "$RULE_MARK" || die "the forwarding rule $RULE_NAME is somebody else's"
    # Whoever uses the endpoint leaves a label on it, so that no other link's removal takes it away.
    for label in "${USER_LABELS[@]}"; do
        there=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format "value(labels.$label)")
        [ -n "$there" ] || cloud compute forwarding-rules update "$RULE_NAME" --region "$REGION" \
            --update-labels "$label=true" >/dev/null
    done
fi
[ -n "$CONNECTION_ID" ] || die "$RULE_NAME has no connection id yet; run this again"
ENDPOINT_ID=$CONNECTION_ID
remember ENDPOINT_ID "$ENDPOINT_ID"
remember ENDPOINT_ADDRESS "$ENDPOINT_ADDRESS"
ENDPOINT_NAME=$RULE_NAME
remember ENDPOINT_NAME "$ENDPOINT_NAME"
