//! Nothing from outside is more than text in what plans are rendered as: the texts of a plan, and the names and tags
//! of its sides, are replaced by such as shells, templates and readers are taken in by, and every file has to be built
//! as it is with plain words.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[path = "../common/mod.rs"]
mod common;
mod shape;
mod texts;

use std::collections::BTreeMap;

use common::pair::{Pair, for_every_pair, others};
use privlink::core::Finding;
use privlink::core::Severity;
use privlink::core::side::{Kept, TouchKey};
use privlink::{CloudProvider, Format, Link, Plan, aiven, aws, azure};
use privlink_sim::{AivenServiceSpec, World};
use serde_json::Value;

use self::texts::{HOSTILE, chosen, hostile, plain, replaced, texts};

for_every_pair!(whatever_a_plan_holds_the_files_are_built_the_same);

async fn whatever_a_plan_holds_the_files_are_built_the_same(pair: &Pair) {
    let world = pair.world();
    let link = pair.link(&world);
    for _ in 0..4 {
        let plan = link.plan().await.unwrap();
        is_built_the_same(&link, plan.clone());
        link.apply(&plan).await.unwrap();
        if plan.later.is_none() {
            break;
        }
    }
    is_built_the_same(&link, link.plan().await.unwrap());
    is_built_the_same(&link, link.removal_plan().await.unwrap());
}

/// The shapes of all files of a plan, by format and name; nothing where the plan is refused.
fn shapes(link: &Link, plan: &Plan) -> BTreeMap<(Format, String), String> {
    let files = Format::ALL.iter().filter_map(|format| Some((*format, link.render(plan, *format).ok()?)));
    files
        .flat_map(|(format, files)| {
            let shape = |(name, text): (&str, &str)| ((format, name.to_owned()), shape::of(name, text));
            files.iter().map(shape).collect::<Vec<_>>()
        })
        .collect()
}

fn is_built_the_same(link: &Link, mut plan: Plan) {
    // What a plan may hold, and these hold none of.
    plan.findings.push(Finding::new("LINK-000", Severity::Info, "a summary", "a next step"));
    plan.kept.push(Kept::new(TouchKey::new("a.kept", ["thing"]), "a reason").what("a kept thing"));
    plan.later.get_or_insert_with(|| "a later part".into());
    let told: Vec<String> =
        plan.steps.iter().flat_map(|step| [&step.what, &step.why]).map(ToString::to_string).collect();
    let plan = serde_json::to_value(&plan).unwrap();
    let read = |plan: Value| serde_json::from_value::<Plan>(plan).ok();
    // Most of a plan is ids and words that are checked; what is left takes any text.
    let fits = |chosen: &BTreeMap<String, String>| {
        let plan = read(replaced(&plan, chosen));
        plan.is_some_and(|plan| link.render(&plan, Format::Shell).is_ok())
    };
    let chosen = chosen(&texts(&plan), &fits);
    for text in told.iter().filter(|text| !text.is_empty()) {
        assert!(chosen.contains(text), "{text} takes no other text");
    }
    let by = |text: &dyn Fn(usize) -> String| -> BTreeMap<String, String> {
        chosen.iter().enumerate().map(|(n, known)| (known.clone(), text(n))).collect()
    };
    let plainly = shapes(link, &read(replaced(&plan, &by(&plain))).unwrap());
    // Of so many texts each hostile one is put in the place of several, whatever comes first.
    for shift in (0..HOSTILE.len()).step_by(3) {
        let chosen = by(&|n| hostile(n, shift));
        is_the_same(&shapes(link, &read(replaced(&plan, &chosen)).unwrap()), &plainly, &chosen);
    }
}

fn is_the_same(
    hostile: &BTreeMap<(Format, String), String>,
    plain: &BTreeMap<(Format, String), String>,
    chosen: &impl std::fmt::Debug,
) {
    assert!(hostile.len() > 2, "{hostile:?}");
    assert_eq!(hostile.keys().collect::<Vec<_>>(), plain.keys().collect::<Vec<_>>(), "the files with {chosen:#?}");
    for (file, shape) in hostile {
        let differs = shape.lines().zip(plain[file].lines()).find(|(one, other)| one != other);
        assert_eq!(differs, None, "{file:?} with {chosen:#?}\n{shape}\nwhere plain words give\n{}", plain[file]);
        assert_eq!(shape.lines().count(), plain[file].lines().count(), "{file:?} with {chosen:#?}");
    }
}

/// The caller's own tags on what is made in AWS.
#[tokio::test(start_paused = true)]
async fn tags_in_aws_are_text() {
    for text in HOSTILE {
        let shapes = async |key: &str, value: &str| {
            let world = World::new();
            let tags = [aws::Tag::new(key, value), aws::Tag::new("Name", value)];
            let link =
                common::builder_of(&world, "orders-prod", 0, common::network(&world).tags(tags)).build().unwrap();
            shapes(&link, &link.plan().await.unwrap())
        };
        is_the_same(&shapes(text, text).await, &shapes("key", "value").await, &text);
    }
}

/// What is looked up or matched in AWS is text in a tag.
#[tokio::test(start_paused = true)]
async fn tags_in_aws_stand_for_themselves() {
    let world = World::new();
    let link = |key: &str, value: &str| {
        let network = common::network(&world).tags([aws::Tag::new(key, value)]);
        common::builder_of(&world, "orders-prod", 0, network).build().unwrap()
    };
    let odd = link("a*${aws:username}?", "{{resolve:secretsmanager:prod}}");
    let plan = odd.plan().await.unwrap();
    let files = odd.render(&plan, Format::Policy).unwrap();
    let policy = files.get("aws-policy.json").unwrap();
    assert!(policy.contains("\"a${*}${$}{aws:username}${?}\""), "{policy}");
    assert!(!policy.contains("${aws:"), "{policy}");

    let refused = odd.render(&plan, Format::CloudFormation).unwrap_err();
    assert!(refused.to_string().contains("take `{{resolve:` out of it"), "{refused}");
    assert!(link("resolve", "{resolve:x}").render(&plan, Format::CloudFormation).is_ok());
}

/// The same in Azure.
#[tokio::test(start_paused = true)]
async fn tags_in_azure_are_text() {
    for text in HOSTILE {
        let shapes = async |key: &str, value: &str| {
            let world = World::new();
            let cloud = world.azure();
            let client = azure::Client::over(world.transport(), cloud.subscription()).token(cloud.token());
            let network = client.clock(world.clock()).build().unwrap().network(cloud.vnet_id().try_into().unwrap());
            let network = network.subnet(cloud.subnet_id().try_into().unwrap()).tags([(key.into(), value.into())]);
            let service =
                common::vendor(&world).service(world.clickhouse().services_in(CloudProvider::Azure)[0].into());
            let link = Link::builder("orders-prod".parse().unwrap(), service, network).clock(world.clock());
            let link = link.build().unwrap();
            shapes(&link, &link.plan().await.unwrap())
        };
        is_the_same(&shapes(text, text).await, &shapes("key", "value").await, &text);
    }
}

/// Aiven's names are its customers'.
#[tokio::test(start_paused = true)]
async fn names_at_aiven_are_text() {
    let mut seen = 0;
    for text in HOSTILE {
        let Ok(name) = text.parse::<aiven::ServiceName>() else { continue };
        seen += 1;
        let pair = others::AIVEN_AWS;
        let world = pair.world();
        let network = || common::network(&world);
        let link = |project: &aiven::ProjectName, name: aiven::ServiceName| {
            let client = aiven::Client::over(world.transport()).clock(world.clock()).token(world.aiven().token());
            let service = client.build().unwrap().project(project.clone()).service(name);
            Link::builder("orders-prod".parse().unwrap(), service, network()).clock(world.clock()).build().unwrap()
        };
        let of_project: aiven::ProjectName = world.aiven().project().parse().unwrap();
        let region = world.aws().region();
        world.aiven().add_service(AivenServiceSpec::new(text, "pg", CloudProvider::Aws, region.clone()));
        world.aiven().add_service(AivenServiceSpec::new("plain", "pg", CloudProvider::Aws, region));
        let (odd, even) = (link(&of_project, name), link(&of_project, "plain".parse().unwrap()));
        for part in 0..2 {
            let (odd_plan, even_plan) = (odd.plan().await.unwrap(), even.plan().await.unwrap());
            is_the_same(&shapes(&odd, &odd_plan), &shapes(&even, &even_plan), &text);
            // Of its hosts' names no service called so has any.
            if part == 0 {
                odd.apply(&odd_plan).await.unwrap();
                even.apply(&even_plan).await.unwrap();
            }
        }
    }
    assert!(seen > 10, "{seen}");
}
