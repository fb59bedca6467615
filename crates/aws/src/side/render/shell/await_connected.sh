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
