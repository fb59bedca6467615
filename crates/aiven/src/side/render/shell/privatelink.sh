writes=0
for ((waited = 0; ; waited += 5)); do
    link=$(privatelink_now)
    state=$(jq --raw-output '.state // "absent"' <<<"$link")
    # Subscriptions are the same in any case of letters, principals are not.
    lets_in=$(jq --arg field "$CONSUMERS_FIELD" --arg consumer "$CONSUMER" \
        'def same: if $field == "principals" then . else ascii_downcase end;
         $consumer == "" or any(.[$field][]?; same == ($consumer | same))' <<<"$link")
    case $state in
    absent)
        note "making the privatelink of $SERVICE"
        words=()
        if [ -n "$CONSUMER" ]; then words=("$CONSUMER_FLAG" "$CONSUMER"); fi
        # Somebody else may make it at the same time.
        unless_busy privatelink create "${words[@]}" "$SERVICE" --json
        ;;
    active)
        if [ "$lets_in" = true ]; then
            at=$(jq --raw-output --arg field "$SERVICE_FIELD" '.[$field] // ""' <<<"$link")
            if [ -n "$at" ]; then break; fi
        else
            [ $((writes += 1)) -le 5 ] || die "somebody else keeps overwriting whom $SERVICE lets in; find out who, and run this again"
            note "letting $CONSUMER in"
            # The whole list is replaced, so all that are on it go along.
            others=$(jq --raw-output --arg field "$CONSUMERS_FIELD" '.[$field][]?' <<<"$link")
            words=()
            while IFS= read -r other; do
                if [ -n "$other" ]; then words+=("$CONSUMER_FLAG" "$other"); fi
            done <<<"$others"
            unless_busy privatelink update "${words[@]}" "$CONSUMER_FLAG" "$CONSUMER" "$SERVICE" --json
        fi
        ;;
    *) note "the privatelink of $SERVICE is $state" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the privatelink of $SERVICE is still $state after $waited seconds"
    sleep "${PRIVLINK_POLL_SECONDS:-5}"
done
note "endpoints point at $at"
