//! Formulas over states, parameters, inputs, time and placeholders, with derivatives, one number at a time.
//!
//! They are evaluated at visits, not at steps: conditions are read where they stand, nothing is hoisted. Derivatives are
//! compiled when they are first asked for: of thousands of formulas they would cost more than the system.
use std::collections::HashMap;
use std::sync::OnceLock;

use super::build::Known;
use super::derivatives;
use super::emit::{Program, Wanted, emit};
use super::error::CompileError;
use super::layout::{Layout, Quantity, Symbols};
use super::lower::{Id, Lowering, Reading};
use super::run::run;
use super::system::{Names, System};
use super::tape::Tape;
use crate::expr::{Expr, Graph, Symbol, Variable};
use crate::lanes::{InstructionSet, Lane};

/// Where outputs are evaluated. Missing numbers count as NaN.
#[derive(Clone, Copy, Debug)]
pub struct Point<'a> {
    /// Time, in the system's unit.
    pub time: f64,
    /// States, in the system's order.
    pub states: &'a [f64],
    /// `[effective parameters | input coefficients]`
    pub registers: &'a [f64],
    /// Values of the placeholders, in their order.
    pub placeholders: &'a [f64],
}

/// Compiled formulas over (t, y, p, inputs, placeholders) with their derivatives.
///
/// Made by [`System::outputs`] and [`System::observables`].
#[derive(Clone, Debug, Default)]
pub struct Outputs {
    ids: Vec<String>,
    placeholders: Vec<String>,
    layout: Layout,
    program: Program,
    /// one tape a formula
    values: Vec<Tape>,
    /// placeholders of each formula
    occurring: Vec<Vec<u32>>,
    source: Source,
    derivatives: OnceLock<Derivatives>,
}

/// Memory of evaluations, used again from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Scratch(Vec<Lane<1>>);

/// What the derivatives are made of.
#[derive(Clone, Debug, Default)]
struct Source {
    graph: Graph,
    symbols: Symbols,
    formulas: Vec<Expr>,
    placeholders: Vec<Symbol>,
}

/// Values and derivatives of all formulas.
#[derive(Clone, Debug)]
struct Derivatives {
    program: Program,
    formulas: Vec<Differentiated>,
}

/// The derivatives of one formula.
#[derive(Clone, Debug)]
struct Differentiated {
    /// Value, then derivatives by `states`, `registers`, `placeholders`.
    tape: Tape,
    states: Vec<u32>,
    registers: Vec<u32>,
    placeholders: Vec<u32>,
}

impl Outputs {
    /// Compiles formulas given as text.
    pub(crate) fn parse(
        system: &System,
        formulas: &[(String, String)],
        placeholders: &[String],
    ) -> Result<Outputs, CompileError> {
        let mut graph = system.equations.graph.clone();
        let mut symbols = system.symbols.clone();
        let names = [&system.states, &system.parameters, &system.inputs];
        for (i, id) in placeholders.iter().enumerate() {
            let symbol = graph.intern(id);
            let clash = symbols.quantities.insert(symbol, Quantity::Placeholder(i));
            let first = match clash {
                None if system.observable_index(id).is_some() => "an observable",
                None if system.equations.rates.iter().any(|rate| rate.id == *id) => "a reaction",
                None => continue,
                Some(Quantity::Placeholder(_)) => "a placeholder",
                Some(Quantity::State(_)) => "a state",
                Some(Quantity::Input(_)) => "an input",
                Some(_) => "a parameter",
            };
            return Err(CompileError::DuplicateId {
                id: id.clone(),
                first,
                second: "a placeholder",
            });
        }
        let mut replacements: HashMap<Symbol, Expr> = HashMap::new();
        let equations = &system.equations;
        for observable in equations.observables.iter().chain(&equations.rates) {
            let symbol = graph.intern(&observable.id);
            if !symbols.quantities.contains_key(&symbol) {
                replacements.insert(symbol, observable.expression);
            }
        }
        let extra = Names::new(
            placeholders
                .iter()
                .chain(system.observable_ids())
                .map(String::as_str)
                .chain(equations.rates.iter().map(|rate| rate.id.as_str())),
        );
        let mut expressions = Vec::with_capacity(formulas.len());
        for (id, text) in formulas {
            let read = graph.parse(text).map_err(|error| CompileError::Formula {
                id: id.clone(),
                error,
            })?;
            let read =
                derivatives::replace_rates(&mut graph, &symbols, equations, read, &replacements)
                    .map_err(|of| CompileError::NoDerivative {
                        place: format!("formula `{id}`"),
                        of,
                    })?;
            let e = graph.substitute(read, &replacements);
            let known = Known {
                graph: &graph,
                symbols: &symbols,
                names: [names[0], names[1], names[2], &extra],
            };
            known.check(e, || format!("formula `{id}`"))?;
            expressions.push((id.clone(), e));
        }
        Ok(Outputs::build(
            graph,
            &symbols,
            system.layout,
            expressions,
            placeholders,
        ))
    }

    /// Compiles expressions whose symbols are all known.
    pub(crate) fn build(
        mut graph: Graph,
        symbols: &Symbols,
        layout: Layout,
        formulas: Vec<(String, Expr)>,
        placeholders: &[String],
    ) -> Outputs {
        let layout = Layout {
            modes: 0,
            direction: false,
            placeholders: placeholders.len(),
            ..layout
        };
        let extra: Vec<Symbol> = placeholders.iter().map(|id| graph.intern(id)).collect();
        let (ids, expressions): (Vec<String>, Vec<Expr>) = formulas.into_iter().unzip();
        let wanted: Vec<Vec<Expr>> = expressions.iter().map(|&e| vec![e]).collect();
        let (program, values) = compile(&graph, layout, symbols, &wanted);
        let occurring = |&e: &Expr| {
            if extra.is_empty() {
                return Vec::new();
            }
            let symbols = graph.symbols_of(e);
            (0..extra.len() as u32)
                .filter(|&i| symbols.contains(&extra[i as usize]))
                .collect()
        };
        Outputs {
            ids,
            placeholders: placeholders.to_vec(),
            layout,
            program,
            values,
            occurring: expressions.iter().map(occurring).collect(),
            source: Source {
                symbols: symbols.clone(),
                formulas: expressions,
                placeholders: extra,
                graph,
            },
            derivatives: OnceLock::new(),
        }
    }

    /// The derivatives, compiled at the first call.
    fn derivatives(&self) -> &Derivatives {
        self.derivatives.get_or_init(|| {
            let mut graph = self.source.graph.clone();
            let symbols = &self.source.symbols;
            let all_registers: Vec<usize> = (0..self.layout.registers()).collect();
            let mut wanted = Vec::with_capacity(self.source.formulas.len());
            let mut patterns = Vec::with_capacity(self.source.formulas.len());
            for (&e, occurring) in self.source.formulas.iter().zip(&self.occurring) {
                let states = derivatives::jacobian(&mut graph, symbols, &[e]);
                let registers =
                    derivatives::register_derivatives(&mut graph, symbols, &[e], &all_registers);
                let mut list = vec![e];
                list.extend(states.entries.iter().chain(&registers.entries));
                for &i in occurring {
                    let symbol = self.source.placeholders[i as usize];
                    list.push(graph.derivative(e, Variable::Symbol(symbol)));
                }
                wanted.push(list);
                patterns.push((columns(&states.pattern), columns(&registers.pattern)));
            }
            let (program, tapes) = compile(&graph, self.layout, symbols, &wanted);
            let formulas = (tapes.into_iter().zip(patterns).zip(&self.occurring))
                .map(|((tape, (states, registers)), occurring)| Differentiated {
                    tape,
                    states,
                    registers,
                    placeholders: occurring.clone(),
                })
                .collect();
            Derivatives { program, formulas }
        })
    }

    /// Ids of the formulas.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }
    /// Ids of the placeholders.
    pub fn placeholders(&self) -> &[String] {
        &self.placeholders
    }

    /// The placeholders that occur in formula k (empty for a position that does not exist).
    pub fn placeholders_of(&self, k: usize) -> &[u32] {
        self.occurring.get(k).map_or(&[], Vec::as_slice)
    }

    /// A register file at a point, in memory that is used again.
    fn fill(&self, at: &Point, program: &Program, registers: &mut Vec<Lane<1>>) {
        registers.clear();
        registers.resize(program.end, Lane([f64::NAN]));
        let blocks = [
            (self.layout.time(), 1, std::slice::from_ref(&at.time)),
            (self.layout.state(0), self.layout.states, at.states),
            (
                self.layout.register(0),
                self.layout.registers(),
                at.registers,
            ),
            (
                self.layout.placeholder(0),
                self.layout.placeholders,
                at.placeholders,
            ),
            (program.first, program.constants.len(), &program.constants),
        ];
        for (first, length, values) in blocks {
            for (register, &value) in registers[first..first + length].iter_mut().zip(values) {
                *register = Lane([value]);
            }
        }
    }

    /// Values of the selected formulas; NaN for a position that does not exist.
    pub fn evaluate(&self, at: &Point, which: &[usize], values: &mut [f64]) {
        self.evaluate_in(at, which, values, &mut Scratch::default());
    }

    /// The same, in memory that is used again.
    pub(crate) fn evaluate_in(
        &self,
        at: &Point,
        which: &[usize],
        values: &mut [f64],
        scratch: &mut Scratch,
    ) {
        let registers = &mut scratch.0;
        self.fill(at, &self.program, registers);
        for (value, &k) in values.iter_mut().zip(which) {
            *value = match self.values.get(k) {
                Some(tape) => {
                    run(InstructionSet::PORTABLE, &tape.ops, registers);
                    registers[tape.outputs[0] as usize].0[0]
                }
                None => f64::NAN,
            };
        }
    }

    /// Values and dense derivatives, row-major: `d_states` (which x states), `d_registers` (which x register_count),
    /// `d_placeholders` (which x placeholders). A slice that is too short receives what fits.
    pub fn differentiate(
        &self,
        at: &Point,
        which: &[usize],
        values: &mut [f64],
        d_states: &mut [f64],
        d_registers: &mut [f64],
        d_placeholders: &mut [f64],
    ) {
        let derivatives = self.derivatives();
        let mut registers = Vec::new();
        self.fill(at, &derivatives.program, &mut registers);
        d_states.fill(0.0);
        d_registers.fill(0.0);
        d_placeholders.fill(0.0);
        for (row, &k) in which.iter().enumerate() {
            let Some(formula) = derivatives.formulas.get(k) else {
                set(values, row, f64::NAN);
                continue;
            };
            run(InstructionSet::PORTABLE, &formula.tape.ops, &mut registers);
            let mut results = formula
                .tape
                .outputs
                .iter()
                .map(|&register| registers[register as usize].0[0]);
            set(values, row, results.next().unwrap_or(f64::NAN));
            let blocks: [(&mut [f64], usize, &[u32]); 3] = [
                (&mut *d_states, self.layout.states, &formula.states),
                (
                    &mut *d_registers,
                    self.layout.registers(),
                    &formula.registers,
                ),
                (
                    &mut *d_placeholders,
                    self.layout.placeholders,
                    &formula.placeholders,
                ),
            ];
            for (derivatives, width, columns) in blocks {
                for (&column, value) in columns.iter().zip(results.by_ref()) {
                    set(derivatives, row * width + column as usize, value);
                }
            }
        }
    }
}

/// One tape for each list of expressions.
fn compile(
    graph: &Graph,
    layout: Layout,
    symbols: &Symbols,
    wanted: &[Vec<Expr>],
) -> (Program, Vec<Tape>) {
    let modes = HashMap::new();
    let mut lowering = Lowering::new(graph, layout, &symbols.quantities, &modes, false);
    let results: Vec<Vec<Id>> = (wanted.iter())
        .map(|list| {
            list.iter()
                .map(|&e| lowering.lower(e, Reading::Direct))
                .collect()
        })
        .collect();
    let results: Vec<Wanted> = results.into_iter().map(Wanted::from).collect();
    emit(&lowering, &results, layout.len())
}

fn columns(pattern: &[(u32, u32)]) -> Vec<u32> {
    pattern.iter().map(|&(_, column)| column).collect()
}

fn set(values: &mut [f64], position: usize, value: f64) {
    if let Some(place) = values.get_mut(position) {
        *place = value;
    }
}
