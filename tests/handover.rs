//! Plans as files: what is rendered for each pair is reviewed text in `tests/handover/`, and never asks anybody.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "common/reviewed.rs"]
mod reviewed;

use std::collections::BTreeSet;
use std::time::Duration;

use privlink::core::EndpointServiceId;
use privlink::{CloudProvider, ErrorKind, Files, Format, Link, PrivateEndpointId, aws, azure, clickhouse, gcp};
use privlink_sim::World;
use reviewed::is_as_reviewed;

const FORMATS: [(Format, &str); 7] = [
    (Format::Shell, "shell"),
    (Format::Terraform, "terraform"),
    (Format::CloudFormation, "cloudformation"),
    (Format::Bicep, "bicep"),
    (Format::Policy, "policy"),
    (Format::Mermaid, "mermaid"),
    (Format::Svg, "svg"),
];

/// Makes a link of a pair.
type Make = fn(&World) -> Link;

/// The pairs whose files are in the tree, and the formats that are another cloud's.
const PAIRS: [(&str, Make, &[Format]); 3] = [
    ("clickhouse-aws", clickhouse_aws, &[Format::Bicep]),
    ("clickhouse-azure", clickhouse_azure, &[Format::CloudFormation]),
    ("clickhouse-gcp", clickhouse_gcp, &[Format::CloudFormation, Format::Bicep]),
];

/// The first service of the simulated vendor in a cloud.
fn service(world: &World, cloud: CloudProvider) -> clickhouse::Service {
    let vendor = world.clickhouse();
    clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()
        .unwrap()
        .service(vendor.services_in(cloud)[0].into())
}

fn clickhouse_azure(world: &World) -> Link {
    let cloud = world.azure();
    let network = azure::Client::over(world.transport(), cloud.subscription())
        .token(cloud.token())
        .clock(world.clock())
        .build()
        .unwrap()
        .network(cloud.vnet_id().try_into().unwrap())
        .subnet(cloud.subnet_id().try_into().unwrap());
    let database = service(world, CloudProvider::Azure);
    Link::builder("orders-prod".parse().unwrap(), database, network).clock(world.clock()).build().unwrap()
}

fn clickhouse_gcp(world: &World) -> Link {
    let cloud = world.gcp();
    let (network, subnetwork): (gcp::NetworkPath, gcp::SubnetworkPath) =
        (cloud.network().parse().unwrap(), cloud.subnetwork().parse().unwrap());
    let network = gcp::Client::over(world.transport(), cloud.project())
        .token(cloud.token())
        .clock(world.clock())
        .build()
        .unwrap()
        .network(network.name())
        .region(subnetwork.region())
        .subnetwork(subnetwork.name());
    let database = service(world, CloudProvider::Gcp);
    Link::builder("orders-prod".parse().unwrap(), database, network).clock(world.clock()).build().unwrap()
}

fn clickhouse_aws(world: &World) -> Link {
    let cloud = world.aws();
    clickhouse_aws_by(world, aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
}

/// The same with another key of the account.
fn clickhouse_aws_by(world: &World, credentials: aws::Credentials) -> Link {
    let database = service(world, CloudProvider::Aws);
    let cloud = world.aws();
    let network = aws::Client::over(world.transport(), cloud.region())
        .credentials(credentials)
        .clock(world.clock())
        .build()
        .unwrap()
        .vpc(cloud.vpc_id())
        .subnets(cloud.subnet_ids());
    Link::builder("orders-prod".parse().unwrap(), database, network)
        .clock(world.clock())
        .vantage(world.vantage(&cloud.subnet_ids()[0]))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_is_rendered_is_what_was_reviewed() {
    for (pair, link, others) in PAIRS {
        let world = World::new();
        let link = link(&world);
        let plan = link.plan().await.unwrap();
        let asked = world.requests().len();
        for (format, name) in FORMATS {
            match link.render(&plan, format) {
                Ok(files) => is_as_reviewed(pair, name, &files),
                Err(refused) => assert_eq!(
                    (refused.kind(), others.contains(&format)),
                    (ErrorKind::Unsupported, true),
                    "{pair} as {format}: {refused}"
                ),
            }
        }
        assert_eq!(world.requests().len(), asked, "rendering asks nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_found_again_and_taken_in() {
    let world = World::new();
    let link = clickhouse_aws(&world);
    let before = link.render(&link.plan().await.unwrap(), Format::Shell).unwrap();
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    let plan = link.plan().await.unwrap();
    let names = |files: &Files| files.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&link.render(&plan, Format::Shell).unwrap()), names(&before), "the same people do the same parts");
    let files = link.render(&plan, Format::Terraform).unwrap();
    let main = files.get("main.tf").unwrap();
    let endpoint = &world.aws().endpoints()[0];
    assert!(main.contains(&format!("  id = \"{}\"", endpoint.id)), "{main}");
    assert!(main.contains("terraform import aws_security_group.endpoint ID"), "{main}");
}

#[tokio::test(start_paused = true)]
async fn a_template_waits_for_nobody_when_all_others_are_done() {
    let world = World::new();
    let link = clickhouse_azure(&world);
    let head = |files: Files| files.get("link.bicep").unwrap().lines().take(8).collect::<Vec<_>>().join("\n");
    let first = head(link.render(&link.plan().await.unwrap(), Format::Bicep).unwrap());
    assert!(first.contains("// Once that is done, deploy it again with admitted=true:"), "{first}");
    let applied = link.apply(&link.plan().await.unwrap()).await.unwrap();
    let host = applied.names()[0].host.clone();
    let zone = world.azure().id_of("privateDnsZones", host.as_str());
    world.azure().delete_record(&zone, &host);
    let last = head(link.render(&link.plan().await.unwrap(), Format::Bicep).unwrap());
    assert!(last.contains("// All else is done; deploy it with admitted=true:"), "{last}");
    assert!(!last.contains("Elsewhere"), "{last}");
}

/// A stack cannot take in what is there: its template holds what is missing, and refers to the rest.
#[tokio::test(start_paused = true)]
async fn a_template_makes_nothing_that_is_there() {
    let world = World::new();
    let link = clickhouse_aws(&world);
    let applied = link.apply(&link.plan().await.unwrap()).await.unwrap();
    let refused = link.render(&link.plan().await.unwrap(), Format::CloudFormation).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused}");
    assert!(refused.to_string().contains("is there already"), "{refused}");
    let zones = world.snapshot();
    let zone = zones["aws"]["hosted_zones"].as_object().unwrap().keys().next().unwrap().parse().unwrap();
    world.aws().delete_record(&zone, &applied.names()[0].host, "A");
    let files = link.render(&link.plan().await.unwrap(), Format::CloudFormation).unwrap();
    let template: serde_json::Value = serde_json::from_str(files.get("link.json").unwrap()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    assert!(resources.values().all(|one| one["Type"] == "AWS::Route53::RecordSet"), "{template:#}");
    let record = resources.values().next().unwrap();
    let leads_to = record["Properties"]["AliasTarget"]["DNSName"].as_str().unwrap();
    assert!(leads_to.starts_with(world.aws().endpoints()[0].id.as_str()), "{template:#}");
    let told = template["Metadata"]["Deploy"].as_str().unwrap();
    assert!(told.starts_with("All else is done; deploy it with Admitted=true"), "{told}");
}

/// What a link of the same network and database that is there already comes out as in Terraform.
#[tokio::test(start_paused = true)]
async fn nothing_that_is_there_is_made_anew_for_its_marks() {
    for (link, resource, id, ignored) in [
        (
            clickhouse_gcp as Make,
            "google_compute_forwarding_rule.endpoint",
            "projects/example-project/regions/us-central1/forwardingRules/privlink-",
            "ignore_changes = [description]",
        ),
        (clickhouse_aws, "aws_vpc_endpoint.endpoint", "vpce-", "ignore_changes = [tags]"),
        (
            clickhouse_azure,
            "azurerm_private_endpoint.endpoint",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/example/providers/Microsoft.Network/\
             privateEndpoints/privlink-",
            "ignore_changes = [tags]",
        ),
    ] {
        let world = World::new();
        let link = link(&world);
        link.apply(&link.plan().await.unwrap()).await.unwrap();
        let files = link.render(&link.plan().await.unwrap(), Format::Terraform).unwrap();
        let main = files.get("main.tf").unwrap();
        assert!(main.contains(&format!("to = {resource}\n  id = \"{id}")), "{main}");
        assert!(main.contains(ignored), "{main}");
    }
}

/// An endpoint that was there before is nobody's to import, to mark or to destroy.
#[tokio::test(start_paused = true)]
async fn an_endpoint_that_was_taken_in_stays_whose_it_was() {
    let world = World::new();
    let (cloud, vendor) = (world.aws(), world.clickhouse());
    let EndpointServiceId::Aws(service) = vendor.endpoint_service(vendor.services_in(CloudProvider::Aws)[0]).unwrap()
    else {
        panic!("the service is not on AWS")
    };
    let group = cloud.add_group(&cloud.vpc_id(), "made elsewhere");
    cloud.open_ports(&group, 1..=65_535, "10.0.0.0/16".parse().unwrap());
    let endpoint = cloud.make_endpoint(&service, &cloud.subnet_ids()[..1], &[group]);
    world.clock().sleep(Duration::from_secs(600)).await;
    let link = clickhouse_aws(&world);
    link.adopt(endpoint.clone()).await.unwrap();
    let plan = link.plan().await.unwrap();
    let terraform = link.render(&plan, Format::Terraform).unwrap();
    let main = terraform.get("main.tf").unwrap();
    assert!(!main.contains("aws_vpc_endpoint") && !main.contains("aws_security_group"), "{main}");
    assert!(main.contains(&format!(" = \"{endpoint}-")), "the record leads to it: {main}");
    let template = link.render(&plan, Format::CloudFormation).unwrap();
    let template = template.get("link.json").unwrap();
    assert!(!template.contains("AWS::EC2::"), "{template}");
    assert!(template.contains(&format!("\"DNSName\": \"{endpoint}-")), "{template}");
    assert!(template.contains("\"Once the rest is done elsewhere, deploy it with Admitted=true"), "{template}");
}

/// What the scripts of a plan ask the AWS command line to do is what the plan's policy allows.
#[tokio::test(start_paused = true)]
async fn a_script_calls_nothing_that_no_policy_grants() {
    let world = World::new();
    let link = clickhouse_aws(&world);
    let plan = link.plan().await.unwrap();
    let policy = link.render(&plan, Format::Policy).unwrap();
    let granted: BTreeSet<String> =
        actions(policy.get("aws-policy.json").unwrap()).iter().map(|action| action.to_ascii_lowercase()).collect();
    let scripts = link.render(&plan, Format::Shell).unwrap();
    let mut called = BTreeSet::new();
    for (_, text) in scripts.iter() {
        for call in text.split("cloud ").skip(1) {
            let mut words = call.split_whitespace();
            match (words.next(), words.next()) {
                (Some(service @ ("ec2" | "route53")), Some("wait")) => {
                    assert_eq!((service, words.next()), ("ec2", Some("security-group-exists")));
                    called.insert("ec2:describesecuritygroups".to_owned());
                }
                (Some(service @ ("ec2" | "route53")), Some(call)) => {
                    called.insert(format!("{service}:{}", call.replace('-', "")));
                }
                _ => {}
            }
        }
    }
    assert!(called.contains("ec2:createvpcendpoint"), "{called:?}");
    let denied: Vec<&String> = called.difference(&granted).collect();
    assert!(denied.is_empty(), "{denied:?}");
}

#[tokio::test(start_paused = true)]
async fn only_plans_of_this_link_that_can_set_it_up_are_rendered() {
    let (world, elsewhere) = (World::new(), World::new());
    let link = clickhouse_aws(&world);
    let plan = link.plan().await.unwrap();

    let removal = link.removal_plan().await.unwrap();
    assert_eq!(link.render(&removal, Format::Policy).unwrap_err().kind(), ErrorKind::Unsupported);

    let service = elsewhere.clickhouse().add_service(privlink_sim::ServiceSpec::new(
        "other",
        privlink::CloudProvider::Aws,
        "us-east-1".parse().unwrap(),
    ));
    let other = {
        let vendor = elsewhere.clickhouse();
        let database = clickhouse::Client::over(elsewhere.transport())
            .api_key(vendor.key_id(), vendor.key_secret())
            .clock(elsewhere.clock())
            .build()
            .unwrap()
            .service(service.into());
        let cloud = elsewhere.aws();
        let network = aws::Client::over(elsewhere.transport(), cloud.region())
            .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
            .clock(elsewhere.clock())
            .build()
            .unwrap()
            .vpc(cloud.vpc_id());
        Link::builder("orders-prod".parse().unwrap(), database, network).clock(elsewhere.clock()).build().unwrap()
    };
    assert_eq!(other.render(&plan, Format::Shell).unwrap_err().kind(), ErrorKind::InvalidInput);

    world.aws().set_dns(&world.aws().vpc_id(), false, false);
    let blocked = link.plan().await.unwrap();
    assert!(blocked.blockers().next().is_some());
    let refused = link.render(&blocked, Format::Terraform).unwrap_err();
    assert!(refused.to_string().contains("AWS-"), "{refused}");
}

/// The actions of an AWS policy.
fn actions(policy: &str) -> BTreeSet<String> {
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
    let statements = policy["Statement"].as_array().unwrap();
    statements
        .iter()
        .flat_map(|one| one["Action"].as_array().unwrap())
        .map(|one| one.as_str().unwrap().into())
        .collect()
}

/// Whether a key of these actions alone can set the link up in a fresh world.
async fn is_enough(allowed: &BTreeSet<String>) -> bool {
    let world = World::new();
    let cloud = world.aws();
    let allowed: Vec<&str> = allowed.iter().map(String::as_str).collect();
    let key = cloud.add_key(&cloud.account(), "restricted", Some(&allowed));
    let link = clickhouse_aws_by(&world, aws::Credentials::new(key.id, key.secret));
    match link.plan().await {
        Ok(plan) => link.apply(&plan).await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test(start_paused = true)]
async fn the_policy_is_enough_and_no_more() {
    let world = World::new();
    let link = clickhouse_aws(&world);
    let files = link.render(&link.plan().await.unwrap(), Format::Policy).unwrap();
    let all = actions(files.get("aws-policy.json").unwrap());
    assert!(is_enough(&all).await, "{all:?}");
    let mut idle = Vec::new();
    for action in &all {
        let mut without = all.clone();
        without.remove(action);
        if is_enough(&without).await {
            idle.push(action);
        }
    }
    assert!(idle.is_empty(), "not needed: {idle:?}");
}

#[tokio::test(start_paused = true)]
async fn a_diagnosis_marks_what_is_broken_in_the_picture() {
    let world = World::new();
    let link = clickhouse_aws(&world);
    link.apply(&link.plan().await.unwrap()).await.unwrap();
    let whole = link.plan().await.unwrap();
    for format in [Format::Mermaid, Format::Svg] {
        let files = link.render(&whole, format).unwrap();
        let (_, text) = files.iter().next().unwrap();
        assert!(!text.contains(": broken") && !text.contains(", broken") && !text.contains("to do"), "{text}");
    }

    let endpoint = PrivateEndpointId::from(world.aws().endpoints()[0].id.clone());
    world.clickhouse().detach(world.clickhouse().service_id(), &endpoint);
    let (plan, diagnosis) = (link.plan().await.unwrap(), link.diagnose().await.unwrap());
    let mermaid = link.picture(&plan, &diagnosis, Format::Mermaid).unwrap();
    let (_, mermaid) = mermaid.iter().next().unwrap();
    assert!(mermaid.contains("service --x|\"served, broken\"| database\n  linkStyle 5 "), "{mermaid}");
    let svg = link.picture(&plan, &diagnosis, Format::Svg).unwrap();
    let (_, svg) = svg.iter().next().unwrap();
    assert_eq!((svg.matches("edge broken").count(), svg.matches("served: broken").count()), (1, 1), "{svg}");
    is_as_reviewed("clickhouse-aws", "diagnosis", &link.picture(&plan, &diagnosis, Format::Svg).unwrap());
    let refused = link.picture(&plan, &diagnosis, Format::Shell).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unsupported);
}
