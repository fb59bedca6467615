find_endpoint() {
    seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" \
        --format 'value[separator="|"](pscConnectionStatus,pscConnectionId,IPAddress,target,description)'
}
found=$(find_endpoint)
if [ -z "$found" ]; then
    note "making the endpoint $RULE_NAME"
    cloud compute forwarding-rules create "$RULE_NAME" --region "$REGION" --address "$ADDRESS_NAME" \
        --target-service-attachment "$ATTACHMENT" --description "$RULE_DESCRIPTION" "${RULE_OPTIONS[@]}" >/dev/null
    found=$(find_endpoint)
fi
IFS='|' read -r state CONNECTION_ID ENDPOINT_ADDRESS target description <<<"$found"
[[ $target == *"$ATTACHMENT" ]] || die "$RULE_NAME leads to $target"
[ "$state" != CLOSED ] || die "the producer closed $RULE_NAME for good; plan again"
if [ "$RULE_ADOPTED" = no ]; then
    ours "$description" "$RULE_MARK" || die "the forwarding rule $RULE_NAME is somebody else's"
    # Whoever uses the endpoint leaves a label on it, so that no other link's removal takes it away.
    for label in "${USER_LABELS[@]}"; do
        there=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format "value(labels.$label)")
        [ -n "$there" ] || cloud compute forwarding-rules update "$RULE_NAME" --region "$REGION" \
            --update-labels "$label=true" >/dev/null
    done
fi
[ -n "$CONNECTION_ID" ] || die "$RULE_NAME has no connection id yet; run this again"
