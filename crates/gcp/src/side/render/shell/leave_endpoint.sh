found=$(seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format "value[separator=\"|\"](labels.$USER_LABEL,description)")
IFS='|' read -r labelled description <<<"$found"
if [ -n "$labelled" ] && ours "$description" "$RULE_MARK"; then
    note "taking our user's mark off $RULE_NAME"
    cloud compute forwarding-rules update "$RULE_NAME" --region "$REGION" --remove-labels "$USER_LABEL" >/dev/null
fi
