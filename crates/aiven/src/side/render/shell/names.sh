for ((waited = 0; ; waited += 5)); do
    service=$(service_now)
    # One entry for each component, connection and copy of the data; Kafka has one for each way to authenticate.
    addresses=$(jq --compact-output --arg connection "$CONNECTION_ID" --argjson wanted "$COMPONENTS" \
        '[.components[] | select(.route == "privatelink")] as $all
         # Aiven may leave out of which connection an address is; then there must be one of each kind.
         | if $all | any(.privatelink_connection_id) then $all | map(select(.privatelink_connection_id == $connection))
           elif $all | group_by([.component, .usage, .kafka_authentication_method, .kafka_ssl_ca])
                | any(map(.host) | unique | length > 1)
           then error("Aiven does not say which address is of which connection")
           else $all end
         | map(select(.component as $component | $wanted | index([$component])))' <<<"$service")
    missing=$(jq --raw-output --argjson wanted "$COMPONENTS" \
        '$wanted - map(select(.usage == "primary").component) | join(", ")' <<<"$addresses")
    if [ -z "$missing" ]; then break; fi
    [ "$waited" -lt "$AT_MOST" ] || die "Aiven has published no address of $missing after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
told=$(jq --raw-output '.[] | "\(.component) (\(.usage)): \(.host):\(.port)"' <<<"$addresses")
note "clients connect to $told"
# The brokers of Kafka have ports of their own.
PORTS=$(jq --raw-output --arg brokers "$BROKER_PORTS" \
    'map(.port | tostring) + (if any(.component == "kafka") then [$brokers] else [] end)
     | unique_by(split("-") | map(tonumber)) | join(" ")' <<<"$addresses")
