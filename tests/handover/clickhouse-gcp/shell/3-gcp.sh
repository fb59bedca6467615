#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what gcp has to do.
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
command -v gcloud >/dev/null || die "gcloud is not installed"
[ -n "${ENDPOINT_ADDRESS:-}" ] || die "run 1-gcp.sh first, or set ENDPOINT_ADDRESS to the endpoint's address"

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

# 4. wait until the endpoint is accepted: nothing may lead to the endpoint before it works
# project example-project, us-central1, network example-project/global/networks/main
PROJECT=example-project
REGION=us-central1
RULE_NAME=privlink-0be2a0a95eefd5be
AT_MOST=900
for ((waited = 0; ; waited += 10)); do
    state=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value(pscConnectionStatus)')
    case $state in
    ACCEPTED) break ;;
    PENDING) note "$RULE_NAME waits for the producer to accept it" ;;
    NEEDS_ATTENTION) note "$RULE_NAME is accepted, and the producer still has something to do" ;;
    REJECTED | CLOSED) die "$RULE_NAME is $state: it will not come up by itself" ;;
    *) note "$RULE_NAME is being connected" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$RULE_NAME is still $state after $waited seconds; run this again once the producer has looked"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done

# 5. make the private zone nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
# project example-project, us-central1, network example-project/global/networks/main
NETWORK=projects/example-project/global/networks/main
ZONE=nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud
ZONE_NAME=privlink-da79df2eaf2c0442
ZONE_FILTER='dnsName="nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud." AND visibility=private'
ZONE_MARK='managed-by=privlink key=da79df2eaf2c0442'
ZONE_NETWORKS=https://www.googleapis.com/compute/v1/projects/example-project/global/networks/main
ZONE_DESCRIPTION='managed-by=privlink key=da79df2eaf2c0442 link=orders-prod database=55d2f6fe387c22a4'
zones=$(cloud dns managed-zones list --filter "$ZONE_FILTER" \
    --format 'value[separator="|"](name,privateVisibilityConfig.networks[].networkUrl.list(separator=","),description)')
there=no
while IFS='|' read -r name networks description; do
    if ours "$description" "$ZONE_MARK"; then
        there=yes
    elif [[ "$networks," == *"/$NETWORK,"* ]]; then
        die "the network sees a private zone $ZONE already: $name; look who made it"
    fi
done <<<"$zones"
if [ "$there" = no ]; then
    note "making the private zone $ZONE"
    cloud dns managed-zones create "$ZONE_NAME" --dns-name "$ZONE." --visibility private \
        --networks "$ZONE_NETWORKS" --description "$ZONE_DESCRIPTION" >/dev/null
fi

# 6. write the record nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: clients in the network then reach the database by its own name
# project example-project, us-central1, network example-project/global/networks/main
RECORD=nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud
TTL=300
case $ENDPOINT_ADDRESS in
*:*) kind=AAAA ;;
*) kind=A ;;
esac
records=$(cloud dns record-sets list --zone "$ZONE_NAME" --name "$RECORD." \
    --format 'value[separator="|"](type,rrdatas.list(separator=","))')
there=no
while IFS='|' read -r type values; do
    case $type in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    [ "$type $values" = "$kind $ENDPOINT_ADDRESS" ] ||
        die "the record $RECORD $type leads to $values; look who wrote it, and take it away if it may go"
    there=yes
done <<<"$records"
if [ "$there" = no ]; then
    note "writing the record $RECORD $kind"
    cloud dns record-sets create "$RECORD." --zone "$ZONE_NAME" --type "$kind" --ttl "$TTL" \
        --rrdatas "$ENDPOINT_ADDRESS" >/dev/null
fi
