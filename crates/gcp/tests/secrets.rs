//! A token is printed by nothing, and what the other side echoes of it is in no error.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use privlink_core::{Error, ErrorKind};
use support::{Answer, Google, region};

const TOKEN: &str = "canary-token-4f9a77d1c0ffee";

/// The start of a secret is one too.
fn clean(text: &str) {
    assert!(!text.contains(&TOKEN[..14]), "{text}");
}

fn printed(error: &Error) -> String {
    format!("{error} {error:?} {error:#?} {} {:?} {:?}", error.report(), error.api(), error.body())
}

#[tokio::test(start_paused = true)]
async fn what_google_echoes_of_the_token_is_in_no_error() {
    for status in [400, 401, 403, 404, 500, 200] {
        for form in [
            r#"{"error":{"code":400,"message":"SAID","errors":[{"reason":"invalid","message":"SAID"}]}}"#,
            r#"{"error":{"code":400,"errors":[{"reason":"SAID"}]}}"#,
            "<html>SAID</html>",
            "SAID",
        ] {
            // Padded, so that what is kept of the text ends within a secret wherever it is cut.
            let body = form.replace("SAID", &format!("Bearer {TOKEN} {}", TOKEN.repeat(60)));
            let google = Google::new(move |_, _| Answer::Said(status, body.clone()));
            let client =
                privlink_gcp::Client::over(google, "example-project".parse().unwrap()).token(TOKEN).build().unwrap();
            let name = "orders".parse().unwrap();
            clean(&printed(&client.compute().forwarding_rule(&region(), &name).await.unwrap_err()));
            clean(&printed(&client.dns().managed_zones().all().await.err().unwrap_or_else(|| Error::invalid("read"))));
            clean(&format!("{client:?}"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_static_token_is_not_tried_again() {
    let google = Google::script(&[(401, r#"{"error":{"code":401,"message":"m","errors":[{"reason":"authError"}]}}"#)]);
    let error = google.client().compute().networks().all().await.unwrap_err();
    assert_eq!((error.kind(), google.seen().len()), (ErrorKind::Unauthenticated, 1));
}

#[tokio::test(start_paused = true)]
async fn what_stands_where_a_name_was_due_shows_no_token() {
    let said = |body: &str| {
        Google::new({
            let body = body.replace("SAID", TOKEN);
            move |_, _| Answer::Said(200, body.clone())
        })
    };
    let client =
        |google| privlink_gcp::Client::over(google, "example-project".parse().unwrap()).token(TOKEN).build().unwrap();
    let name = "orders".parse().unwrap();

    let rule = client(said(r#"{"name":"SAID!","pscConnectionId":"SAID"}"#));
    clean(&printed(&rule.compute().forwarding_rule(&region(), &name).await.unwrap_err()));
    let rules = client(said(r#"{"items":[{"name":"SAID!"}]}"#));
    clean(&printed(&rules.compute().forwarding_rules(&region()).all().await.unwrap_err()));
    let zones = client(said(r#"{"managedZones":[{"name":"orders","dnsName":"SAID!"}]}"#));
    clean(&printed(&zones.dns().managed_zones().all().await.unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn what_an_operation_says_of_its_failure_shows_no_token() {
    let failed = format!(
        r#"{{"name":"operation-1","status":"DONE","error":{{"errors":[{{"code":"X","message":"{TOKEN}"}}]}}}}"#
    );
    let google = Google::new(move |_, before| match before {
        0 => r#"{"name":"operation-1","status":"RUNNING"}"#.into(),
        _ => Answer::Said(200, failed.clone()),
    });
    let client = privlink_gcp::Client::over(google, "example-project".parse().unwrap()).token(TOKEN).build().unwrap();
    let name = "orders".parse().unwrap();
    let begun = client.compute().delete_forwarding_rule(&region(), &name).await.unwrap().unwrap();
    let waited = client.compute().finished(&region(), &begun).await.unwrap_err();
    clean(&printed(&waited.into()));
    clean(&printed(&client.compute().delete_forwarding_rule(&region(), &name).await.unwrap_err()));
}

#[tokio::test(start_paused = true)]
async fn an_operation_named_by_the_token_is_asked_for_without_showing_it() {
    let begun = format!(r#"{{"name":"operation-{TOKEN}","status":"RUNNING"}}"#);
    let google = Google::new(move |_, before| match before {
        0 => Answer::Said(200, begun.clone()),
        _ => Answer::Said(400, "{}".to_owned()),
    });
    let client = privlink_gcp::Client::over(google, "example-project".parse().unwrap()).token(TOKEN).build().unwrap();
    let begun = client.compute().delete_forwarding_rule(&region(), &"orders".parse().unwrap()).await.unwrap().unwrap();
    clean(&printed(&client.compute().finished(&region(), &begun).await.unwrap_err().into()));
}
