# The link `orders-prod`.
# Terraform has no resource of its own for:
# - switch valkey on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { valkey = true }` in the block that ends in `_user_config`.
# - wait until the endpoint is accepted (vendor): nothing may lead to the endpoint before it works
# - read where valkey is reached (vendor): host and port over privatelink are Aiven's to say, once the connection is active

# It is there already: Terraform takes it in.
import {
  to = aiven_gcp_privatelink.service
  id = "example-project/cache-valkey"
}

# wait until the privatelink is active: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_gcp_privatelink" "service" {
  project      = "example-project"
  service_name = "cache-valkey"
}

# reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
resource "google_compute_address" "endpoint" {
  name         = "privlink-6ec8bf1ae40e5269"
  address_type = "INTERNAL"
  subnetwork   = "projects/example-project/regions/us-central1/subnetworks/clients"
  description  = "managed-by=privlink key=b7744ca57720e78b link=orders-prod database=93c8ed3382d299db service=projects/aiven-example/regions/us-central1/serviceAttachments/privatelink-sfa130216cfb8"
  depends_on   = [aiven_gcp_privatelink.service]
}

# make the Private Service Connect endpoint: it is the network's end of the link to projects/aiven-example/regions/us-central1/serviceAttachments/privatelink-sfa130216cfb8
resource "google_compute_forwarding_rule" "endpoint" {
  name                    = "privlink-6ec8bf1ae40e5269"
  load_balancing_scheme   = ""
  target                  = "projects/aiven-example/regions/us-central1/serviceAttachments/privatelink-sfa130216cfb8"
  network                 = "projects/example-project/global/networks/main"
  ip_address              = google_compute_address.endpoint.id
  allow_psc_global_access = false
  no_automate_dns_zone    = true
  recreate_closed_psc     = true
  labels = {
    privlink-user-af70d18639420f5c = "true"
  }
  description = "managed-by=privlink key=6ec8bf1ae40e5269 link=orders-prod database=93c8ed3382d299db service=projects/aiven-example/regions/us-central1/serviceAttachments/privatelink-sfa130216cfb8"
  depends_on  = [aiven_gcp_privatelink.service]
}

# have Aiven look for the endpoint, and approve it: the cloud tells Aiven of nothing, and Aiven accepts only what is approved
resource "aiven_gcp_privatelink_connection_approval" "endpoint" {
  project           = "example-project"
  service_name      = "cache-valkey"
  psc_connection_id = google_compute_forwarding_rule.endpoint.psc_connection_id
  user_ip_address   = google_compute_address.endpoint.address
}
