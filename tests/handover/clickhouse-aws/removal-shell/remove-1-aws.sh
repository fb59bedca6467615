#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what aws has to do.
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
command -v aws >/dev/null || die "aws is not installed"

# The command line of AWS: text answers, no pager, and only in the account that was planned for.
cloud() { AWS_PAGER='' aws --region "$REGION" --output text "$@"; }
in_account() {
    if [ "${CHECKED_ACCOUNT:-}" = "$ACCOUNT" ]; then return; fi
    CHECKED_ACCOUNT=$(cloud sts get-caller-identity --query Account)
    [ "$CHECKED_ACCOUNT" = "$ACCOUNT" ] ||
        die "these credentials are of AWS account $CHECKED_ACCOUNT; this is for $ACCOUNT"
}
# Route 53 spreads a change to its servers within a minute, as a rule.
spread() {
    local tries=60
    until [ "$(cloud route53 get-change --id "$1" --query ChangeInfo.Status)" = INSYNC ]; do
        [ $((tries -= 1)) -gt 0 ] || die "Route 53 has not spread its change $1"
        sleep "${PRIVLINK_POLL_SECONDS:-10}"
    done
}

# 1. remove the record mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: nothing may lead to the endpoint when it goes
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
ZONE_ID=Z9BHOKGCS0CCANP31F17I
RECORD=mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud
EXPECTED=('mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud A alias vpce-803512f394463d667-rtaqumxs.vpce-svc-8296aecc53d880202.us-east-1.vpce.amazonaws.com in zone Z7HUB22UULQXV')
in_account
changes=()
if ! sets=$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" --start-record-name "$RECORD" \
    --start-record-type A --max-items 20 \
    --query 'ResourceRecordSets[].[Name, Type, AliasTarget.DNSName, AliasTarget.HostedZoneId]' 2>&1); then
    case $sets in
    *NoSuchHostedZone*) sets='' ;;
    *) die "$sets" ;;
    esac
fi
while read -r name kind leads_to zone; do
    # Route 53 writes the star of a wildcard as \052.
    [ "${name//\\052/*}" = "$RECORD." ] || continue
    case $kind in
    A | AAAA | CNAME) ;;
    *) continue ;;
    esac
    as_planned=no
    for set in "${EXPECTED[@]}"; do
        [ "$RECORD $kind alias ${leads_to%.} in zone $zone" != "$set" ] || as_planned=yes
    done
    [ "$as_planned" = yes ] || die "the record $RECORD $kind leads to $leads_to by now; look who wrote it, and plan again"
    alias="{\"HostedZoneId\":\"$zone\",\"DNSName\":\"$leads_to\",\"EvaluateTargetHealth\":false}"
    changes+=("{\"Action\":\"DELETE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}}")
done <<<"$sets"
if [ ${#changes[@]} -gt 0 ]; then
    note "removing the record $RECORD"
    batch=$(printf '%s,' "${changes[@]}")
    change=$(cloud route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --query ChangeInfo.Id \
        --change-batch "{\"Changes\":[${batch%,}]}")
    spread "$change"
fi

# 2. remove the private zone mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: it is ours, and holds nothing else
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ZONE=mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud
ZONE_MARK=privlink-d524f0f733a23df7-
in_account
if found=$(cloud route53 get-hosted-zone --id "$ZONE_ID" --query '[HostedZone.Name, HostedZone.CallerReference]' 2>&1); then
    read -r name reference <<<"$found"
    [ "$name" = "$ZONE." ] || die "the zone $ZONE_ID is called $name"
    [[ $reference == "$ZONE_MARK"* ]] || die "the zone $ZONE_ID is not of this link"
    while read -r name kind; do
        case "$name $kind" in
        "$ZONE. NS" | "$ZONE. SOA" | ' ') ;;
        *) die "the zone $ZONE still holds $name $kind" ;;
        esac
    done <<<"$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" --query 'ResourceRecordSets[].[Name, Type]')"
    note "removing the private zone $ZONE"
    cloud route53 delete-hosted-zone --id "$ZONE_ID" >/dev/null
else
    case $found in
    *NoSuchHostedZone*) ;;
    *) die "$found" ;;
    esac
fi
