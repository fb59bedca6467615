for ((waited = 0; ; waited += 30)); do
    services=$(look private-endpoint-services)
    status=$(jq --raw-output --arg region "$SERVICE_REGION" \
        'first(.services[] | select(.region_name == $region) | .status) // "absent"' <<<"$services")
    case $status in
    AVAILABLE) break ;;
    CREATING) note "the endpoint service in $SERVICE_REGION is being made" ;;
    absent)
        # One request makes those of all regions, and nothing twice.
        note "asking for the endpoint services of the cluster"
        change POST private-endpoint-services --data '{}'
        ;;
    *) die "the endpoint service in $SERVICE_REGION is $status; ask the support of CockroachDB" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the endpoint service in $SERVICE_REGION is still $status after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-30}"
done
