# The link `orders-prod`.
# Terraform has no resource of its own for:
# - switch valkey on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { valkey = true }` in the block that ends in `_user_config`.
# This is the first part; plan and render again for the rest: there is no endpoint service yet; once there is, the network's steps and: have Aiven look for the endpoint, and approve it; wait until Aiven serves the endpoint; read where valkey is reached

# make the privatelink: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_gcp_privatelink" "service" {
  project      = "example-project"
  service_name = "cache-valkey"
}
