#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: private endpoint service in us-central1 of CockroachDB cluster `tracking` (d395cf71-41d9-423f-89f7-9827c3f03fd6) (the vendor has no way to take it away; it goes with the cluster)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-gcp.sh
bash ./remove-2-cockroach.sh
bash ./remove-3-gcp.sh
