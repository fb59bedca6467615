ENDPOINT=${ENDPOINT:-$ENDPOINT_NAME.$ENDPOINT_GUID}
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    case $status in
    rejected | failed | expired | deleted) die "$ENDPOINT is $status at Zilliz Cloud; take it off its list, and make the endpoint again" ;;
    absent)
        # The list lags behind: asked once a minute at most.
        if [ $((waited % 60)) -eq 0 ]; then
            note "registering $ENDPOINT"
            body=$(jq --null-input --compact-output --arg region "$REGION_ID" --arg id "$ENDPOINT" --arg gcp "$GCP_PROJECT" \
                '{regionId: $region, endpointId: $id} + (if $gcp == "" then {} else {gcpProjectId: $gcp} end)')
            # One that is there already may be refused: the list says.
            zilliz POST "projects/$PROJECT_ID/privateEndpoints" --data "$body" >/dev/null || note "refused; looking whether it is registered"
        fi
        ;;
    *) break ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "Zilliz Cloud does not list $ENDPOINT after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
