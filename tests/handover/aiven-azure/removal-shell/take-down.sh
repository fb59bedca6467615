#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: `00000000-0000-0000-0000-000000000001` on the list of service stock-mysql of project example-project (other endpoints of the same consumer may need it; take it off with `privatelink.patch_allow_list().remove(consumer).send().await`)
# Stays: component mysql of service stock-mysql of project example-project, switched on for privatelink (other connections may need it; switch it off with `service.set_privatelink_access`)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-azure.sh
bash ./remove-2-aiven.sh
