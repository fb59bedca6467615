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
