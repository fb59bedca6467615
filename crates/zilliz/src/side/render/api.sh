# Zilliz Cloud's API, and of its answer the data. The key goes in by a file, not by the list of processes. A refusal
# may come as a success that holds a code.
zilliz() {
    local method=$1 path=$2 url=${ZILLIZCLOUD_HOST_ADDRESS%/} answer
    shift 2
    answer=$(curl --silent --show-error --fail-with-body --max-time 60 --request "$method" \
        --config <(printf 'header = "authorization: Bearer %s"\n' "$ZILLIZCLOUD_API_KEY") \
        --header 'content-type: application/json' "${url%/v2}/v2/$path" "$@") || {
        note "Zilliz Cloud: $answer"
        return 1
    }
    jq --exit-status '.code == 0 or .code == 200' <<<"$answer" >/dev/null || {
        note "Zilliz Cloud: $(jq --raw-output '"\(.code) \(.message)"' <<<"$answer")"
        return 1
    }
    jq .data <<<"$answer"
}
