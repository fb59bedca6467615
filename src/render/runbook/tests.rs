#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::time::SystemTime;

use privlink_core::render::{CostBasis, Datum, Environment};
use privlink_core::side::{Fact, StepKind, TouchKey, Undo};

use super::*;

#[derive(serde::Serialize, serde::Deserialize)]
struct Dig;

impl StepKind for Dig {
    const VERB: &'static str = "garden.dig";
}

fn step(name: &str) -> Step {
    Step::new(SideId::new("garden"), TouchKey::new("garden.bed", [name]), &Dig, name.to_owned())
}

fn plan(direction: Direction, steps: &[&Step]) -> Plan {
    let mut plan = Plan::new(direction, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH);
    plan.steps = steps.iter().map(|step| (*step).clone()).collect();
    plan
}

fn book(plan: &Plan, guided: &[Rendered<'_>], scripts: &[Rendered<'_>], costs: &[Cost]) -> String {
    let files = files(plan, ("pear", "garden"), guided, scripts, &SideId::new("garden"), costs).unwrap();
    files.get("run-book.md").unwrap().to_owned()
}

#[test]
fn a_step_says_everything() {
    let dig = step("dig | `deep`")
        .why("roots")
        .gives([Fact::Endpoint])
        .takes(Duration::from_secs(300), Duration::from_secs(900));
    let water = step("water").needs([Fact::Endpoint]).turn(Turn::Vendor).undo(Undo::Final).effects([Effect::Costs]);
    let plan = plan(Direction::Setup, &[&dig, &water]);
    let guidance = Guidance::new()
        .console(Dated::new("Beds, New", "https://garden.example.com", "2026-11"))
        .takes(Dated::new("a while", "the gardener", "2026-10"))
        .back("fill it up");
    let guided = [(&dig, Some(Fragment::Guidance(guidance))), (&water, None)];
    let spade = Script::new("spade ``` <<<x\nID=1\n")
        .programs(["spade"])
        .function("spade() { :; }\n")
        .environment(Environment::required("KEY", "the key of the shed"))
        .gives(Datum::EndpointId, "ID");
    let can = Script::new("can \"$ID\"\n").takes("ID", &privlink_core::side::Slot::main(), Datum::EndpointId);
    let scripts = [(&dig, Some(Fragment::Script(spade))), (&water, Some(Fragment::Script(can)))];
    let book = book(&plan, &guided, &scripts, &[]);
    for told in [
        "| 1 | dig \\| \\`deep\\` | the platform team: whoever may change the network in garden | nothing | 5 min |",
        "### Step 1: dig \\| \\`deep\\`\n",
        "- **Why:** roots\n",
        "- **Takes:** a while (the gardener, read 2026-10); counted with here: about 5 min, stuck after 15 min\n",
        "- **Console:** Beds, New (<https://garden.example.com>, read 2026-11)\n",
        "- **Way back:** fill it up\n",
        "- `KEY`: the key of the shed.\n",
        "- Programs: `bash`, `spade`.\n",
        "\nspade() { :; }\n",
        "````bash\n[ -n \"${KEY:-}\" ] || die 'set KEY to the key of the shed'\nspade ``` <<<x\nID=1\nENDPOINT_ID=$ID\nremember",
        "- **Who:** the platform team: whoever may change the network in garden, then the vendor\n",
        "- **Waits for:** step 1\n",
        "- **Mind:** costs while it exists\n",
        "- **Way back:** taken away, it never comes back under the same id\n",
        "[ -n \"${ENDPOINT_ID:-}\" ] || die \"run step 1 first, or set ENDPOINT_ID to the endpoint's id\"\nID=$ENDPOINT_ID\ncan",
    ] {
        assert!(book.contains(told), "{told}\nin\n{book}");
    }
}

#[test]
fn what_only_a_person_can_do_is_told_as_such() {
    let ask = step("ask").state(StepState::Manual).turn(Turn::You);
    let done = step("done").state(StepState::AlreadyDone);
    let plan = plan(Direction::Setup, &[&ask, &done]);
    let none = [(&ask, None), (&done, None)];
    let book = book(&plan, &none, &none, &[]);
    assert!(book.contains("- **Who:** you, by hand\n") && book.contains("There is no command for it"), "{book}");
    assert!(book.contains("Nothing is left to do.\n") && !book.contains("## Before the first step"), "{book}");
}

#[test]
fn only_what_comes_right_before_is_waited_for() {
    let (dig, sow) = (step("dig").gives([Fact::Service]), step("sow").needs([Fact::Service]).gives([Fact::Endpoint]));
    let water = step("water").needs([Fact::Service, Fact::Endpoint]);
    let plan = plan(Direction::Setup, &[&dig, &sow, &water]);
    let none = [(&dig, None), (&sow, None), (&water, None)];
    let book = book(&plan, &none, &none, &[]);
    assert_eq!(book.matches("- **Waits for:** step 2\n").count(), 1, "{book}");
    assert_eq!(book.matches("- **Waits for:** step 1\n").count(), 1, "{book}");
}

#[test]
fn a_cost_has_its_page_and_no_sum() {
    let plan = plan(Direction::Setup, &[]);
    let page = "https://garden.example.com/prices";
    let cost =
        Cost::new("The shed", CostBasis::EndpointHour, Dated::new("each hour of a bed", page, "2026-11")).times(3);
    let book = book(&plan, &[], &[], &[cost]);
    let row = "| The shed | endpoint-hours | 3 | each hour of a bed | see the page | <https://garden.example.com/prices>, 2026-11 |\n";
    assert!(book.ends_with(row), "{book}");
}

#[test]
fn a_first_part_says_that_it_is_one() {
    let mut plan = plan(Direction::Setup, &[]);
    plan.later = Some("the host's\nrecord".into());
    let book = book(&plan, &[], &[], &[]);
    assert!(
        book.contains("This is the first part; plan and render again for the rest: the host's record.\n"),
        "{book}"
    );
}
