# ClickHouse Cloud's API. The key goes in by a file, not by the list of processes.
clickhouse() {
    local method=$1 path=$2
    shift 2
    curl --silent --show-error --fail-with-body --max-time 60 --retry 3 --request "$method" \
        --config <(printf 'user = "%s:%s"\n' "$CLICKHOUSE_CLOUD_API_KEY" "$CLICKHOUSE_CLOUD_API_SECRET") \
        --header 'content-type: application/json' "${CLICKHOUSE_API_URL%/v1}/v1/$path" "$@"
}
organization() {
    if [ -n "$ORGANIZATION_ID" ]; then
        printf '%s\n' "$ORGANIZATION_ID"
    else
        clickhouse GET organizations | jq --raw-output '.result[0].id'
    fi
}
