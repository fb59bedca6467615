#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: private endpoint service in westus3 of CockroachDB cluster `invoices` (fe1acad2-06c3-4552-9a30-d473019b231c) (the vendor has no way to take it away; it goes with the cluster)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-azure.sh
bash ./remove-2-cockroach.sh
bash ./remove-3-azure.sh
