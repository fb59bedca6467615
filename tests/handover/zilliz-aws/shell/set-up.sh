#!/usr/bin/env bash
# The link `orders-prod`, sets the whole link up, where one machine may talk to both sides.
# Safe to run again: what is there is found by its marks, and left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./1-aws.sh
bash ./2-zilliz.sh
bash ./3-aws.sh
cat >&2 <<'LATER'
this was the first part; plan and render again for the rest: the private hosts of `images` (in01-61675cff22a2566), `articles` (in01-ea153d242f774a1) are known once they are linked; then their records
LATER
