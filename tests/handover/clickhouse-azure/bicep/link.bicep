// The network's part of the link `orders-prod`, for one resource group.
// Deploy it as it is. Elsewhere then comes:
// - azure: read the endpoint's address (00000000-0000-0000-0000-000000000001 example main)
// - clickhouse: allow the endpoint (ClickHouse service `ledger` (1c93ebc3-9f07-4605-ac51-6f17bd4af8ee))
// - azure: wait until the endpoint's connection is approved (00000000-0000-0000-0000-000000000001 example main)
// Once that is done, deploy it again with admitted=true: names then lead to the endpoint.

@description('true once the steps that are done elsewhere are done: then names are made to lead to the endpoint')
param admitted bool = false

// make the private endpoint: it is the network's end of the link to production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice
resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'privlink-c5d1c9ccde2f408a'
  location: 'westus3'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'a57bcbcd211f14f5'
    'privlink-key': 'c5d1c9ccde2f408a'
    'privlink-link': 'orders-prod'
    'privlink-user-0825f9744f625bb9': 'true'
  }
  properties: {
    subnet: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default'
    }
    customNetworkInterfaceName: 'privlink-c5d1c9ccde2f408a-nic'
    manualPrivateLinkServiceConnections: [
      {
        name: 'privlink-c5d1c9ccde2f408a-conn'
        properties: {
          privateLinkServiceId: 'production-westus3-0-0.b9c6f929-4c9b-4217-8cee-0f3b978b301c.westus3.azure.privatelinkservice'
          requestMessage: 'privlink: orders-prod'
        }
      }
    ]
  }
}

resource endpoint_interface 'Microsoft.Network/networkInterfaces@2025-05-01' existing = {
  name: 'privlink-c5d1c9ccde2f408a-nic'
}

// make the private zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
resource zone_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud 'Microsoft.Network/privateDnsZones@2024-06-01' = if (admitted) {
  name: 'jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'a57bcbcd211f14f5'
    'privlink-key': '51ec75f1bc85c4c4'
    'privlink-link': 'orders-prod'
  }
}

// write the record jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud: clients in the network then reach the database by its own name
resource record_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud 'Microsoft.Network/privateDnsZones/A@2024-06-01' = if (admitted) {
  parent: zone_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud
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
      'privlink-database': 'a57bcbcd211f14f5'
      'privlink-key': '852a7c8a52ae4ad7'
      'privlink-link': 'orders-prod'
    }
  }
}

// link the zone jrqxh9gmx4.westus3.privatelink.azure.clickhouse.cloud to main: a private zone answers in the networks it is linked to, and in no other
resource link_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud_main 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = if (admitted) {
  parent: zone_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud
  name: 'privlink-e39ac57b006b30cb'
  location: 'global'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': 'a57bcbcd211f14f5'
    'privlink-key': 'e39ac57b006b30cb'
    'privlink-link': 'orders-prod'
  }
  properties: {
    virtualNetwork: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main'
    }
    registrationEnabled: false
  }
  dependsOn: [
    record_jrqxh9gmx4_westus3_privatelink_azure_clickhouse_cloud
  ]
}

@description('the endpoint\'s id, for the vendor\'s side')
output endpointId string = endpoint.id

@description('the endpoint\'s name, for the vendor\'s side')
output endpointName string = endpoint.name

@description('the endpoint\'s resource GUID, for the vendor\'s side')
output endpointGuid string = reference(endpoint.id, '2025-05-01').resourceGuid
