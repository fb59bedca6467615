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
GROUP_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"group-name","Values":["privlink-9db0ee2ecffc3f03"]}]'
GROUP_NAME=privlink-9db0ee2ecffc3f03
GROUP_DESCRIPTION='privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202'
GROUP_TAGS='[{"ResourceType":"security-group","Tags":[{"Key":"managed-by","Value":"privlink"},{"Key":"privlink:key","Value":"9db0ee2ecffc3f03"},{"Key":"Name","Value":"privlink-orders-prod"},{"Key":"privlink:link","Value":"orders-prod"},{"Key":"privlink:database","Value":"0d4f6f6f73ba3ce0"}]}]'
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

# 2. let clients reach ports 443, 8443, 9440: a port that is not opened is a connection that hangs
# 123456789012 us-east-1 vpc-e4c02074307872d7d
GROUP_ID=$AWS_SECURITY_GROUP
PERMISSIONS=('[{"FromPort":443,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/16"}],"ToPort":443}]' '[{"FromPort":8443,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/16"}],"ToPort":8443}]' '[{"FromPort":9440,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/16"}],"ToPort":9440}]')
in_account
if [ ${#PERMISSIONS[@]} -eq 0 ]; then
    # The ports were not known when this was written.
    for range in $PORTS; do
        for source in "${SOURCES[@]}"; do
            PERMISSIONS+=("[{\"IpProtocol\":\"tcp\",\"FromPort\":${range%-*},\"ToPort\":${range#*-},$source}]")
        done
    done
fi
for permission in "${PERMISSIONS[@]}"; do
    # One rule a call: one that is there already would fail a whole batch.
    if ! answer=$(cloud ec2 authorize-security-group-ingress --group-id "$GROUP_ID" --ip-permissions "$permission" 2>&1); then
        case $answer in
        *InvalidPermission.Duplicate*) ;;
        *) die "$answer" ;;
        esac
    fi
done

# 3. make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202, in 2 zones
# 123456789012 us-east-1 vpc-e4c02074307872d7d
SERVICE_NAME=com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202
SUBNET_IDS=(subnet-512f01650efe451d3 subnet-7baf975c2d71abb3a)
ENDPOINT_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"service-name","Values":["com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202"]},{"Name":"tag:privlink:key","Values":["717c2b4af20a7ffb"]}]'
ENDPOINT_TAGS='[{"ResourceType":"vpc-endpoint","Tags":[{"Key":"managed-by","Value":"privlink"},{"Key":"privlink:key","Value":"717c2b4af20a7ffb"},{"Key":"privlink:user:0825f9744f625bb9","Value":"true"}]}]'
ADOPTED_MARK=privlink:adopted
USER_TAGS=('Key=privlink:user:0825f9744f625bb9,Value=true')
CLIENT_TOKENS=(privlink-a889218e7de0a8b2 privlink-6dc30f853d31256d privlink-0b57225aa8d31137 privlink-459626da49d5ba97 privlink-7a59813b4f78927a privlink-c7db5215cee059f9 privlink-fd8c9787800a65e4 privlink-388f1ead9f578c36 privlink-2cf06c0134761737 privlink-493de6917a55d3b1 privlink-55f4dcfdd8c4f17f privlink-c263cd5f7c0629e8 privlink-9f19eb2827a215fc privlink-8c4c3baf217cc7a5 privlink-d92b82b9af94fb80 privlink-c58fbb1e75ff3bb2)
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

# 4. wait until the endpoint is connected: nothing may lead to the endpoint before it works
# 123456789012 us-east-1 vpc-e4c02074307872d7d
AT_MOST=900
LABELS=('Name=privlink-orders-prod' 'privlink:link=orders-prod' 'privlink:database=0d4f6f6f73ba3ce0')
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
