#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what aws has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Comes after 2-zilliz.sh.
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
[ -n "${AWS_SECURITY_GROUP:-}" ] || die 'run 1-aws.sh first, or set AWS_SECURITY_GROUP to aws security group'
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

# Something of an endpoint that carries the link's mark; None of any other.
own_endpoint() {
    cloud ec2 describe-vpc-endpoints --filters "$ENDPOINT_FILTERS" --query "VpcEndpoints[?VpcEndpointId=='$1'] | [0].$2"
}

# 6. wait until the endpoint is connected: nothing may lead to the endpoint before it works
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
AT_MOST=3600
ADOPTED_MARK=privlink:adopted
LABELS=('Name=privlink-orders-prod' 'privlink:link=orders-prod' 'privlink:database=ddba25ff287b8377')
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

# 7. let clients reach ports 443, 19531: a port that is not opened is a connection that hangs
# 123456789012 us-east-1 vpc-e4c02074307872d7d
GROUP_ID=$AWS_SECURITY_GROUP
PERMISSIONS=('[{"FromPort":443,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/16"}],"ToPort":443}]' '[{"FromPort":19531,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/16"}],"ToPort":19531}]')
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

# 8. make the private zone in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
VPC_ID=vpc-e4c02074307872d7d
ZONE=in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com
REFERENCES=(privlink-47dfed96e03a94fb-37a2c56c10945afc privlink-47dfed96e03a94fb-8814d2f6cdb67db1 privlink-47dfed96e03a94fb-7b738056660ff7e9 privlink-47dfed96e03a94fb-1efa7bb1467fa76f privlink-47dfed96e03a94fb-1052fe4905edc3b5 privlink-47dfed96e03a94fb-45accacc45dd6e4d privlink-47dfed96e03a94fb-adaea599833f5923 privlink-47dfed96e03a94fb-dbc7b9f61da92f01 privlink-47dfed96e03a94fb-f54db9601d330aaa privlink-47dfed96e03a94fb-d654a252784d2267 privlink-47dfed96e03a94fb-87459e6f947c5bf0 privlink-47dfed96e03a94fb-19a5956deef861db privlink-47dfed96e03a94fb-8fb13231d7b3ef8f privlink-47dfed96e03a94fb-0cb80edd214b798b privlink-47dfed96e03a94fb-8c9c3b99296a51e8 privlink-47dfed96e03a94fb-de7be7115fe6a75e)
ZONE_CONFIG='{"Comment":"managed-by=privlink key=47dfed96e03a94fb link=orders-prod database=ddba25ff287b8377","PrivateZone":true}'
in_account
find_zone() {
    cloud route53 list-hosted-zones-by-vpc --vpc-id "$VPC_ID" --vpc-region "$REGION" \
        --query "HostedZoneSummaries[?Name=='$ZONE.'] | [0].[HostedZoneId, Owner.OwningService]"
}
read -r ZONE_ID owner < <(find_zone)
if [ "$ZONE_ID" = None ]; then
    note "making the private zone $ZONE"
    for reference in "${REFERENCES[@]}"; do
        # A reference is used for ever, also by a zone since deleted.
        if answer=$(cloud route53 create-hosted-zone --name "$ZONE" --vpc "VPCRegion=$REGION,VPCId=$VPC_ID" \
            --caller-reference "$reference" --hosted-zone-config "$ZONE_CONFIG" --query HostedZone.Id 2>&1); then
            ZONE_ID=${answer#/hostedzone/}
            break
        fi
        case $answer in
        *HostedZoneAlreadyExists*) ;;
        *) die "$answer" ;;
        esac
    done
    [ "$ZONE_ID" != None ] || die "the references of the zone $ZONE are used up; delete what is left of it, or apply the plan with privlink"
elif [ "$owner" != None ]; then
    die "$ZONE belongs to $owner in this VPC: an endpoint's private DNS answers for it already"
fi
AWS_ZONE_IN01_61675CFF22A2566_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_9BDE9E9F=$ZONE_ID
remember AWS_ZONE_IN01_61675CFF22A2566_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_9BDE9E9F "$AWS_ZONE_IN01_61675CFF22A2566_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_9BDE9E9F"

# 9. write the record in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com: clients in the VPC then reach the database by its own name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ENDPOINT_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"tag:privlink:key","Values":["043f296ebee31ced"]},{"Name":"tag:managed-by","Values":["privlink"]}]'
ZONE_MARK=privlink-47dfed96e03a94fb-
RECORD=in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com
ENDPOINT_IP_TYPE=$AWS_IP_ADDRESS_TYPE
ZONE_ID=$AWS_ZONE_IN01_61675CFF22A2566_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_9BDE9E9F
in_account
case $ENDPOINT_IP_TYPE in
dualstack) kinds=(A AAAA) ;;
ipv6) kinds=(AAAA) ;;
*) kinds=(A) ;;
esac
# Whether a record leads to an earlier endpoint of ours: in a zone of ours, and to what is gone.
is_left_behind() {
    local id reference answer
    [[ $1 =~ ^(vpce-[0-9a-f]+)- ]] || return 1
    id=${BASH_REMATCH[1]}
    reference=$(cloud route53 get-hosted-zone --id "$ZONE_ID" --query HostedZone.CallerReference) || return 1
    [[ $reference == "$ZONE_MARK"* ]] || return 1
    if answer=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$id" --query 'VpcEndpoints[0].State' 2>&1); then
        # A deleted one is listed for a while.
        case $(own_endpoint "$id" State) in
        deleting | deleted) return 0 ;;
        esac
        return 1
    fi
    [[ $answer == *InvalidVpcEndpointId.NotFound* ]]
}
for kind in "${kinds[@]}"; do
    # Route 53 writes the star of a wildcard as \052.
    target=$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" \
        --start-record-name "$RECORD" --start-record-type "$kind" --max-items 1 \
        --query "ResourceRecordSets[?Type=='$kind'] | [0].[Name, AliasTarget.DNSName, AliasTarget.HostedZoneId]")
    read -r name leads_to in_zone < <(printf '%s\n' "$target" | head -n 1)
    changes=''
    if [ "${name//\\052/*}" = "$RECORD." ]; then
        [ "${leads_to%.}" != "$ENDPOINT_DNS_NAME" ] || continue
        is_left_behind "$leads_to" ||
            die "the record $RECORD $kind leads to $leads_to; look who wrote it, and take it away if it may go"
        # Both in one batch: it goes only as it was seen, and the name is never without an answer.
        alias="{\"HostedZoneId\":\"$in_zone\",\"DNSName\":\"$leads_to\",\"EvaluateTargetHealth\":false}"
        changes="{\"Action\":\"DELETE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}},"
    fi
    note "writing the record $RECORD $kind"
    alias="{\"HostedZoneId\":\"$ENDPOINT_DNS_ZONE\",\"DNSName\":\"$ENDPOINT_DNS_NAME\",\"EvaluateTargetHealth\":false}"
    changes+="{\"Action\":\"CREATE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}}"
    change=$(cloud route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --query ChangeInfo.Id \
        --change-batch "{\"Changes\":[$changes]}")
    spread "$change"
done

# 10. make the private zone in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ZONE=in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com
REFERENCES=(privlink-d2da3fc66e5fd982-8a6c372b5a02a800 privlink-d2da3fc66e5fd982-11cf1c7ad3e57053 privlink-d2da3fc66e5fd982-6daa233b5ff954b2 privlink-d2da3fc66e5fd982-436fb7b47ed3b874 privlink-d2da3fc66e5fd982-3d07e515c7197d2a privlink-d2da3fc66e5fd982-01158e1a4661d9ac privlink-d2da3fc66e5fd982-16790ae66f8ee820 privlink-d2da3fc66e5fd982-3825648541be9bf6 privlink-d2da3fc66e5fd982-c63f55e4c4225518 privlink-d2da3fc66e5fd982-202f81cd86198796 privlink-d2da3fc66e5fd982-ef609a74734ef305 privlink-d2da3fc66e5fd982-4225a344dda3b1a2 privlink-d2da3fc66e5fd982-b913ada7dbd1c442 privlink-d2da3fc66e5fd982-58198c05134fba72 privlink-d2da3fc66e5fd982-1c77ba78b0b81c40 privlink-d2da3fc66e5fd982-109bcf6db46d7982)
ZONE_CONFIG='{"Comment":"managed-by=privlink key=d2da3fc66e5fd982 link=orders-prod database=ddba25ff287b8377","PrivateZone":true}'
in_account
find_zone() {
    cloud route53 list-hosted-zones-by-vpc --vpc-id "$VPC_ID" --vpc-region "$REGION" \
        --query "HostedZoneSummaries[?Name=='$ZONE.'] | [0].[HostedZoneId, Owner.OwningService]"
}
read -r ZONE_ID owner < <(find_zone)
if [ "$ZONE_ID" = None ]; then
    note "making the private zone $ZONE"
    for reference in "${REFERENCES[@]}"; do
        # A reference is used for ever, also by a zone since deleted.
        if answer=$(cloud route53 create-hosted-zone --name "$ZONE" --vpc "VPCRegion=$REGION,VPCId=$VPC_ID" \
            --caller-reference "$reference" --hosted-zone-config "$ZONE_CONFIG" --query HostedZone.Id 2>&1); then
            ZONE_ID=${answer#/hostedzone/}
            break
        fi
        case $answer in
        *HostedZoneAlreadyExists*) ;;
        *) die "$answer" ;;
        esac
    done
    [ "$ZONE_ID" != None ] || die "the references of the zone $ZONE are used up; delete what is left of it, or apply the plan with privlink"
elif [ "$owner" != None ]; then
    die "$ZONE belongs to $owner in this VPC: an endpoint's private DNS answers for it already"
fi
AWS_ZONE_IN01_EA153D242F774A1_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_AE608D99=$ZONE_ID
remember AWS_ZONE_IN01_EA153D242F774A1_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_AE608D99 "$AWS_ZONE_IN01_EA153D242F774A1_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_AE608D99"

# 11. write the record in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com: clients in the VPC then reach the database by its own name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ZONE_MARK=privlink-d2da3fc66e5fd982-
RECORD=in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com
ZONE_ID=$AWS_ZONE_IN01_EA153D242F774A1_PRIVATELINK_AWS_US_EAST_1_VECTORDB_ZILLIZCLOUD_COM_AE608D99
in_account
case $ENDPOINT_IP_TYPE in
dualstack) kinds=(A AAAA) ;;
ipv6) kinds=(AAAA) ;;
*) kinds=(A) ;;
esac
# Whether a record leads to an earlier endpoint of ours: in a zone of ours, and to what is gone.
is_left_behind() {
    local id reference answer
    [[ $1 =~ ^(vpce-[0-9a-f]+)- ]] || return 1
    id=${BASH_REMATCH[1]}
    reference=$(cloud route53 get-hosted-zone --id "$ZONE_ID" --query HostedZone.CallerReference) || return 1
    [[ $reference == "$ZONE_MARK"* ]] || return 1
    if answer=$(cloud ec2 describe-vpc-endpoints --vpc-endpoint-ids "$id" --query 'VpcEndpoints[0].State' 2>&1); then
        # A deleted one is listed for a while.
        case $(own_endpoint "$id" State) in
        deleting | deleted) return 0 ;;
        esac
        return 1
    fi
    [[ $answer == *InvalidVpcEndpointId.NotFound* ]]
}
for kind in "${kinds[@]}"; do
    # Route 53 writes the star of a wildcard as \052.
    target=$(cloud route53 list-resource-record-sets --hosted-zone-id "$ZONE_ID" \
        --start-record-name "$RECORD" --start-record-type "$kind" --max-items 1 \
        --query "ResourceRecordSets[?Type=='$kind'] | [0].[Name, AliasTarget.DNSName, AliasTarget.HostedZoneId]")
    read -r name leads_to in_zone < <(printf '%s\n' "$target" | head -n 1)
    changes=''
    if [ "${name//\\052/*}" = "$RECORD." ]; then
        [ "${leads_to%.}" != "$ENDPOINT_DNS_NAME" ] || continue
        is_left_behind "$leads_to" ||
            die "the record $RECORD $kind leads to $leads_to; look who wrote it, and take it away if it may go"
        # Both in one batch: it goes only as it was seen, and the name is never without an answer.
        alias="{\"HostedZoneId\":\"$in_zone\",\"DNSName\":\"$leads_to\",\"EvaluateTargetHealth\":false}"
        changes="{\"Action\":\"DELETE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}},"
    fi
    note "writing the record $RECORD $kind"
    alias="{\"HostedZoneId\":\"$ENDPOINT_DNS_ZONE\",\"DNSName\":\"$ENDPOINT_DNS_NAME\",\"EvaluateTargetHealth\":false}"
    changes+="{\"Action\":\"CREATE\",\"ResourceRecordSet\":{\"Name\":\"$RECORD\",\"Type\":\"$kind\",\"AliasTarget\":$alias}}"
    change=$(cloud route53 change-resource-record-sets --hosted-zone-id "$ZONE_ID" --query ChangeInfo.Id \
        --change-batch "{\"Changes\":[$changes]}")
    spread "$change"
done
