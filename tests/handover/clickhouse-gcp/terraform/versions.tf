# ClickHouse/clickhouse: attributes read 2026-11
# hashicorp/google: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    clickhouse = {
      source  = "ClickHouse/clickhouse"
      version = "~> 3.33"
    }
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

provider "google" {
  project = "example-project"
  region  = "us-central1"
}

provider "clickhouse" {
  organization_id = "060d5e60-8949-46d0-9196-e9d0b7404570"
}
