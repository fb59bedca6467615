#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 5: what aws has to do.
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

# 1. make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
VPC_ID=vpc-e4c02074307872d7d
GROUP_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"group-name","Values":["privlink-a467e9c582cd2c69"]}]'
GROUP_NAME=privlink-a467e9c582cd2c69
GROUP_DESCRIPTION='privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-fa130216cfb85cbec'
GROUP_TAGS='[{"ResourceType":"security-group","Tags":[{"Key":"managed-by","Value":"privlink"},{"Key":"privlink:key","Value":"a467e9c582cd2c69"},{"Key":"Name","Value":"privlink-orders-prod"},{"Key":"privlink:link","Value":"orders-prod"},{"Key":"privlink:database","Value":"16d7148feeb7be5d"}]}]'
in_account
find_group() {
    cloud ec2 describe-security-groups --filters "$GROUP_FILTERS" --query 'SecurityGroups[0].GroupId'
}
GROUP_ID=$(find_group)
if [ "$GROUP_ID" = None ]; then
    note "making the security group $GROUP_NAME"
    GROUP_ID=$(cloud ec2 create-security-group --vpc-id "$VPC_ID" --group-name "$GROUP_NAME" \
        --description "$GROUP_DESCRIPTION" --tag-specifications "$GROUP_TAGS" --query GroupId)
    cloud ec2 wait security-group-exists --group-ids "$GROUP_ID"
fi
AWS_SECURITY_GROUP=$GROUP_ID
remember AWS_SECURITY_GROUP "$AWS_SECURITY_GROUP"
