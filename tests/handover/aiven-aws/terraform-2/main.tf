# The link `orders-prod`.
# Terraform has no resource of its own for:
# - wait until the endpoint is connected (cloud): nothing may lead to the endpoint before it works
# - switch pg on for privatelink (vendor): a component that is off has no address over privatelink; the load balancer takes minutes to follow
#   Where the service itself is kept in Terraform: in its resource, `privatelink_access { pg = true }` in the block that ends in `_user_config`.
# - wait until Aiven lists the endpoint (vendor): hosts and ports are of a connection, which Aiven makes once AWS shows the endpoint available
# - read where pg is reached (vendor): host and port over privatelink are Aiven's to say, once the connection is active
# - let clients reach the database's ports (nobody): a port that is not opened is a connection that hangs

# make the endpoint's security group: without one AWS takes the VPC's default group, which lets no client in
resource "aws_security_group" "endpoint" {
  name        = "privlink-a467e9c582cd2c69"
  description = "privlink: clients of com.amazonaws.vpce.us-east-1.vpce-svc-fa130216cfb85cbec"
  vpc_id      = "vpc-e4c02074307872d7d"
  tags = {
    "managed-by"        = "privlink"
    "privlink:key"      = "a467e9c582cd2c69"
    "Name"              = "privlink-orders-prod"
    "privlink:link"     = "orders-prod"
    "privlink:database" = "16d7148feeb7be5d"
  }
}

# It is there already: Terraform takes it in.
import {
  to = aiven_aws_privatelink.service
  id = "example-project/orders-pg"
}

# have the privatelink let arn:aws:iam::123456789012:user/operator in: endpoints point at it; it is the service's, and all its endpoints share it
resource "aiven_aws_privatelink" "service" {
  project      = "example-project"
  service_name = "orders-pg"
  principals   = ["arn:aws:iam::123456789012:user/operator"]

  lifecycle {
    ignore_changes = [principals]
  }
}

# make the VPC endpoint: it is the network's end of the link to com.amazonaws.vpce.us-east-1.vpce-svc-fa130216cfb85cbec, in 2 zones
resource "aws_vpc_endpoint" "endpoint" {
  vpc_endpoint_type  = "Interface"
  vpc_id             = "vpc-e4c02074307872d7d"
  service_name       = "com.amazonaws.vpce.us-east-1.vpce-svc-fa130216cfb85cbec"
  subnet_ids         = ["subnet-512f01650efe451d3", "subnet-7baf975c2d71abb3a"]
  security_group_ids = [aws_security_group.endpoint.id]
  tags = {
    "managed-by"                     = "privlink"
    "privlink:key"                   = "b2399db3d55318e1"
    "privlink:user:dddf3f6a0dc4ef30" = "true"
    "Name"                           = "privlink-orders-prod"
    "privlink:link"                  = "orders-prod"
    "privlink:database"              = "16d7148feeb7be5d"
  }

  lifecycle {
    ignore_changes = [tags]
  }

  depends_on = [aiven_aws_privatelink.service]
}
