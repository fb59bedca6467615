// The network's part of the link `orders-prod`, for one resource group.
// Deploy it as it is. Elsewhere then comes:
// - azure: read the endpoint's address (00000000-0000-0000-0000-000000000001 example main)
// - aiven: have Aiven look for the endpoint, and approve it (Aiven service `stock-mysql` of project `example-project`)
// - azure: wait until the endpoint's connection is approved (00000000-0000-0000-0000-000000000001 example main)
// - aiven: tell Aiven the endpoint's address (Aiven service `stock-mysql` of project `example-project`)
// - aiven: read where mysql is reached (Aiven service `stock-mysql` of project `example-project`)

// make the private endpoint: it is the network's end of the link to aivenprod-ssf6b23f2bf65c.fa130216-cfb8-4cbe-855c-273ffdd7656f.westus3.azure.privatelinkservice
resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: 'privlink-faca614fd16616fb'
  location: 'westus3'
  tags: {
    'managed-by': 'privlink'
    'privlink-database': '00fcc65eeb3d21b3'
    'privlink-key': 'faca614fd16616fb'
    'privlink-link': 'orders-prod'
    'privlink-user-87a8ae819e056c5e': 'true'
  }
  properties: {
    subnet: {
      id: '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/virtualNetworks/main/subnets/default'
    }
    customNetworkInterfaceName: 'privlink-faca614fd16616fb-nic'
    manualPrivateLinkServiceConnections: [
      {
        name: 'privlink-faca614fd16616fb-conn'
        properties: {
          privateLinkServiceId: 'aivenprod-ssf6b23f2bf65c.fa130216-cfb8-4cbe-855c-273ffdd7656f.westus3.azure.privatelinkservice'
          requestMessage: 'privlink: orders-prod'
        }
      }
    ]
  }
}

@description('the endpoint\'s id, for the vendor\'s side')
output endpointId string = endpoint.id

@description('the endpoint\'s name, for the vendor\'s side')
output endpointName string = endpoint.name

@description('the endpoint\'s resource GUID, for the vendor\'s side')
output endpointGuid string = reference(endpoint.id, '2025-05-01').resourceGuid
