find_endpoint() {
    seen network private-endpoint show --subscription "$SUBSCRIPTION" --resource-group "$ENDPOINT_GROUP" --name "$1"
}
connection_state() {
    jq --raw-output '[(.manualPrivateLinkServiceConnections // [])[], (.privateLinkServiceConnections // [])[]][0]
        .privateLinkServiceConnectionState.status // empty' <<<"$found"
}
found=''
for name in "${ENDPOINT_NAMES[@]}"; do
    found=$(find_endpoint "$name")
    if [ -z "$found" ]; then
        note "making the private endpoint $name"
        fixed=()
        for address in "${FIXED_ADDRESSES[@]}"; do
            fixed+=(--ip-config "name=$name$ADDRESS_SUFFIX" "private-ip-address=$address")
        done
        # The owner of the service approves by hand or by a list: the request is a manual one.
        cloud network private-endpoint create --subscription "$SUBSCRIPTION" --resource-group "$ENDPOINT_GROUP" \
            --name "$name" --location "$LOCATION" --subnet "$SUBNET_ID" --private-connection-resource-id "$SERVICE" \
            --manual-request true --connection-name "$name$CONNECTION_SUFFIX" --request-message "$REQUEST_MESSAGE" \
            --nic-name "$name$INTERFACE_SUFFIX" --tags "$ENDPOINT_TAGS" "${fixed[@]}" "${ENDPOINT_OPTIONS[@]}" \
            --output none
        found=$(find_endpoint "$name")
    fi
    # One that was refused keeps its name while it is there, and never comes back.
    case $(connection_state) in
    Rejected | Disconnected) found='' ;;
    *) break ;;
    esac
done
[ -n "$found" ] || die "every endpoint of this link was refused; look why, and delete them"
ENDPOINT_ID=$(jq --raw-output .id <<<"$found")
if [ "$ENDPOINT_ADOPTED" = no ]; then
    ours "$found" "$ENDPOINT_KEY" || die "the private endpoint $ENDPOINT_ID is somebody else's"
    # Whoever uses the endpoint leaves a tag on it, so that no other link's removal takes it away.
    for tag in "${USER_TAGS[@]}"; do
        jq --exit-status --arg tag "${tag%%=*}" '.tags | has($tag)' <<<"$found" >/dev/null ||
            cloud network private-endpoint update --ids "$ENDPOINT_ID" --set "tags.$tag" --force-string true --output none
    done
fi
# The command line's own view of an endpoint has no GUID; some vendors know an endpoint by nothing else.
ENDPOINT_GUID=$(cloud rest --method get --url "$ENDPOINT_ID?api-version=$NETWORK_API_VERSION" \
    --query properties.resourceGuid --output tsv)
ENDPOINT_NAME=${ENDPOINT_ID##*/}
