#![allow(clippy::unwrap_used, reason = "a test may panic")]

use privlink_core::render::Word;
use privlink_core::side::{EndpointFacts, EndpointState, Evidence, Expects, SideId, StepState};
use privlink_core::{DnsName, EndpointServiceId};

use super::super::steps::Maker;
use super::*;
use crate::ids::VirtualNetworkId;
use crate::{Client, PrivateDnsZoneId};

const VNET: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app\
                    /providers/Microsoft.Network/virtualNetworks/main";

/// Names of variables, or of resources.
type Words = &'static [&'static str];

struct Fixture {
    network: Network,
    cx: Cx,
    known: Exchange,
    service: EndpointServiceId,
    zone: PrivateDnsZoneId,
    host: DnsName,
}

fn fixture() -> Fixture {
    let world = privlink_sim::World::new();
    let vnet: VirtualNetworkId = VNET.parse().unwrap();
    let subscription = vnet.resource().subscription();
    let network = Client::over(world.transport(), subscription)
        .token("eyJ0.x")
        .build()
        .unwrap()
        .network(vnet)
        .resource_group("endpoints")
        .unwrap()
        .tags([("team".to_owned(), "it's {data} \"q\" $(x)".to_owned())]);
    let host: DnsName = "abc.westus3.privatelink.azure.clickhouse.cloud".parse().unwrap();
    Fixture {
        zone: PrivateDnsZoneId::of(subscription, "endpoints", &host).unwrap(),
        network,
        cx: Cx::new("orders".parse().unwrap(), "", world.clock()).between("database", "network"),
        known: Exchange::new(),
        service: "production-westus3-0-0.11111111-1111-1111-1111-111111111111.westus3.azure.privatelinkservice"
            .parse()
            .unwrap(),
        host,
    }
}

impl Fixture {
    fn render(&self, step: &Step, format: Format) -> Result<Option<Fragment>> {
        render(&self.network, step, &self.known, &self.cx, format)
    }

    fn script(&self, step: &Step) -> privlink_core::render::Script {
        match self.render(step, Format::Shell).unwrap() {
            Some(Fragment::Script(script)) => script,
            other => panic!("{}: {other:?}", step.verb),
        }
    }

    /// The resources and data sources of a step, or `None` where Terraform has nothing of its own.
    fn types(&self, step: &Step) -> Option<Vec<String>> {
        match self.render(step, Format::Terraform).unwrap() {
            Some(Fragment::Resources(resources)) => {
                Some(resources.blocks.iter().map(|block| block.labels[0].to_string()).collect())
            }
            _ => None,
        }
    }

    /// One step of each kind that sets up, with what it takes and what it is in Terraform.
    fn steps(&self) -> Vec<(Step, Words, Option<Words>)> {
        let keys = Keys { network: &self.network.network, instance: self.cx.instance() };
        let maker = Maker { keys, group: self.network.group.name() };
        let (slot, vnet) = (Slot::main(), self.network.network.clone());
        let endpoint = MakeEndpoint {
            service: self.service.clone(),
            location: "westus3".parse().unwrap(),
            subnet: vnet.subnet("data").unwrap(),
            security_groups: vec![
                VNET.replace("virtualNetworks/main", "applicationSecurityGroups/db").parse().unwrap(),
            ],
            address: Some("10.0.0.7".parse().unwrap()),
            request_message: None,
        };
        let record = WriteRecord {
            service: self.service.clone(),
            zone: self.zone.clone(),
            given: false,
            record: self.host.clone(),
        };
        let link = LinkZone { zone: self.zone.clone(), given: false, network: vnet };
        let user = self.cx.user(&self.known);
        vec![
            (
                maker.endpoint(&slot, &endpoint, user.as_deref()),
                &["REQUEST_MESSAGE", "ENDPOINT_TAGS", "FIXED_ADDRESSES"],
                Some(&[
                    "azurerm_private_endpoint",
                    "azurerm_private_endpoint_application_security_group_association",
                    "azapi_resource",
                ]),
            ),
            (maker.address(&slot, &self.service, None), &["ENDPOINT_ID"], Some(&[])),
            (maker.await_connected(&slot, &self.service, None, true), &["ENDPOINT_ID", "AT_MOST"], None),
            (maker.zone(&slot, &self.zone, true), &["ZONE_TAGS"], Some(&["azurerm_private_dns_zone"])),
            (
                maker.record(&slot, &record, false),
                &["RECORD_LABEL", "RECORD_METADATA", "ENDPOINT_ADDRESS"],
                Some(&["azurerm_private_dns_a_record"]),
            ),
            (
                maker.link(&slot, &link, &[], true, true),
                &["LINK_NAME", "LINK_TAGS"],
                Some(&["azurerm_private_dns_zone_virtual_network_link"]),
            ),
        ]
    }

    /// One step of each kind that takes down, with what it takes.
    fn removals(&self) -> Vec<(Step, Words)> {
        let keys = Keys { network: &self.network.network, instance: self.cx.instance() };
        let maker = Maker { keys, group: self.network.group.name() };
        let (slot, vnet) = (Slot::main(), &self.network.network);
        let id: AzurePrivateEndpointId = VNET.replace("virtualNetworks/main", "privateEndpoints/one").parse().unwrap();
        let record = RemoveRecord { zone: self.zone.clone(), record: self.host.clone() };
        let link = self.zone.link("main").unwrap();
        let user = self.cx.user(&self.known).unwrap();
        let own = mark::adopted_tag(&self.cx.mark(keys.endpoint(&self.service)));
        vec![
            (maker.remove_link(&slot, &link, vnet, &[], false), &["LINK_NAME", "LINK_KEY"]),
            (
                maker.remove_record(&slot, &record, false).expects(Expects::Value("@ A 10.0.0.7".into())),
                &["RECORD_LABEL", "RECORD_KEY", "EXPECTED"],
            ),
            (maker.remove_zone(&slot, &self.zone, false), &["ZONE", "ZONE_KEY"]),
            (maker.remove_endpoint(&slot, &self.service, &[&id]), &["ENDPOINT_IDS", "ENDPOINT_KEY", "USER_TAG"]),
            (maker.leave_endpoint(&slot, &self.service, &id, &user), &["ENDPOINT_ID", "USER_TAG"]),
            (maker.release_endpoint(&slot, &self.service, &id, &own), &["ENDPOINT_ID", "ADOPTED_TAG", "COMMON_TAGS"]),
        ]
    }
}

/// What a script is set is used by it, or by what it calls.
fn uses_all(step: &Step, script: &privlink_core::render::Script) {
    let whole = script.functions.iter().fold(script.body.to_string(), |whole, function| whole + function);
    for (name, _) in &script.values {
        let used = whole.contains(&format!("${name}")) || whole.contains(&format!("${{{name}["));
        assert!(used, "{}: {name} is set for nothing", step.verb);
    }
}

#[test]
fn every_step_that_sets_up_has_words_in_both_formats() {
    let fixture = fixture();
    for (step, variables, types) in fixture.steps() {
        let script = fixture.script(&step);
        for variable in variables {
            assert!(script.values.iter().any(|(name, _)| name == variable), "{}: {variable}", step.verb);
        }
        uses_all(&step, &script);
        let types_of = fixture.types(&step);
        assert_eq!(types_of.as_ref().map(|all| all.iter().map(String::as_str).collect::<Vec<_>>()).as_deref(), types);
    }
}

#[test]
fn every_step_that_takes_down_deletes_what_is_marked_and_stays_in_its_place() {
    let fixture = fixture();
    for (step, variables) in fixture.removals() {
        let script = fixture.script(&step);
        for variable in variables {
            assert!(script.values.iter().any(|(name, _)| name == variable), "{}: {variable}", step.verb);
        }
        uses_all(&step, &script);
        let mut elsewhere = step.clone();
        elsewhere.key = TouchKey::new("azure.zone", ["another"]);
        fixture.render(&elsewhere, Format::Shell).unwrap_err();
        assert!(matches!(fixture.render(&step, Format::RunBook).unwrap(), Some(Fragment::Guidance(_))));
        assert!(fixture.render(&step, Format::Terraform).unwrap().is_none());
    }
}

#[test]
fn tags_go_as_json_whatever_is_in_them() {
    let fixture = fixture();
    let (step, ..) = fixture.steps().swap_remove(0);
    let script = fixture.script(&step);
    let Some((_, Word::Text(tags))) = script.values.iter().find(|(name, _)| *name == "ENDPOINT_TAGS") else {
        panic!("no tags");
    };
    let tags: crate::model::Tags = serde_json::from_str(tags).unwrap();
    assert_eq!(tags["team"], "it's {data} \"q\" $(x)");
    let user = mark::user_tag(&fixture.cx.user(&fixture.known).unwrap());
    assert_eq!((tags["managed-by"].as_str(), tags[&user].as_str()), ("privlink", "true"));
}

#[test]
fn a_step_of_another_place_is_refused() {
    let fixture = fixture();
    let (step, ..) = fixture.steps().swap_remove(0);
    for spoil in [
        |step: &mut Step| step.verb = "aws.endpoint".into(),
        |step: &mut Step| step.side = SideId::new("aws"),
        |step: &mut Step| step.params = serde_json::json!({ "service": 7 }),
        |step: &mut Step| step.key = TouchKey::new("azure.endpoint", ["another"]),
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
    let id: AzurePrivateEndpointId = VNET.replace("virtualNetworks/main", "privateEndpoints/by-hand").parse().unwrap();
    let facts = EndpointFacts::new(
        EndpointIds::Azure { id, guid: None },
        EndpointState::Ready,
        Ownership::Adopted(Evidence::Tag),
    );
    fixture.known.endpoints.insert(Slot::main(), facts);
    let (step, ..) = fixture.steps().swap_remove(0);
    let script = fixture.script(&step);
    let of = |name: &str| script.values.iter().find(|(known, _)| *known == name).map(|(_, word)| word.clone());
    assert_eq!(of("ENDPOINT_NAMES"), Some(Word::List(vec!["by-hand".into()])));
    assert_eq!(of("ENDPOINT_GROUP"), Some(Word::Text("app".into())));
    assert_eq!(of("USER_TAGS"), Some(Word::List(Vec::new())));
    assert_eq!(fixture.types(&step), Some(Vec::new()));
}

#[test]
fn a_zone_of_another_subscription_is_out_of_terraforms_reach() {
    let mut fixture = fixture();
    let elsewhere = "00000000-0000-0000-0000-000000000009".parse().unwrap();
    fixture.zone = PrivateDnsZoneId::of(elsewhere, "dns", &fixture.host).unwrap();
    let types: Vec<_> = fixture.steps().into_iter().skip(4).map(|(step, ..)| fixture.types(&step)).collect();
    assert_eq!(types, [None, None]);
}

#[test]
fn bicep_deploys_what_is_not_there_and_refers_to_what_is() {
    let mut fixture = fixture();
    let blocks = |fixture: &Fixture, state: StepState| -> Vec<Option<Vec<&'static str>>> {
        let of = |step: Step| match fixture.render(&step.state(state), Format::Bicep).unwrap() {
            Some(Fragment::Resources(resources)) => Some(resources.blocks.iter().map(|block| block.kind).collect()),
            _ => None,
        };
        fixture.steps().into_iter().map(|(step, ..)| of(step)).collect()
    };
    let made = |kinds: &[&'static str]| Some(kinds.to_vec());
    assert_eq!(
        blocks(&fixture, StepState::ToDo),
        [made(&["resource", "data"]), None, None, made(&["resource"]), made(&["resource"]), made(&["resource"])]
    );
    assert_eq!(
        blocks(&fixture, StepState::AlreadyDone),
        [made(&["data", "data"]), None, None, made(&["data"]), made(&[]), made(&[])]
    );
    // A file is deployed into one resource group.
    fixture.zone = PrivateDnsZoneId::of(fixture.zone.resource().subscription(), "dns", &fixture.host).unwrap();
    assert_eq!(blocks(&fixture, StepState::ToDo)[3..], [None, None, None]);
}

#[test]
fn each_resource_group_has_a_role_of_its_own() {
    let fixture = fixture();
    let steps: Vec<Step> = fixture.steps().into_iter().map(|(step, ..)| step).collect();
    let roles = policy(&fixture.network, &steps.iter().collect::<Vec<_>>(), &fixture.cx).unwrap();
    let told: Vec<_> = roles
        .iter()
        .map(|role| {
            let text: serde_json::Value = serde_json::from_str(&role.text).unwrap();
            let writes = |action: &&serde_json::Value| !action.as_str().unwrap().ends_with("/read");
            let writes = text["Actions"].as_array().unwrap().iter().filter(writes).count();
            (&*role.name, text["AssignableScopes"][0].as_str().unwrap().rsplit('/').next().unwrap().to_owned(), writes)
        })
        .collect();
    // The network's group: to join its networks, its subnet and the group of addresses.
    assert_eq!(told, [("azure-role.json", "endpoints".to_owned(), 4), ("azure-role-2.json", "app".to_owned(), 3)]);

    let mut elsewhere = steps[0].clone();
    for nowhere in ["/subscriptions/x/resourceGroups/", "/subscriptions/", "/tenants/x", "x"] {
        elsewhere.grants[0].resource = nowhere.into();
        policy(&fixture.network, &[&elsewhere], &fixture.cx).unwrap_err();
    }
}
