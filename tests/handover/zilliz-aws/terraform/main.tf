# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is connected (cloud): nothing may lead to the endpoint before it works
# - let clients reach the database's ports (nobody): a port that is not opened is a connection that hangs
# This is the first part; plan and render again for the rest: the private hosts of `images` (in01-61675cff22a2566), `articles` (in01-ea153d242f774a1) are known once they are linked; then their records

# make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
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

# register the endpoint: the vendor lets in only the endpoints that the project lists
resource "zillizcloud_private_endpoint" "endpoint" {
  project_id  = "proj-128b4c57b5fd298bd94ebb"
  region_id   = "aws-us-east-1"
  endpoint_id = aws_vpc_endpoint.endpoint.id
}
