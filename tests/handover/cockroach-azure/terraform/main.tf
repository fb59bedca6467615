# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint's connection is approved (vendor): nothing may lead to the endpoint before it works

# It is there already: Terraform takes it in.
import {
  to = cockroach_private_endpoint_services.services
  id = "fe1acad2-06c3-4552-9a30-d473019b231c"
}

# make the private endpoint service in westus3: endpoints point at it; the vendor makes one in every region of the cluster, for ever
resource "cockroach_private_endpoint_services" "services" {
  cluster_id = "fe1acad2-06c3-4552-9a30-d473019b231c"
}

# make the private endpoint: it is the network's end of the link to /subscriptions/85fb0e96-bc98-4998-a59b-7cebd4b0f449/resourceGroups/mc_crl-prod-ea43_crl_westus3/providers/Microsoft.Network/privateLinkServices/pls-8e0894956f7422e1247d1c8ea5f83a6b
resource "azurerm_private_endpoint" "endpoint" {
  name                          = "privlink-2007a0f670faa577"
  location                      = "westus3"
  resource_group_name           = "example"
  subnet_id                     = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default"
  custom_network_interface_name = "privlink-2007a0f670faa577-nic"

  private_service_connection {
    name                           = "privlink-2007a0f670faa577-conn"
    is_manual_connection           = true
    private_connection_resource_id = "/subscriptions/85fb0e96-bc98-4998-a59b-7cebd4b0f449/resourceGroups/mc_crl-prod-ea43_crl_westus3/providers/Microsoft.Network/privateLinkServices/pls-8e0894956f7422e1247d1c8ea5f83a6b"
    request_message                = "privlink: orders-prod"
  }

  tags = {
    managed-by                     = "privlink"
    privlink-database              = "e86ebe5e257558af"
    privlink-key                   = "2007a0f670faa577"
    privlink-link                  = "orders-prod"
    privlink-user-98a4a0c60334aed1 = "true"
  }
  depends_on = [cockroach_private_endpoint_services.services]
}

# let the endpoint in: the vendor accepts only the endpoints that a cluster lists
resource "cockroach_private_endpoint_connection" "endpoint" {
  cluster_id  = "fe1acad2-06c3-4552-9a30-d473019b231c"
  endpoint_id = azurerm_private_endpoint.endpoint.id
}

# make the private zone internal-invoices-3375.azure-westus3.crdb.io: a zone named exactly the host answers for it alone and hides no other name
resource "azurerm_private_dns_zone" "internal_invoices_3375_azure_westus3_crdb_io" {
  name                = "internal-invoices-3375.azure-westus3.crdb.io"
  resource_group_name = "example"
  tags = {
    managed-by        = "privlink"
    privlink-database = "e86ebe5e257558af"
    privlink-key      = "9c2d23e1b5edb278"
    privlink-link     = "orders-prod"
  }
  depends_on = [cockroach_private_endpoint_connection.endpoint]
}

# write the record internal-invoices-3375.azure-westus3.crdb.io: clients in the network then reach the database by its own name
resource "azurerm_private_dns_a_record" "internal_invoices_3375_azure_westus3_crdb_io" {
  name                = "@"
  zone_name           = azurerm_private_dns_zone.internal_invoices_3375_azure_westus3_crdb_io.name
  resource_group_name = "example"
  ttl                 = 300
  records             = [azurerm_private_endpoint.endpoint.private_service_connection[0].private_ip_address]
  tags = {
    managed-by        = "privlink"
    privlink-database = "e86ebe5e257558af"
    privlink-key      = "2eee7ad2181be819"
    privlink-link     = "orders-prod"
  }
  depends_on = [cockroach_private_endpoint_connection.endpoint]
}

# link the zone internal-invoices-3375.azure-westus3.crdb.io to main: a private zone answers in the networks it is linked to, and in no other
resource "azurerm_private_dns_zone_virtual_network_link" "internal_invoices_3375_azure_westus3_crdb_io_main" {
  name                  = "privlink-20271aaf4199304d"
  resource_group_name   = "example"
  private_dns_zone_name = azurerm_private_dns_zone.internal_invoices_3375_azure_westus3_crdb_io.name
  virtual_network_id    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main"
  registration_enabled  = false
  tags = {
    managed-by        = "privlink"
    privlink-database = "e86ebe5e257558af"
    privlink-key      = "20271aaf4199304d"
    privlink-link     = "orders-prod"
  }
  depends_on = [azurerm_private_dns_a_record.internal_invoices_3375_azure_westus3_crdb_io]
}
