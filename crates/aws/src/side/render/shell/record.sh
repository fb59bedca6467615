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
