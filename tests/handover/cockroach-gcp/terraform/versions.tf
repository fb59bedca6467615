# cockroachdb/cockroach: attributes read 2026-11
# hashicorp/google: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    cockroach = {
      source  = "cockroachdb/cockroach"
      version = "~> 1.22"
    }
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

provider "cockroach" {
}

provider "google" {
  project = "example-project"
  region  = "us-central1"
}
