//! Formulas of a problem: their symbols are looked up, and values that depend on parameters become [`Source`]s.
use super::{error::PetabErrorKind, sheet::Findings};
use crate::{
    cohort::Source,
    compile::System,
    exchange::tables::Place,
    expr::{Expr, Graph, Node, Symbol, suggest},
    fit::ParameterTable,
};
use std::collections::{HashMap, HashSet};

/// The parameter table as formulas see it, and all formulas of parameters that were met.
pub(super) struct Values<'a> {
    pub system: &'a System,
    pub graph: Graph,
    /// by their names in the model
    rows: HashMap<String, usize>,
    /// entities of the model by their names in the problem
    aliases: &'a HashMap<&'a str, String>,
    compartments: &'a HashSet<String>,
    /// what turns a row's value into the model's unit
    factors: Vec<f64>,
    nominal: Vec<f64>,
    /// formulas of rows of the parameter table, as text
    pub formulas: Vec<String>,
    by_text: HashMap<String, usize>,
    /// rows that occur somewhere
    pub used: HashSet<usize>,
}

/// The model parameters that conditions have changed so far, as expressions of the parameter table.
pub(super) type Current = HashMap<String, Expr>;

impl<'a> Values<'a> {
    /// `formulas` are those that other models of the problem already asked for.
    pub fn new(
        system: &'a System,
        table: &ParameterTable,
        factors: Vec<f64>,
        aliases: &'a HashMap<&'a str, String>,
        compartments: &'a HashSet<String>,
        formulas: Vec<String>,
    ) -> Self {
        let name = |id: &String| aliases.get(id.as_str()).unwrap_or(id).clone();
        Self {
            system,
            graph: Graph::new(),
            rows: (table.rows.iter().enumerate())
                .map(|(i, p)| (name(&p.id), i))
                .collect(),
            aliases,
            compartments,
            factors,
            nominal: table.rows.iter().map(|p| p.nominal).collect(),
            by_text: formulas.iter().cloned().zip(0..).collect(),
            formulas,
            used: HashSet::new(),
        }
    }

    /// Whether an id is a compartment of the model.
    pub fn is_compartment(&self, id: &str) -> bool {
        self.compartments.contains(id)
    }

    /// The name in the model of what the problem calls `id`.
    pub fn name<'b>(&'b self, id: &'b str) -> &'b str {
        self.aliases.get(id).map_or(id, String::as_str)
    }

    /// Row of the parameter table, by its name in the problem or in the model.
    pub fn row(&self, id: &str) -> Option<usize> {
        self.rows.get(self.name(id)).copied()
    }

    /// Ids of the parameter table.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// A row's value in the unit of the model.
    pub fn row_expression(&mut self, row: usize, id: &str) -> Expr {
        self.used.insert(row);
        let symbol = self
            .graph
            .symbol(self.aliases.get(id).map_or(id, String::as_str));
        if self.factors[row] == 1.0 {
            return symbol;
        }
        let factor = self.graph.number(self.factors[row]);
        self.graph.mul(factor, symbol)
    }

    /// Parses a formula, whose entities get their names in the model; a fault is noted.
    pub fn parse(&mut self, text: &str, place: &Place, findings: &mut Findings) -> Option<Expr> {
        match self.graph.parse(text) {
            Ok(expression) => {
                let mut named: HashMap<Symbol, Expr> = HashMap::new();
                for symbol in self.graph.symbols_of(expression) {
                    if let Some(id) = self.aliases.get(self.graph.name(symbol)) {
                        let to = self.graph.symbol(id);
                        named.insert(symbol, to);
                    }
                }
                Some(self.graph.substitute(expression, &named))
            }
            Err(error) => {
                let kind = PetabErrorKind::Formula {
                    formula: text.to_owned(),
                    character: error.column,
                    message: error.message,
                };
                findings.error(place.clone(), kind);
                None
            }
        }
    }

    /// The value of a formula of parameters; model parameters have their `current` value, and `state`, the one state that may
    /// occur, stays a symbol.
    pub fn value(
        &mut self,
        text: &str,
        current: &Current,
        state: Option<&str>,
        place: &Place,
        findings: &mut Findings,
    ) -> Option<Expr> {
        let expression = self.parse(text, place, findings)?;
        let mut sound = true;
        if self.graph.depends_on_time(expression) {
            let kind = PetabErrorKind::NotSupported {
                what: "`time` in a value is".to_owned(),
            };
            findings.error(place.clone(), kind);
            sound = false;
        }
        let mut replacements: HashMap<Symbol, Expr> = HashMap::new();
        for symbol in self.graph.symbols_of(expression) {
            let name = self.graph.name(symbol).to_owned();
            if state == Some(name.as_str()) {
                continue;
            }
            if let Some(row) = self.row(&name) {
                let value = self.row_expression(row, &name);
                replacements.insert(symbol, value);
            } else if let Some(value) = current.get(&name) {
                replacements.insert(symbol, *value);
            } else if let Some(index) = self.system.parameter_index(&name) {
                let value = self.graph.number(self.system.parameters()[index]);
                replacements.insert(symbol, value);
            } else if self.is_model_id(&name) {
                let what = format!("`{name}`, which changes with time, in a value is");
                findings.error(place.clone(), PetabErrorKind::NotSupported { what });
                sound = false;
            } else if findings.broken.contains(&name) {
                sound = false;
            } else {
                let near = suggest(
                    &name,
                    self.ids()
                        .chain(self.system.parameter_ids().iter().map(String::as_str)),
                );
                findings.error(
                    place.clone(),
                    PetabErrorKind::UnknownId {
                        what: "parameter",
                        id: name,
                        near,
                    },
                );
                sound = false;
            }
        }
        if !sound {
            return None;
        }
        let value = self.graph.substitute(expression, &replacements);
        self.is_finite(text, value, place, findings)
            .then_some(value)
    }

    /// The number of an expression that holds neither ids nor time.
    pub fn constant(&self, expression: Expr) -> Option<f64> {
        let constant =
            self.graph.symbols_of(expression).is_empty() && !self.graph.depends_on_time(expression);
        constant.then(|| self.nominal(expression))
    }

    /// Whether a formula may be finite; a constant that is not is noted.
    pub fn is_finite(
        &self,
        text: &str,
        expression: Expr,
        place: &Place,
        findings: &mut Findings,
    ) -> bool {
        let finite = self.constant(expression).is_none_or(f64::is_finite);
        if !finite {
            let text = text.to_owned();
            findings.error(place.clone(), PetabErrorKind::NotFinite { text });
        }
        finite
    }

    /// Whether the model knows an id, whatever its kind.
    pub fn is_model_id(&self, id: &str) -> bool {
        let s = self.system;
        s.state_index(id).is_some()
            || s.parameter_index(id).is_some()
            || s.input_index(id).is_some()
            || s.observable_index(id).is_some()
    }

    /// All ids of the model that formulas of observables may use.
    pub fn model_ids(&self) -> impl Iterator<Item = &'a str> {
        let s = self.system;
        [
            s.state_ids(),
            s.observable_ids(),
            s.parameter_ids(),
            s.input_ids(),
        ]
        .into_iter()
        .flatten()
        .map(String::as_str)
    }

    /// Where the number of an expression of the parameter table comes from.
    pub fn source(&mut self, expression: Expr) -> Source {
        if let Some(number) = self.graph.as_number(expression) {
            return Source::Constant(number);
        }
        if let Node::Symbol(symbol) = self.graph.node(expression)
            && let Some(row) = self.row(self.graph.name(*symbol))
        {
            return Source::Parameter(row);
        }
        let text = self.graph.text(expression);
        let next = self.formulas.len();
        let index = *self.by_text.entry(text.clone()).or_insert(next);
        if index == next {
            self.formulas.push(text);
        }
        Source::Formula(index)
    }

    /// The number at the nominal values.
    pub fn nominal(&self, expression: Expr) -> f64 {
        let value = |name: &str| self.row(name).map(|row| self.nominal[row]);
        self.graph
            .evaluate(expression, &value, 0.0)
            .unwrap_or(f64::NAN)
    }
}
