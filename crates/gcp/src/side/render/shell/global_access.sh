on=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value(allowPscGlobalAccess)')
if [ "$on" != True ]; then
    note "letting clients of other regions use $RULE_NAME"
    cloud compute forwarding-rules update "$RULE_NAME" --region "$REGION" --allow-psc-global-access >/dev/null
fi
