//! The chapter for those who write a side names every fact and every field of the exchange.

const CHAPTER: &str = include_str!("../src/side/chapter.md");

#[test]
fn every_fact_has_a_row() {
    let facts = words_after(include_str!("../src/side/fact.rs"), "pub enum Fact {");
    assert!(facts.len() > 10, "{facts:?}");
    for fact in facts {
        assert!(CHAPTER.contains(&format!("| [`{fact}`](Fact::{fact}) |")), "the table of facts lacks {fact}");
    }
}

#[test]
fn every_field_of_the_exchange_has_a_row() {
    let fields = words_after(include_str!("../src/side/exchange.rs"), "pub struct Exchange {");
    assert!(fields.len() > 8, "{fields:?}");
    for field in fields {
        assert!(
            CHAPTER.contains(&format!("| [`{field}`](Exchange::{field}) |")),
            "the table of the exchange lacks {field}"
        );
    }
}

/// The names of the variants or fields between `head` and the end of its block.
fn words_after<'a>(source: &'a str, head: &str) -> Vec<&'a str> {
    let (_, body) = source.split_once(head).expect("the type is defined there");
    let (body, _) = body.split_once("\n}").expect("it ends");
    body.lines()
        .map(|line| line.trim().trim_start_matches("pub "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_alphabetic()))
        .filter_map(|line| line.split([',', ':', '(']).next())
        .collect()
}
