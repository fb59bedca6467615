# The link `orders-prod`.
# Terraform has no resource of its own for:
# - switch mysql on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { mysql = true }` in the block that ends in `_user_config`.
# This is the first part; plan and render again for the rest: there is no endpoint service yet; once there is, the network's steps and: have Aiven look for the endpoint, and approve it; tell Aiven the endpoint's address; read where mysql is reached

# make the privatelink, for 00000000-0000-0000-0000-000000000001: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_azure_privatelink" "service" {
  project               = "example-project"
  service_name          = "stock-mysql"
  user_subscription_ids = ["00000000-0000-0000-0000-000000000001"]

  lifecycle {
    ignore_changes = [user_subscription_ids]
  }
}
