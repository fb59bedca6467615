# hashicorp/aws: attributes read 2026-11
# cockroachdb/cockroach: attributes read 2026-11
terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    cockroach = {
      source  = "cockroachdb/cockroach"
      version = "~> 1.22"
    }
  }
}

provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["123456789012"]
}

provider "cockroach" {
}
