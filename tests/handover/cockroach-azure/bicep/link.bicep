// The network's part of the link `orders-prod`, for one resource group.
// Deploy it as it is. Elsewhere then comes:
// - azure: read the endpoint's address (00000000-0000-0000-0000-000000000001 example main)
// - cockroach: let the endpoint in (CockroachDB cluster `invoices` (fe1acad2-06c3-4552-9a30-d473019b231c))
// - azure: wait until the endpoint's connection is approved (00000000-0000-0000-0000-000000000001 example main)
// - cockroach: wait until the cluster answers through the endpoint (CockroachDB cluster `invoices` (fe1acad2-06c3-4552-9a30-d473019b231c))
// Once that is done, deploy it again with admitted=true: names then lead to the endpoint.

@description('true once the steps that are done elsewhere are done: then names are made to lead to the endpoint')
param admitted bool = false

// make the private endpoint: it is the network's end of the link to /subscriptions/85fb0e96-bc98-4998-a59b-7cebd4b0f449/resourceGroups/mc_crl-prod-ea43_crl_westus3/providers/Microsoft.Network/privateLinkServices/pls-8e0894956f7422e1247d1c8ea5f83a6b
resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'privlink-2007a0f670faa577'
  location: 'westus3'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'e86ebe5e257558af'
    'privlink-key': '2007a0f670faa577'
    'privlink-link': 'orders-prod'
    'privlink-user-98a4a0c60334aed1': 'true'
  }
  properties: {
    subnet: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default'
    }
    customNetworkInterfaceName: 'privlink-2007a0f670faa577-nic'
    manualPrivateLinkServiceConnections: [
      {
        name: 'privlink-2007a0f670faa577-conn'
        properties: {
          privateLinkServiceId: '/subscriptions/85fb0e96-bc98-4998-a59b-7cebd4b0f449/resourceGroups/mc_crl-prod-ea43_crl_westus3/providers/Microsoft.Network/privateLinkServices/pls-8e0894956f7422e1247d1c8ea5f83a6b'
          requestMessage: 'privlink: orders-prod'
        }
      }
    ]
  }
}

resource endpoint_interface 'Microsoft.Network/networkInterfaces@2025-05-01' existing = {
  name: 'privlink-2007a0f670faa577-nic'
}

// make the private zone internal-invoices-3375.azure-westus3.crdb.io: a zone named exactly the host answers for it alone and hides no other name
resource zone_internal_invoices_3375_azure_westus3_crdb_io 'Microsoft.Network/privateDnsZones@2024-06-01' = if (admitted) {
  name: 'internal-invoices-3375.azure-westus3.crdb.io'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'e86ebe5e257558af'
    'privlink-key': '9c2d23e1b5edb278'
    'privlink-link': 'orders-prod'
  }
}

// write the record internal-invoices-3375.azure-westus3.crdb.io: clients in the network then reach the database by its own name
resource record_internal_invoices_3375_azure_westus3_crdb_io 'Microsoft.Network/privateDnsZones/A@2024-06-01' = if (admitted) {
  parent: zone_internal_invoices_3375_azure_westus3_crdb_io
  name: '@'
  properties: {
    ttl: 300
    aRecords: [
      {
        ipv4Address: admitted ? endpoint_interface.properties.ipConfigurations[0].properties.privateIPAddress : '0.0.0.0'
      }
    ]
    metadata: {
      'managed-by': 'privlink'
      'privlink-database': 'e86ebe5e257558af'
      'privlink-key': '2eee7ad2181be819'
      'privlink-link': 'orders-prod'
    }
  }
}

// link the zone internal-invoices-3375.azure-westus3.crdb.io to main: a private zone answers in the networks it is linked to, and in no other
resource link_internal_invoices_3375_azure_westus3_crdb_io_main 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = if (admitted) {
  parent: zone_internal_invoices_3375_azure_westus3_crdb_io
  name: 'privlink-20271aaf4199304d'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'e86ebe5e257558af'
    'privlink-key': '20271aaf4199304d'
    'privlink-link': 'orders-prod'
  }
  properties: {
    virtualNetwork: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main'
    }
    registrationEnabled: false
  }
  dependsOn: [
    record_internal_invoices_3375_azure_westus3_crdb_io
  ]
}

@description('the endpoint\'s id, for the vendor\'s side')
output endpointId string = endpoint.id

@description('the endpoint\'s name, for the vendor\'s side')
output endpointName string = endpoint.name

@description('the endpoint\'s resource GUID, for the vendor\'s side')
output endpointGuid string = reference(endpoint.id, '2025-05-01').resourceGuid
