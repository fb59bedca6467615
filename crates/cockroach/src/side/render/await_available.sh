for ((waited = 0; ; waited += 10)); do
    status=$(connection_status)
    case $status in
    AVAILABLE) break ;;
    DELETING | DELETED | FAILED | EXPIRED) die "the connection of $ENDPOINT_ID is $status: it will not come up by itself" ;;
    *) note "the connection of $ENDPOINT_ID is $status" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "the connection of $ENDPOINT_ID is still $status after $waited seconds; trusted owners of the cluster, if any, must name its account"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
