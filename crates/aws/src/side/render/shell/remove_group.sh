in_account
for ((waited = 0; ; waited += 10)); do
    # Name and mark both have to be ours.
    group=$(cloud ec2 describe-security-groups --filters "$GROUP_FILTERS" --query 'SecurityGroups[0].GroupId')
    [ "$group" != None ] || break
    if answer=$(cloud ec2 delete-security-group --group-id "$group" 2>&1); then
        note "deleted the security group $group"
        break
    fi
    case $answer in
    # The endpoint's interfaces outlive it for a while.
    *DependencyViolation*) ;;
    *InvalidGroup.NotFound*) break ;;
    *) die "$answer" ;;
    esac
    [ "$waited" -lt "$AT_MOST" ] || die "something still uses $group after $waited seconds: $answer"
    sleep "${PRIVLINK_POLL_SECONDS:-10}"
done
