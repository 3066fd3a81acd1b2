//! Algebraic rules made fit for integration: solved where they are linear, differentiated where nothing is left for them to
//! determine, matched with the quantity that they determine where neither applies.
//!
//! 1. *Matching* finds a free quantity for each rule.
//! 2. A rule without any free quantity, as 0 = x - 2 with dx/dt = p y and p free, holds if it holds at the start and its
//!    derivative by time is zero: it becomes a requirement, and the derivative takes its place (index reduction after
//!    Pantelides, DOI 10.1137/0909014). A derivative that is zero whatever the values, as that of a conserved sum, leaves the
//!    requirement alone. What is integrated is the last derivative; the rule itself drifts with the error of the steps.
//! 3. *Elimination*: where a rule is affine in a quantity that is to be determined, and the coefficient is a number, or else an
//!    expression of constants, which then must not be zero, the quantity becomes an assigned one. Rules are taken one after
//!    another and what was found is put into the others: Gaussian elimination on the graph. Rules that compete for too few
//!    quantities are treated so too, until one without any is left, and step 2 applies.
//! 4. What is left is an algebraic equation of the system.
use super::definitions::Definitions;
use super::determine::{Quantity, Role};
use super::flatten::{amounts, definitions, keep_amounts};
use super::matching::{Matching, place_of};
use super::rates::{Rates, rate_name};
use super::resolve::Resolved;
use super::{Network, NetworkError};
use crate::expr::{Affine, Expr, Function, Graph, Node, Symbol, Variable};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

/// How often a rule is differentiated: a problem of index 3 needs two derivatives and one spare.
const MOST_DERIVATIVES: usize = 3;
/// Unknowns of a rule that others were put into; with more it is left to the integration, for elimination takes their cube.
const MOST_UNKNOWNS: usize = 40;
/// A coefficient this far below what it was added up from is rounding.
const ROUNDING: f64 = 1e-10;
/// Of the size of an expression.
const VANISHING: f64 = 1e-12;
/// Points at which an expression that is always zero is evaluated.
const POINTS: usize = 8;
/// Levels of sums, products and quotients whose terms are told apart.
const DEEPEST: usize = 4;

/// What an algebraic rule asks for beyond the equations.
pub(super) struct Requirement {
    /// position of the rule
    pub rule: usize,
    /// zero, or not zero
    pub vanishes: bool,
    pub expression: Expr,
}

/// Algebraic rules in terms of what nothing defines.
struct Flat {
    /// with derivatives by time as symbols
    named: Vec<Expr>,
    whole: Vec<Expr>,
    /// whether all derivatives are known
    sound: bool,
}

struct Reduction<'a, 'n> {
    network: &'n Network,
    resolved: &'a mut Resolved<'n>,
    quantities: &'a mut Vec<Quantity<'n>>,
    errors: &'a mut Vec<NetworkError>,
    requirements: Vec<Requirement>,
    /// rules that are neither solved nor refused nor redundant
    active: Vec<bool>,
    /// how often each rule was differentiated
    derivatives: Vec<usize>,
    /// free quantities in each rule before anything was solved
    candidates: Vec<Vec<String>>,
}

/// Determines what algebraic rules determine; all quantities have their final roles then. Choices that the network leaves open
/// are collected in `open`.
pub(super) fn reduce<'n>(
    network: &'n Network,
    resolved: &mut Resolved<'n>,
    quantities: &mut Vec<Quantity<'n>>,
    errors: &mut Vec<NetworkError>,
    open: &mut Vec<NetworkError>,
) -> Vec<Requirement> {
    let count = resolved.algebraic.len();
    let mut reduction = Reduction {
        network,
        resolved,
        quantities,
        errors,
        requirements: Vec::new(),
        active: vec![true; count],
        derivatives: vec![0; count],
        candidates: Vec::new(),
    };
    loop {
        let matching = reduction.match_all();
        let choices = matching.open(reduction.quantities);
        if let Some(matching) = reduction.solve(matching) {
            matching.settle(network, reduction.quantities);
            keep_amounts(network, reduction.quantities);
            open.extend(choices);
            reduction.requirements.sort_by_key(|r| r.rule);
            return reduction.requirements;
        }
    }
}

impl<'n> Reduction<'_, 'n> {
    /// The rules as things stand, for the given roles; concentrations as they are, or as amounts by sizes.
    fn flat(&mut self, quantities: &[Quantity<'n>], by_amounts: bool) -> Flat {
        let mut graph = std::mem::take(&mut self.resolved.graph);
        let mut all = match by_amounts {
            true => amounts(self.network, quantities, &mut graph).0,
            false => Vec::new(),
        };
        all.extend(definitions(self.network, self.resolved, &mut graph));
        let known = Definitions::new(all.clone()).flatten(&mut graph, &mut |_| {});
        let named = graph.substitute_all(&self.resolved.algebraic, &known);
        // errors of these are found again where all formulas are put together
        let mut unknown = Vec::new();
        let mut whole = named.clone();
        if !self.resolved.rates_read.is_empty() {
            let rates = Rates::new(self.network, self.resolved);
            all.extend(rates.definitions(&mut graph, self.resolved, quantities, &mut unknown));
            let known = Definitions::new(all).flatten(&mut graph, &mut |_| {});
            whole = graph.substitute_all(&self.resolved.algebraic, &known);
        }
        self.resolved.graph = graph;
        Flat {
            named,
            whole,
            sound: unknown.is_empty(),
        }
    }

    /// A matching of all active rules; those that cannot be matched are differentiated, solved or refused.
    fn match_all(&mut self) -> Matching {
        loop {
            if !self.active.contains(&true) {
                // nothing may be determined
                return Matching::new(self.network, &[], self.resolved, &[], &[], &|_| false);
            }
            let quantities = self.quantities.clone();
            let flat = self.flat(&quantities, false);
            let matching = Matching::new(
                self.network,
                &quantities,
                self.resolved,
                &flat.whole,
                &self.active,
                &|_| true,
            );
            if self.candidates.is_empty() {
                let names = |rule| matching.names(rule, &quantities);
                self.candidates = (0..flat.whole.len()).map(names).collect();
            }
            let failed: Vec<usize> = (0..flat.whole.len())
                .filter(|&rule| self.active[rule] && matching.of_rule[rule].is_none())
                .collect();
            let Some(&first) = failed.first() else {
                return matching;
            };
            let without: Vec<usize> = (failed.iter().copied())
                .filter(|&rule| matching.candidates[rule].is_empty())
                .collect();
            if !without.is_empty() {
                without
                    .iter()
                    .for_each(|&rule| self.differentiate(rule, flat.whole[rule]));
                continue;
            }
            // too few quantities for these rules: one of them may be solved and leave another without any
            let competing = matching.competing(first);
            let plain = |rule: &usize| flat.named[*rule] == flat.whole[*rule];
            let mut rules: Vec<usize> = competing.into_iter().filter(plain).collect();
            rules.sort_unstable();
            let unknown: HashSet<usize> = (rules.iter())
                .flat_map(|&rule| matching.candidates[rule].iter().copied())
                .collect();
            if self.eliminate(&rules, &flat.whole, &matching, &unknown, 1) == 0 {
                self.refuse(first);
            }
        }
    }

    fn refuse(&mut self, rule: usize) {
        self.active[rule] = false;
        let candidates = self.candidates[rule].clone();
        self.errors.push(NetworkError::OverdeterminedAlgebraic {
            place: place_of(rule),
            candidates,
        });
    }

    /// Puts its derivative by time in the place of a rule without free quantity; the rule becomes a requirement.
    fn differentiate(&mut self, rule: usize, flat: Expr) {
        let constants = self.constants();
        let graph = &mut self.resolved.graph;
        if self.derivatives[rule] > 0 && is_zero(graph, flat) {
            // it holds at all times if it holds at the start
            self.active[rule] = false;
            return;
        }
        let mut moving = graph.symbols_of(flat);
        moving.retain(|symbol| !constants.contains(symbol));
        let stands = moving.is_empty() && !graph.depends_on_time(flat);
        if stands || self.derivatives[rule] == MOST_DERIVATIVES {
            return self.refuse(rule);
        }
        let mut seeds = vec![(Variable::Time, graph.number(1.0))];
        for symbol in moving {
            let name = graph.name(symbol).to_string();
            // inputs may jump, and have no second derivatives
            if self.network.all_inputs().iter().any(|(id, _)| {
                name.starts_with(id.as_str()) && (name == *id || name[id.len()..] == *".rate")
            }) {
                self.active[rule] = false;
                self.errors.push(NetworkError::NoDerivative {
                    place: place_of(rule),
                    of: name.into(),
                    problem: "the rule leaves nothing to determine but derivatives, and an input may jump",
                });
                return;
            }
            let rate = graph.symbol(&rate_name(&name));
            seeds.push((Variable::Symbol(symbol), rate));
            self.resolved.rates_read.push((name, place_of(rule)));
        }
        let derivative = graph.derivatives_along(&[flat], &seeds)[0];
        self.requirements.push(Requirement {
            rule,
            vanishes: true,
            expression: self.resolved.algebraic[rule],
        });
        self.resolved.algebraic[rule] = derivative;
        self.derivatives[rule] += 1;
    }

    /// Symbols of constants.
    fn constants(&mut self) -> HashSet<Symbol> {
        let constants = self.quantities.iter().filter(|q| q.role == Role::Constant);
        let ids: Vec<&str> = constants.map(|q| q.id).collect();
        ids.iter()
            .map(|id| self.resolved.graph.intern(id))
            .collect()
    }

    /// Solves what can be solved; the matching of the rest, or none where it cannot be matched any more.
    fn solve(&mut self, matching: Matching) -> Option<Matching> {
        if !self.active.contains(&true) {
            return Some(matching);
        }
        let unknown: HashSet<usize> = matching.matched.keys().copied().collect();
        // what is known of derivatives may depend on what is solved first
        for plain in [true, false] {
            let tentative = self.tentative(&matching);
            let flat = self.flat(&tentative, true);
            if !plain && (self.resolved.rates_read.is_empty() || !flat.sound) {
                continue;
            }
            let rules: Vec<usize> = (0..flat.whole.len())
                .filter(|&rule| self.active[rule])
                .filter(|&rule| !plain || flat.named[rule] == flat.whole[rule])
                .collect();
            self.eliminate(&rules, &flat.whole, &matching, &unknown, usize::MAX);
        }
        let tentative = self.tentative(&matching);
        let flat = self.flat(&tentative, true);
        let quantities = self.quantities.clone();
        let rest = Matching::new(
            self.network,
            &quantities,
            self.resolved,
            &flat.whole,
            &self.active,
            &|i| unknown.contains(&i),
        );
        let complete = (self.active.iter().zip(&rest.of_rule)).all(|(a, q)| !a || q.is_some());
        complete.then_some(rest)
    }

    /// Quantities with the roles that the matching gives them.
    fn tentative(&self, matching: &Matching) -> Vec<Quantity<'n>> {
        let mut tentative = self.quantities.clone();
        matching.settle(self.network, &mut tentative);
        keep_amounts(self.network, &mut tentative);
        tentative
    }

    /// Solves rules for unknown quantities until `most` are solved; gives the number solved.
    fn eliminate(
        &mut self,
        rules: &[usize],
        flat: &[Expr],
        matching: &Matching,
        unknown: &HashSet<usize>,
        most: usize,
    ) -> usize {
        let constants = self.constants();
        let of_symbol: HashMap<Symbol, usize> = (self.quantities.iter().enumerate())
            .filter(|(i, q)| unknown.contains(i) && q.role == Role::Free)
            .filter_map(|(i, q)| Some((self.resolved.graph.lookup(q.id)?, i)))
            .collect();
        let mut forms: HashMap<usize, Expr> =
            rules.iter().map(|&rule| (rule, flat[rule])).collect();
        let mut readers: HashMap<Symbol, BTreeSet<usize>> = HashMap::new();
        for &rule in rules {
            for symbol in self.resolved.graph.symbols_of(flat[rule]) {
                readers.entry(symbol).or_default().insert(rule);
            }
        }
        let mut solved = 0;
        for by_constants in [false, true] {
            let mut queue: VecDeque<usize> = rules.iter().copied().collect();
            while let Some(rule) = queue.pop_front() {
                let Some(&form) = forms.get(&rule).filter(|_| solved < most) else {
                    continue;
                };
                let graph = &mut self.resolved.graph;
                // the matched quantity first
                let mut unknowns = graph.symbols_of(form);
                unknowns.retain(|symbol| of_symbol.contains_key(symbol));
                let own = matching.of_rule[rule];
                unknowns.sort_by_key(|symbol| own != Some(of_symbol[symbol]));
                let pivot = |graph: &mut Graph, symbol: &Symbol| {
                    let affine = graph.affine(form, *symbol)?;
                    is_pivot(graph, &affine, by_constants, &constants).then_some(affine)
                };
                let Some((symbol, affine)) =
                    (unknowns.iter()).find_map(|symbol| Some((*symbol, pivot(graph, symbol)?)))
                else {
                    continue;
                };
                let quotient = graph.div(affine.rest, affine.coefficient);
                let value = graph.neg(quotient);
                if graph.as_number(affine.coefficient).is_none() {
                    self.requirements.push(Requirement {
                        rule,
                        vanishes: false,
                        expression: affine.coefficient,
                    });
                }
                forms.remove(&rule);
                let replacement = HashMap::from([(symbol, value)]);
                for reader in readers.remove(&symbol).unwrap_or_default() {
                    let Some(form) = forms.get_mut(&reader) else {
                        continue;
                    };
                    *form = graph.substitute(*form, &replacement);
                    let unknowns = graph.symbols_of(*form).into_iter();
                    let unknowns: Vec<Symbol> =
                        unknowns.filter(|s| of_symbol.contains_key(s)).collect();
                    if unknowns.len() > MOST_UNKNOWNS {
                        forms.remove(&reader);
                        continue;
                    }
                    *form = collected(graph, *form, &unknowns);
                    for symbol in graph.symbols_of(value) {
                        readers.entry(symbol).or_default().insert(reader);
                    }
                    queue.push_back(reader);
                }
                let quantity = &mut self.quantities[of_symbol[&symbol]];
                quantity.role = Role::Assigned;
                self.resolved.assignments.push((quantity.id, value));
                self.active[rule] = false;
                solved += 1;
            }
        }
        solved
    }
}

/// The expression with the terms of each unknown put together where all their coefficients are numbers, so that what was put in
/// does not pile up.
fn collected(graph: &mut Graph, e: Expr, unknowns: &[Symbol]) -> Expr {
    let (mut rest, mut terms) = (e, Vec::new());
    for &symbol in unknowns {
        let Some(affine) = graph.affine(rest, symbol) else {
            return e;
        };
        let Some(number) = graph.as_number(affine.coefficient) else {
            return e;
        };
        rest = affine.rest;
        if number.abs() > ROUNDING * affine.magnitude {
            let name = graph.name(symbol).to_string();
            let symbol = graph.symbol(&name);
            terms.push(graph.mul(affine.coefficient, symbol));
        }
    }
    terms.push(rest);
    graph.sum(&terms)
}

/// Whether a rule may be divided by the coefficient of a quantity.
fn is_pivot(
    graph: &Graph,
    affine: &Affine,
    by_constants: bool,
    constants: &HashSet<Symbol>,
) -> bool {
    match graph.as_number(affine.coefficient) {
        Some(number) => number.is_finite() && number.abs() > ROUNDING * affine.magnitude,
        None => {
            let e = affine.coefficient;
            by_constants
                && !graph.depends_on_time(e)
                && graph.symbols_of(e).iter().all(|s| constants.contains(s))
        }
    }
}

/// The expression with the absolute values of the terms of its sums, of those within products and quotients too: what rounding
/// is relative to.
pub(super) fn size_of(graph: &mut Graph, e: Expr, depth: usize) -> Expr {
    let node = graph.node(e).clone();
    let sizes = |graph: &mut Graph, list: &[Expr]| -> Vec<Expr> {
        list.iter().map(|e| size_of(graph, *e, depth + 1)).collect()
    };
    match node {
        Node::Sum(terms) if depth < DEEPEST => {
            let sizes = sizes(graph, &terms);
            graph.sum(&sizes)
        }
        Node::Product(factors) if depth < DEEPEST => {
            let sizes = sizes(graph, &factors);
            graph.product(&sizes)
        }
        Node::Divide(a, b) if depth < DEEPEST => {
            let a = size_of(graph, a, depth + 1);
            let b = graph.call(Function::Abs, &[b]);
            graph.div(a, b)
        }
        _ => graph.call(Function::Abs, &[e]),
    }
}

/// Whether an expression without conditions is zero whatever the values: as it stands, or at a number of points up to rounding.
fn is_zero(graph: &mut Graph, e: Expr) -> bool {
    if let Some(value) = graph.as_number(e) {
        return value == 0.0;
    }
    let mut open = vec![e];
    let mut seen = HashSet::new();
    while let Some(e) = open.pop() {
        if !seen.insert(e) {
            continue;
        }
        match graph.node(e) {
            Node::Select(..) | Node::Compare(..) | Node::And(_) | Node::Or(_) | Node::Not(_) => {
                return false;
            }
            node => open.extend(node.children()),
        }
    }
    let size = size_of(graph, e, 0);
    let symbols = graph.symbols_of(e);
    // multiples of the golden section spread evenly and repeat nowhere
    let spread = |k: usize| 0.1 + 2.0 * (0.618_033_988_749_895 * k as f64).fract();
    (0..POINTS).all(|point| {
        let values: HashMap<&str, f64> = (symbols.iter().enumerate())
            .map(|(k, symbol)| (graph.name(*symbol), spread((k + 1) * POINTS + point)))
            .collect();
        let value = |e| graph.evaluate(e, &|id| values.get(id).copied(), spread(point));
        matches!((value(e), value(size)), (Ok(v), Ok(size)) if v.abs() <= VANISHING * size)
    })
}
