# aiven/aiven: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    aiven = {
      source  = "aiven/aiven"
      version = "~> 4.51"
    }
  }
}

provider "aiven" {
}
