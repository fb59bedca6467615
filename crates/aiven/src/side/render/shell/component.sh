switched_on() {
    service_now | jq --arg component "$COMPONENT" '.user_config.privatelink_access[$component] == true'
}
for ((waited = 0; ; waited += 5)); do
    on=$(switched_on)
    if [ "$on" = true ]; then break; fi
    [ "$waited" -lt "$AT_MOST" ] || die "$SERVICE does not show $COMPONENT as on after $waited seconds"
    note "switching $COMPONENT of $SERVICE on for privatelink"
    unless_busy aiven service update -c "privatelink_access.$COMPONENT=true" "$SERVICE"
    on=$(switched_on)
    if [ "$on" = true ]; then break; fi
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
