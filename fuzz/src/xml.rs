/// Every reader of an AWS answer, over any bytes: a value or a typed error, never a panic.
pub fn xml(input: &[u8]) {
    privlink_aws::read_as_every_answer(input);
}
