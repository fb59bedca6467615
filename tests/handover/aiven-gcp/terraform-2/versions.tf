# aiven/aiven: attributes read 2026-11
# hashicorp/google: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    aiven = {
      source  = "aiven/aiven"
      version = "~> 4.51"
    }
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
  }
}

provider "aiven" {
}

provider "google" {
  project = "example-project"
  region  = "us-central1"
}
