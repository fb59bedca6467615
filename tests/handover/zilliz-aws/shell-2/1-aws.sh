#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 3: what aws has to do.
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
GROUP_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"group-name","Values":["privlink-d477534f2acc714f"]}]'
GROUP_NAME=privlink-d477534f2acc714f
GROUP_DESCRIPTION='privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1'
GROUP_TAGS='[{"ResourceType":"security-group","Tags":[{"Key":"managed-by","Value":"privlink"},{"Key":"privlink:key","Value":"d477534f2acc714f"},{"Key":"Name","Value":"privlink-orders-prod"},{"Key":"privlink:link","Value":"orders-prod"},{"Key":"privlink:database","Value":"ddba25ff287b8377"}]}]'
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

# 2. make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1, in 2 zones
# 123456789012 us-east-1 vpc-e4c02074307872d7d
SERVICE_NAME=com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1
SUBNET_IDS=(subnet-512f01650efe451d3 subnet-7baf975c2d71abb3a)
ENDPOINT_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"service-name","Values":["com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1"]},{"Name":"tag:privlink:key","Values":["043f296ebee31ced"]}]'
ENDPOINT_TAGS='[{"ResourceType":"vpc-endpoint","Tags":[{"Key":"managed-by","Value":"privlink"},{"Key":"privlink:key","Value":"043f296ebee31ced"},{"Key":"privlink:user:dee681846f12b529","Value":"true"}]}]'
ADOPTED_MARK=privlink:adopted
USER_TAGS=('Key=privlink:user:dee681846f12b529,Value=true')
CLIENT_TOKENS=(privlink-3e171f56081f4034 privlink-4285e62b3566d7aa privlink-4ea83f2bfd814eb0 privlink-24efc756aee7092d privlink-5425b6fa2256608c privlink-ebf69402b4819916 privlink-ae9aafcc0fde052d privlink-12b0d36d6f21f1e8 privlink-67afe06422d2c98a privlink-791d73d979b41d5c privlink-2d61b07929ca1539 privlink-37ef1e1db747af8a privlink-561971e6d2747e98 privlink-0aec0836c5d2ab19 privlink-be9f81fe57c5df23 privlink-5f5c06384654869c)
OPTIONS=()
GROUP_IDS=$AWS_SECURITY_GROUP
in_account
ENDPOINT_ID=$(cloud ec2 describe-vpc-endpoints --filters "$ENDPOINT_FILTERS" \
    --query "VpcEndpoints[?!contains(['deleting', 'deleted', 'rejected', 'failed', 'expired'], State)] | [0].VpcEndpointId")
if [ "$ENDPOINT_ID" = None ]; then
    note "making the VPC endpoint to $SERVICE_NAME"
    for token in "${CLIENT_TOKENS[@]}"; do
        made=$(cloud ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id "$VPC_ID" \
            --service-name "$SERVICE_NAME" --subnet-ids "${SUBNET_IDS[@]}" --security-group-ids "${GROUP_IDS[@]}" \
            --no-private-dns-enabled --client-token "$token" --tag-specifications "$ENDPOINT_TAGS" "${OPTIONS[@]}" \
            --query VpcEndpoint.VpcEndpointId)
        # A token that was used for an endpoint since deleted answers with that one.
        state=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$made" --query 'VpcEndpoints[0].State') || state=deleted
        case $state in
        deleting | deleted | rejected | failed | expired) continue ;;
        esac
        ENDPOINT_ID=$made
        break
    done
    [ "$ENDPOINT_ID" != None ] || die "the earlier endpoints of this link still answer to their tokens; try again in an hour"
elif [ ${#USER_TAGS[@]} -gt 0 ]; then
    # Whoever uses the endpoint leaves a mark on it, so that no other link's removal takes it away: none
    # takes away one that was there before and was taken in.
    adopted=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$ENDPOINT_ID" \
        --query "VpcEndpoints[0].Tags[?starts_with(Key, '$ADOPTED_MARK')] | [0].Key")
    [ "$adopted" != None ] || cloud ec2 create-tags --resources "$ENDPOINT_ID" --tags "${USER_TAGS[@]}"
fi
remember ENDPOINT_ID "$ENDPOINT_ID"
