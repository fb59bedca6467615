#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what aws has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 2-cockroach.sh.
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
[ -n "${ENDPOINT_ID:-}" ] || die "run 1-aws.sh first, or set ENDPOINT_ID to the endpoint's id"

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

# 6. wait until the endpoint is connected: nothing may lead to the endpoint before it works
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
AT_MOST=3600
ADOPTED_MARK=privlink:adopted
LABELS=('Name=privlink-orders-prod' 'privlink:link=orders-prod' 'privlink:database=93d3f4bbf4e31e24')
in_account
for ((waited = 0; ; waited += 10)); do
    state=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" --query 'VpcEndpoints[0].State')
    case $state in
    available) break ;;
    pendingAcceptance) note "$ENDPOINT_ID waits for the owner of the endpoint service to accept it" ;;
    pending) note "$ENDPOINT_ID is being built" ;;
    *) die "$ENDPOINT_ID is $state: it will not come up by itself" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state after $waited seconds; run this again once its owner has looked"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
read -r ENDPOINT_DNS_NAME ENDPOINT_DNS_ZONE < <(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" \
    --query 'VpcEndpoints[0].DnsEntries[0].[DnsName, HostedZoneId]')
ENDPOINT_IP_TYPE=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" --query 'VpcEndpoints[0].IpAddressType')
# For whom it was first made: a label, put on once and never changed, and on no endpoint that was there before.
label_of() {
    cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" --query "VpcEndpoints[0].Tags[?$1] | [0].Key"
}
if [ "$(label_of "starts_with(Key, '$ADOPTED_MARK')")" = None ]; then
    for label in "${LABELS[@]}"; do
        [ "$(label_of "Key=='${label%%=*}'")" != None ] ||
            cloud ec2 create-tags --resources "$ENDPOINT_ID" --tags "Key=${label%%=*},Value=${label#*=}"
    done
fi
remember ENDPOINT_DNS_NAME "$ENDPOINT_DNS_NAME"
remember ENDPOINT_DNS_ZONE "$ENDPOINT_DNS_ZONE"
AWS_IP_ADDRESS_TYPE=$ENDPOINT_IP_TYPE
remember AWS_IP_ADDRESS_TYPE "$AWS_IP_ADDRESS_TYPE"

# 7. switch private DNS on at the endpoint: AWS then answers the vendor's names inside the VPC; the endpoint is rebuilt for up to five minutes
# 123456789012 us-east-1 vpc-e4c02074307872d7d
AT_MOST=900
in_account
on=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" --query 'VpcEndpoints[0].PrivateDnsEnabled')
case $on in
[Tt]rue) ;;
*)
    note "switching private DNS on at $ENDPOINT_ID; the endpoint is rebuilt for up to five minutes"
    cloud ec2 modify-vpc-endpoint --vpc-endpoint-id "$ENDPOINT_ID" --private-dns-enabled >/dev/null
    ;;
esac
for ((waited = 0; ; waited += 10)); do
    state=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" --query 'VpcEndpoints[0].State')
    [ "$state" != available ] || break
    [ "$waited" -lt "$AT_MOST" ] || die "$ENDPOINT_ID is still $state after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
