use std::time::Duration;

use http::Method;

use super::super::{Api, handle, sign};
use super::support::{KEY, Lab, SECRET, form, key};

#[test]
fn an_unsigned_call_is_refused_by_each_api_in_its_own_way() {
    let mut lab = Lab::new();
    lab.send(&form("2016-11-15", "DescribeVpcs", &[])).refused(401, "AuthFailure");
    lab.send(&form("2011-06-15", "GetCallerIdentity", &[])).refused(403, "MissingAuthenticationToken");
    let request = http::Request::builder()
        .uri("https://route53.amazonaws.com/2013-04-01/hostedzone")
        .body(bytes::Bytes::new())
        .unwrap();
    lab.send(&request).refused(403, "MissingAuthenticationToken");
}

#[test]
fn an_unknown_key_and_a_wrong_secret_are_refused() {
    let mut lab = Lab::new();
    lab.ec2_as("AKIAUNKNOWN", "us-east-1", "DescribeVpcs", &[]).refused(401, "AuthFailure");
    lab.route53_as("AKIAUNKNOWN", Method::GET, "hostedzone", "").refused(403, "InvalidClientTokenId");
    let mut other = key("AKIAOTHERSECRET", &lab.account, None);
    other.secret = "another".to_owned();
    lab.state.add_key(other);
    lab.ec2_as("AKIAOTHERSECRET", "us-east-1", "DescribeVpcs", &[]).refused(401, "AuthFailure");
    lab.route53_as("AKIAOTHERSECRET", Method::GET, "hostedzone", "").refused(403, "SignatureDoesNotMatch");
}

#[test]
fn a_changed_body_breaks_the_signature() {
    let mut lab = Lab::new();
    let mut request = form("2016-11-15", "DescribeVpcs", &[]);
    sign::sign(&mut request, KEY, SECRET, "us-east-1", Api::Ec2, lab.now);
    *request.body_mut() = bytes::Bytes::from_static(b"Action=DescribeSubnets&Version=2016-11-15");
    lab.send(&request).refused(401, "AuthFailure");
}

#[test]
fn a_session_token_must_come_along_and_be_right() {
    let mut lab = Lab::new();
    let mut temporary = key("ASIATEMPORARY", &lab.account, None);
    temporary.session_token = Some("token-1".to_owned());
    lab.state.add_key(temporary);
    lab.ec2_as("ASIATEMPORARY", "us-east-1", "DescribeVpcs", &[]).refused(401, "AuthFailure");
    for (token, status) in [("token-1", 200), ("token-2", 401)] {
        let mut request = form("2016-11-15", "DescribeVpcs", &[]);
        request.headers_mut().insert("x-amz-security-token", token.parse().unwrap());
        sign::sign(&mut request, "ASIATEMPORARY", SECRET, "us-east-1", Api::Ec2, lab.now);
        assert_eq!(lab.send(&request).status, status, "{token}");
    }
    // There, but outside of the signature.
    let mut request = form("2016-11-15", "DescribeVpcs", &[]);
    sign::sign(&mut request, "ASIATEMPORARY", SECRET, "us-east-1", Api::Ec2, lab.now);
    request.headers_mut().insert("x-amz-security-token", "token-1".parse().unwrap());
    lab.send(&request).refused(400, "IncompleteSignature");
}

#[test]
fn an_old_or_early_date_is_refused_and_the_answer_tells_the_time() {
    for (offset, early) in [(16 * 60, false), (16 * 60, true)] {
        let mut lab = Lab::new();
        let shift = Duration::from_secs(offset);
        let at = if early { lab.now + shift } else { lab.now - shift };
        let mut request = form("2016-11-15", "DescribeVpcs", &[]);
        sign::sign(&mut request, KEY, SECRET, "us-east-1", Api::Ec2, at);
        let back = lab.send(&request);
        back.refused(400, "RequestExpired");
        assert_eq!(back.headers["date"], super::super::time::http_date(lab.now));
        let mut request = form("2011-06-15", "GetCallerIdentity", &[]);
        sign::sign(&mut request, KEY, SECRET, "us-east-1", Api::Sts, at);
        lab.send(&request).refused(403, "SignatureDoesNotMatch");
    }
    let mut lab = Lab::new();
    let mut request = form("2016-11-15", "DescribeVpcs", &[]);
    sign::sign(&mut request, KEY, SECRET, "us-east-1", Api::Ec2, lab.now - Duration::from_secs(14 * 60));
    lab.send(&request).fine();
}

#[test]
fn an_authorization_that_cannot_be_read_is_incomplete() {
    for text in [
        "Basic dXNlcjpwYXNz",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/ec2, SignedHeaders=host, Signature=00",
        "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/ec2/aws4_request, Signature=00",
        "AWS4-HMAC-SHA256 nonsense",
    ] {
        let mut lab = Lab::new();
        let mut request = form("2016-11-15", "DescribeVpcs", &[]);
        request.headers_mut().insert("x-amz-date", super::super::time::basic(lab.now).parse().unwrap());
        request.headers_mut().insert("authorization", text.parse().unwrap());
        lab.send(&request).refused(400, "IncompleteSignature");
    }
}

#[test]
fn route53_is_signed_for_its_one_region() {
    let mut lab = Lab::new();
    let mut request = http::Request::builder()
        .uri("https://route53.amazonaws.com/2013-04-01/hostedzone")
        .body(bytes::Bytes::new())
        .unwrap();
    sign::sign(&mut request, KEY, SECRET, "eu-west-1", Api::Route53, lab.now);
    let back = lab.send(&request);
    back.refused(403, "SignatureDoesNotMatch");
    assert!(back.body.contains("us-east-1"), "{}", back.body);
}

#[test]
fn a_signature_for_another_service_is_refused() {
    let mut lab = Lab::new();
    let mut request = form("2016-11-15", "DescribeVpcs", &[]);
    sign::sign(&mut request, KEY, SECRET, "us-east-1", Api::Sts, lab.now);
    lab.send(&request).refused(401, "AuthFailure");
}

#[test]
fn a_key_may_only_do_what_it_is_allowed() {
    let mut lab = Lab::new();
    let limited = key("AKIALIMITED", &lab.account, Some(&["ec2:Describe*", "route53:ListHostedZones"]));
    lab.state.add_key(limited);
    lab.ec2_as("AKIALIMITED", "us-east-1", "DescribeVpcs", &[]).fine();
    lab.route53_as("AKIALIMITED", Method::GET, "hostedzone", "").fine();
    let back = lab.ec2_as("AKIALIMITED", "us-east-1", "CreateVpcEndpoint", &[("DryRun", "true")]);
    back.refused(403, "UnauthorizedOperation");
    assert!(back.body.contains("ec2:CreateVpcEndpoint"), "{}", back.body);
    let back = lab.route53_as("AKIALIMITED", Method::GET, "hostedzonesbyname", "");
    back.refused(403, "AccessDenied");
    assert!(back.body.contains("route53:ListHostedZonesByName"), "{}", back.body);
}

#[test]
fn sts_tells_who_calls_without_a_permission() {
    let mut lab = Lab::new();
    let mut session = key("AKIASESSION", &lab.account, Some(&[]));
    session.principal = "arn:aws:sts::123456789012:assumed-role/deploy/run-7".to_owned();
    lab.state.add_key(session);
    let mut request = form("2011-06-15", "GetCallerIdentity", &[]);
    sign::sign(&mut request, "AKIASESSION", SECRET, "eu-central-1", Api::Sts, lab.now);
    let back = lab.send(&request).fine();
    assert_eq!(back.text("Account"), "123456789012");
    assert_eq!(back.text("Arn"), "arn:aws:sts::123456789012:assumed-role/deploy/run-7");
    assert!(back.text("UserId").ends_with(":run-7"), "{}", back.body);
}

#[test]
fn every_answer_has_a_request_id_of_its_own() {
    let mut lab = Lab::new();
    let (one, two) = (lab.ec2("DescribeVpcs", &[]), lab.ec2("DescribeVpcs", &[]));
    assert_eq!(one.headers["x-amzn-requestid"], one.text("requestId").as_str());
    assert_ne!(one.text("requestId"), two.text("requestId"));
    let refused = lab.ec2("DescribeVpcs", &[("VpcId.1", "vpc-0123456789abcdef0")]);
    assert_eq!(refused.headers["x-amzn-requestid"], refused.text("RequestID").as_str());
}

#[test]
fn secrets_are_not_in_debug_output() {
    let lab = Lab::new();
    assert!(!format!("{:?}", lab.state).contains(SECRET));
}

#[test]
fn what_is_no_operation_at_all_is_refused() {
    let mut lab = Lab::new();
    lab.ec2("RunInstances", &[]).refused(400, "InvalidAction");
    lab.ec2("DescribeVpcs", &[("Vpc.1", "x")]).refused(400, "UnknownParameter");
    lab.route53(Method::GET, "trafficpolicies", "").refused(404, "UnknownOperationException");
    // Not a panic for bytes that are nothing at all.
    let request = http::Request::builder().uri("/").body(bytes::Bytes::from_static(b"\xff\xfe=%%%")).unwrap();
    assert_eq!(handle(&mut lab.state, lab.now, &request).status(), 401);
}
