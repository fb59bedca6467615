# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is accepted (vendor): nothing may lead to the endpoint before it works

# It is there already: Terraform takes it in.
import {
  to = cockroach_private_endpoint_services.services
  id = "d395cf71-41d9-423f-89f7-9827c3f03fd6"
}

# make the private endpoint service in us-central1: endpoints point at it; the vendor makes one in every region of the cluster, for ever
resource "cockroach_private_endpoint_services" "services" {
  cluster_id = "d395cf71-41d9-423f-89f7-9827c3f03fd6"
}

# reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
resource "google_compute_address" "endpoint" {
  name         = "privlink-ba8cd4bbee4f0d90"
  address_type = "INTERNAL"
  subnetwork   = "projects/example-project/regions/us-central1/subnetworks/clients"
  description  = "managed-by=privlink key=ec5fc628627e806a link=orders-prod database=ce36d807cc5c5bfc service=projects/crl-prod-2db/regions/us-central1/serviceAttachments/sa-8a99a344fe1a"
  depends_on   = [cockroach_private_endpoint_services.services]
}

# make the Private Service Connect endpoint: it is the network's end of the link to projects/crl-prod-2db/regions/us-central1/serviceAttachments/sa-8a99a344fe1a
resource "google_compute_forwarding_rule" "endpoint" {
  name                    = "privlink-ba8cd4bbee4f0d90"
  load_balancing_scheme   = ""
  target                  = "projects/crl-prod-2db/regions/us-central1/serviceAttachments/sa-8a99a344fe1a"
  network                 = "projects/example-project/global/networks/main"
  ip_address              = google_compute_address.endpoint.id
  allow_psc_global_access = false
  no_automate_dns_zone    = true
  recreate_closed_psc     = true
  labels = {
    privlink-user-b0f010544bbda4a1 = "true"
  }
  description = "managed-by=privlink key=ba8cd4bbee4f0d90 link=orders-prod database=ce36d807cc5c5bfc service=projects/crl-prod-2db/regions/us-central1/serviceAttachments/sa-8a99a344fe1a"
  depends_on  = [cockroach_private_endpoint_services.services]
}

# let the endpoint in: the vendor accepts only the endpoints that a cluster lists
resource "cockroach_private_endpoint_connection" "endpoint" {
  cluster_id  = "d395cf71-41d9-423f-89f7-9827c3f03fd6"
  endpoint_id = google_compute_forwarding_rule.endpoint.psc_connection_id
}

# make the private zone private-tracking-2db1.gcp-us-central1.crdb.io: a zone named exactly the host answers for it alone and hides no other name
resource "google_dns_managed_zone" "private_tracking_2db1_gcp_us_central1_crdb_io" {
  name       = "privlink-5345e3dd7ac12da4"
  dns_name   = "private-tracking-2db1.gcp-us-central1.crdb.io."
  visibility = "private"

  private_visibility_config {
    networks {
      network_url = "https://www.googleapis.com/compute/v1/projects/example-project/global/networks/main"
    }
  }

  description = "managed-by=privlink key=5345e3dd7ac12da4 link=orders-prod database=ce36d807cc5c5bfc"
  depends_on  = [cockroach_private_endpoint_connection.endpoint]
}

# write the record private-tracking-2db1.gcp-us-central1.crdb.io: clients in the network then reach the database by its own name
resource "google_dns_record_set" "private_tracking_2db1_gcp_us_central1_crdb_io_a" {
  managed_zone = google_dns_managed_zone.private_tracking_2db1_gcp_us_central1_crdb_io.name
  name         = "private-tracking-2db1.gcp-us-central1.crdb.io."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_address.endpoint.address]
  depends_on   = [cockroach_private_endpoint_connection.endpoint]
}
