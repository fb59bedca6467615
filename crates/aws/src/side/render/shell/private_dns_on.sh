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
