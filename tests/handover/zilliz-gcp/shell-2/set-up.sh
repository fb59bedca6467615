#!/usr/bin/env bash
# The link `orders-prod`, sets the whole link up, where one machine may talk to both sides.
# Safe to run again: what is there is found by its marks, and left as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./1-gcp.sh
bash ./2-zilliz.sh
bash ./3-gcp.sh
