in_account
if [ ${#PERMISSIONS[@]} -eq 0 ]; then
    # The ports were not known when this was written.
    for range in $PORTS; do
        for source in "${SOURCES[@]}"; do
            PERMISSIONS+=("[{\"IpProtocol\":\"tcp\",\"FromPort\":${range%-*},\"ToPort\":${range#*-},$source}]")
        done
    done
fi
for permission in "${PERMISSIONS[@]}"; do
    # One rule a call: one that is there already would fail a whole batch.
    if ! answer=$(cloud ec2 authorize-security-group-ingress --group-id "$GROUP_ID" --ip-permissions "$permission" 2>&1); then
        case $answer in
        *InvalidPermission.Duplicate*) ;;
        *) die "$answer" ;;
        esac
    fi
done
