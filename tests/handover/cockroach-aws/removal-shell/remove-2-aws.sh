#!/usr/bin/env bash
# The link `orders-prod`, part 2 of 2: what aws has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Comes after remove-1-cockroach.sh.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "${BASH_SOURCE[0]}")"

# Whatever is told, nothing in it moves the cursor.
note() { printf '%s\n' "$*" | tr '\000-\010\013-\037\177' ' ' >&2; }
die() {
    note "error: $*"
    exit 1
}
# What one part brings and another takes is kept in a file beside them.
VALUES=values.env
remember() {
    local others=''
    if [ -f "$VALUES" ]; then others=$(grep -v "^$1=" "$VALUES" || true); fi
    printf '%s\n' ${others:+"$others"} "$1=$(printf '%q' "$2")" >"$VALUES"
}
# What only a person can do: asked for once.
by_hand() {
    local done_before=DONE_$1
    if [ "${!done_before:-}" = yes ]; then return; fi
    note "by hand: $2"
    [ -t 0 ] || die "run this again with DONE_$1=yes once that is done"
    read -r -p 'Press Enter once it is done. '
    remember "DONE_$1" yes
}
# shellcheck source=/dev/null
if [ -f "$VALUES" ]; then . "./$VALUES"; fi
command -v aws >/dev/null || die "aws is not installed"

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

# Something of an endpoint that carries the link's mark; None of any other.
own_endpoint() {
    cloud ec2 describe-vpc-endpoints --filters "$ENDPOINT_FILTERS" --query "VpcEndpoints[?VpcEndpointId=='$1'] | [0].$2"
}

# 2. delete the VPC endpoint vpce-38e34bf25034ad499: it is ours; a new one gets another id
# 123456789012 us-east-1 vpc-e4c02074307872d7d
ACCOUNT=123456789012
REGION=us-east-1
ENDPOINT_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"tag:privlink:key","Values":["f6533b325f41244c"]},{"Name":"tag:managed-by","Values":["privlink"]}]'
ENDPOINT_IDS=(vpce-38e34bf25034ad499)
ADOPTED_MARK=privlink:adopted
USERS_MARK=privlink:user:
USER_TAG=privlink:user:7b556b7b4fd0ad87
AT_MOST=900
in_account
for endpoint in "${ENDPOINT_IDS[@]}"; do
    state=$(own_endpoint "$endpoint" State)
    case $state in
    None | deleted | deleting) continue ;;
    esac
    adopted=$(own_endpoint "$endpoint" "Tags[?starts_with(Key, '$ADOPTED_MARK')] | [0].Key")
    [ "$adopted" = None ] || die "$endpoint was there before and was taken in: it stays"
    other=$(own_endpoint "$endpoint" "Tags[?starts_with(Key, '$USERS_MARK') && Key!='$USER_TAG'] | [0].Key")
    [ "$other" = None ] || die "$endpoint carries the mark $other: somebody else uses it, and it stays"
    note "deleting the VPC endpoint $endpoint"
    failed=$(cloud ec2 delete-vpc-endpoints --vpc-endpoint-ids "$endpoint" --query 'Unsuccessful[0].Error.Message')
    [ "$failed" = None ] || die "$failed"
done
for endpoint in "${ENDPOINT_IDS[@]}"; do
    for ((waited = 0; ; waited += 10)); do
        state=$(own_endpoint "$endpoint" State)
        case $state in
        None | deleted) break ;;
        esac
        [ "$waited" -lt "$AT_MOST" ] || die "$endpoint is still $state after $waited seconds"
        sleep "${PRIVLINK_POLL_SECONDS:-10}"
    done
done

# 3. delete the security group sg-75d75126547c255b1: it is ours, and nothing uses it once the endpoint is gone
# 123456789012 us-east-1 vpc-e4c02074307872d7d
GROUP_FILTERS='[{"Name":"vpc-id","Values":["vpc-e4c02074307872d7d"]},{"Name":"group-name","Values":["privlink-55541f313f9c620b"]},{"Name":"tag:privlink:key","Values":["55541f313f9c620b"]}]'
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
