# hashicorp/aws: attributes read 2026-11
# ClickHouse/clickhouse: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    clickhouse = {
      source  = "ClickHouse/clickhouse"
      version = "~> 3.33"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
}

provider "clickhouse" {
  organization_id = "060d5e60-8949-46d0-9196-e9d0b7404570"
}
