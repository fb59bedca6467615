in_account
for endpoint in "${ENDPOINT_IDS[@]}"; do
    state=$(own_endpoint "$endpoint" State)
    case $state in
    None | deleted | deleting) continue ;;
    esac
    adopted=$(own_endpoint "$endpoint" "Tags[?starts_with(Key, '$ADOPTED_MARK')] | [0].Key")
    [ "$adopted" = None ] || die "$endpoint was there before and was taken in: it stays"
    other=$(own_endpoint "$endpoint" "Tags[?starts_with(Key, '$USERS_MARK') && Key!='$USER_TAG'] | [0].Key")
    [ "$other" = None ] || die "$endpoint carries the mark $other: somebody else uses it, and it stays"
    note "deleting the VPC endpoint $endpoint"
    failed=$(cloud ec2 delete-vpc-endpoints --vpc-endpoint-ids "$endpoint" --query 'Unsuccessful[0].Error.Message')
    [ "$failed" = None ] || die "$failed"
done
for endpoint in "${ENDPOINT_IDS[@]}"; do
    for ((waited = 0; ; waited += 10)); do
        state=$(own_endpoint "$endpoint" State)
        case $state in
        None | deleted) break ;;
        esac
        [ "$waited" -lt "$AT_MOST" ] || die "$endpoint is still $state after $waited seconds"
        sleep "${PRIVLINK_POLL_SECONDS:-10}"
    done
done
