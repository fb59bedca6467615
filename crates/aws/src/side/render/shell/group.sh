in_account
find_group() {
    cloud ec2 describe-security-groups --filters "$GROUP_FILTERS" --query 'SecurityGroups[0].GroupId'
}
GROUP_ID=$(find_group)
if [ "$GROUP_ID" = None ]; then
    note "making the security group $GROUP_NAME"
    GROUP_ID=$(cloud ec2 create-security-group --vpc-id "$VPC_ID" --group-name "$GROUP_NAME" \
        --description "$GROUP_DESCRIPTION" --tag-specifications "$GROUP_TAGS" --query GroupId)
    cloud ec2 wait security-group-exists --group-ids "$GROUP_ID"
fi
