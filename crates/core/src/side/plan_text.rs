//! A plan as a person wants to read it.

use std::fmt;
use std::time::Duration;

use super::{Direction, Effect, Plan, Step, StepState};
use crate::{Finding, Turn};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (goal, nothing, to) = match self.direction {
            Direction::Setup => ("set up", "nothing", "set up"),
            Direction::Removal => ("take down", "nothing", "take down"),
            Direction::Closing => ("close public access", "no public access", "close"),
            Direction::Reopening => ("reopen public access", "no public access", "reopen"),
        };
        let pending = self.pending().count();
        write!(f, "{}: ", self.link)?;
        if self.blockers().next().is_some() {
            f.write_str("blocked: ")?;
        }
        match (pending, self.steps.len()) {
            (0, 0) => write!(f, "{nothing} to {to}")?,
            (0, all) => write!(f, "{nothing} left to {to}, {} done", count(all, "step"))?,
            (left, all) if left == all => write!(f, "{goal} in {}", count(all, "step"))?,
            (left, all) => write!(f, "{goal}, {left} of {} left", count(all, "step"))?,
        }
        let digits = self.steps.len().to_string().len();
        let mut before = None;
        for (number, step) in self.steps.iter().enumerate() {
            // A place is long, and the steps of one side mostly share it: it is told when it changes.
            let here = Some((&step.side, &step.place));
            write!(f, "\n  {:>digits$}. ", number + 1)?;
            write_step(f, step, before != here, 4 + digits)?;
            before = here;
        }
        let mut findings: Vec<&Finding> = self.findings.iter().collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        for finding in findings {
            write!(f, "\n  {}", finding.to_string().replace('\n', "\n  "))?;
        }
        for kept in &self.kept {
            let what = if kept.what.is_empty() { kept.key.as_str() } else { &kept.what };
            write!(f, "\n  stays: {what} ({})", kept.reason)?;
        }
        if let Some(later) = &self.later {
            write!(f, "\n  then plan again: {later}")?;
        }
        Ok(())
    }
}

fn write_step(f: &mut fmt::Formatter<'_>, step: &Step, tell_place: bool, indent: usize) -> fmt::Result {
    write!(f, "[{}] {}: {}", step.state, step.side, step.what)?;
    if tell_place && !step.place.is_empty() {
        write!(f, " in {}", step.place)?;
    }
    if step.state == StepState::AlreadyDone {
        return Ok(());
    }
    let mut facts = vec![format!("about {}", short(step.usual))];
    match step.turn {
        Turn::Nobody => {}
        Turn::You => facts.push("waits for you".into()),
        turn => facts.push(format!("waits for the {turn}")),
    }
    facts.extend(step.undo.words().map(ToOwned::to_owned));
    let worth_telling = step.effects.iter().filter(|effect| **effect != Effect::Refreshes);
    facts.extend(worth_telling.map(ToString::to_string));
    write!(f, " ({})", facts.join("; "))?;
    if !step.why.is_empty() {
        write!(f, "\n{:indent$}{}", "", step.why)?;
    }
    Ok(())
}

/// A duration as a person says it: `5 s`, `3 min`.
fn short(duration: Duration) -> String {
    match duration.as_secs() {
        0 => "1 s".to_owned(),
        secs if secs < 120 => format!("{secs} s"),
        secs => format!("{} min", secs.div_ceil(60)),
    }
}

fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::Severity;
    use crate::side::{SideId, StepKind, TouchKey, Undo};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Dig {
        depth: u32,
    }

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn step(state: StepState) -> Step {
        Step::new(SideId::new("garden"), TouchKey::new("hole", ["a", "b"]), &Dig { depth: 3 }, "dig a hole")
            .place("the garden")
            .why("the tree needs it")
            .effects([Effect::Costs])
            .takes(Duration::from_secs(180), Duration::from_secs(600))
            .state(state)
    }

    fn plan(steps: Vec<Step>) -> Plan {
        let mut plan = Plan::new(Direction::Setup, "orders-prod".parse().unwrap(), SystemTime::UNIX_EPOCH);
        plan.steps = steps;
        plan
    }

    #[test]
    fn a_plan_reads_like_a_list() {
        let mut plan = plan(vec![step(StepState::AlreadyDone), step(StepState::ToDo)]);
        plan.findings.push(Finding::new("X-001", Severity::Warning, "it rains", "wait").evidence("clouds"));
        assert_eq!(
            plan.to_string(),
            "orders-prod: set up, 1 of 2 steps left\n\
             \x20 1. [done already] garden: dig a hole in the garden\n\
             \x20 2. [to do] garden: dig a hole (about 3 min; costs while it exists)\n\
             \x20    the tree needs it\n\
             \x20 warning X-001: it rains\n\
             \x20     seen: clouds\n\
             \x20     next: wait"
        );
    }

    #[test]
    fn what_blocks_comes_first_and_notes_come_last() {
        let mut plan = plan(Vec::new());
        for (code, severity) in [
            ("X-001", Severity::Info),
            ("X-002", Severity::Blocks),
            ("X-003", Severity::Warning),
            ("X-004", Severity::Blocks),
        ] {
            plan.findings.push(Finding::new(code, severity, "it rains", ""));
        }
        let text = plan.to_string();
        assert!(text.starts_with("orders-prod: blocked: nothing to set up\n"), "{text}");
        let told: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            told,
            [
                "  blocked X-002: it rains",
                "  blocked X-004: it rains",
                "  warning X-003: it rains",
                "  note X-001: it rains"
            ]
        );
    }

    #[test]
    fn an_empty_plan_says_so() {
        assert_eq!(plan(Vec::new()).to_string(), "orders-prod: nothing to set up");
    }

    #[test]
    fn a_place_is_told_again_when_the_side_or_the_place_changes() {
        let mut steps = vec![step(StepState::AlreadyDone); 4];
        steps[2].side = SideId::new("forest");
        steps[3].place = "the clearing".into();
        let text = plan(steps).to_string();
        assert_eq!(text.matches("in the garden").count(), 2, "{text}");
        assert!(text.ends_with("garden: dig a hole in the clearing"), "{text}");
        assert!(text.starts_with("orders-prod: nothing left to set up, 4 steps done\n"), "{text}");
    }

    #[test]
    fn a_plan_says_whom_a_step_waits_for_and_what_never_comes_back() {
        let mut waiting = step(StepState::ToDo);
        waiting.turn = Turn::Vendor;
        waiting.undo = Undo::Final;
        let text = plan(vec![waiting.clone()]).to_string();
        assert!(text.contains("; waits for the vendor; taken away, it never comes back under the same id;"), "{text}");
        waiting.turn = Turn::You;
        assert!(plan(vec![waiting]).to_string().contains("; waits for you;"));
    }

    #[test]
    fn a_plan_of_public_access_says_what_it_is_for() {
        let mut closing = plan(vec![step(StepState::ToDo)]);
        closing.direction = Direction::Closing;
        assert!(closing.to_string().starts_with("orders-prod: close public access in 1 step\n"), "{closing}");
        closing.steps.clear();
        assert_eq!(closing.to_string(), "orders-prod: no public access to close");
        closing.direction = Direction::Reopening;
        assert_eq!(closing.to_string(), "orders-prod: no public access to reopen");
    }

    #[test]
    fn what_stays_is_told_in_words() {
        let mut plan = plan(Vec::new());
        plan.kept.push(crate::side::Kept::new(TouchKey::new("garden.old_tree", ["a", "oak", ""]), "birds live in it"));
        assert!(plan.to_string().ends_with("\n  stays: garden old tree oak (birds live in it)"), "{plan}");
    }

    #[test]
    fn a_plan_survives_json() {
        let before = plan(vec![step(StepState::ToDo)]);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), before);
        assert_eq!(before.steps[0].kind::<Dig>().unwrap().depth, 3);
    }
}
