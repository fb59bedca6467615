# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is connected (cloud): nothing may lead to the endpoint before it works

# make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
# It is there already: take it in before anything is applied, with
# terraform import aws_security_group.endpoint ID
resource "aws_security_group" "endpoint" {
  name        = "privlink-d477534f2acc714f"
  description = "privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1"
  vpc_id      = "vpc-e4c02074307872d7d"
  tags = {
    "managed-by"        = "privlink"
    "privlink:key"      = "d477534f2acc714f"
    "Name"              = "privlink-orders-prod"
    "privlink:link"     = "orders-prod"
    "privlink:database" = "ddba25ff287b8377"
  }
}

# It is there already: Terraform takes it in.
import {
  to = aws_vpc_endpoint.endpoint
  id = "vpce-a7658f5f9fd8e62e1"
}

# make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1, in 2 zones
resource "aws_vpc_endpoint" "endpoint" {
  vpc_endpoint_type  = "Interface"
  vpc_id             = "vpc-e4c02074307872d7d"
  service_name       = "com.amazonaws.vpce.us-east-1.vpce-svc-0e2dc0977925c8ab1"
  subnet_ids         = ["subnet-512f01650efe451d3", "subnet-7baf975c2d71abb3a"]
  security_group_ids = [aws_security_group.endpoint.id]
  tags = {
    "managed-by"                     = "privlink"
    "privlink:key"                   = "043f296ebee31ced"
    "privlink:user:dee681846f12b529" = "true"
    "Name"                           = "privlink-orders-prod"
    "privlink:link"                  = "orders-prod"
    "privlink:database"              = "ddba25ff287b8377"
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

# register endpoint vpce-a7658f5f9fd8e62e1: the vendor lets in only the endpoints that the project lists
# It is there already, and cannot be taken in: leave this out, unless Terraform made it.
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id  = "proj-128b4c57b5fd298bd94ebb"
  region_id   = "aws-us-east-1"
  endpoint_id = "vpce-a7658f5f9fd8e62e1"
  depends_on  = [aws_vpc_endpoint.endpoint]
}

# let clients reach ports 443, 19531: a port that is not opened is a connection that hangs
resource "aws_vpc_security_group_ingress_rule" "port_443_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/16"
  depends_on        = [zillizcloud_private_endpoint.endpoint]
}

resource "aws_vpc_security_group_ingress_rule" "port_19531_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 19531
  to_port           = 19531
  cidr_ipv4         = "10.0.0.0/16"
  depends_on        = [zillizcloud_private_endpoint.endpoint]
}

# make the private zone in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
resource "aws_route53_zone" "in01_61675cff22a2566_privatelink_aws_us_east_1_vectordb_zillizcloud_com" {
  name    = "in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com"
  comment = "managed-by=privlink key=47dfed96e03a94fb link=orders-prod database=ddba25ff287b8377"

  vpc {
    vpc_id     = "vpc-e4c02074307872d7d"
    vpc_region = "us-east-1"
  }

  depends_on = [zillizcloud_private_endpoint.endpoint]
}

# write the record in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com: clients in the VPC then reach the database by its own name
resource "aws_route53_record" "in01_61675cff22a2566_privatelink_aws_us_east_1_vectordb_zillizcloud_com_a" {
  zone_id = aws_route53_zone.in01_61675cff22a2566_privatelink_aws_us_east_1_vectordb_zillizcloud_com.zone_id
  name    = "in01-61675cff22a2566-privatelink.aws-us-east-1.vectordb.zillizcloud.com"
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.endpoint.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.endpoint.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }

  depends_on = [zillizcloud_private_endpoint.endpoint]
}

# make the private zone in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com: a zone named exactly the host answers for it alone and hides no other name
resource "aws_route53_zone" "in01_ea153d242f774a1_privatelink_aws_us_east_1_vectordb_zillizcloud_com" {
  name    = "in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com"
  comment = "managed-by=privlink key=d2da3fc66e5fd982 link=orders-prod database=ddba25ff287b8377"

  vpc {
    vpc_id     = "vpc-e4c02074307872d7d"
    vpc_region = "us-east-1"
  }

  depends_on = [zillizcloud_private_endpoint.endpoint]
}

# write the record in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com: clients in the VPC then reach the database by its own name
resource "aws_route53_record" "in01_ea153d242f774a1_privatelink_aws_us_east_1_vectordb_zillizcloud_com_a" {
  zone_id = aws_route53_zone.in01_ea153d242f774a1_privatelink_aws_us_east_1_vectordb_zillizcloud_com.zone_id
  name    = "in01-ea153d242f774a1-privatelink.aws-us-east-1.vectordb.zillizcloud.com"
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.endpoint.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.endpoint.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }

  depends_on = [zillizcloud_private_endpoint.endpoint]
}
