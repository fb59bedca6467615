use std::collections::BTreeSet;

use super::Datum;
use crate::Text;
use crate::side::Slot;

/// What a step is in a language of resources: Terraform, CloudFormation, Bicep.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resources {
    /// The providers they are of.
    pub providers: Vec<Provider>,
    /// How those providers are set up: a block `provider` each.
    pub configuration: Vec<Block>,
    /// The blocks: `resource`, `data`.
    pub blocks: Vec<Block>,
    /// What they bring, and the expression that is it.
    pub gives: Vec<(Datum, Expr)>,
    /// The id by which Terraform takes in what is there already, for a step that is done.
    pub import: Option<String>,
    /// Whether the provider can take in what is there already: most can.
    pub importable: bool,
}

impl Default for Resources {
    fn default() -> Self {
        Self {
            providers: Vec::new(),
            configuration: Vec::new(),
            blocks: Vec::new(),
            gives: Vec::new(),
            import: None,
            importable: true,
        }
    }
}

impl Resources {
    /// Nothing yet, of a provider, and how that is set up.
    #[must_use]
    pub fn of(provider: Provider, configuration: impl IntoIterator<Item = (&'static str, Expr)>) -> Self {
        let mut block = Block::new("provider").label(provider.name);
        block.items.extend(configuration.into_iter().map(|(name, value)| Item::Attribute(name, value)));
        Self { providers: vec![provider], configuration: vec![block], ..Self::default() }
    }

    /// Adds a block.
    #[must_use]
    pub fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Says what they bring.
    #[must_use]
    pub fn gives(mut self, datum: Datum, expr: Expr) -> Self {
        self.gives.push((datum, expr));
        self
    }

    /// Says that the provider cannot take in what is there already.
    #[must_use]
    pub fn not_importable(mut self) -> Self {
        self.importable = false;
        self
    }

    /// Sets the id by which Terraform takes the first block in, where it is there already.
    #[must_use]
    pub fn import(mut self, id: Option<String>) -> Self {
        self.import = id;
        self
    }
}

/// A provider of Terraform's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// Its local name: `aws`.
    pub name: &'static str,
    /// Where it comes from: `hashicorp/aws`.
    pub source: &'static str,
    /// The versions that know the attributes used: `~> 6.0`.
    pub version: &'static str,
    /// When those attributes were read in its documentation: `2026-11`.
    pub read: &'static str,
}

impl Provider {
    /// A provider.
    #[must_use]
    pub const fn new(name: &'static str, source: &'static str, version: &'static str, read: &'static str) -> Self {
        Self { name, source, version, read }
    }
}

/// A block: `resource "aws_vpc_endpoint" "main" { … }`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Block {
    /// Its kind: `resource`.
    pub kind: &'static str,
    /// Its labels.
    pub labels: Vec<Text>,
    /// What is in it, in order.
    pub items: Vec<Item>,
}

impl Block {
    /// A block without labels, as they stand inside others.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, labels: Vec::new(), items: Vec::new() }
    }

    /// A resource of a type. The name has to be a word; see [`Datum::variable`].
    #[must_use]
    pub fn resource(of: &'static str, name: impl Into<Text>) -> Self {
        Self { kind: "resource", labels: vec![of.into(), name.into()], items: Vec::new() }
    }

    /// A data source of a type.
    #[must_use]
    pub fn data(of: &'static str, name: impl Into<Text>) -> Self {
        Self { kind: "data", labels: vec![of.into(), name.into()], items: Vec::new() }
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, label: impl Into<Text>) -> Self {
        self.labels.push(label.into());
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl Into<Expr>) -> Self {
        self.items.push(Item::Attribute(name, value.into()));
        self
    }

    /// Adds an attribute, where there is one.
    #[must_use]
    pub fn set_some(self, name: &'static str, value: Option<impl Into<Expr>>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    /// Adds a block inside.
    #[must_use]
    pub fn inside(mut self, block: Self) -> Self {
        self.items.push(Item::Block(block));
        self
    }

    /// The data that its expressions take.
    #[must_use]
    pub fn takes(&self) -> BTreeSet<(Slot, Datum)> {
        let mut all = BTreeSet::new();
        self.collect(&mut all);
        all
    }

    fn collect(&self, into: &mut BTreeSet<(Slot, Datum)>) {
        for item in &self.items {
            match item {
                Item::Attribute(_, expr) => expr.collect(into),
                Item::Block(block) => block.collect(into),
            }
        }
    }
}

/// What stands in a block.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Item {
    /// `name = value`.
    Attribute(&'static str, Expr),
    /// A block inside.
    Block(Block),
}

/// A value in a block.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Expr {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// A text, whatever is in it.
    Text(String),
    /// Several values.
    List(Vec<Self>),
    /// Values by name; the names may be any text.
    Map(Vec<(String, Self)>),
    /// A path to an attribute of another block: `["aws_vpc_endpoint", "main", "id"]`. Each part is a word.
    Path(Vec<Text>),
    /// An element of a list: `list[0]`, then the path after it.
    Element(Box<Self>, u32, Vec<Text>),
    /// An attribute of a value that has no path: of what a function brings.
    Member(Box<Self>, Vec<Text>),
    /// A function of the language: `Fn::Select`, and what it is given.
    Call(&'static str, Vec<Self>),
    /// The first once the vendor's side has done its part, the second until then.
    Admitted(Box<Self>, Box<Self>),
    /// What another step brings.
    Datum(Slot, Datum),
}

impl Expr {
    /// A function of the language, called.
    #[must_use]
    pub fn call(name: &'static str, given: impl IntoIterator<Item = Self>) -> Self {
        Self::Call(name, given.into_iter().collect())
    }

    /// A path to an attribute: `aws_vpc_endpoint.main.id`.
    #[must_use]
    pub fn path<T: Into<Text>>(parts: impl IntoIterator<Item = T>) -> Self {
        Self::Path(parts.into_iter().map(Into::into).collect())
    }

    /// An element of this list, and an attribute of it: `….dns_entry[0].dns_name`.
    #[must_use]
    pub fn element<T: Into<Text>>(self, index: u32, rest: impl IntoIterator<Item = T>) -> Self {
        Self::Element(Box::new(self), index, rest.into_iter().map(Into::into).collect())
    }

    /// An attribute of this value: `reference(…).resourceGuid`.
    #[must_use]
    pub fn member<T: Into<Text>>(self, rest: impl IntoIterator<Item = T>) -> Self {
        Self::Member(Box::new(self), rest.into_iter().map(Into::into).collect())
    }

    /// Texts as a list.
    #[must_use]
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(|text| Self::Text(text.into())).collect())
    }

    fn collect(&self, into: &mut BTreeSet<(Slot, Datum)>) {
        match self {
            Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::Path(_) => {}
            Self::List(all) | Self::Call(_, all) => all.iter().for_each(|expr| expr.collect(into)),
            Self::Admitted(after, before) => {
                after.collect(into);
                before.collect(into);
            }
            Self::Map(all) => all.iter().for_each(|(_, expr)| expr.collect(into)),
            Self::Element(of, ..) | Self::Member(of, _) => of.collect(into),
            Self::Datum(slot, datum) => {
                into.insert((slot.clone(), datum.clone()));
            }
        }
    }
}

impl From<bool> for Expr {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Expr {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<&str> for Expr {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Expr {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}
