segment=$(jq --null-input --raw-output --arg id "$ENDPOINT" '$id | @uri')
query="regionId=$REGION_ID"
if [ -n "$GCP_PROJECT" ]; then query+="&gcpProjectId=$GCP_PROJECT"; fi
for ((waited = 0; ; waited += 10)); do
    status=$(endpoint_status)
    if [ "$status" = absent ]; then break; fi
    # The list lags behind: asked once a minute at most.
    if [ $((waited % 60)) -eq 0 ]; then
        note "taking $ENDPOINT off the list; traffic through it stops at once"
        # What a second request comes to is not documented: the list says.
        zilliz DELETE "projects/$PROJECT_ID/privateEndpoints/$segment?$query" >/dev/null || note "refused; looking whether it is listed"
    fi
    [ "$waited" -lt "$AT_MOST" ] || die "Zilliz Cloud still lists $ENDPOINT as $status after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
