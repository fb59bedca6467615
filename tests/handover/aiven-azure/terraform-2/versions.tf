# aiven/aiven: attributes read 2026-11
# hashicorp/azurerm: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    aiven = {
      source  = "aiven/aiven"
      version = "~> 4.51"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

provider "aiven" {
}

provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-000000000001"

  features {
  }
}
