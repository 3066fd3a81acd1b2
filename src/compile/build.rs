//! How equations become a [`System`]: checks, modes, symbolic derivatives, tapes, elimination order.
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::derivatives;
use super::emit::{Early, Wanted, emit};
use super::error::CompileError;
use super::events;
use super::layout::{Layout, Quantity, Symbols};
use super::lower::{Class, Id, Lowering, Reading, for_operands};
use super::lu::{Place, SparseLu};
use super::system::{Names, System, Tapes};
use crate::expr::{Compare, Expr, Graph, Node, Symbol, suggest};
use crate::network::{Equations, InputKind, Network, StateEquation};

impl System {
    /// Compiles flat equations.
    ///
    /// # Errors
    /// Names that nobody declares or that are declared twice, calls of unknown functions, initial values that read states.
    pub fn compile(equations: &Equations) -> Result<System, CompileError> {
        let mut equations = equations.clone();
        let states = Names::new(equations.states.iter().map(|s| s.id.as_str()));
        let parameters = Names::new(equations.parameters.iter().map(|p| p.id.as_str()));
        let inputs = Names::new(equations.inputs.iter().map(|u| u.id.as_str()));
        let observables = Names::new(equations.observables.iter().map(|o| o.id.as_str()));
        check_names(&states, &parameters, &inputs)?;

        let graph = &mut equations.graph;
        let symbols = Symbols::new(graph, &states.ids, &parameters.ids, &inputs.ids);
        let none = Names::default();
        let known = Known {
            graph,
            symbols: &symbols,
            names: [&states, &parameters, &inputs, &none],
        };
        let formulas = equations
            .states
            .iter()
            .flat_map(|s| [s.right_hand_side, s.initial]);
        let observed = equations.observables.iter().map(|o| o.expression);
        let sound = known.all(&formulas.chain(observed).collect::<Vec<Expr>>());
        for state in &equations.states {
            if !sound {
                known.check(state.right_hand_side, || {
                    format!("equation of `{}`", state.id)
                })?;
                known.check(state.initial, || format!("initial value of `{}`", state.id))?;
            }
            let reads_state =
                |s: &&Symbol| matches!(symbols.quantities.get(s), Some(Quantity::State(_)));
            if let Some(read) = graph.symbols_of(state.initial).iter().find(reads_state) {
                return Err(CompileError::InitialReadsState {
                    state: state.id.clone(),
                    read: graph.name(*read).into(),
                });
            }
            if state.mass != 0.0 && state.mass != 1.0 {
                return Err(CompileError::Mass {
                    state: state.id.clone(),
                    mass: state.mass,
                });
            }
        }
        for observable in equations.observables.iter().filter(|_| !sound) {
            known.check(observable.expression, || {
                format!("observable `{}`", observable.id)
            })?;
        }

        events::check(&known, &equations.events)?;
        for requirement in &equations.requirements {
            for e in [requirement.expression, requirement.size] {
                known.check(e, || format!("requirement of {}", requirement.rule))?;
            }
        }

        let layout = Layout {
            states: states.ids.len(),
            parameters: parameters.ids.len(),
            inputs: inputs.ids.len(),
            modes: 0,
            direction: true,
            placeholders: 0,
        };
        let right_hand_sides: Vec<Expr> =
            equations.states.iter().map(|s| s.right_hand_side).collect();
        let values = (equations.events.iter()).flat_map(|e| e.assignments.iter().map(|a| a.value));
        let starts = equations.states.iter().map(|s| s.initial);
        let given: Vec<Expr> = starts.chain(values).collect();
        let undefined = equations.graph.has_non_finite(&given);
        let triggers = events::triggers(&mut equations);
        let events = events::parts(&mut equations);
        let graph = &mut equations.graph;
        let in_rates = find_modes(graph, layout, &symbols, &right_hand_sides).len();
        let mut conditions = right_hand_sides.clone();
        conditions.extend(&triggers);
        let relations = find_modes(graph, layout, &symbols, &conditions);
        let is_still = |state: &StateEquation| {
            state.mass != 0.0 && graph.as_number(state.right_hand_side) == Some(0.0)
        };
        let still: Vec<bool> = equations.states.iter().map(is_still).collect();
        let described = events::describe(graph, &symbols, &still, &relations, in_rates, &triggers);
        let differences: Vec<Expr> = relations.iter().map(|&e| difference(graph, e)).collect();
        let layout = Layout {
            modes: relations.len(),
            ..layout
        };
        let modes: HashMap<Expr, usize> =
            relations.iter().enumerate().map(|(k, &e)| (e, k)).collect();

        let jacobian = derivatives::jacobian(graph, &symbols, &right_hand_sides);
        let time_derivatives: Vec<Expr> = right_hand_sides
            .iter()
            .map(|&e| derivatives::time_derivative(graph, &symbols, e))
            .collect();
        let depends_on_time = right_hand_sides.iter().any(|&e| {
            graph.depends_on_time(e)
                || graph
                    .symbols_of(e)
                    .iter()
                    .any(|s| symbols.inputs.iter().any(|u| u.value == *s))
        });

        let stands = |e: Expr, states: bool| {
            let known = |s: &Symbol| match symbols.quantities.get(s) {
                Some(Quantity::State(_)) => states,
                Some(&Quantity::Input(u)) => equations.inputs[u].kind == InputKind::Step,
                Some(Quantity::Parameter(_)) => true,
                _ => false,
            };
            !graph.depends_on_time(e) && graph.symbols_of(e).iter().all(known)
        };
        let linear = in_rates == 0
            && equations.states.iter().all(|s| s.mass == 1.0)
            && right_hand_sides.iter().all(|&e| stands(e, true))
            && jacobian.entries.iter().all(|&e| stands(e, false));

        let graph = &equations.graph;
        let mut lowering = Lowering::new(graph, layout, &symbols.quantities, &modes, true);
        let f: Vec<Id> = right_hand_sides
            .iter()
            .map(|&e| lowering.lower(e, Reading::Frozen))
            .collect();
        let mut all = f.clone();
        all.extend(
            jacobian
                .entries
                .iter()
                .chain(&time_derivatives)
                .map(|&e| lowering.lower(e, Reading::Frozen)),
        );
        let initial = equations
            .states
            .iter()
            .map(|s| lowering.lower(s.initial, Reading::Direct))
            .collect();
        let conditions = relations
            .iter()
            .chain(&differences)
            .map(|&e| lowering.lower(e, Reading::Direct))
            .collect();
        let in_row = |results: Vec<Id>, row: usize| Wanted {
            results,
            row,
            ..Wanted::default()
        };
        // the solver writes to f, and to J where a slope is infinite
        let (n, entries) = (layout.states, jacobian.pattern.len());
        // what depends on time alone is computed when time has changed, that of J after that of f
        let early = |after| {
            Some(Early {
                most: Class::Clock,
                after,
            })
        };
        let mut results: Vec<Wanted> = vec![
            Wanted {
                early: early(None),
                ..in_row(f, n)
            },
            Wanted {
                early: early(Some(0)),
                ..in_row(all, n + entries)
            },
        ];
        let mut others: Vec<Vec<Id>> = vec![initial, conditions];
        others.push(
            triggers
                .iter()
                .map(|&e| lowering.lower(e, Reading::Exact))
                .collect(),
        );
        let requirements = equations.requirements.iter();
        others.push(
            requirements
                .flat_map(|r| [r.expression, r.size])
                .map(|e| lowering.lower(e, Reading::Direct))
                .collect(),
        );
        others.extend(events.iter().map(|event| event.lower(&mut lowering)));
        results.extend(others.into_iter().map(Wanted::from));
        let (program, mut tapes) = emit(&lowering, &results, layout.len());
        let event_tapes = tapes.split_off(6);
        let [
            right_hand_side,
            with_jacobian,
            initial,
            conditions,
            triggers,
            requirements,
        ] = <[_; 6]>::try_from(tapes).expect("one tape of each list of results");

        let mass: Vec<f64> = equations.states.iter().map(|s| s.mass).collect();
        let place = Place {
            jacobian: &with_jacobian.outputs[n..n + entries],
            right: right_hand_side
                .outputs
                .first()
                .map_or(0, |&first| first as usize),
            first: program.end,
        };
        let lu = SparseLu::new(&mass, &jacobian.pattern, place);
        Ok(System {
            event_ids: equations.events.iter().map(|e| e.id.clone()).collect(),
            events,
            values: equations.parameters.iter().map(|p| p.value).collect(),
            nonnegative: equations.states.iter().map(|s| s.nonnegative).collect(),
            equations,
            states,
            parameters,
            inputs,
            observables,
            mass,
            symbols,
            layout,
            modes,
            relations,
            described,
            still,
            undefined,
            differences,
            jacobian: jacobian.entries,
            pattern: jacobian.pattern,
            depends_on_time,
            linear,
            program,
            tapes: Tapes {
                right_hand_side,
                jacobian: with_jacobian,
                initial,
                conditions,
                triggers,
                requirements,
                events: event_tapes,
            },
            lu,
            network_outputs: OnceLock::new(),
        })
    }
}

impl Network {
    /// Checks the network and compiles its equations.
    ///
    /// ```
    /// use holobiont::network::{Network, Parameter, Reaction, Species};
    /// let mut network = Network::new("decay");
    /// network.species("butyrate", Species::new(10.0))?;
    /// network.parameter("absorption", Parameter::new(0.5));
    /// network.reaction("uptake", Reaction::rate("absorption * butyrate").consumes("butyrate", 1.0))?;
    /// let system = network.compile()?;
    /// assert_eq!(system.state_ids(), ["butyrate"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`CompileError::Network`] with all errors of the check.
    pub fn compile(&self) -> Result<System, CompileError> {
        let checked = self.check().map_err(CompileError::Network)?;
        System::compile(&checked.equations())
    }
}

/// Every id once.
fn check_names(states: &Names, parameters: &Names, inputs: &Names) -> Result<(), CompileError> {
    let mut seen: HashMap<&str, &'static str> = HashMap::new();
    for (names, what) in [
        (states, "a state"),
        (parameters, "a parameter"),
        (inputs, "an input"),
    ] {
        for id in &names.ids {
            if let Some(first) = seen.insert(id, what) {
                return Err(CompileError::DuplicateId {
                    id: id.clone(),
                    first,
                    second: what,
                });
            }
        }
    }
    Ok(())
}

/// What expressions may read.
pub(crate) struct Known<'a> {
    pub graph: &'a Graph,
    pub symbols: &'a Symbols,
    pub names: [&'a Names; 4],
}

impl Known<'_> {
    /// Whether all of the expressions read known names alone and call nothing; what they share is looked at once.
    fn all(&self, expressions: &[Expr]) -> bool {
        let symbols = self.graph.symbols_of_all(expressions);
        symbols
            .iter()
            .all(|s| self.symbols.quantities.contains_key(s))
            && !expressions.iter().any(|e| self.graph.has_calls(*e))
    }

    /// Refuses unknown names and functions.
    pub(crate) fn check(&self, e: Expr, place: impl Fn() -> String) -> Result<(), CompileError> {
        if let Some(&symbol) = self
            .graph
            .symbols_of(e)
            .iter()
            .find(|s| !self.symbols.quantities.contains_key(s))
        {
            let name = self.graph.name(symbol).to_owned();
            let candidates = self
                .names
                .iter()
                .flat_map(|names| names.ids.iter().map(String::as_str));
            return Err(CompileError::UnknownId {
                place: place(),
                near: suggest(&name, candidates),
                name,
            });
        }
        match find_function(self.graph, e) {
            Some(symbol) => {
                let name = self.graph.name(symbol).to_owned();
                let near = suggest(&name, crate::expr::function_names());
                Err(CompileError::UnknownFunction {
                    place: place(),
                    near,
                    name,
                })
            }
            None => Ok(()),
        }
    }
}

/// The first call of a user function.
fn find_function(graph: &Graph, e: Expr) -> Option<Symbol> {
    if !graph.has_calls(e) {
        return None;
    }
    let mut found = None;
    visit(graph, &[e], |_, node| {
        if let (Node::User(symbol, _), None) = (node, found) {
            found = Some(*symbol);
        }
        true
    });
    found
}

/// Visits every node once, operands only where `enter` says so.
pub(super) fn visit(graph: &Graph, roots: &[Expr], mut enter: impl FnMut(Expr, &Node) -> bool) {
    let mut seen = HashSet::new();
    let mut stack: Vec<Expr> = roots.iter().rev().copied().collect();
    while let Some(e) = stack.pop() {
        if seen.insert(e) && enter(e, graph.node(e)) {
            let first = stack.len();
            for_operands(graph.node(e), |operand| stack.push(operand));
            stack[first..].reverse();
        }
    }
}

/// Relations of right-hand sides and triggers that can switch while time passes, in order of appearance.
fn find_modes(graph: &Graph, layout: Layout, symbols: &Symbols, roots: &[Expr]) -> Vec<Expr> {
    let mut found = Vec::new();
    visit(graph, roots, |e, node| {
        let relation = matches!(node, Node::Compare(..));
        if relation {
            found.push(e);
        }
        !relation
    });
    let none = HashMap::new();
    let mut lowering = Lowering::new(graph, layout, &symbols.quantities, &none, true);
    found.retain(|&e| {
        let id = lowering.lower(e, Reading::Direct);
        lowering.class(id) > Class::Parameters
    });
    found
}

/// Signed difference of a relation's sides: positive on the true side; for `=` and `!=` left minus right.
fn difference(graph: &mut Graph, relation: Expr) -> Expr {
    let &Node::Compare(compare, left, right) = graph.node(relation) else {
        unreachable!("modes are relations")
    };
    match compare {
        Compare::Less | Compare::LessEqual => graph.sub(right, left),
        _ => graph.sub(left, right),
    }
}
