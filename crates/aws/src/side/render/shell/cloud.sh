# The command line of AWS: text answers, no pager, and only in the account that was planned for.
cloud() { AWS_PAGER='' aws --region "$REGION" --output text "$@"; }
in_account() {
    if [ "${CHECKED_ACCOUNT:-}" = "$ACCOUNT" ]; then return; fi
    CHECKED_ACCOUNT=$(cloud sts get-caller-identity --query Account)
    [ "$CHECKED_ACCOUNT" = "$ACCOUNT" ] ||
        die "these credentials are of AWS account $CHECKED_ACCOUNT; this is for $ACCOUNT"
}
# Route 53 spreads a change to its servers within a minute, as a rule.
spread() {
    local tries=60
    until [ "$(cloud route53 get-change --id "$1" --query ChangeInfo.Status)" = INSYNC ]; do
        [ $((tries -= 1)) -gt 0 ] || die "Route 53 has not spread its change $1"
        sleep "${PRIVLINK_POLL_SECONDS:-10}"
    done
}
