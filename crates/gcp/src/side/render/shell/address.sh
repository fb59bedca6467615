find_address() {
    seen compute addresses describe "$ADDRESS_NAME" --region "$REGION" --format 'value[separator="|"](address,description)'
}
found=$(find_address)
if [ -z "$found" ]; then
    note "reserving the address $ADDRESS_NAME"
    cloud compute addresses create "$ADDRESS_NAME" --region "$REGION" --subnet "$SUBNETWORK" \
        --description "$ADDRESS_DESCRIPTION" "${ADDRESS_OPTIONS[@]}" >/dev/null
    found=$(find_address)
fi
IFS='|' read -r address description <<<"$found"
ours "$description" "$ADDRESS_MARK" || die "the address $ADDRESS_NAME is somebody else's"
[ -n "$address" ] || die "the address $ADDRESS_NAME is not reserved yet; run this again"
