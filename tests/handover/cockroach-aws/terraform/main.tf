# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is connected (cloud): nothing may lead to the endpoint before it works

# make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
resource "aws_security_group" "endpoint" {
  name        = "privlink-55541f313f9c620b"
  description = "privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-d86ec6d14e1947b6a"
  vpc_id      = "vpc-e4c02074307872d7d"
  tags = {
    "managed-by"        = "privlink"
    "privlink:key"      = "55541f313f9c620b"
    "Name"              = "privlink-orders-prod"
    "privlink:link"     = "orders-prod"
    "privlink:database" = "93d3f4bbf4e31e24"
  }
}

# let clients reach ports 26257: a port that is not opened is a connection that hangs
resource "aws_vpc_security_group_ingress_rule" "port_26257_from_10_0_0_0_16" {
  security_group_id = aws_security_group.endpoint.id
  ip_protocol       = "tcp"
  from_port         = 26257
  to_port           = 26257
  cidr_ipv4         = "10.0.0.0/16"
}

# make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-d86ec6d14e1947b6a, in 2 zones
resource "aws_vpc_endpoint" "endpoint" {
  vpc_endpoint_type  = "Interface"
  vpc_id             = "vpc-e4c02074307872d7d"
  service_name       = "com.amazonaws.vpce.us-east-1.vpce-svc-d86ec6d14e1947b6a"
  subnet_ids         = ["subnet-512f01650efe451d3", "subnet-7baf975c2d71abb3a"]
  security_group_ids = [aws_security_group.endpoint.id]
  tags = {
    "managed-by"                     = "privlink"
    "privlink:key"                   = "f6533b325f41244c"
    "privlink:user:7b556b7b4fd0ad87" = "true"
    "Name"                           = "privlink-orders-prod"
    "privlink:link"                  = "orders-prod"
    "privlink:database"              = "93d3f4bbf4e31e24"
  }

  lifecycle {
    ignore_changes = [tags]
  }
}

# let the endpoint in: the vendor accepts only the endpoints that a cluster lists
resource "cockroach_private_endpoint_connection" "endpoint" {
  cluster_id  = "12deb144-d73c-43da-80dd-c3861623675d"
  endpoint_id = aws_vpc_endpoint.endpoint.id
}

# switch private DNS on at the endpoint: AWS then answers the vendor's names inside the VPC; the endpoint is rebuilt for up to five minutes
resource "aws_vpc_endpoint_private_dns" "endpoint" {
  vpc_endpoint_id     = aws_vpc_endpoint.endpoint.id
  private_dns_enabled = true
  depends_on          = [cockroach_private_endpoint_connection.endpoint]
}
