# Something of an endpoint that carries the link's mark; None of any other.
own_endpoint() {
    cloud ec2 describe-vpc-endpoints --filters "$ENDPOINT_FILTERS" --query "VpcEndpoints[?VpcEndpointId=='$1'] | [0].$2"
}
