//! Formulas over states, parameters, inputs, time and placeholders, with derivatives, one number at a time.
//!
//! They are evaluated at visits, not at steps: conditions are read where they stand, nothing is hoisted.
use std::collections::HashMap;

use super::build::Known;
use super::derivatives;
use super::emit::{Program, emit};
use super::error::CompileError;
use super::layout::{Layout, Quantity, Symbols};
use super::lower::{Id, Lowering, Reading};
use super::run::run;
use super::system::{Names, System};
use super::tape::{Lane, Tape};
use crate::expr::{Expr, Graph, Symbol, Variable};

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
    formulas: Vec<Formula>,
}

/// The tapes of one formula.
#[derive(Clone, Debug)]
struct Formula {
    value: Tape,
    /// Value, then derivatives by `states`, `registers`, `placeholders`.
    derivatives: Tape,
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
        for observable in &system.equations.observables {
            let symbol = graph.intern(&observable.id);
            if !symbols.quantities.contains_key(&symbol) {
                replacements.insert(symbol, observable.expression);
            }
        }
        let extra = Names::new(
            placeholders
                .iter()
                .chain(system.observable_ids())
                .map(String::as_str),
        );
        let mut expressions = Vec::with_capacity(formulas.len());
        for (id, text) in formulas {
            let read = graph.parse(text).map_err(|error| CompileError::Formula {
                id: id.clone(),
                error,
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
        let all_registers: Vec<usize> = (0..layout.registers()).collect();
        let mut wanted: Vec<Vec<Expr>> = Vec::with_capacity(2 * formulas.len());
        let mut patterns = Vec::with_capacity(formulas.len());
        for &(_, e) in &formulas {
            let states = derivatives::jacobian(&mut graph, symbols, &[e]);
            let registers =
                derivatives::register_derivatives(&mut graph, symbols, &[e], &all_registers);
            let mut placeholder_columns = Vec::new();
            let mut list = vec![e];
            list.extend(states.entries.iter().chain(&registers.entries));
            let occurring = graph.symbols_of(e);
            for (i, symbol) in extra
                .iter()
                .enumerate()
                .filter(|(_, symbol)| occurring.contains(symbol))
            {
                list.push(graph.derivative(e, Variable::Symbol(*symbol)));
                placeholder_columns.push(i as u32);
            }
            wanted.push(vec![e]);
            wanted.push(list);
            let columns = |pattern: &[(u32, u32)]| {
                pattern
                    .iter()
                    .map(|&(_, column)| column)
                    .collect::<Vec<_>>()
            };
            patterns.push((
                columns(&states.pattern),
                columns(&registers.pattern),
                placeholder_columns,
            ));
        }
        let modes = HashMap::new();
        let mut lowering = Lowering::new(&graph, layout, &symbols.quantities, &modes, false);
        let results: Vec<Vec<Id>> = wanted
            .iter()
            .map(|list| {
                list.iter()
                    .map(|&e| lowering.lower(e, Reading::Direct))
                    .collect()
            })
            .collect();
        let (program, tapes) = emit(&lowering, &results, layout.len());
        let mut tapes = tapes.into_iter();
        let mut next = || tapes.next().expect("two tapes of each formula");
        let compiled = patterns
            .into_iter()
            .map(|(states, registers, placeholders)| Formula {
                value: next(),
                derivatives: next(),
                states,
                registers,
                placeholders,
            })
            .collect();
        Outputs {
            ids: formulas.into_iter().map(|(id, _)| id).collect(),
            placeholders: placeholders.to_vec(),
            layout,
            program,
            formulas: compiled,
        }
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
        self.formulas.get(k).map_or(&[], |f| &f.placeholders)
    }

    /// A register file at a point.
    fn registers(&self, at: &Point) -> Vec<Lane<1>> {
        let mut registers = vec![Lane([f64::NAN]); self.program.end];
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
            (
                self.program.first,
                self.program.constants.len(),
                &self.program.constants,
            ),
        ];
        for (first, length, values) in blocks {
            for (register, &value) in registers[first..first + length].iter_mut().zip(values) {
                *register = Lane([value]);
            }
        }
        registers
    }

    /// Values of the selected formulas; NaN for a position that does not exist.
    pub fn evaluate(&self, at: &Point, which: &[usize], values: &mut [f64]) {
        let mut registers = self.registers(at);
        for (value, &k) in values.iter_mut().zip(which) {
            *value = match self.formulas.get(k) {
                Some(formula) => {
                    run(&formula.value.ops, &mut registers);
                    registers[formula.value.outputs[0] as usize].0[0]
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
        let mut registers = self.registers(at);
        d_states.fill(0.0);
        d_registers.fill(0.0);
        d_placeholders.fill(0.0);
        for (row, &k) in which.iter().enumerate() {
            let Some(formula) = self.formulas.get(k) else {
                set(values, row, f64::NAN);
                continue;
            };
            run(&formula.derivatives.ops, &mut registers);
            let mut results = formula
                .derivatives
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

fn set(values: &mut [f64], position: usize, value: f64) {
    if let Some(place) = values.get_mut(position) {
        *place = value;
    }
}
