# hashicorp/azurerm: attributes read 2026-11
# cockroachdb/cockroach: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    cockroach = {
      source  = "cockroachdb/cockroach"
      version = "~> 1.22"
    }
  }
}

provider "cockroach" {
}

provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-000000000001"

  features {
  }
}
