found=$(seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value[separator="|"](target,description)')
if [ -n "$found" ]; then
    IFS='|' read -r target description <<<"$found"
    [[ $target == *"$ATTACHMENT" ]] || die "$RULE_NAME leads to $target"
    ours "$description" "$RULE_MARK" || die "the forwarding rule $RULE_NAME is somebody else's"
    labels=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value(labels)')
    for label in ${labels//;/ }; do
        case ${label%%=*} in
        "$USER_LABEL") ;;
        "$USERS_MARK"*) die "$RULE_NAME carries the mark ${label%%=*}: somebody else uses it, and it stays" ;;
        esac
    done
    note "deleting the endpoint $RULE_NAME"
    cloud compute forwarding-rules delete "$RULE_NAME" --region "$REGION" >/dev/null
fi
