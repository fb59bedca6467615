//! Trees as text in Terraform's own form.

use std::collections::BTreeMap;

use hcl_edit::expr::{
    Array, Expression, FuncArgs, FuncCall, Object, ObjectKey, ObjectValue, ObjectValueTerminator, Traversal,
    TraversalOperator,
};
use hcl_edit::structure::{Attribute, Block as HclBlock, Body};
use hcl_edit::template::{Element, Interpolation, StringTemplate};
use hcl_edit::{Decorate, Decorated, Ident};
use privlink_core::render::{Block, Expr, Item};
use privlink_core::{Error, Result};

/// What the data of a plan are called.
pub(super) type Names = BTreeMap<String, Expr>;

/// Blocks, an empty line between them; `told` is the comment above one.
pub(super) fn text(blocks: &[(String, Block)], names: &Names) -> Result<String> {
    let mut body = Body::new();
    for (n, (told, block)) in blocks.iter().enumerate() {
        let mut one = self::block(block, names, 0)?;
        let mut above = String::from(if n == 0 { "" } else { "\n" });
        for line in told.lines() {
            above.push_str("# ");
            above.push_str(line);
            above.push('\n');
        }
        one.decor_mut().set_prefix(above);
        body.push(one);
    }
    Ok(body.to_string())
}

fn block(block: &Block, names: &Names, depth: usize) -> Result<HclBlock> {
    let mut out = HclBlock::new(ident(block.kind)?);
    for label in &block.labels {
        out.labels.push(label.as_ref().into());
    }
    let indent = "  ".repeat(depth + 1);
    let mut width = 0;
    let mut after_block = false;
    for (n, item) in block.items.iter().enumerate() {
        match item {
            Item::Attribute(name, value) => {
                // Attributes that stand together are lined up; one over several lines stands alone.
                let alone = |item: &Item| !matches!(item, Item::Attribute(_, value) if !spans_lines(value));
                if n == 0 || alone(&block.items[n - 1]) {
                    let run = block.items[n..].iter().take_while(|item| !alone(item));
                    width = run
                        .filter_map(|item| match item {
                            Item::Attribute(name, _) => Some(name.len()),
                            _ => None,
                        })
                        .max()
                        .unwrap_or_default();
                }
                let mut key = Decorated::new(ident(name)?);
                let pad = if alone(item) { 1 } else { width.saturating_sub(name.len()) + 1 };
                key.decor_mut().set_suffix(" ".repeat(pad));
                let mut attribute = Attribute::new(key, expression(value, names, depth + 1)?);
                attribute.decor_mut().set_prefix(if after_block { format!("\n{indent}") } else { indent.clone() });
                out.body.push(attribute);
                after_block = false;
            }
            Item::Block(inner) => {
                let mut inner = self::block(inner, names, depth + 1)?;
                inner.decor_mut().set_prefix(if n == 0 { indent.clone() } else { format!("\n{indent}") });
                out.body.push(inner);
                after_block = true;
            }
            _ => return Err(unknown()),
        }
    }
    if depth > 0 || !block.items.is_empty() {
        out.body.decor_mut().set_suffix("  ".repeat(depth));
    }
    Ok(out)
}

fn spans_lines(value: &Expr) -> bool {
    matches!(value, Expr::Map(all) if !all.is_empty())
}

fn expression(value: &Expr, names: &Names, depth: usize) -> Result<Expression> {
    Ok(match value {
        Expr::Bool(value) => Expression::from(*value),
        Expr::Number(value) => Expression::from(*value),
        Expr::Text(text) => text_of(text),
        Expr::List(all) => {
            let mut array = Array::new();
            for one in all {
                array.push(expression(one, names, depth)?);
            }
            array.into()
        }
        Expr::Map(all) => object(all, names, depth)?,
        Expr::Path(parts) => path(parts)?,
        Expr::Element(list, index, rest) => {
            let mut operators = vec![Decorated::new(TraversalOperator::Index(Expression::from(u64::from(*index))))];
            for part in rest {
                operators.push(Decorated::new(TraversalOperator::GetAttr(Decorated::new(ident(part)?))));
            }
            match expression(list, names, depth)? {
                Expression::Traversal(mut traversal) => {
                    traversal.operators.extend(operators);
                    Expression::Traversal(traversal)
                }
                other => Traversal::new(other, operators).into(),
            }
        }
        Expr::Call(name, given) => {
            let mut arguments = FuncArgs::new();
            for one in given {
                arguments.push(expression(one, names, depth)?);
            }
            FuncCall::new(ident(name)?, arguments).into()
        }
        Expr::Datum(slot, datum) => {
            let name = datum.variable(slot);
            match names.get(&name) {
                Some(named) => expression(named, &Names::new(), depth)?,
                None => return Err(Error::invalid(format!("nothing is known of {name}"))),
            }
        }
        _ => return Err(unknown()),
    })
}

/// A text, whatever is in it.
///
/// Of two marks of a template that stand together (`$${`, `%${`) the escape of one would swallow the other. The signs
/// before the last one then go in as a value: `${"$"}`.
fn text_of(text: &str) -> Expression {
    let mut elements: Vec<Element> = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['$', '%']) {
        literal.push_str(&rest[..start]);
        let after = rest[start..].trim_start_matches(['$', '%']);
        let signs = &rest[start..rest.len() - after.len()];
        match signs.split_at(signs.len() - 1) {
            (before, last) if after.starts_with('{') && !before.is_empty() => {
                elements.push(std::mem::take(&mut literal).into());
                let mut value = Expression::from(before);
                // As `terraform fmt` has it.
                value.decor_mut().set_prefix("");
                value.decor_mut().set_suffix("");
                elements.push(Interpolation::new(value).into());
                literal.push_str(last);
            }
            _ => literal.push_str(signs),
        }
        rest = after;
    }
    literal.push_str(rest);
    if elements.is_empty() {
        return Expression::from(literal);
    }
    elements.push(literal.into());
    // Two values may stand with nothing between them.
    elements.retain(|element| element.as_literal().is_none_or(|literal| !literal.is_empty()));
    StringTemplate::from(elements).into()
}

/// One entry a line, the signs of equality lined up.
fn object(all: &[(String, Expr)], names: &Names, depth: usize) -> Result<Expression> {
    let mut object = Object::new();
    if all.is_empty() {
        return Ok(object.into());
    }
    let indent = "  ".repeat(depth + 1);
    // Names that are words stand bare, unless others have to be quoted.
    let words: Option<Vec<Expression>> =
        all.iter().map(|(key, _)| Some(Expression::Variable(Decorated::new(ident(key).ok()?)))).collect();
    let keys = match words {
        Some(words) => words,
        None => all.iter().map(|(key, _)| text_of(key)).collect(),
    };
    let widths: Vec<usize> = keys.iter().map(|key| key.to_string().chars().count()).collect();
    let widest = widths.iter().max().copied().unwrap_or_default();
    for (n, ((_, value), mut key)) in all.iter().zip(keys).enumerate() {
        let before = if n == 0 { format!("\n{indent}") } else { indent.clone() };
        key.decor_mut().set_prefix(before);
        key.decor_mut().set_suffix(" ".repeat(widest - widths[n] + 1));
        let mut value = ObjectValue::new(expression(value, names, depth + 1)?);
        value.set_terminator(ObjectValueTerminator::Newline);
        object.insert(ObjectKey::Expression(key), value);
    }
    object.set_trailing("  ".repeat(depth));
    Ok(object.into())
}

fn path(parts: &[privlink_core::Text]) -> Result<Expression> {
    let (first, rest) = parts.split_first().ok_or_else(unknown)?;
    let mut operators = Vec::with_capacity(rest.len());
    for part in rest {
        operators.push(Decorated::new(TraversalOperator::GetAttr(Decorated::new(ident(part)?))));
    }
    let first = Expression::Variable(Decorated::new(ident(first)?));
    Ok(if operators.is_empty() { first } else { Traversal::new(first, operators).into() })
}

fn ident(name: &str) -> Result<Ident> {
    Ident::try_new(name.to_owned()).map_err(|_| Error::invalid(format!("{name:?} is no word of Terraform's")))
}

fn unknown() -> Error {
    Error::invalid("a side renders something that is unknown here")
}

#[cfg(test)]
mod tests {
    use privlink_core::render::Datum;
    use privlink_core::side::Slot;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_text_holds_it_is_read_back_as_it_was(
            text in r#"([$%]{0,3}\{|[$%]|\$\(|`|'|"|\\|\n|\r|\t|~|<<EOT|.){0,12}"#,
            key in r#"([$%]{0,3}\{|[$%]|"|\\|\n|.){1,8}"#,
        ) {
            let block = Block::resource("thing", "one")
                .set("text", text.clone())
                .set("map", Expr::Map(vec![(key.clone(), text.clone().into())]));
            let told = text.replace(char::is_control, " ");
            let written = super::text(&[(told, block)], &Names::new()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let body: Body = written.parse().map_err(|error| TestCaseError::fail(format!("{error}\n{written}")))?;
            let block = body.get_blocks("resource").next().unwrap();
            let value = &block.body.get_attribute("text").unwrap().value;
            prop_assert_eq!(evaluated(value), text.clone(), "{}", written);
            let map = block.body.get_attribute("map").unwrap().value.as_object().unwrap();
            let (read, value) = map.iter().next().unwrap();
            let read = match read {
                ObjectKey::Ident(ident) => ident.as_str().to_owned(),
                ObjectKey::Expression(Expression::Variable(ident)) => ident.as_str().to_owned(),
                ObjectKey::Expression(key) => evaluated(key),
            };
            prop_assert_eq!(read, key);
            prop_assert_eq!(evaluated(value.expr()), text);
        }
    }

    /// What Terraform makes of a text, with or without values in it.
    fn evaluated(expression: &Expression) -> String {
        match expression {
            Expression::StringTemplate(template) => template
                .iter()
                .map(|element| match element {
                    Element::Literal(literal) => literal.to_string(),
                    Element::Interpolation(inner) => evaluated(&inner.expr),
                    Element::Directive(directive) => panic!("{directive:?}"),
                })
                .collect(),
            text => text.as_str().unwrap().to_owned(),
        }
    }

    #[test]
    fn signs_that_would_swallow_each_other_go_in_as_values() {
        for (text, written) in [
            ("a$${b", r#""a${"$"}$${b""#),
            ("%${id}", r#""${"%"}$${id}""#),
            ("${$${", r#""$${${"$"}$${""#),
            ("$$%{", r#""${"$$"}%%{""#),
            ("$$ 5%%", r#""$$ 5%%""#),
            ("$${%${", r#""${"$"}$${${"%"}$${""#),
        ] {
            assert_eq!(text_of(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn a_block_has_terraforms_own_form() {
        let slot = Slot::main();
        let names = Names::from([("ENDPOINT_ID".to_owned(), Expr::path(["aws_vpc_endpoint", "main", "id"]))]);
        let dns = Expr::path(["aws_vpc_endpoint", "main", "dns_entry"]).element(0, ["dns_name"]);
        let block = Block::resource("thing", "one")
            .set("id", Expr::Datum(slot, Datum::EndpointId))
            .set("longer", true)
            .set("tags", Expr::Map(vec![("a".to_owned(), "b".into()), ("a:b".to_owned(), 1.into())]))
            .set("names", Expr::List(vec![dns, "x".into()]))
            .set(
                "both",
                Expr::call("format", ["%s.%s".into(), Expr::Datum(Slot::main(), Datum::EndpointId), "${x}".into()]),
            )
            .inside(Block::new("inner").set("a", 1).set("bcd", Expr::Map(Vec::new())))
            .set("last", false);
        let written = text(&[("said of it".to_owned(), block), (String::new(), Block::new("empty"))], &names).unwrap();
        assert_eq!(
            written,
            r#"# said of it
resource "thing" "one" {
  id     = aws_vpc_endpoint.main.id
  longer = true
  tags = {
    "a"   = "b"
    "a:b" = 1
  }
  names = [aws_vpc_endpoint.main.dns_entry[0].dns_name, "x"]
  both  = format("%s.%s", aws_vpc_endpoint.main.id, "$${x}")

  inner {
    a   = 1
    bcd = {}
  }

  last = false
}

empty {
}
"#
        );
        assert!(text(&[(String::new(), Block::resource("a", "b").set("not a word", 1))], &names).is_err());
        assert!(
            text(&[(String::new(), Block::new("x").set("a", Expr::Datum(Slot::main(), Datum::Ports)))], &names)
                .is_err()
        );
    }
}
