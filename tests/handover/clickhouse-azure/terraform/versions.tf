# hashicorp/azurerm: attributes read 2026-11
# ClickHouse/clickhouse: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    clickhouse = {
      source  = "ClickHouse/clickhouse"
      version = "~> 3.33"
    }
  }
}

provider "azurerm" {
  subscription_id = "00000000-0000-0000-0000-000000000001"

  features {
  }
}

provider "clickhouse" {
  organization_id = "060d5e60-8949-46d0-9196-e9d0b7404570"
}
