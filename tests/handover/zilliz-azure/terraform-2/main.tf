# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint's connection is approved (vendor): nothing may lead to the endpoint before it works

# let 00000000-0000-0000-0000-000000000001 see the endpoint service: the vendor says that accounts must be on its list before they make an endpoint
# It is there already, and cannot be taken in: leave this out, unless Terraform made it.
resource "zillizcloud_private_endpoint_whitelist" "account" {
  project_id    = "proj-128b4c57b5fd298bd94ebb"
  region_id     = "az-westus3"
  outer_user_id = "00000000-0000-0000-0000-000000000001"
}

# It is there already: Terraform takes it in.
import {
  to = azurerm_private_endpoint.endpoint
  id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/privateEndpoints/privlink-0e245f95341a80b6"
}

# make the private endpoint: it is the network's end of the link to zilliz-prod-infra-privatelink.2e16f513-98ce-4d97-8d49-cf8da6355d5c.westus3.azure.privatelinkservice
resource "azurerm_private_endpoint" "endpoint" {
  name                          = "privlink-0e245f95341a80b6"
  location                      = "westus3"
  resource_group_name           = "example"
  subnet_id                     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default"
  custom_network_interface_name = "privlink-0e245f95341a80b6-nic"

  private_service_connection {
    name                              = "privlink-0e245f95341a80b6-conn"
    is_manual_connection              = true
    private_connection_resource_alias = "zilliz-prod-infra-privatelink.2e16f513-98ce-4d97-8d49-cf8da6355d5c.westus3.azure.privatelinkservice"
    request_message                   = "privlink: orders-prod"
  }

  tags = {
    managed-by                     = "privlink"
    privlink-database              = "6770a40a17844b0d"
    privlink-key                   = "0e245f95341a80b6"
    privlink-link                  = "orders-prod"
    privlink-user-dee681846f12b529 = "true"
  }

  lifecycle {
    ignore_changes = [tags]
  }

  depends_on = [zillizcloud_private_endpoint_whitelist.account]
}

# register endpoint privlink-0e245f95341a80b6.e73e9639-d5ec-45b0-bdaf-1b9bfdd9086d: the vendor lets in only the endpoints that the project lists
# It is there already, and cannot be taken in: leave this out, unless Terraform made it.
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id  = "proj-128b4c57b5fd298bd94ebb"
  region_id   = "az-westus3"
  endpoint_id = "privlink-0e245f95341a80b6.e73e9639-d5ec-45b0-bdaf-1b9bfdd9086d"
  depends_on  = [azurerm_private_endpoint.endpoint]
}

# make the private zone in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
resource "azurerm_private_dns_zone" "in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com" {
  name                = "in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com"
  resource_group_name = "example"
  tags = {
    managed-by        = "privlink"
    privlink-database = "6770a40a17844b0d"
    privlink-key      = "8fda053d44b31889"
    privlink-link     = "orders-prod"
  }
  depends_on = [zillizcloud_private_endpoint.endpoint]
}

# write the record in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com: clients in the network then reach the database by its own name
resource "azurerm_private_dns_a_record" "in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com" {
  name                = "@"
  zone_name           = azurerm_private_dns_zone.in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com.name
  resource_group_name = "example"
  ttl                 = 300
  records             = [azurerm_private_endpoint.endpoint.private_service_connection[0].private_ip_address]
  tags = {
    managed-by        = "privlink"
    privlink-database = "6770a40a17844b0d"
    privlink-key      = "692dec93ed02523d"
    privlink-link     = "orders-prod"
  }
  depends_on = [zillizcloud_private_endpoint.endpoint]
}

# link the zone in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com to main: a private zone answers in the networks it is linked to, and in no other
resource "azurerm_private_dns_zone_virtual_network_link" "in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com_main" {
  name                  = "privlink-103fb14ad949e7ab"
  resource_group_name   = "example"
  private_dns_zone_name = azurerm_private_dns_zone.in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com.name
  virtual_network_id    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main"
  registration_enabled  = false
  tags = {
    managed-by        = "privlink"
    privlink-database = "6770a40a17844b0d"
    privlink-key      = "103fb14ad949e7ab"
    privlink-link     = "orders-prod"
  }
  depends_on = [azurerm_private_dns_a_record.in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com]
}
