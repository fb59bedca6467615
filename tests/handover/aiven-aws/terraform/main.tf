# The link `orders-prod`.
# Terraform has no resource of its own for:
# - switch pg on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { pg = true }` in the block that ends in `_user_config`.
# This is the first part; plan and render again for the rest: there is no endpoint service yet; once there is, the network's steps and: wait until Aiven lists the endpoint; read where pg is reached

# make the privatelink, for arn:aws:iam::123456789012:user/operator: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_aws_privatelink" "service" {
  project      = "example-project"
  service_name = "orders-pg"
  principals   = ["arn:aws:iam::123456789012:user/operator"]

  lifecycle {
    ignore_changes = [principals]
  }
}
