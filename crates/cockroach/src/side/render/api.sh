# CockroachDB Cloud's API, in the version that is known here. The key goes in by a file, not by the list of processes.
cockroach() {
    local method=$1 path=$2 url=${COCKROACH_SERVER%/}
    shift 2
    curl --silent --show-error --fail-with-body --max-time 60 --request "$method" \
        --config <(printf 'header = "authorization: Bearer %s"\n' "$COCKROACH_API_KEY") \
        --header 'cc-version: 2024-09-16' --header 'content-type: application/json' \
        "${url%/api/v1}/api/v1/clusters/$CLUSTER_ID/networking/$path" "$@"
}
look() { cockroach GET "$1" --retry 3; }
# A write. What is refused because the cluster is busy, and what may have been done, the next look tells.
change() {
    local answer
    if answer=$(cockroach "$@" 2>&1); then return; fi
    case "$1 $answer" in
    DELETE*'error: 404'*) ;;
    *lock* | *'error: 429'* | *'error: 5'* | *'timed out'*) note "not now: $answer" ;;
    *) die "$answer" ;;
    esac
}
# How the endpoint stands on the cluster's list: `AVAILABLE`, or `absent`. Azure's ids differ in case only.
connection_status() {
    local list
    list=$(look private-endpoint-connections)
    jq --raw-output --arg id "$ENDPOINT_ID" \
        'first(.connections[] | select(.endpoint_id | ascii_downcase == ($id | ascii_downcase)) | .status) // "absent"
         | ltrimstr("STATUS_")' <<<"$list"
}
