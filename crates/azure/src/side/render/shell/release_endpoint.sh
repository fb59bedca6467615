found=$(seen network private-endpoint show --ids "$ENDPOINT_ID")
if [ -n "$found" ]; then
    # The last one that lets go takes the common marks along.
    let_go "$(jq --raw-output --arg key "$ENDPOINT_KEY" --arg mine "$ADOPTED_TAG" --arg adopted "$ADOPTED_MARK" \
        --argjson common "$COMMON_TAGS" '
        (.tags // {}) as $tags | ($tags | keys) as $all
        | if $tags."privlink-key" != $key or ($all | any(ascii_downcase == $mine) | not) then empty
          else $all[] | ascii_downcase as $name | select($name == $mine or
              (($all | any(ascii_downcase | startswith($adopted) and . != $mine) | not) and ($common | any(. == $name))))
          end' <<<"$found")"
fi
