# azure/azapi: attributes read 2026-11
# hashicorp/azurerm: attributes read 2026-11
# zilliztech/zillizcloud: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    azapi = {
      source  = "azure/azapi"
      version = "~> 2.0"
    }
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    zillizcloud = {
      source  = "zilliztech/zillizcloud"
      version = "~> 0.6.41"
    }
  }
}

provider "zillizcloud" {
}

provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-000000000001"

  features {
  }
}
