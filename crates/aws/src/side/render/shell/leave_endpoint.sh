in_account
if [ "$(own_endpoint "$ENDPOINT_ID" "Tags[?Key=='$USER_TAG'] | [0].Key")" != None ]; then
    note "taking our user's mark off $ENDPOINT_ID"
    cloud ec2 delete-tags --resources "$ENDPOINT_ID" --tags "Key=$USER_TAG"
fi
