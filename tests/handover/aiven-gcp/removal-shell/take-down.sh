#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: component valkey of service cache-valkey of project example-project, switched on for privatelink (other connections may need it; switch it off with `service.set_privatelink_access`)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-gcp.sh
bash ./remove-2-aiven.sh
