for ((waited = 0; ; waited += 10)); do
    found=$(seen compute addresses describe "$ADDRESS_NAME" --region "$REGION" --format 'value[separator="|"](address,description)')
    if [ -z "$found" ]; then break; fi
    ours "${found#*|}" "$ADDRESS_MARK" || die "the address $ADDRESS_NAME is somebody else's"
    [ "$waited" -gt 0 ] || note "releasing the address $ADDRESS_NAME"
    if answer=$(cloud compute addresses delete "$ADDRESS_NAME" --region "$REGION" 2>&1); then break; fi
    case $answer in
    # The endpoint's use of it ends a little after the endpoint.
    *'being used'* | *'in use'* | *resourceInUse*) ;;
    *) die "$answer" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "something still uses $ADDRESS_NAME after $waited seconds: $answer"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
