found=$(seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" \
    --format 'value[separator="|"](pscConnectionStatus,pscConnectionId,description)')
IFS='|' read -r state connection description <<<"$found"
if [ "$state" = CLOSED ] && [ "$connection" = "$CLOSED_CONNECTION" ]; then
    ours "$description" "$RULE_MARK" || die "the forwarding rule $RULE_NAME is somebody else's"
    note "deleting $RULE_NAME, which the producer closed"
    cloud compute forwarding-rules delete "$RULE_NAME" --region "$REGION" >/dev/null
fi
