# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is accepted (vendor): nothing may lead to the endpoint before it works
# This is the first part; plan and render again for the rest: the private hosts of `tickets` (in01-75a4532b68d0fbf) are known once they are linked; then their records

# reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
resource "google_compute_address" "endpoint" {
  name         = "privlink-e35f4d10c5436c27"
  address_type = "INTERNAL"
  subnetwork   = "projects/example-project/regions/us-central1/subnetworks/clients"
  description  = "managed-by=privlink key=33c13cface1c286b link=orders-prod database=3f19a14ef5d5651d service=projects/vdc-prod-813d/regions/us-central1/serviceAttachments/vdc-sa-e402f414"
}

# make the Private Service Connect endpoint: it is the network's end of the link to projects/vdc-prod-813d/regions/us-central1/serviceAttachments/vdc-sa-e402f414
resource "google_compute_forwarding_rule" "endpoint" {
  name                    = "privlink-e35f4d10c5436c27"
  load_balancing_scheme   = ""
  target                  = "projects/vdc-prod-813d/regions/us-central1/serviceAttachments/vdc-sa-e402f414"
  network                 = "projects/example-project/global/networks/main"
  ip_address              = google_compute_address.endpoint.id
  allow_psc_global_access = false
  no_automate_dns_zone    = true
  recreate_closed_psc     = true
  labels = {
    privlink-user-dee681846f12b529 = "true"
  }
  description = "managed-by=privlink key=e35f4d10c5436c27 link=orders-prod database=3f19a14ef5d5651d service=projects/vdc-prod-813d/regions/us-central1/serviceAttachments/vdc-sa-e402f414"
}

# register the endpoint: the vendor lets in only the endpoints that the project lists
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id     = "proj-128b4c57b5fd298bd94ebb"
  region_id      = "gcp-us-central1"
  endpoint_id    = google_compute_forwarding_rule.endpoint.name
  gcp_project_id = "example-project"
}
