# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is accepted (vendor): nothing may lead to the endpoint before it works

# reserve the endpoint's address: a reserved address stays when the endpoint has to be made anew
resource "google_compute_address" "endpoint" {
  name         = "privlink-0be2a0a95eefd5be"
  address_type = "INTERNAL"
  subnetwork   = "projects/example-project/regions/us-central1/subnetworks/clients"
  description  = "managed-by=privlink key=158814e4dfeb629b link=orders-prod database=55d2f6fe387c22a4 service=projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse"
}

# make the Private Service Connect endpoint: it is the network's end of the link to projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse
resource "google_compute_forwarding_rule" "endpoint" {
  name                    = "privlink-0be2a0a95eefd5be"
  load_balancing_scheme   = ""
  target                  = "projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse"
  network                 = "projects/example-project/global/networks/main"
  ip_address              = google_compute_address.endpoint.id
  allow_psc_global_access = false
  no_automate_dns_zone    = true
  recreate_closed_psc     = true
  labels = {
    privlink-user-0825f9744f625bb9 = "true"
  }
  description = "managed-by=privlink key=0be2a0a95eefd5be link=orders-prod database=55d2f6fe387c22a4 service=projects/clickhouse-1ff1f9/regions/us-central1/serviceAttachments/production-us-central1-clickhouse"
}

# allow the endpoint: the service answers only through endpoints on its allow list
resource "clickhouse_service_private_endpoints_attachment" "endpoint" {
  service_id           = "33539042-1dbe-465e-a510-9511afc84eeb"
  private_endpoint_ids = [google_compute_forwarding_rule.endpoint.psc_connection_id]
}

# make the private zone nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
resource "google_dns_managed_zone" "nmmujq0x7c_us_central1_p_gcp_clickhouse_cloud" {
  name       = "privlink-da79df2eaf2c0442"
  dns_name   = "nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud."
  visibility = "private"

  private_visibility_config {
    networks {
      network_url = "https://www.googleapis.com/compute/v1/projects/example-project/global/networks/main"
    }
  }

  description = "managed-by=privlink key=da79df2eaf2c0442 link=orders-prod database=55d2f6fe387c22a4"
  depends_on  = [clickhouse_service_private_endpoints_attachment.endpoint]
}

# write the record nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud: clients in the network then reach the database by its own name
resource "google_dns_record_set" "nmmujq0x7c_us_central1_p_gcp_clickhouse_cloud_a" {
  managed_zone = google_dns_managed_zone.nmmujq0x7c_us_central1_p_gcp_clickhouse_cloud.name
  name         = "nmmujq0x7c.us-central1.p.gcp.clickhouse.cloud."
  type         = "A"
  ttl          = 300
  rrdatas      = [google_compute_address.endpoint.address]
  depends_on   = [clickhouse_service_private_endpoints_attachment.endpoint]
}
