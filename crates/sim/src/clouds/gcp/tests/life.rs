//! How a connection stands with the producer, over time.

use serde_json::{Value, json};

use super::super::{Acceptance, PscStatus};
use super::support::{LONG, Lab, attachment};

fn status(lab: &mut Lab) -> String {
    lab.shown("orders")["pscConnectionStatus"].as_str().unwrap_or("none").to_owned()
}

fn connection(lab: &mut Lab) -> u64 {
    lab.shown("orders")["pscConnectionId"].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_connection_is_pending_before_it_is_accepted() {
    let mut lab = Lab::new();
    lab.rule("orders", json!({})).fine();
    assert_eq!(status(&mut lab), "none");
    lab.later(6);
    assert_eq!(status(&mut lab), "PENDING");
    lab.later(5);
    assert_eq!(status(&mut lab), "ACCEPTED");
}

#[test]
fn the_vendors_list_accepts_where_it_is_to() {
    let mut lab = Lab::new();
    lab.state.behaviour.acceptance = Acceptance::WhenListed;
    lab.standing("orders", json!({}));
    lab.later(LONG);
    assert_eq!(status(&mut lab), "PENDING");
    let id = connection(&mut lab);
    assert_eq!(lab.state.waiting(), [(id, attachment())]);
    lab.state.listed(lab.now, id);
    assert_eq!(status(&mut lab), "PENDING");
    assert_eq!(lab.state.waiting(), []);
    lab.later(5);
    assert_eq!(status(&mut lab), "ACCEPTED");
}

#[test]
fn somebody_accepts_where_nothing_else_does() {
    let mut lab = Lab::new();
    lab.state.change_attachment(&attachment(), |known| known.acceptance = Some(Acceptance::Manual)).unwrap();
    lab.standing("orders", json!({}));
    assert_eq!(lab.state.waiting(), []);
    let id = connection(&mut lab);
    for wanted in [
        PscStatus::Accepted,
        PscStatus::NeedsAttention,
        PscStatus::Rejected,
        PscStatus::Pending,
        PscStatus::Other("STATUS_UNSPECIFIED"),
    ] {
        lab.state.set_status(lab.now, id, wanted).unwrap();
        assert_eq!(status(&mut lab), wanted.as_str());
    }
}

#[test]
fn a_refused_project_is_rejected() {
    let mut lab = Lab::new();
    let project = lab.project.clone();
    lab.state.change_attachment(&attachment(), |known| known.refuses = [project].into()).unwrap();
    lab.standing("orders", json!({}));
    assert_eq!(status(&mut lab), "REJECTED");
}

#[test]
fn what_is_closed_stays_closed_though_the_attachment_comes_back() {
    let mut lab = Lab::new();
    lab.standing("orders", json!({}));
    let id = connection(&mut lab);
    lab.state.withdraw_attachment(lab.now, &attachment()).unwrap();
    assert_eq!(status(&mut lab), "CLOSED");
    lab.rule("billing", json!({})).refused(400, "invalid");
    lab.state.offer_attachment(&attachment(), None, true);
    lab.later(LONG);
    lab.state.set_status(lab.now, id, PscStatus::Accepted).unwrap();
    assert_eq!(status(&mut lab), "CLOSED");
    // A new endpoint to it is fine.
    assert_eq!(lab.standing("billing", json!({}))["pscConnectionStatus"], "ACCEPTED");
    // And going it takes only its own with it.
    lab.state.withdraw_attachment(lab.now, &attachment()).unwrap();
    assert_eq!(lab.shown("billing")["pscConnectionStatus"], "CLOSED");
}

#[test]
fn an_attachment_that_goes_while_an_endpoint_is_made_closes_it() {
    let mut lab = Lab::new();
    lab.rule("orders", json!({})).fine();
    lab.later(1);
    lab.state.withdraw_attachment(lab.now, &attachment()).unwrap();
    assert_eq!(lab.shown("orders")["pscConnectionId"], Value::Null);
    lab.later(LONG);
    assert_eq!(status(&mut lab), "CLOSED");
}
