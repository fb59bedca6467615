# Only while it is as it was just seen.
as_seen() { jq --raw-output '.etag // "*"' <<<"$1"; }
