for ((waited = 0; ; waited += 10)); do
    state=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value(pscConnectionStatus)')
    case $state in
    ACCEPTED) break ;;
    PENDING) note "$RULE_NAME waits for the producer to accept it" ;;
    NEEDS_ATTENTION) note "$RULE_NAME is accepted, and the producer still has something to do" ;;
    REJECTED | CLOSED) die "$RULE_NAME is $state: it will not come up by itself" ;;
    *) note "$RULE_NAME is being connected" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "$RULE_NAME is still $state after $waited seconds; run this again once the producer has looked"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
