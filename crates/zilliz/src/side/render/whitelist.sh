# Nothing lists whom the vendor lets in: it is said again, which adds nothing twice.
note "letting $ACCOUNT_ID see the endpoint service"
body=$(jq --null-input --compact-output --arg region "$REGION_ID" --arg account "$ACCOUNT_ID" \
    '{regionId: $region, outerUserId: $account}')
zilliz POST "projects/$PROJECT_ID/privateEndpointWhitelist" --data "$body" >/dev/null
