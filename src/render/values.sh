# shellcheck source=/dev/null
if [ -f "$VALUES" ]; then . "./$VALUES"; fi
