#!/usr/bin/env bash
# The link `orders-prod`, part 1 of 2: what gcp has to do.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
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
command -v gcloud >/dev/null || die "gcloud is not installed"

# The command line of Google Cloud: no questions, one project, and no word of what is only advice.
cloud() { gcloud --quiet --verbosity error --project "$PROJECT" "$@"; }
# What a thing is; nothing where there is none.
seen() {
    local said
    { said=$(cloud "$@" 2>&1 >&3 3>&-); } 3>&1 && return
    case $said in
    *'was not found'* | *'does not exist'*) ;;
    *) die "$said" ;;
    esac
}
# A thing of ours says so in its description, from birth.
ours() { [[ "$1 " == "$2 "* ]]; }

# 1. delete the endpoint privlink-6ec8bf1ae40e5269: it is ours; a new one gets another connection id
# project example-project, us-central1, network example-project/global/networks/main
PROJECT=example-project
REGION=us-central1
RULE_NAME=privlink-6ec8bf1ae40e5269
RULE_MARK='managed-by=privlink key=6ec8bf1ae40e5269'
ATTACHMENT=projects/aiven-example/regions/us-central1/serviceAttachments/privatelink-sfa130216cfb8
USERS_MARK=privlink-user-
USER_LABEL=privlink-user-af70d18639420f5c
found=$(seen compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value[separator="|"](target,description)')
if [ -n "$found" ]; then
    IFS='|' read -r target description <<<"$found"
    [[ $target == *"$ATTACHMENT" ]] || die "$RULE_NAME leads to $target"
    ours "$description" "$RULE_MARK" || die "the forwarding rule $RULE_NAME is somebody else's"
    labels=$(cloud compute forwarding-rules describe "$RULE_NAME" --region "$REGION" --format 'value(labels)')
    for label in ${labels//;/ }; do
        case ${label%%=*} in
        "$USER_LABEL") ;;
        "$USERS_MARK"*) die "$RULE_NAME carries the mark ${label%%=*}: somebody else uses it, and it stays" ;;
        esac
    done
    note "deleting the endpoint $RULE_NAME"
    cloud compute forwarding-rules delete "$RULE_NAME" --region "$REGION" >/dev/null
fi

# 2. release the address privlink-6ec8bf1ae40e5269: it is ours, and nothing uses it once the endpoint is gone
# project example-project, us-central1, network example-project/global/networks/main
ADDRESS_NAME=privlink-6ec8bf1ae40e5269
ADDRESS_MARK='managed-by=privlink key=b7744ca57720e78b'
AT_MOST=900
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
