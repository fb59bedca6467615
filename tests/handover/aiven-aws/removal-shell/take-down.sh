#!/usr/bin/env bash
# The link `orders-prod`, takes the whole link down, where one machine may talk to both sides.
# Safe to run again: only what carries the link's marks goes, and what is gone is left.
# Stays: `arn:aws:iam::123456789012:user/operator` on the list of service orders-pg of project example-project (other endpoints of the same consumer may need it; take it off with `privatelink.patch_allow_list().remove(consumer).send().await`)
# Stays: component pg of service orders-pg of project example-project, switched on for privatelink (other connections may need it; switch it off with `service.set_privatelink_access`)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
bash ./remove-1-aws.sh
bash ./remove-2-aiven.sh
