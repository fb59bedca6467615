# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is connected (cloud): nothing may lead to the endpoint before it works

# make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
resource "aws_security_group" "endpoint" {
  name        = "privlink-9db0ee2ecffc3f03"
  description = "privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202"
  vpc_id      = "vpc-e4c02074307872d7d"
  tags = {
    "managed-by"        = "privlink"
    "privlink:key"      = "9db0ee2ecffc3f03"
    "Name"              = "privlink-orders-prod"
    "privlink:link"     = "orders-prod"
    "privlink:database" = "0d4f6f6f73ba3ce0"
  }
}

# let clients reach ports 443, 8443, 9440: a port that is not opened is a connection that hangs
resource "aws_vpc_security_group_ingress_rule" "port_443_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "10.0.0.0/16"
}

resource "aws_vpc_security_group_ingress_rule" "port_8443_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 8443
  to_port           = 8443
  cidr_ipv4         = "10.0.0.0/16"
}

resource "aws_vpc_security_group_ingress_rule" "port_9440_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 9440
  to_port           = 9440
  cidr_ipv4         = "10.0.0.0/16"
}

# make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202, in 2 zones
resource "aws_vpc_endpoint" "endpoint" {
  vpc_endpoint_type  = "Interface"
  vpc_id             = "vpc-e4c02074307872d7d"
  service_name       = "com.amazonaws.vpce.us-east-1.vpce-svc-8296aecc53d880202"
  subnet_ids         = ["subnet-512f01650efe451d3", "subnet-7baf975c2d71abb3a"]
  security_group_ids = [aws_security_group.endpoint.id]
  tags = {
    "managed-by"                     = "privlink"
    "privlink:key"                   = "717c2b4af20a7ffb"
    "privlink:user:0825f9744f625bb9" = "true"
    "Name"                           = "privlink-orders-prod"
    "privlink:link"                  = "orders-prod"
    "privlink:database"              = "0d4f6f6f73ba3ce0"
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

# allow the endpoint: the service answers only through endpoints on its allow list
resource "clickhouse_service_private_endpoints_attachment" "endpoint" {
  service_id           = "ef042a49-8116-448b-a854-a825b142216e"
  private_endpoint_ids = [aws_vpc_endpoint.endpoint.id]
}

# make the private zone mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: a zone named exactly the host answers for it alone and hides no other name
resource "aws_route53_zone" "mj4535shxt_us_east_1_vpce_aws_clickhouse_cloud" {
  name    = "mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud"
  comment = "managed-by=privlink key=d524f0f733a23df7 link=orders-prod database=0d4f6f6f73ba3ce0"

  vpc {
    vpc_id     = "vpc-e4c02074307872d7d"
    vpc_region = "us-east-1"
  }

  depends_on = [clickhouse_service_private_endpoints_attachment.endpoint]
}

# write the record mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud: clients in the VPC then reach the database by its own name
resource "aws_route53_record" "mj4535shxt_us_east_1_vpce_aws_clickhouse_cloud_a" {
  zone_id = aws_route53_zone.mj4535shxt_us_east_1_vpce_aws_clickhouse_cloud.zone_id
  name    = "mj4535shxt.us-east-1.vpce.aws.clickhouse.cloud"
  type    = "A"

  alias {
    name                   = aws_vpc_endpoint.endpoint.dns_entry[0].dns_name
    zone_id                = aws_vpc_endpoint.endpoint.dns_entry[0].hosted_zone_id
    evaluate_target_health = false
  }

  depends_on = [clickhouse_service_private_endpoints_attachment.endpoint]
}
