//! What the other side echoes of the credentials is in no error.

use privlink_aws::{Client, Credentials, Network};
use privlink_core::Error;
use privlink_core::side::{Cx, Exchange, Side};
use privlink_sim::World;
use privlink_sim::contract::{Echo, renderings};

const SECRETS: [&str; 2] = ["canary-secret-4f9a77d1c0ffee", "canary/token+4f9a77d1c0ffee=="];

fn client(echo: Echo) -> Client {
    let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRETS[0]).session_token(SECRETS[1]);
    let region = "us-east-1".parse().expect("a region");
    Client::over(echo, region).credentials(keys).clock(World::new().clock()).build().expect("a client")
}

fn network(echo: Echo) -> Network {
    client(echo).vpc("vpc-0a1b2c3d4e5f67890".parse().expect("a VPC"))
}

fn cx() -> Cx {
    Cx::new("orders".parse().expect("a link name"), "", World::new().clock())
}

/// The start of a secret is one too.
fn clean(error: &Error) {
    let text = renderings(error);
    for secret in SECRETS {
        assert!(!text.contains(&secret[..10]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_other_side_echoes_is_in_no_error() {
    for status in [200, 400, 403, 500] {
        for body in [
            "<Response><Errors><Error><Code>AuthFailure</Code><Message>SAID</Message></Error></Errors></Response>",
            "<Response><Errors><Error><Code>SAID</Code><Message>x</Message></Error></Errors></Response>",
            "<html>SAID</html>",
            "SAID",
        ] {
            let network = network(Echo::answering(status, body, SECRETS));
            clean(&network.survey(&Exchange::new(), &cx()).await.unwrap_err());
        }
    }
    let lost = network(Echo::losing(SECRETS)).survey(&Exchange::new(), &cx()).await.unwrap_err();
    assert!(renderings(&lost).contains("connection closed after"), "{lost:?}");
    clean(&lost);
}

#[tokio::test(start_paused = true)]
async fn what_stands_where_an_id_was_due_is_in_no_error() {
    use privlink_aws::{Filter, ZoneVpc};

    let client = |body| client(Echo::answering(200, body, SECRETS));
    let vpcs = client("<R><vpcSet><item><vpcId>SAID</vpcId></item></vpcSet></R>");
    clean(&vpcs.ec2().vpcs(Filter::new()).all().await.unwrap_err());
    let who =
        client("<R><GetCallerIdentityResult><Account>SAID</Account><Arn>SAID</Arn></GetCallerIdentityResult></R>");
    clean(&who.sts().caller_identity().await.unwrap_err());
    let zones = client(
        "<R><HostedZoneSummaries><HostedZoneSummary><HostedZoneId>SAID</HostedZoneId><Name>SAID</Name>\
         </HostedZoneSummary></HostedZoneSummaries></R>",
    );
    let here = ZoneVpc::new("vpc-0a1b2c3d4e5f67890".parse().unwrap(), "us-east-1".parse().unwrap());
    clean(&zones.route53().zones_of_vpc(&here).all().await.unwrap_err());
    let zone = client("<R><HostedZone><Id>SAID</Id><Name>SAID</Name></HostedZone></R>");
    clean(&zone.route53().hosted_zone(&"Z0123456789ABCDEFGHIJ".parse().unwrap()).await.unwrap_err());
}

#[tokio::test(start_paused = true)]
async fn a_refused_signature_is_told_without_what_was_signed() {
    let body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>it does not match. \
                The Canonical String for this request should have been 'POST x-amz-date:1'</Message></Error></ErrorResponse>";
    let error = network(Echo::answering(403, body, SECRETS)).survey(&Exchange::new(), &cx()).await.unwrap_err();
    assert_eq!(error.api().unwrap().message, "it does not match.");
}
