in_account
if [ "$(own_endpoint "$ENDPOINT_ID" "Tags[?Key=='$ADOPTED_TAG'] | [0].Key")" != None ]; then
    note "taking our marks off $ENDPOINT_ID"
    going=("Key=$ADOPTED_TAG")
    # The last one that lets go takes the common marks along.
    other=$(own_endpoint "$ENDPOINT_ID" "Tags[?starts_with(Key, '$ADOPTED_MARK') && Key!='$ADOPTED_TAG'] | [0].Key")
    if [ "$other" = None ]; then going+=("${COMMON_TAGS[@]}"); fi
    cloud ec2 delete-tags --resources "$ENDPOINT_ID" --tags "${going[@]}"
fi
