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
# For whom it was first made: a label, put on once and never changed.
for label in "${LABELS[@]}"; do
    there=$(cloud ec2 describe-tags --filters "Name=resource-id,Values=$ENDPOINT_ID" "Name=key,Values=${label%%=*}" --query 'Tags[0].Key')
    [ "$there" != None ] || cloud ec2 create-tags --resources "$ENDPOINT_ID" --tags "Key=${label%%=*},Value=${label#*=}"
done
