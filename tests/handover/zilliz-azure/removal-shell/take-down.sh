#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: entry of 00000000-0000-0000-0000-000000000001 on the vendor's list of accounts (the vendor has no call that lists such entries or takes one back; ask its support)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-azure.sh
bash ./remove-2-zilliz.sh
bash ./remove-3-azure.sh
