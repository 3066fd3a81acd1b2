//! A model that builds on another: the key `base`, the texts that make such a model, and one model file laid over another.
//!
//! What a model takes away from its base stands in [`without`](super::without), what it changes there in [`change`](super::change). The rest is laid over:
//! an element, an initial value or a single key replaces that of the base; a mechanism replaces the one of the same type and prefix; of a
//! scenario with the same id the keys that are given replace those of the base.
use super::change::change;
use super::without::take_away;
use super::{ModelError, ModelText, Spot, built_in};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// The text of a model and those of its bases. A place in them is one number: what lies behind the end of one text lies in the next.
pub(super) struct Texts<'a> {
    /// The model itself, then its base, then the base of that.
    parts: Vec<Part<'a>>,
}

/// One model of the chain.
struct Part<'a> {
    text: ModelText<'a>,
    /// its name in the crate, if it is a base
    name: Option<String>,
    /// the place of its first byte
    start: usize,
}

impl<'a> Texts<'a> {
    /// Follows the key `base` from model to model; one that cannot be followed is an error.
    pub fn follow(text: &ModelText<'a>, errors: &mut Vec<ModelError>) -> Texts<'a> {
        let part = Part {
            text: text.clone(),
            name: None,
            start: 0,
        };
        let mut texts = Texts { parts: vec![part] };
        let mut chain: Vec<String> = word(text.model, "id")
            .map(|(_, id)| id)
            .into_iter()
            .collect();
        loop {
            let last = texts.parts.last().expect("the model itself is there");
            let Some((at, name)) = word(last.text.model, "base") else {
                return texts;
            };
            let (at, start) = (last.start + at, last.start + last.text.model.len() + 1);
            let again = chain.contains(&name);
            chain.push(name.clone());
            if again {
                let spot = texts.spot(at);
                errors.push(ModelError::CircularBase { spot, chain });
                return texts;
            }
            let Some(text) = built_in::text(&name) else {
                let known = built_in::names().into_iter().map(str::to_string).collect();
                let spot = texts.spot(at);
                errors.push(ModelError::UnknownBase { spot, name, known });
                return texts;
            };
            texts.parts.push(Part {
                text,
                name: Some(name),
                start,
            });
        }
    }

    /// The texts of all models, each behind as many spaces as its place tells, so that places in it are right.
    pub fn padded(&self) -> Vec<String> {
        let padded = |part: &Part| " ".repeat(part.start) + part.text.model;
        self.parts.iter().map(padded).collect()
    }

    /// The texts, the deepest base first, and whether each is a base.
    pub fn upwards(&self) -> impl Iterator<Item = (&ModelText<'a>, bool)> {
        let parts = self.parts.iter().rev();
        parts.map(|part| (&part.text, part.name.is_some()))
    }

    /// The model's own text under a name, then its bases by theirs.
    pub fn named<'n>(&'n self, own: &'n str) -> impl Iterator<Item = (&'n str, &'n ModelText<'a>)> {
        let parts = self.parts.iter();
        parts.map(move |part| (part.name.as_deref().unwrap_or(own), &part.text))
    }

    /// The name of the base that a place lies in.
    pub fn base_of(&self, at: usize) -> Option<&str> {
        self.part(at).name.as_deref()
    }

    /// The order of places as if the deepest base stood first.
    pub fn order(&self, at: usize) -> (std::cmp::Reverse<usize>, usize) {
        (std::cmp::Reverse(self.part(at).start), at)
    }

    fn part(&self, at: usize) -> &Part<'a> {
        let found = self.parts.iter().rev().find(|part| part.start <= at);
        found.expect("the first text starts at 0")
    }

    /// The spot of a place.
    pub fn spot(&self, at: usize) -> Spot {
        let part = self.part(at);
        let text = part.text.model;
        let before = &text[..text.floor_char_boundary(at - part.start)];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Spot {
            file: part.text.model_file.clone(),
            line: Some(line),
            column: Some(column.to_string()),
        }
    }

    /// The model file as a whole.
    pub fn file_spot(&self) -> Spot {
        Spot {
            file: self.parts[0].text.model_file.clone(),
            line: None,
            column: None,
        }
    }

    /// One table of all texts: each model laid over its base. `roots` are their tables, the model's own first.
    pub fn lay<'t>(
        &self,
        mut roots: Vec<DeTable<'t>>,
        errors: &mut Vec<ModelError>,
    ) -> DeTable<'t> {
        let mut whole = roots.pop().unwrap_or_default();
        for (own, base) in roots.into_iter().zip(&self.parts[1..]).rev() {
            let name = base.name.as_deref().unwrap_or_default();
            whole = lay(whole, own, &mut |at, missing: Missing| {
                errors.push(missing.error(self.spot(at), name));
            });
        }
        whole
    }
}

/// Something of a base that a model takes away or changes, and that the base does not have.
pub(super) enum Missing {
    /// What it is, its id, and what there is of the kind.
    Id {
        what: String,
        id: String,
        known: Vec<String>,
    },
    /// A table that cannot be read as what it stands for.
    Table(String),
}

impl Missing {
    fn error(self, spot: Spot, base: &str) -> ModelError {
        match self {
            Missing::Table(message) => ModelError::Toml { spot, message },
            Missing::Id { what, id, known } => ModelError::NotInBase {
                spot,
                base: base.to_string(),
                what,
                id,
                known,
            },
        }
    }
}

/// A string at the top of a model file and its place.
fn word(text: &str, key: &str) -> Option<(usize, String)> {
    let (root, _) = DeTable::parse_recoverable(text);
    let (key, value) = root.get_ref().get_key_value(key)?;
    Some((key.span().start, value.get_ref().as_str()?.to_string()))
}

/// A model's table over that of its base.
fn lay<'t>(
    mut base: DeTable<'t>,
    mut own: DeTable<'t>,
    fault: &mut dyn FnMut(usize, Missing),
) -> DeTable<'t> {
    own.remove("base");
    for entry in entries(own.remove("without"), fault) {
        take_away(&mut base, entry, fault);
    }
    for entry in entries(own.remove("change"), fault) {
        change(&mut base, entry, fault);
    }
    for (key, value) in own {
        let Some((base_key, below)) = base.remove_entry(key.get_ref().as_ref()) else {
            base.insert(key, value);
            continue;
        };
        let span = value.span();
        let whole = match (below.into_inner(), value.into_inner()) {
            (DeValue::Table(mut below), DeValue::Table(over)) => {
                put_over(&mut below, over);
                DeValue::Table(below)
            }
            (DeValue::Array(below), DeValue::Array(over)) => {
                DeValue::Array(match key.get_ref().as_ref() {
                    "mechanism" => mechanisms(below, over),
                    "scenario" => scenarios(below, over),
                    _ => below.into_iter().chain(over).collect(),
                })
            }
            (_, over) => over,
        };
        let key = if whole.is_str() { key } else { base_key };
        base.insert(key, Spanned::new(span, whole));
    }
    base
}

/// Entries of one table replace those of another.
fn put_over<'t>(below: &mut DeTable<'t>, over: DeTable<'t>) {
    for (key, value) in over {
        below.remove(key.get_ref().as_ref());
        below.insert(key, value);
    }
}

/// The entries of a list of tables; nothing where there is no list.
fn entries<'t>(
    list: Option<Spanned<DeValue<'t>>>,
    fault: &mut dyn FnMut(usize, Missing),
) -> Vec<Spanned<DeValue<'t>>> {
    let Some(list) = list else {
        return Vec::new();
    };
    let at = list.span().start;
    match list.into_inner() {
        DeValue::Array(array) => array.into_iter().collect(),
        _ => {
            let message = "a list is needed here, with two brackets: `[[...]]`".to_string();
            fault(at, Missing::Table(message));
            Vec::new()
        }
    }
}

/// A text in a table.
pub(super) fn text_of<'v>(value: &'v DeValue<'_>, key: &str) -> Option<&'v str> {
    value.as_table()?.get(key)?.get_ref().as_str()
}

/// Each mechanism in the place of the one of its type and prefix; the others behind them.
fn mechanisms<'t>(below: DeArray<'t>, over: DeArray<'t>) -> DeArray<'t> {
    let mut all: Vec<_> = below.into_iter().collect();
    let who = |value: &DeValue| {
        let word = |key| text_of(value, key).map(str::to_string);
        (word("type"), word("prefix"))
    };
    for value in over {
        match all
            .iter_mut()
            .find(|known| who(known.get_ref()) == who(value.get_ref()))
        {
            Some(known) => *known = value,
            None => all.push(value),
        }
    }
    all.into_iter().collect()
}

/// Each scenario over the one of its id; the others behind them.
fn scenarios<'t>(below: DeArray<'t>, over: DeArray<'t>) -> DeArray<'t> {
    let mut all: Vec<_> = below.into_iter().collect();
    for value in over {
        let id = text_of(value.get_ref(), "id");
        let known = all
            .iter_mut()
            .find(|known| id.is_some() && text_of(known.get_ref(), "id") == id);
        let span = value.span();
        match (known, value.into_inner()) {
            (Some(known), DeValue::Table(over)) => {
                let mut whole = known.get_ref().as_table().cloned().unwrap_or_default();
                put_over(&mut whole, over);
                *known = Spanned::new(span, DeValue::Table(whole));
            }
            (_, value) => all.push(Spanned::new(span, value)),
        }
    }
    all.into_iter().collect()
}
