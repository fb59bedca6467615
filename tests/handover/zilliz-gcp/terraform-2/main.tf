# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is accepted (vendor): nothing may lead to the endpoint before it works

# It is there already: Terraform takes it in.
import {
  to = google_compute_address.endpoint
  id = "projects/example-project/regions/us-central1/addresses/privlink-e35f4d10c5436c27"
}

# reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
resource "google_compute_address" "endpoint" {
  name         = "privlink-e35f4d10c5436c27"
  address_type = "INTERNAL"
  subnetwork   = "projects/example-project/regions/us-central1/subnetworks/clients"
  description  = "managed-by=privlink key=33c13cface1c286b link=orders-prod database=3f19a14ef5d5651d service=projects/vdc-prod-813d/regions/us-central1/serviceAttachments/vdc-sa-e402f414"

  lifecycle {
    ignore_changes = [description]
  }
}

# It is there already: Terraform takes it in.
import {
  to = google_compute_forwarding_rule.endpoint
  id = "projects/example-project/regions/us-central1/forwardingRules/privlink-e35f4d10c5436c27"
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

  lifecycle {
    ignore_changes = [description]
  }
}

# register endpoint privlink-e35f4d10c5436c27: the vendor lets in only the endpoints that the project lists
# It is there already, and cannot be taken in: leave this out, unless Terraform made it.
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id     = "proj-128b4c57b5fd298bd94ebb"
  region_id      = "gcp-us-central1"
  endpoint_id    = "privlink-e35f4d10c5436c27"
  gcp_project_id = "example-project"
  depends_on     = [google_compute_forwarding_rule.endpoint]
}

# make the private zone in01-75a4532b68d0fbf-privatelink.gcp-us-central1.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
resource "google_dns_managed_zone" "in01_75a4532b68d0fbf_privatelink_gcp_us_central1_vectordb_zillizcloud_com" {
  name       = "privlink-20fbff4c48f8e838"
  dns_name   = "in01-75a4532b68d0fbf-privatelink.gcp-us-central1.vectordb.zillizcloud.com."
  visibility = "private"

  private_visibility_config {
    networks {
      network_url = "https://www.googleapis.com/compute/v1/projects/example-project/global/networks/main"
    }
  }

  description = "managed-by=privlink key=20fbff4c48f8e838 link=orders-prod database=3f19a14ef5d5651d"
  depends_on  = [zillizcloud_private_endpoint.endpoint]
}

# write the record in01-75a4532b68d0fbf-privatelink.gcp-us-central1.vectordb.zillizcloud.com: clients in the network then reach the database by its own name
resource "google_dns_record_set" "in01_75a4532b68d0fbf_privatelink_gcp_us_central1_vectordb_zillizcloud_com_a" {
  managed_zone = google_dns_managed_zone.in01_75a4532b68d0fbf_privatelink_gcp_us_central1_vectordb_zillizcloud_com.name
  name         = "in01-75a4532b68d0fbf-privatelink.gcp-us-central1.vectordb.zillizcloud.com."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_address.endpoint.address]
  depends_on   = [zillizcloud_private_endpoint.endpoint]
}
