// The network's part of the link `orders-prod`, for one resource group.
// All else is done; deploy it with admitted=true: names then lead to the endpoint.

@description('true once the steps that are done elsewhere are done: then names are made to lead to the endpoint')
param admitted bool = false

// make the private endpoint: it is the network's end of the link to zilliz-prod-infra-privatelink.2e16f513-98ce-4d97-8d49-cf8da6355d5c.westus3.azure.privatelinkservice
resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' existing = {
  name: 'privlink-0e245f95341a80b6'
}

resource endpoint_interface 'Microsoft.Network/networkInterfaces@2025-05-01' existing = {
  name: 'privlink-0e245f95341a80b6-nic'
}

// make the private zone in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
resource zone_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com 'Microsoft.Network/privateDnsZones@2024-06-01' = if (admitted) {
  name: 'in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': '6770a40a17844b0d'
    'privlink-key': '8fda053d44b31889'
    'privlink-link': 'orders-prod'
  }
}

// write the record in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com: clients in the network then reach the database by its own name
resource record_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com 'Microsoft.Network/privateDnsZones/A@2024-06-01' = if (admitted) {
  parent: zone_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com
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
      'privlink-database': '6770a40a17844b0d'
      'privlink-key': '692dec93ed02523d'
      'privlink-link': 'orders-prod'
    }
  }
}

// link the zone in01-b6600ada404d81c-privatelink.az-westus3.vectordb.zillizcloud.com to main: a private zone answers in the networks it is linked to, and in no other
resource link_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com_main 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = if (admitted) {
  parent: zone_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com
  name: 'privlink-103fb14ad949e7ab'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': '6770a40a17844b0d'
    'privlink-key': '103fb14ad949e7ab'
    'privlink-link': 'orders-prod'
  }
  properties: {
    virtualNetwork: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main'
    }
    registrationEnabled: false
  }
  dependsOn: [
    record_in01_b6600ada404d81c_privatelink_az_westus3_vectordb_zillizcloud_com
  ]
}

@description('the endpoint\'s id, for the vendor\'s side')
output endpointId string = endpoint.id

@description('the endpoint\'s name, for the vendor\'s side')
output endpointName string = endpoint.name

@description('the endpoint\'s resource GUID, for the vendor\'s side')
output endpointGuid string = reference(endpoint.id, '2025-05-01').resourceGuid
