# The link `orders-prod`.
# Terraform has no resource of its own for:
# - switch mysql on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { mysql = true }` in the block that ends in `_user_config`.
# - wait until the endpoint's connection is approved (vendor): nothing may lead to the endpoint before it works
# - read where mysql is reached (vendor): host and port over privatelink are Aiven's to say, once the connection is active

# It is there already: Terraform takes it in.
import {
  to = aiven_azure_privatelink.service
  id = "example-project/stock-mysql"
}

# have the privatelink let 00000000-0000-0000-0000-000000000001 in: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_azure_privatelink" "service" {
  project               = "example-project"
  service_name          = "stock-mysql"
  user_subscription_ids = ["00000000-0000-0000-0000-000000000001"]

  lifecycle {
    ignore_changes = [user_subscription_ids]
  }
}

# make the private endpoint: it is the network's end of the link to aivenprod-ssf6b23f2bf65c.fa130216-cfb8-4cbe-855c-273ffdd7656f.westus3.azure.privatelinkservice
resource "azurerm_private_endpoint" "endpoint" {
  name                          = "privlink-faca614fd16616fb"
  location                      = "westus3"
  resource_group_name           = "example"
  subnet_id                     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default"
  custom_network_interface_name = "privlink-faca614fd16616fb-nic"

  private_service_connection {
    name                              = "privlink-faca614fd16616fb-conn"
    is_manual_connection              = true
    private_connection_resource_alias = "aivenprod-ssf6b23f2bf65c.fa130216-cfb8-4cbe-855c-273ffdd7656f.westus3.azure.privatelinkservice"
    request_message                   = "privlink: orders-prod"
  }

  tags = {
    managed-by                     = "privlink"
    privlink-database              = "00fcc65eeb3d21b3"
    privlink-key                   = "faca614fd16616fb"
    privlink-link                  = "orders-prod"
    privlink-user-87a8ae819e056c5e = "true"
  }
  depends_on = [aiven_azure_privatelink.service]
}

# have Aiven look for the endpoint, and approve it: the cloud tells Aiven of nothing, and Aiven accepts only what is approved
resource "aiven_azure_privatelink_connection_approval" "endpoint" {
  project             = "example-project"
  service_name        = "stock-mysql"
  endpoint_ip_address = azurerm_private_endpoint.endpoint.private_service_connection[0].private_ip_address
}
