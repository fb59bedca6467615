in_account
# Host names need support, so support comes first; one attribute a call, as AWS wants it.
for attribute in enableDnsSupport:EnableDnsSupport enableDnsHostnames:EnableDnsHostnames; do
    on=$(cloud ec2 describe-vpc-attribute --vpc-id "$VPC_ID" --attribute "${attribute%:*}" --query "${attribute#*:}.Value")
    case $on in
    [Tt]rue) continue ;;
    esac
    note "switching ${attribute%:*} of $VPC_ID on"
    case $attribute in
    enableDnsSupport:*) cloud ec2 modify-vpc-attribute --vpc-id "$VPC_ID" --enable-dns-support '{"Value":true}' ;;
    *) cloud ec2 modify-vpc-attribute --vpc-id "$VPC_ID" --enable-dns-hostnames '{"Value":true}' ;;
    esac
done
