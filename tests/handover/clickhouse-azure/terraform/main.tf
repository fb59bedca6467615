# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint's connection is approved (vendor): nothing may lead to the endpoint before it works

# make the private endpoint: it is the network's end of the link to production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice
resource "azurerm_private_endpoint" "endpoint" {
  name                          = "privlink-c5d1c9ccde2f408a"
  location                      = "westus3"
  resource_group_name           = "example"
  subnet_id                     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default"
  custom_network_interface_name = "privlink-c5d1c9ccde2f408a-nic"

  private_service_connection {
    name                              = "privlink-c5d1c9ccde2f408a-conn"
    is_manual_connection              = true
    private_connection_resource_alias = "production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice"
    request_message                   = "privlink: orders-prod"
  }

  tags = {
    managed-by                     = "privlink"
    privlink-database              = "a57bcbcd211f14f5"
    privlink-key                   = "c5d1c9ccde2f408a"
    privlink-link                  = "orders-prod"
    privlink-user-0825f9744f625bb9 = "true"
  }
}

# allow the endpoint: the service answers only through endpoints on its allow list
resource "clickhouse_service_private_endpoints_attachment" "endpoint" {
  service_id           = "1c93ebc3-9f07-4605-ac51-6f17bd4af8ee"
  private_endpoint_ids = [azurerm_private_endpoint.endpoint.id]
}

# make the private zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
resource "azurerm_private_dns_zone" "jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud" {
  name                = "jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud"
  resource_group_name = "example"
  tags = {
    managed-by        = "privlink"
    privlink-database = "a57bcbcd211f14f5"
    privlink-key      = "51ec75f1bc85c4c4"
    privlink-link     = "orders-prod"
  }
  depends_on = [clickhouse_service_private_endpoints_attachment.endpoint]
}

# write the record jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: clients in the network then reach the database by its own name
resource "azurerm_private_dns_a_record" "jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud" {
  name                = "@"
  zone_name           = azurerm_private_dns_zone.jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud.name
  resource_group_name = "example"
  ttl                 = 300
  records             = [azurerm_private_endpoint.endpoint.private_service_connection[0].private_ip_address]
  tags = {
    managed-by        = "privlink"
    privlink-database = "a57bcbcd211f14f5"
    privlink-key      = "852a7c8a52ae4ad7"
    privlink-link     = "orders-prod"
  }
  depends_on = [clickhouse_service_private_endpoints_attachment.endpoint]
}

# link the zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud to main: a private zone answers in the networks it is linked to, and in no other
resource "azurerm_private_dns_zone_virtual_network_link" "jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud_main" {
  name                  = "privlink-e39ac57b006b30cb"
  resource_group_name   = "example"
  private_dns_zone_name = azurerm_private_dns_zone.jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud.name
  virtual_network_id    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main"
  registration_enabled  = false
  tags = {
    managed-by        = "privlink"
    privlink-database = "a57bcbcd211f14f5"
    privlink-key      = "e39ac57b006b30cb"
    privlink-link     = "orders-prod"
  }
  depends_on = [azurerm_private_dns_a_record.jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud]
}
