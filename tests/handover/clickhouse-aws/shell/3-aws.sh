#!/usr/bin/env bash
# The link `orders-prod`, part 3 of 3: what aws has to do.
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
command -v aws >/dev/null || die "aws is not installed"
[ -n "${AWS_IP_ADDRESS_TYPE:-}" ] || die 'run 1-aws.sh first, or set AWS_IP_ADDRESS_TYPE to aws ip address type'
[ -n "${ENDPOINT_DNS_NAME:-}" ] || die "run 1-aws.sh first, or set ENDPOINT_DNS_NAME to the endpoint's regional DNS name"
[ -n "${ENDPOINT_DNS_ZONE:-}" ] || die "run 1-aws.sh first, or set ENDPOINT_DNS_ZONE to the id of the zone of the endpoint's DNS name"

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

# 6. make the private zone mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
VPC_ID=vpc-e4c02074307872d7d
ZONE=mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud
REFERENCES=(privlink-d524f0f733a23df7-79614292dba3bdad privlink-d524f0f733a23df7-1bd7cbbcab530123 privlink-d524f0f733a23df7-f947a917fa51afc6 privlink-d524f0f733a23df7-8093d6c6e36bcddb privlink-d524f0f733a23df7-4f547318e4fbb0d3 privlink-d524f0f733a23df7-6fffc33af7c6a06b privlink-d524f0f733a23df7-66e9c3131d0b8700 privlink-d524f0f733a23df7-b093b0950d0b3f6f privlink-d524f0f733a23df7-4ac281f40d0ce639 privlink-d524f0f733a23df7-f570226836e894c6 privlink-d524f0f733a23df7-ca9b276216214e4a privlink-d524f0f733a23df7-36aae9b76146d504 privlink-d524f0f733a23df7-6b86af1561ef709c privlink-d524f0f733a23df7-5f6cb918b4683963 privlink-d524f0f733a23df7-cca4d7abe9072803 privlink-d524f0f733a23df7-767cf817b5fb9862)
ZONE_CONFIG='{"Comment":"managed-by=privlink key=d524f0f733a23df7 link=orders-prod database=0d4f6f6f73ba3ce0","PrivateZone":true}'
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
AWS_ZONE_MJ4535SHXT_US_EAST_1_VPCE_AWS_CLICKHOUSE_CLOUD_A0C59363=$ZONE_ID
remember AWS_ZONE_MJ4535SHXT_US_EAST_1_VPCE_AWS_CLICKHOUSE_CLOUD_A0C59363 "$AWS_ZONE_MJ4535SHXT_US_EAST_1_VPCE_AWS_CLICKHOUSE_CLOUD_A0C59363"

# 7. write the record mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: clients in the VPC then reach the database by its own name
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ENDPOINT_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"tag:privlink:key","Values":["717c2b4af20a7ffb"]},{"Name":"tag:managed-by","Values":["privlink"]}]'
ZONE_MARK=privlink-d524f0f733a23df7-
RECORD=mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud
ENDPOINT_IP_TYPE=$AWS_IP_ADDRESS_TYPE
ZONE_ID=$AWS_ZONE_MJ4535SHXT_US_EAST_1_VPCE_AWS_CLICKHOUSE_CLOUD_A0C59363
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
