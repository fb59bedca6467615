#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-aws.sh
bash ./remove-2-zilliz.sh
bash ./remove-3-aws.sh
