# hashicorp/google: attributes read 2026-11
# zilliztech/zillizcloud: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.0"
    }
    zillizcloud = {
      source  = "zilliztech/zillizcloud"
      version = "~> 0.6.41"
    }
  }
}

provider "google" {
  project = "example-project"
  region  = "us-central1"
}

provider "zillizcloud" {
}
