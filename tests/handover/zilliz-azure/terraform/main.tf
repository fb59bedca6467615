# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint's connection is approved (vendor): nothing may lead to the endpoint before it works
# This is the first part; plan and render again for the rest: the private hosts of `manuals` (in01-b6600ada404d81c) are known once they are linked; then their records

# let 00000000-0000-0000-0000-000000000001 see the endpoint service: the vendor says that accounts must be on its list before they make an endpoint
resource "zillizcloud_private_endpoint_whitelist" "account" {
  project_id    = "proj-128b4c57b5fd298bd94ebb"
  region_id     = "az-westus3"
  outer_user_id = "00000000-0000-0000-0000-000000000001"
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
  depends_on = [zillizcloud_private_endpoint_whitelist.account]
}

data "azapi_resource" "endpoint" {
  type                   = "Microsoft.Network/privateEndpoints@2025-05-01"
  resource_id            = azurerm_private_endpoint.endpoint.id
  response_export_values = ["properties.resourceGuid"]
  depends_on             = [zillizcloud_private_endpoint_whitelist.account]
}

# register the endpoint: the vendor lets in only the endpoints that the project lists
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id  = "proj-128b4c57b5fd298bd94ebb"
  region_id   = "az-westus3"
  endpoint_id = format("%s.%s", azurerm_private_endpoint.endpoint.name, data.azapi_resource.endpoint.output.properties.resourceGuid)
}
