interface=$(cloud network private-endpoint show --ids "$ENDPOINT_ID" --query 'networkInterfaces[0].id' --output tsv)
ENDPOINT_ADDRESS=$(cloud network nic show --ids "$interface" --query 'ipConfigurations[0].privateIPAddress' --output tsv)
[ -n "$ENDPOINT_ADDRESS" ] || die "the interface of $ENDPOINT_ID has no address yet; run this again"
