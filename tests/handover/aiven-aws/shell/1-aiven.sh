#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 1: what aiven has to do.
# Safe to run again: what is there is found by its marks, and left as it is.
# Takes AIVEN_AUTH_TOKEN from the environment: a token for the API of Aiven.
# Takes AIVEN_WEB_URL from the environment: the address of Aiven's API; https://api.aiven.io where it is not set.
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
command -v avn >/dev/null || die "avn is not installed"
command -v jq >/dev/null || die "jq is not installed"
[ -n "${AIVEN_AUTH_TOKEN:-}" ] || die 'set AIVEN_AUTH_TOKEN to a token for the API of Aiven'
: "${AIVEN_WEB_URL:=https://api.aiven.io}"

# Aiven's own command line. The token goes in by the environment, not by the list of processes.
aiven() {
    AIVEN_AUTH_TOKEN=$AIVEN_AUTH_TOKEN AIVEN_WEB_URL=${AIVEN_WEB_URL%/v1} \
        command avn --request-timeout 60 "$@" --project "$PROJECT"
}
# Of what it prints only the JSON, which begins on a line of its own: a list even for one thing.
only_json() { sed -n -e '/^\[\]$/p' -e '/^[[{]$/,$p'; }
privatelink() { aiven service privatelink "$CLOUD" "$@"; }
service_now() { aiven service get "$SERVICE" --json | only_json; }
# The privatelink as it is; `null` where there is none.
privatelink_now() {
    local answer
    if answer=$(privatelink get "$SERVICE" --json 2>&1); then
        only_json <<<"$answer" | jq '.[0]'
        return
    fi
    case $answer in
    *"Service $SERVICE does not exist"*) die "$answer" ;;
    *'(status 404)'*) printf 'null\n' ;;
    *) die "$answer" ;;
    esac
}
# What may be refused because of the state something is in; the next look tells what came of it.
unless_busy() {
    local answer
    if answer=$("$@" 2>&1); then return; fi
    case $answer in
    # 417: something still depends on what is to go.
    *'(status 409)'* | *'(status 417)'*) note "not now: $answer" ;;
    *) die "$answer" ;;
    esac
}

# 1. make the privatelink, for arn:aws:iam::123456789012:user/operator: endpoints point at it; it is the service's, and all its endpoints share it
# Aiven service `orders-pg` of project `example-project`
PROJECT=example-project
SERVICE=orders-pg
AT_MOST=1200
CLOUD=aws
CONSUMER=arn:aws:iam::123456789012:user/operator
CONSUMER_FLAG=--principal
CONSUMERS_FIELD=principals
SERVICE_FIELD=aws_service_name
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

# 2. switch pg on for privatelink: a component that is off has no address over privatelink; the load balancer takes minutes to follow
# Aiven service `orders-pg` of project `example-project`
COMPONENT=pg
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
