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
