#![allow(clippy::unwrap_used, reason = "a test may panic")]

use privlink_core::Region;
use privlink_core::side::{EndpointFacts, EndpointState, Evidence};

use super::super::steps::Maker;
use super::*;
use crate::Client;

struct Fixture {
    network: Network,
    cx: Cx,
    known: Exchange,
    service: ServiceAttachment,
    zone: DnsName,
}

fn fixture() -> Fixture {
    let world = privlink_sim::World::new();
    let client = Client::over(world.transport(), "example-project".parse().unwrap()).token("ya29.x").build().unwrap();
    let region: Region = "us-central1".parse().unwrap();
    let network = client
        .network("prod".parse().unwrap())
        .host_project(&"host-project".parse().unwrap())
        .region(region)
        .also_resolve_in(["projects/example-project/global/networks/other".parse().unwrap()]);
    Fixture {
        network,
        cx: Cx::new("orders".parse().unwrap(), "", world.clock()).between("database", "network"),
        known: Exchange::new(),
        service: "projects/producer/regions/us-central1/serviceAttachments/a".parse().unwrap(),
        zone: "abc.us-central1.p.gcp.clickhouse.cloud".parse().unwrap(),
    }
}

impl Fixture {
    fn render(&self, step: &Step, format: Format) -> Result<Option<Fragment>> {
        render(&self.network, step, &self.known, &self.cx, format)
    }

    /// One step of each kind that sets up, and the variables and the resource it has to come out as.
    fn steps(&self) -> Vec<(Step, &'static [&'static str], Option<&'static str>)> {
        let keys = self.network.keys(self.cx.instance());
        let dns = self.network.dns();
        let maker = Maker { region: &self.network.region, dns_project: dns.project(), keys: &keys };
        let (slot, service, zone) = (Slot::main(), self.service.clone(), self.zone.clone());
        let subnetwork = Some("projects/host-project/regions/us-central1/subnetworks/apps".parse().unwrap());
        let address = MakeAddress { service: service.clone(), subnetwork, address: Some("10.0.0.7".parse().unwrap()) };
        let clear = ClearPlace { service: service.clone(), connection: Some("9007199254740993".parse().unwrap()) };
        let endpoint =
            MakeEndpoint { service: service.clone(), subnetwork: None, global_access: true, automate_dns_zone: false };
        let user = self.cx.user(&self.known);
        let other: NetworkPath = "projects/example-project/global/networks/other".parse().unwrap();
        let record = WriteRecord { service: service.clone(), zone: zone.clone(), given: None, record: zone.clone() };
        let show = ShowZone { zone: zone.clone(), given: None, network: other };
        vec![
            (maker.address(&slot, &address), &["ADDRESS_NAME", "SUBNETWORK"], Some("google_compute_address")),
            (maker.clear_place(&slot, &clear, &keys.rule_name(&service)), &["CLOSED_CONNECTION"], None),
            (
                maker.endpoint(&slot, &endpoint, false, user.as_deref()),
                &["RULE_NAME", "USER_LABELS"],
                Some("google_compute_forwarding_rule"),
            ),
            (maker.global_access(&slot, &service), &["RULE_NAME"], None),
            (maker.zone(&slot, &zone, true), &["ZONE_NETWORKS"], Some("google_dns_managed_zone")),
            (maker.record(&slot, &record, false), &["RECORD", "ENDPOINT_ADDRESS"], Some("google_dns_record_set")),
            (maker.show_zone(&slot, &show), &["OTHER_NETWORK_URL"], None),
        ]
    }
}

#[test]
fn every_step_that_sets_up_has_words_in_both_formats() {
    let fixture = fixture();
    for (step, variables, resource) in fixture.steps() {
        let Some(Fragment::Script(script)) = fixture.render(&step, Format::Shell).unwrap() else {
            panic!("{}: no script", step.verb);
        };
        for variable in variables {
            assert!(script.values.iter().any(|(name, _)| name == variable), "{}: {variable}", step.verb);
        }
        // What is set is used, and what is used is set.
        for (name, _) in &script.values {
            let used = script.body.contains(&format!("${name}")) || script.body.contains(&format!("${{{name}"));
            assert!(used || *name == "PROJECT", "{}: {name} is not used", step.verb);
        }
        let Some(Fragment::Resources(resources)) = fixture.render(&step, Format::Terraform).unwrap() else {
            panic!("{}: no resources", step.verb);
        };
        let types: Vec<_> = resources.blocks.iter().map(|block| &*block.labels[0]).collect();
        assert_eq!(types, resource.into_iter().collect::<Vec<_>>(), "{}", step.verb);
    }
}

#[test]
fn waiting_is_the_scripts_alone() {
    let fixture = fixture();
    let (keys, dns) = (fixture.network.keys(""), fixture.network.dns());
    let maker = Maker { region: &fixture.network.region, dns_project: dns.project(), keys: &keys };
    let step = maker.await_connected(&Slot::main(), &fixture.service, true);
    assert!(matches!(fixture.render(&step, Format::Shell), Ok(Some(Fragment::Script(_)))));
    assert_eq!(fixture.render(&step, Format::Terraform).unwrap(), None);
}

#[test]
fn a_step_of_another_place_is_refused() {
    let fixture = fixture();
    let (step, ..) = fixture.steps().swap_remove(0);
    for spoil in [
        |step: &mut Step| step.verb = "aws.endpoint".into(),
        |step: &mut Step| step.side = privlink_core::side::SideId::new("aws"),
        |step: &mut Step| step.params = serde_json::json!({ "service": 7 }),
        |step: &mut Step| step.key = TouchKey::new("gcp.address", ["another"]),
    ] {
        let mut step = step.clone();
        spoil(&mut step);
        for format in [Format::Shell, Format::Terraform] {
            fixture.render(&step, format).unwrap_err();
        }
    }
}

#[test]
fn an_endpoint_that_was_taken_in_keeps_its_name_and_is_not_terraforms() {
    let mut fixture = fixture();
    let ids = EndpointIds::Gcp {
        project: "example-project".parse().unwrap(),
        rule: "by-hand".parse().unwrap(),
        psc: Some("9007199254740993".parse().unwrap()),
    };
    let facts = EndpointFacts::new(ids, EndpointState::Ready, Ownership::Adopted(Evidence::Tag));
    fixture.known.endpoints.insert(Slot::main(), facts);
    let (step, ..) = fixture.steps().swap_remove(2);
    let Some(Fragment::Script(script)) = fixture.render(&step, Format::Shell).unwrap() else { panic!("no script") };
    let of = |name: &str| script.values.iter().find(|(known, _)| *known == name).map(|(_, word)| word.clone());
    assert_eq!(of("RULE_NAME"), Some(privlink_core::render::Word::Text("by-hand".into())));
    assert_eq!(of("USER_LABELS"), Some(privlink_core::render::Word::List(Vec::new())));
    let Some(Fragment::Resources(resources)) = fixture.render(&step, Format::Terraform).unwrap() else {
        panic!("no resources")
    };
    assert_eq!(resources.blocks, []);
}

#[test]
fn each_project_has_a_role_of_its_own() {
    let fixture = fixture();
    let steps: Vec<Step> = fixture.steps().into_iter().map(|(step, ..)| step).collect();
    let roles = policy(&fixture.network, &steps.iter().collect::<Vec<_>>(), &fixture.cx).unwrap();
    assert_eq!(roles.iter().map(|role| &*role.name).collect::<Vec<_>>(), ["gcp-role.yaml", "gcp-role-2.yaml"]);
    assert!(
        roles[0].text.contains("--project \"example-project\"")
            && roles[0].text.contains("\n- compute.forwardingRules.pscCreate\n")
    );
    let host: Vec<&str> = roles[1].text.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    let of_networks = ["compute.networks.use", "compute.subnetworks.use", "dns.networks.bindPrivateDNSZone"];
    assert_eq!(host, of_networks, "{}", roles[1].text);

    for (action, resource) in
        [("a.b", "projects/x\nstage: ALPHA"), ("a.b", "folders/x"), ("a.b\n- c.d", "projects/example-project")]
    {
        let mut odd = steps[0].clone();
        odd.grants = vec![privlink_core::side::Grant::new("Google Cloud IAM", action, resource)];
        policy(&fixture.network, &[&odd], &fixture.cx).unwrap_err();
    }
}
